/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/entry.h"

#include <limits.h>
#include <string.h>

#include "base/error.h"
#include "beneath.h"

static bool refuse(const char *name, size_t size, const char *why, GError **error) {
        g_autofree char *shown = nook_printable(name, (gssize)size);

        return nook_fail(error, NOOK_ERROR_UNPACK, "entry '%s' %s", shown, why);
}

/* Appends one name of a path, or drops it. */
static void take_name(GString *path, const char *name, size_t size, unsigned *strip,
                      unsigned *depth) {
        if (size == 0 || (size == 1 && *name == '.'))
                return;
        if (*strip > 0) {
                (*strip)--;
                return;
        }
        if (path->len > 0)
                g_string_append_c(path, '/');
        g_string_append_len(path, name, (gssize)size);
        (*depth)++;
}

bool nook_entry_path(const char *name, size_t size, unsigned strip, unsigned max_depth,
                     char **ret_path, GError **error) {
        g_autoptr(GString) path = g_string_new(NULL);
        const char *end = name + size;
        unsigned depth = 0;

        if (size == 0)
                return nook_fail(error, NOOK_ERROR_UNPACK, "an entry has no name");
        if (memchr(name, '\0', size) != NULL)
                return refuse(name, size, "has a NUL in its name", error);
        if (*name == '/')
                return refuse(name, size, "has an absolute name", error);
        if (size >= PATH_MAX)
                return nook_fail(error, NOOK_ERROR_LIMIT,
                                 "an entry's name has %zu bytes; at most 4095 are allowed", size);
        for (const char *at = name; at < end;) {
                const char *slash = memchr(at, '/', (size_t)(end - at));
                size_t length = slash != NULL ? (size_t)(slash - at) : (size_t)(end - at);

                if (length == 2 && memcmp(at, "..", 2) == 0)
                        return refuse(name, size, "has \"..\" in its name", error);
                if (length > NAME_MAX)
                        return refuse(name, size, "has a name longer than 255 bytes", error);
                take_name(path, at, length, &strip, &depth);
                at += length + 1;
        }
        if (depth > max_depth)
                return nook_fail(error, NOOK_ERROR_LIMIT,
                                 "an entry lies %u directories deep; at most %u are allowed", depth,
                                 max_depth);
        *ret_path = path->len > 0 ? g_strdup(path->str) : NULL;
        return true;
}

bool nook_entry_check_link(const char *path, const char *target, size_t target_size,
                           GError **error) {
        const char *end = target + target_size;
        int depth = 0; /* of the directory in which the link stands, then of where it leads */

        if (target_size == 0 || target_size >= PATH_MAX ||
            memchr(target, '\0', target_size) != NULL)
                return refuse(path, strlen(path), "is a link with an impossible target", error);
        if (*target == '/')
                return refuse(path, strlen(path), "is a link to an absolute path", error);
        for (const char *c = path; *c != '\0'; c++)
                depth += *c == '/';
        for (const char *at = target; at < end;) {
                const char *slash = memchr(at, '/', (size_t)(end - at));
                size_t length = slash != NULL ? (size_t)(slash - at) : (size_t)(end - at);

                if (length == 2 && memcmp(at, "..", 2) == 0)
                        depth--;
                else if (length > 0 && !(length == 1 && *at == '.'))
                        depth++;
                if (depth < 0)
                        return refuse(path, strlen(path), "is a link that leads out", error);
                at += length + 1;
        }
        return true;
}
