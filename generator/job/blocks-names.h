/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gives the words of a block list (job/blocks.def) the meaning "declare the names": the struct's
 * typedef, and a list of pointers to it. No #pragma once: see blocks-end.h. */

#define BLOCK(name)                                                                                \
        typedef struct Nook##name Nook##name;                                                      \
        typedef struct {                                                                           \
                Nook##name **items;                                                                \
                guint count;                                                                       \
        } Nook##name##List;
#define FIELD(kind, member, hcl, api, emit, honour)
#define ONE(block, member, hcl, api, emit, honour)
#define MANY(block, member, hcl, api, emit, honour)
#define LABEL(member, api, emit)
#define API(kind, member, api, emit)
#define API_ONE(block, member, api, emit)
#define API_MANY(block, member, api, emit)
#define PLAIN(declaration)
#define END(name)
