/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/word.h"

#include <string.h>

static bool stands_for_itself(char c) {
        return g_ascii_isalnum(c) || (c && strchr("_./:,@+-", c));
}

char *nook_word_encode(const char *word) {
        GString *out = g_string_sized_new(strlen(word) + 8);

        if (!*word)
                g_string_append_c(out, '=');
        for (; *word; word++) {
                if (stands_for_itself(*word))
                        g_string_append_c(out, *word);
                else
                        g_string_append_printf(out, "=%02X", (unsigned char)*word);
        }
        return g_string_free(out, FALSE);
}

char **nook_word_encode_command(const char *program, const char *path, const char *const *argv) {
        GPtrArray *words = g_ptr_array_new();

        g_ptr_array_add(words, g_strdup(program));
        g_ptr_array_add(words, nook_word_encode(path));
        for (; *argv; argv++)
                g_ptr_array_add(words, nook_word_encode(*argv));
        g_ptr_array_add(words, NULL);
        return (char **)g_ptr_array_free(words, FALSE);
}
