/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The walls of one task as an ordered list of operations: what nook-sandbox will do between its
 * start and the task's execve(). Making the list does nothing and needs no rights; it can be
 * printed, compared and tested. Its bytes (plan-format.h) are what nook-sandbox reads. */

#include <glib.h>
#include <stdbool.h>

#include "plan-format.h"

typedef struct NookSandbox NookSandbox;

NookSandbox *nook_sandbox_new(void);
void nook_sandbox_free(NookSandbox *sandbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookSandbox, nook_sandbox_free)

/* What may be given for an operation; all of it is copied. */
typedef struct {
        NookSandboxOpKind kind;
        unsigned flags;
        int number;
        guint64 x;
        guint64 y;
        const char *a;
        const char *b;
        const void *blob;
        gsize blob_size;
} NookSandboxArgs;

/* Appends an operation: nook_sandbox_add(s, NOOK_OP_BIND, .a = "/usr", .b = "/usr"). */
#define nook_sandbox_add(sandbox, ...)                                                             \
        nook_sandbox_add_args((sandbox), &(const NookSandboxArgs){.kind = __VA_ARGS__})
void nook_sandbox_add_args(NookSandbox *sandbox, const NookSandboxArgs *args);

/* Number of operations of a kind. */
guint nook_sandbox_count(const NookSandbox *sandbox, NookSandboxOpKind kind);

/* The plan's bytes, which pass nook_sandbox_check(); the caller's. */
GBytes *nook_sandbox_to_bytes(const NookSandbox *sandbox);

/* One line an operation, for people: "bind /usr on /usr (recursive) set ro,nosuid,nodev". Values
 * of environment entries are left out. The caller's. */
char *nook_sandbox_to_text(const NookSandbox *sandbox);
