/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/id-set.h"

#include <string.h>

static bool read_id(const char *text, guint32 *ret) {
        guint64 id;

        if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXUINT32, &id, NULL))
                return false;
        *ret = (guint32)id;
        return true;
}

/* "10-15" or "7". */
static bool read_range(char *text, guint32 *ret_first, guint32 *ret_last) {
        char *dash = strchr(text, '-');

        if (!dash)
                return read_id(g_strstrip(text), ret_first) && read_id(text, ret_last);
        *dash = '\0';
        return read_id(g_strstrip(text), ret_first) && read_id(g_strstrip(dash + 1), ret_last);
}

bool nook_id_set_check(const char *text, char **ret_reason) {
        g_auto(GStrv) parts = g_strsplit(text, ",", -1);

        for (char **part = parts; *part; part++) {
                g_autofree char *copy = g_strdup(*part);
                guint32 first, last;

                if (!read_range(copy, &first, &last)) {
                        *ret_reason = g_strdup_printf("\"%s\" is neither an id nor a range", *part);
                        return false;
                }
                if (first > last) {
                        *ret_reason = g_strdup_printf(
                                "the lower bound of \"%s\" is greater than the upper one", *part);
                        return false;
                }
        }
        return true;
}

bool nook_id_set_contains(const char *text, guint32 id) {
        g_auto(GStrv) parts = g_strsplit(text, ",", -1);

        for (char **part = parts; *part; part++) {
                guint32 first, last;

                if (read_range(*part, &first, &last) && first <= id && id <= last)
                        return true;
        }
        return false;
}
