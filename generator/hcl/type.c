/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/type.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

const HclType hcl_type_dynamic = {.kind = HCL_KIND_DYNAMIC};
const HclType hcl_type_bool = {.kind = HCL_KIND_BOOL};
const HclType hcl_type_number = {.kind = HCL_KIND_NUMBER};
const HclType hcl_type_string = {.kind = HCL_KIND_STRING};

/* Counting is the one thing about a type that changes. */
static HclType *writable(const HclType *type) {
        union {
                const HclType *read;
                HclType *write;
        } both = {.read = type};

        return both.write;
}

static HclType *new_type(HclKind kind) {
        HclType *type = g_new0(HclType, 1);

        type->kind = kind;
        type->refs = 1;
        return type;
}

static const HclType *new_collection(HclKind kind, const HclType *element) {
        HclType *type = new_type(kind);

        type->element = hcl_type_ref(element);
        return type;
}

const HclType *hcl_type_list(const HclType *element) {
        return new_collection(HCL_KIND_LIST, element);
}

const HclType *hcl_type_set(const HclType *element) {
        return new_collection(HCL_KIND_SET, element);
}

const HclType *hcl_type_map(const HclType *element) {
        return new_collection(HCL_KIND_MAP, element);
}

const HclType *hcl_type_tuple(const HclType *const *elements, size_t n) {
        HclType *type = new_type(HCL_KIND_TUPLE);

        type->n = n;
        type->elements = g_new(const HclType *, n);
        for (size_t i = 0; i < n; i++)
                type->elements[i] = hcl_type_ref(elements[i]);
        return type;
}

static int compare_names(const char *a, size_t a_size, const char *b, size_t b_size) {
        int order = memcmp(a, b, MIN(a_size, b_size));

        return order ? order : (a_size > b_size) - (a_size < b_size);
}

int hcl_type_compare_names(const HclTypeAttribute *a, const HclTypeAttribute *b) {
        return compare_names(a->name, a->size, b->name, b->size);
}

static int by_name(const void *a, const void *b) {
        return hcl_type_compare_names(a, b);
}

/* The attribute with a name of its own, and the type, which is taken. */
static HclTypeAttribute own_attribute(const HclTypeAttribute *attribute, const HclType *type) {
        size_t size = attribute->size ? attribute->size : strlen(attribute->name);

        return (HclTypeAttribute){
                .name = g_memdup2(attribute->name, size + 1), .size = size, .type = type};
}

const HclType *hcl_type_object(const HclTypeAttribute *attributes, size_t n) {
        HclType *type = new_type(HCL_KIND_OBJECT);

        type->n = n;
        type->attributes = g_new(HclTypeAttribute, n);
        for (size_t i = 0; i < n; i++) {
                type->attributes[i] =
                        own_attribute(&attributes[i], hcl_type_ref(attributes[i].type));
                type->attributes[i].optional = attributes[i].optional;
        }
        if (n > 1)
                qsort(type->attributes, n, sizeof(HclTypeAttribute), by_name);
        return type;
}

const HclType *hcl_type_ref(const HclType *type) {
        if (type && type->refs > 0)
                writable(type)->refs++;
        return type;
}

static void free_type(HclType *type) {
        hcl_type_unref(type->element);
        for (size_t i = 0; i < type->n; i++) {
                if (type->kind == HCL_KIND_TUPLE) {
                        hcl_type_unref(type->elements[i]);
                        continue;
                }
                hcl_type_unref(type->attributes[i].type);
                g_free((void *)(uintptr_t)type->attributes[i].name);
        }
        g_free((void *)type->elements);
        g_free(type->attributes);
        g_free(type);
}

void hcl_type_unref(const HclType *type) {
        if (!type || type->refs == 0)
                return;
        if (--writable(type)->refs == 0)
                free_type(writable(type));
}

static bool equal_attributes(const HclType *a, const HclType *b) {
        for (size_t i = 0; i < a->n; i++) {
                const HclTypeAttribute *x = &a->attributes[i], *y = &b->attributes[i];

                if (hcl_type_compare_names(x, y) != 0 || x->optional != y->optional ||
                    !hcl_type_equal(x->type, y->type))
                        return false;
        }
        return true;
}

bool hcl_type_equal(const HclType *a, const HclType *b) {
        if (a == b)
                return true;
        if (a->kind != b->kind)
                return false;
        if (hcl_type_is_collection(a))
                return hcl_type_equal(a->element, b->element);
        if (a->n != b->n)
                return false;
        if (a->kind == HCL_KIND_OBJECT)
                return equal_attributes(a, b);
        for (size_t i = 0; i < a->n; i++)
                if (!hcl_type_equal(a->elements[i], b->elements[i]))
                        return false;
        return true;
}

bool hcl_type_has_dynamic(const HclType *type) {
        if (type->kind == HCL_KIND_DYNAMIC)
                return true;
        if (type->element)
                return hcl_type_has_dynamic(type->element);
        for (size_t i = 0; i < type->n; i++)
                if (hcl_type_has_dynamic(type->kind == HCL_KIND_TUPLE ? type->elements[i]
                                                                      : type->attributes[i].type))
                        return true;
        return false;
}

static bool has_optional(const HclType *type) {
        if (type->element)
                return has_optional(type->element);
        for (size_t i = 0; i < type->n; i++) {
                if (type->kind == HCL_KIND_TUPLE ? has_optional(type->elements[i])
                                                 : type->attributes[i].optional ||
                                                           has_optional(type->attributes[i].type))
                        return true;
        }
        return false;
}

