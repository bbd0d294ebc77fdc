/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Sets of user or group ids as operators write them: "0,10-15,100". */

#include <glib.h>
#include <stdbool.h>

/* Whether the text is such a set. ret_reason: on failure why, as a clause; caller's. */
bool nook_id_set_check(const char *text, char **ret_reason);

/* Whether the set holds the id. A text that is no set holds none: check it first. */
bool nook_id_set_contains(const char *text, guint32 id);
