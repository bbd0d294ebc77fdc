/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* JSON as a tree that keeps what HCL's JSON syntax and careful readers need: the order of members,
 * repeated names, the place of every value, and numbers as they are written. Strings are decoded
 * but not otherwise looked into. Strict JSON (RFC 8259), except that a repeated name is no error.
 *
 * Source: RFC 8259; HCL's json/spec.md. */

#include "hcl/hcl.h"

typedef enum {
        HCL_JSON_NODE_INVALID, /* stands where a value was wrong; a finding tells why */
        HCL_JSON_NODE_NULL,
        HCL_JSON_NODE_BOOL,
        HCL_JSON_NODE_NUMBER,
        HCL_JSON_NODE_STRING,
        HCL_JSON_NODE_ARRAY,
        HCL_JSON_NODE_OBJECT,
} HclJsonNodeKind;

typedef struct HclJsonNode HclJsonNode;

/* A member of an object. */
typedef struct {
        const char *name; /* decoded, UTF-8, NUL-terminated; name_size tells of NULs inside */
        size_t name_size;
        NookRange name_range; /* with the quotes */
        const HclJsonNode *value;
} HclJsonMember;

struct HclJsonNode {
        HclJsonNodeKind kind;
        NookRange range;
        bool truth;       /* of a bool */
        const char *text; /* of a string: decoded UTF-8; of a number: as written; NUL-terminated */
        size_t size;
        const HclJsonNode *const *items; /* of an array, n of them */
        const HclJsonMember *members;    /* of an object, n of them, in source order */
        size_t n;
};

/* Reads the one JSON value of a source.
 *   ret_owner  owns the memory of the nodes; to be unreferenced by the caller
 * Returns the root: never NULL, but of kind INVALID, or with such nodes in it, after errors, which
 * are added to diags. At most HCL_DEPTH_MAX levels. */
const HclJsonNode *hcl_json_parse_nodes(NookSource *source, HclFile **ret_owner, NookDiags *diags);

/* The last member of this name, as most readers of JSON choose, or NULL. */
const HclJsonMember *hcl_json_node_member(const HclJsonNode *object, const char *name);

/* Where a message about a value points: the first byte of an array or object, else all of it. */
NookRange hcl_json_node_start(const HclJsonNode *node);
