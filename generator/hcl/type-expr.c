/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/expr.h"

/* Type expressions: string, list(number), object({a = string}). They are never evaluated. */

typedef struct {
        bool constraint; /* `any` and optional() may be used */
        NookDiags *diags;
} Reader;

static const char invalid[] = "Invalid type specification";

static const HclType *read_type(const Reader *reader, const HclExpr *expr);

static const HclType *fail(const Reader *reader, NookRange range, const char *format, ...)
        G_GNUC_PRINTF(3, 4);
static const HclType *fail(const Reader *reader, NookRange range, const char *format, ...) {
        g_autofree char *detail = NULL;
        va_list args;

        va_start(args, format);
        detail = g_strdup_vprintf(format, args);
        va_end(args);
        nook_diags_error(reader->diags, range, invalid, "%s", detail);
        return NULL;
}

static const HclType *read_keyword(const Reader *reader, const HclExpr *expr, const char *keyword) {
        static const char *const words[] = {"bool", "string", "number", "any",   "list",
                                            "set",  "map",    "object", "tuple", NULL};
        NookRange range = hcl_expr_range(expr);
        const char *near;

        if (strcmp(keyword, "bool") == 0)
                return &hcl_type_bool;
        if (strcmp(keyword, "string") == 0)
                return &hcl_type_string;
        if (strcmp(keyword, "number") == 0)
                return &hcl_type_number;
        if (strcmp(keyword, "any") == 0) {
                if (reader->constraint)
                        return &hcl_type_dynamic;
                return fail(reader, range,
                            "The keyword \"any\" cannot be used in this type specification: an "
                            "exact type is required.");
        }
        if (strcmp(keyword, "list") == 0 || strcmp(keyword, "set") == 0 ||
            strcmp(keyword, "map") == 0)
                return fail(reader, range,
                            "The %s type constructor requires one argument specifying the element "
                            "type, like %s(string).",
                            keyword, keyword);
        if (strcmp(keyword, "object") == 0)
                return fail(reader, range,
                            "The object type constructor requires one argument specifying the "
                            "attribute types and values as a map, like object({name = string}).");
        if (strcmp(keyword, "tuple") == 0)
                return fail(reader, range,
                            "The tuple type constructor requires one argument specifying the "
                            "element types as a list, like tuple([string, number]).");
        near = nook_suggest(keyword, words);
        return fail(reader, range, "The keyword \"%s\" is not a valid type specification.%s%s%s",
                    keyword, near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static const HclType *read_collection(const Reader *reader, const char *name,
                                      const HclExpr *element_expr) {
        g_autoptr(HclTypeConst) element = read_type(reader, element_expr);

        if (!element)
                return NULL;
        return strcmp(name, "list") == 0  ? hcl_type_list(element)
               : strcmp(name, "set") == 0 ? hcl_type_set(element)
                                          : hcl_type_map(element);
}

static const HclType *read_tuple(const Reader *reader, const HclExpr *expr) {
        const HclExpr *const *items;
        size_t n;
        g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_type_unref);

        if (!hcl_expr_list(expr, &items, &n))
                return fail(reader, hcl_expr_range(expr),
                            "Tuple type constructor requires a list of element types.");
        for (size_t i = 0; i < n; i++) {
                const HclType *type = read_type(reader, items[i]);

                if (!type)
                        return NULL;
                g_ptr_array_add(types, (gpointer)(uintptr_t)type);
        }
        return hcl_type_tuple((const HclType *const *)types->pdata, n);
}

/* The type of an attribute, optional(T) among others; false after reporting. */
static bool read_attribute(const Reader *reader, const HclExpr *expr, HclTypeAttribute *attribute) {
        const char *name;
        NookRange range;
        const HclExpr *const *args;
        size_t n;

        if (hcl_expr_call(expr, &name, &range, &args, &n) && strcmp(name, "optional") == 0) {
                if (!reader->constraint)
                        return fail(reader, range,
                                    "Optional attribute modifier is only for type constraints, "
                                    "not for exact types.");
                if (n != 1)
                        return fail(reader, range,
                                    "Optional attribute modifier requires one argument, the type "
                                    "of the attribute.");
                attribute->optional = true;
                expr = args[0];
        }
        attribute->type = read_type(reader, expr);
        return attribute->type;
}

static const HclType *read_object(const Reader *reader, const HclExpr *expr) {
        const HclExpr *const *keys, *const *values;
        size_t n, done = 0;
        g_autofree HclTypeAttribute *attributes = NULL;
        const HclType *object = NULL;

        if (!hcl_expr_map(expr, &keys, &values, &n))
                return fail(reader, hcl_expr_range(expr),
                            "Object type constructor requires a map whose keys are attribute names "
                            "and whose values are the corresponding attribute types.");
        attributes = g_new0(HclTypeAttribute, n);
        for (; done < n; done++) {
                bool repeated = false;

                attributes[done].name = hcl_expr_keyword(keys[done]);
                if (!attributes[done].name) {
                        (void)fail(reader, hcl_expr_range(keys[done]),
                                   "Object constructor map keys must be attribute names.");
                        break;
                }
                for (size_t i = 0; i < done && !repeated; i++)
                        repeated = strcmp(attributes[i].name, attributes[done].name) == 0;
                if (repeated) {
                        (void)fail(reader, hcl_expr_range(keys[done]),
                                   "The attribute \"%s\" is already there: names in an object type "
                                   "must be different.",
                                   attributes[done].name);
                        break;
                }
                if (!read_attribute(reader, values[done], &attributes[done]))
                        break;
        }
        if (done == n)
                object = hcl_type_object(attributes, n);
        for (size_t i = 0; i < done; i++)
                hcl_type_unref(attributes[i].type);
        return object;
}

static const HclType *read_call(const Reader *reader, const HclExpr *expr, const char *name,
                                NookRange name_range, const HclExpr *const *args, size_t n) {
        bool collection =
                strcmp(name, "list") == 0 || strcmp(name, "set") == 0 || strcmp(name, "map") == 0;
        bool object = strcmp(name, "object") == 0, tuple = strcmp(name, "tuple") == 0;

        if (strcmp(name, "bool") == 0 || strcmp(name, "string") == 0 ||
            strcmp(name, "number") == 0 || strcmp(name, "any") == 0)
                return fail(reader, hcl_expr_range(expr),
                            "Primitive type keyword \"%s\" does not expect arguments.", name);
        if (strcmp(name, "optional") == 0)
                return fail(reader, name_range,
                            "Keyword \"optional\" is valid only as a modifier for object type "
                            "attributes.");
        if (!collection && !object && !tuple)
                return fail(reader, name_range, "Keyword \"%s\" is not a valid type constructor.",
                            name);
        if (n != 1)
                return fail(reader, hcl_expr_range(expr),
                            "The %s type constructor requires exactly one argument, not %zu.", name,
                            n);
        return collection ? read_collection(reader, name, args[0])
               : object   ? read_object(reader, args[0])
                          : read_tuple(reader, args[0]);
}

/* Whether a type was written in quotes, as HCL once had it. */
static bool is_quoted(const HclExpr *expr) {
        g_autoptr(NookDiags) ignored = nook_diags_new();
        g_autoptr(HclValue) value = hcl_expr_value(expr, NULL, ignored);

        return nook_diags_count_errors(ignored) == 0 && hcl_value_kind(value) == HCL_KIND_STRING;
}

static const HclType *read_type(const Reader *reader, const HclExpr *expr) {
        const char *keyword = hcl_expr_keyword(expr), *name;
        NookRange range;
        const HclExpr *const *args;
        size_t n;

        if (keyword)
                return read_keyword(reader, expr, keyword);
        if (hcl_expr_call(expr, &name, &range, &args, &n))
                return read_call(reader, expr, name, range, args, n);
        return fail(reader, hcl_expr_range(expr),
                    "A type specification is either a primitive type keyword (bool, number, "
                    "string) or a complex type constructor call, like list(string)%s.",
                    is_quoted(expr) ? ", without quotation marks" : "");
}

const HclType *hcl_expr_type(const HclExpr *expr, bool constraint, NookDiags *diags) {
        Reader reader = {.constraint = constraint, .diags = diags};

        return read_type(&reader, expr);
}
