/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/eval.h"

/* A loop under way. */
typedef struct {
        const HclForExpr *self;
        NookDiags *diags; /* `unused` after the first turn with an error */
        NookDiags *unused;
        HclScope scope;      /* with the names of this turn */
        bool known;          /* nothing unknown has decided about keys or conditions */
        GPtrArray *items;    /* of a tuple */
        HclMembers *members; /* of an object: values, */
        GHashTable *groups;  /* and key text -> GPtrArray of values */
} Loop;

static void loop_error(const Loop *loop, const HclExpr *expr, const char *summary,
                       const char *detail, ...) G_GNUC_PRINTF(4, 5);
static void loop_error(const Loop *loop, const HclExpr *expr, const char *summary,
                       const char *detail, ...) {
        g_autofree char *text = NULL;
        va_list args;

        va_start(args, detail);
        text = g_strdup_vprintf(detail, args);
        va_end(args);
        nook_diags_add_context(loop->diags, NOOK_SEVERITY_ERROR, expr->range,
                               loop->self->expr.range, summary, "%s", text);
}

/* The value of the `if` clause as a bool; NULL after reporting. */
static HclValue *condition_value(Loop *loop) {
        const HclExpr *condition = loop->self->condition;
        g_autoptr(HclValue) given = hcl_expr_value(condition, &loop->scope, loop->diags);

        if (hcl_value_is_null(given)) {
                loop_error(loop, condition, "Invalid 'for' condition",
                           "The value of the 'if' clause must not be null.");
                return NULL;
        }
        return hcl_eval_convert(given, &hcl_type_bool, condition->range, loop->diags,
                                "Invalid 'for' condition", "The 'if' clause value is invalid: %s.");
}

/* Whether this turn is to yield something. */
static bool is_included(Loop *loop) {
        g_autoptr(HclValue) include = NULL;

        if (!loop->self->condition)
                return true;
        include = condition_value(loop);
        if (!include || !hcl_value_is_known(include)) {
                loop->known = false;
                return false;
        }
        return hcl_value_get_bool(include);
}

/* The key of this turn as a string; NULL: there is none. */
static HclValue *turn_key(Loop *loop) {
        const HclExpr *key_expr = loop->self->key;
        g_autoptr(HclValue) given = hcl_expr_value(key_expr, &loop->scope, loop->diags);
        HclValue *key;

        if (hcl_value_is_null(given)) {
                loop_error(loop, key_expr, "Invalid object key",
                           "Key expression in 'for' expression must not produce a null value.");
                return NULL;
        }
        key = hcl_eval_convert(given, &hcl_type_string, key_expr->range, loop->diags,
                               "Invalid object key",
                               "The key expression produced an invalid result: %s.");
        if (key && !hcl_value_is_known(key))
                g_clear_pointer(&key, hcl_value_unref);
        return key;
}

static void add_to_group(Loop *loop, HclValue *key, HclValue *value) {
        GPtrArray *group = g_hash_table_lookup(loop->groups, key);

        if (!group) {
                group = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
                g_hash_table_insert(loop->groups, hcl_value_ref(key), group);
        }
        g_ptr_array_add(group, hcl_value_ref(value));
}

static void object_turn(Loop *loop) {
        g_autoptr(HclValue) key = turn_key(loop);
        g_autoptr(HclValue) value = NULL;

        if (!key) {
                loop->known = false;
                return;
        }
        value = hcl_expr_value(loop->self->value, &loop->scope, loop->diags);
        if (loop->self->group)
                add_to_group(loop, key, value);
        else if (hcl_members_get(loop->members, key))
                loop_error(loop, loop->self->key, "Duplicate object key",
                           "Two different items produced the key \"%s\" in this 'for' expression. "
                           "If duplicates are expected, use the ellipsis (...) after the value "
                           "expression to enable grouping by key.",
                           hcl_value_text(key, NULL));
        else
                hcl_members_set_key(loop->members, key, value);
}

/* Counts a turn of this loop and of all loops around it; false, after reporting, when there were
 * too many. */
static bool count_turn(Loop *loop) {
        if (++*loop->scope.turns <= HCL_RESULT_ITEMS_MAX)
                return true;
        loop_error(loop, &loop->self->expr, "Result too large",
                   "A 'for' expression, with those inside of it, may turn at most %d times.",
                   HCL_RESULT_ITEMS_MAX);
        return false;
}

static void take_turn(Loop *loop) {
        if (!is_included(loop))
                return;
        if (loop->self->key)
                object_turn(loop);
        else
                g_ptr_array_add(loop->items,
                                hcl_expr_value(loop->self->value, &loop->scope, loop->diags));
}

/* One element; false: the loop is to end. Only the first turn in which something is wrong says so,
 * since the others would mostly say the same; they are taken all the same, for the type of the
 * result. */
static bool turn(Loop *loop, HclValue *key, HclValue *value) {
        guint errors = nook_diags_count_errors(loop->diags);

        if (!count_turn(loop))
                return false;
        if (loop->self->key_name) {
                loop->scope.names[0] = loop->self->key_name;
                loop->scope.values[0] = key;
        }
        loop->scope.names[1] = loop->self->value_name;
        loop->scope.values[1] = value;
        take_turn(loop);
        if (loop->unused)
                nook_diags_truncate(loop->unused, 0);
        else if (nook_diags_count_errors(loop->diags) > errors)
                loop->diags = loop->unused = nook_diags_new();
        return true;
}

