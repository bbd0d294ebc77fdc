/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/field.h"

#include <string.h>

const NookText *nook_pairs_find(const NookPairs *pairs, const char *key) {
        for (guint i = 0; i < pairs->count; i++)
                if (strcmp(pairs->items[i].key.text, key) == 0)
                        return &pairs->items[i].value;

        return NULL;
}
