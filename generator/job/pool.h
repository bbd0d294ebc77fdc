/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Memory that is freed all at once: everything in a job lives and dies with the job, so that the
 * model needs neither destructors nor reference counts. */

#include <glib.h>

typedef struct NookPool NookPool;

NookPool *nook_pool_new(void);
void nook_pool_free(NookPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookPool, nook_pool_free)

/* Zeroed memory, aligned for any type. */
void *nook_pool_alloc(NookPool *pool, gsize size);
#define nook_pool_new_array(pool, Type, n) ((Type *)nook_pool_alloc((pool), sizeof(Type) * (n)))

/* A copy with a NUL at its end; size < 0: up to a NUL. */
char *nook_pool_strndup(NookPool *pool, const char *text, gssize size);
char *nook_pool_printf(NookPool *pool, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Has `destroy` called with `data` when the pool goes. */
void nook_pool_keep(NookPool *pool, void *data, GDestroyNotify destroy);