static bool turn_all(Loop *loop, HclValue *collection) {
        HclKind kind = hcl_value_kind(collection);

        for (size_t i = 0; i < hcl_value_length(collection); i++) {
                HclValue *value = hcl_value_element(collection, i);
                g_autoptr(HclValue) key = NULL;

                if (loop->self->key_name)
                        key = kind == HCL_KIND_MAP || kind == HCL_KIND_OBJECT
                                      ? hcl_value_ref(hcl_value_key(collection, i))
                              : kind == HCL_KIND_SET ? hcl_value_ref(value)
                                                     : hcl_value_int64((int64_t)i);
                if (!turn(loop, key, value))
                        return false;
        }
        return true;
}

static HclValue *grouped(Loop *loop) {
        GHashTableIter iter;
        gpointer key, group;

        g_hash_table_iter_init(&iter, loop->groups);
        while (g_hash_table_iter_next(&iter, &key, &group)) {
                GPtrArray *values = group;
                g_autoptr(HclValue) tuple =
                        hcl_value_tuple((HclValue *const *)values->pdata, values->len);

                hcl_members_set_key(loop->members, key, tuple);
        }
        return hcl_members_to_object(loop->members);
}

static HclValue *loop_result(Loop *loop) {
        HclValue *value = loop->self->group ? grouped(loop)
                          : loop->self->key ? hcl_members_to_object(loop->members)
                                            : hcl_value_tuple((HclValue *const *)loop->items->pdata,
                                                              loop->items->len);

        return hcl_eval_limit(value, loop->self->expr.range, loop->diags);
}

/* Tries the condition once without an element: what is wrong with it in any case is reported once,
 * even if there are no elements. */
static bool try_condition(Loop *loop) {
        guint errors = nook_diags_count_errors(loop->diags);
        g_autoptr(HclValue) unknown = hcl_value_unknown();
        g_autoptr(HclValue) ignored = NULL;

        if (!loop->self->condition)
                return true;
        loop->scope.names[0] = loop->self->key_name;
        loop->scope.values[0] = unknown;
        loop->scope.names[1] = loop->self->value_name;
        loop->scope.values[1] = unknown;
        loop->scope.open = true;
        ignored = condition_value(loop);
        loop->scope.open = false;
        return nook_diags_count_errors(loop->diags) == errors;
}

/* The collection, if it is one; NULL, after reporting where it is not merely unknown. */
static HclValue *collection_value(const HclForExpr *self, const HclScope *scope, NookDiags *diags) {
        g_autoptr(HclValue) collection = hcl_expr_value(self->collection, scope, diags);
        NookRange range = self->collection->range;
        g_autoptr(HclTypeConst) type = NULL;
        g_autofree char *name = NULL;

        if (hcl_value_is_null(collection)) {
                nook_diags_error(diags, range, "Iteration over null value",
                                 "A null value cannot be used as the collection in a 'for' "
                                 "expression.");
                return NULL;
        }
        if (hcl_value_kind(collection) == HCL_KIND_DYNAMIC)
                return NULL;
        type = hcl_value_type(collection);
        if (hcl_type_is_primitive(type)) {
                name = hcl_type_name(type);
                nook_diags_error(diags, range, "Iteration over non-iterable value",
                                 "A value of type %s cannot be used as the collection in a 'for' "
                                 "expression.",
                                 name);
                return NULL;
        }
        return hcl_value_is_known(collection) ? g_steal_pointer(&collection) : NULL;
}

/* The count of turns that the loops around a scope share, or NULL outside of loops. */
static size_t *outer_turns(const HclScope *scope) {
        for (; scope; scope = scope->parent)
                if (scope->turns)
                        return scope->turns;
        return NULL;
}

static HclValue *result_of_turns(Loop *loop, HclValue *collection) {
        HclValue *value = try_condition(loop) && turn_all(loop, collection) && loop->known
                                  ? loop_result(loop)
                                  : hcl_value_unknown();

        g_clear_pointer(&loop->unused, nook_diags_free);
        return value;
}

static HclValue *for_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclForExpr *self = (const HclForExpr *)expr;
        g_autoptr(HclValue) collection = collection_value(self, scope, diags);
        g_autoptr(GPtrArray) items =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        g_autoptr(HclMembers) members = hcl_members_new();
        g_autoptr(GHashTable) groups = NULL;
        size_t turns = 0, *outer = outer_turns(scope);
        Loop loop = {.self = self, .diags = diags, .known = true};

        if (!collection)
                return hcl_value_unknown();
        if (self->group)
                groups = g_hash_table_new_full(hcl_value_text_hash, hcl_value_text_equal,
                                               (GDestroyNotify)hcl_value_unref,
                                               (GDestroyNotify)g_ptr_array_unref);
        loop.items = items;
        loop.members = members;
        loop.groups = groups;
        loop.scope.parent = scope;
        loop.scope.turns = outer ? outer : &turns;
        return result_of_turns(&loop, collection);
}

static void for_walk(const HclExpr *expr, HclWalk *walk) {
        const HclForExpr *self = (const HclForExpr *)expr;

        hcl_walk_expr(walk, self->collection);
        if (self->key_name)
                hcl_walk_push_name(walk, self->key_name);
        hcl_walk_push_name(walk, self->value_name);
        if (self->key)
                hcl_walk_expr(walk, self->key);
        hcl_walk_expr(walk, self->value);
        if (self->condition)
                hcl_walk_expr(walk, self->condition);
        hcl_walk_pop_name(walk);
        if (self->key_name)
                hcl_walk_pop_name(walk);
}

const HclExprOps hcl_for_ops = {
        .value = for_value, .walk = for_walk, .start_range = hcl_eval_first_byte};
