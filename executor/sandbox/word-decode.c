/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "word-decode.h"

#include <string.h>

static int digit(char c) {
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

static bool stands_for_itself(char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               strchr("_./:,@+-", c);
}

bool nook_word_decode(char *word) {
        char *out = word;
        const char *in = word;

        if (strcmp(word, "=") == 0) {
                *word = '\0';
                return true;
        }

        while (*in) {
                if (*in != '=') {
                        if (!stands_for_itself(*in))
                                return false;
                        *out++ = *in++;
                        continue;
                }

                int high = digit(in[1]);
                int low = high < 0 ? -1 : digit(in[2]);
                if (low < 0 || high * 16 + low == 0)
                        return false;
                *out++ = (char)(high * 16 + low);
                in += 3;
        }
        *out = '\0';
        return true;
}