const HclType *hcl_type_without_optional(const HclType *type) {
        HclType *plain;

        if (!has_optional(type))
                return hcl_type_ref(type);
        plain = new_type(type->kind);
        plain->n = type->n;
        if (type->element)
                plain->element = hcl_type_without_optional(type->element);
        if (type->kind == HCL_KIND_TUPLE)
                plain->elements = g_new(const HclType *, type->n);
        else if (type->kind == HCL_KIND_OBJECT)
                plain->attributes = g_new(HclTypeAttribute, type->n);
        for (size_t i = 0; i < type->n; i++) {
                if (type->kind == HCL_KIND_TUPLE) {
                        plain->elements[i] = hcl_type_without_optional(type->elements[i]);
                        continue;
                }
                plain->attributes[i] = own_attribute(
                        &type->attributes[i], hcl_type_without_optional(type->attributes[i].type));
        }
        return plain;
}

const HclTypeAttribute *hcl_type_attribute(const HclType *type, const char *name, gssize size) {
        size_t name_size = size < 0 ? strlen(name) : (size_t)size, low = 0, high = type->n;

        g_assert(type->kind == HCL_KIND_OBJECT);
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const HclTypeAttribute *found = &type->attributes[middle];
                int order = compare_names(name, name_size, found->name, found->size);

                if (order == 0)
                        return found;
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

const HclTypeAttribute *hcl_type_same_attribute(const HclType *type,
                                                const HclTypeAttribute *other) {
        return hcl_type_attribute(type, other->name, (gssize)other->size);
}

static const char *kind_name(HclKind kind) {
        switch (kind) {
        case HCL_KIND_DYNAMIC:
                return "dynamic";
        case HCL_KIND_BOOL:
                return "bool";
        case HCL_KIND_NUMBER:
                return "number";
        case HCL_KIND_STRING:
                return "string";
        case HCL_KIND_LIST:
                return "list";
        case HCL_KIND_SET:
                return "set";
        case HCL_KIND_MAP:
                return "map";
        case HCL_KIND_TUPLE:
                return "tuple";
        default:
                return "object";
        }
}

char *hcl_type_name(const HclType *type) {
        g_autoptr(GString) out = g_string_new(NULL);

        for (; hcl_type_is_collection(type); type = type->element) {
                if (type->element->kind == HCL_KIND_DYNAMIC) {
                        g_string_append_printf(out, "%s of any single type", kind_name(type->kind));
                        return g_string_free(g_steal_pointer(&out), FALSE);
                }
                g_string_append_printf(out, "%s of ", kind_name(type->kind));
        }
        g_string_append(out, kind_name(type->kind));
        return g_string_free(g_steal_pointer(&out), FALSE);
}

static void append_expression(const HclType *type, GString *out) {
        if (type->kind == HCL_KIND_DYNAMIC) {
                g_string_append(out, "any");
                return;
        }
        g_string_append(out, kind_name(type->kind));
        if (hcl_type_is_primitive(type))
                return;
        g_string_append(out, type->kind == HCL_KIND_TUPLE    ? "(["
                             : type->kind == HCL_KIND_OBJECT ? "({"
                                                             : "(");
        if (type->element)
                append_expression(type->element, out);
        for (size_t i = 0; i < type->n; i++) {
                g_string_append(out, i > 0 ? ", " : "");
                if (type->kind == HCL_KIND_TUPLE) {
                        append_expression(type->elements[i], out);
                        continue;
                }
                g_string_append_printf(out, "%s=%s", type->attributes[i].name,
                                       type->attributes[i].optional ? "optional(" : "");
                append_expression(type->attributes[i].type, out);
                g_string_append(out, type->attributes[i].optional ? ")" : "");
        }
        g_string_append(out, type->kind == HCL_KIND_TUPLE    ? "])"
                             : type->kind == HCL_KIND_OBJECT ? "})"
                                                             : ")");
}

char *hcl_type_expression(const HclType *type) {
        g_autoptr(GString) out = g_string_new(NULL);

        append_expression(type, out);
        return g_string_free(g_steal_pointer(&out), FALSE);
}

static void append_object_json(const HclType *type, GString *out) {
        bool any_optional = false;

        g_string_append_c(out, '{');
        for (size_t i = 0; i < type->n; i++) {
                g_string_append(out, i > 0 ? "," : "");
                nook_json_append_string(out, type->attributes[i].name,
                                        (gssize)type->attributes[i].size);
                g_string_append_c(out, ':');
                hcl_type_to_json(type->attributes[i].type, out);
                any_optional |= type->attributes[i].optional;
        }
        g_string_append_c(out, '}');
        if (!any_optional)
                return;
        g_string_append(out, ",[");
        for (size_t i = 0, written = 0; i < type->n; i++) {
                if (!type->attributes[i].optional)
                        continue;
                g_string_append(out, written++ > 0 ? "," : "");
                nook_json_append_string(out, type->attributes[i].name,
                                        (gssize)type->attributes[i].size);
        }
        g_string_append_c(out, ']');
}

void hcl_type_to_json(const HclType *type, GString *out) {
        if (hcl_type_is_primitive(type) || type->kind == HCL_KIND_DYNAMIC) {
                g_string_append_printf(out, "\"%s\"", kind_name(type->kind));
                return;
        }
        g_string_append_printf(out, "[\"%s\",", kind_name(type->kind));
        if (type->kind == HCL_KIND_OBJECT) {
                append_object_json(type, out);
        } else if (type->kind == HCL_KIND_TUPLE) {
                g_string_append_c(out, '[');
                for (size_t i = 0; i < type->n; i++) {
                        g_string_append(out, i > 0 ? "," : "");
                        hcl_type_to_json(type->elements[i], out);
                }
                g_string_append_c(out, ']');
        } else {
                hcl_type_to_json(type->element, out);
        }
        g_string_append_c(out, ']');
}
