/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Gives the words of a block list (job/blocks.def) the meaning "define the structs". No #pragma
 * once: see blocks-end.h. */

#define BLOCK(name)                                                                                \
        struct Nook##name {                                                                        \
                NookBlockHead head;
#define FIELD(kind, member, hcl, api, emit, honour) NOOK_TYPE_##kind member;
#define ONE(block, member, hcl, api, emit, honour)  Nook##block *member;
#define MANY(block, member, hcl, api, emit, honour) Nook##block##List member;
#define LABEL(member, api, emit)                    NookText member;
#define API(kind, member, api, emit)                NOOK_TYPE_##kind member;
#define API_ONE(block, member, api, emit)           Nook##block *member;
#define API_MANY(block, member, api, emit)          Nook##block##List member;
#define PLAIN(declaration)                          declaration
#define END(name)                                                                                  \
        }                                                                                          \
        ;
