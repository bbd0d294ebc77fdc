/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/constraint.h"

#include <errno.h>
#include <string.h>

#include "hcl/regex.h"
#include "job/interpolate.h"
#include "job/version.h"

/* The two sides of a comparison, resolved; NULL where the host does not know a reference. */
typedef struct {
        const char *left;
        const char *right;
} Sides;

/* Only a side that is one reference and nothing else is resolved. */
static const char *resolve(const char *target, const NookHost *host) {
        g_autofree char *name = NULL;
        gsize length;

        if (!g_str_has_prefix(target, "${"))
                return target;
        length = strlen(target);
        if (target[length - 1] != '}')
                return NULL;
        name = g_strndup(target + 2, length - 3);
        return nook_host_lookup(host, name);
}

static bool compares(const char *op, double order) {
        if (strcmp(op, "<") == 0)
                return order < 0;
        if (strcmp(op, "<=") == 0)
                return order <= 0;
        if (strcmp(op, ">") == 0)
                return order > 0;
        return order >= 0;
}

static bool read_int(const char *text, gint64 *ret) {
        char *end = NULL;

        errno = 0;
        *ret = g_ascii_strtoll(text, &end, 10);
        return errno == 0 && end != text && *end == '\0' && !g_ascii_isspace(*text);
}

static bool read_double(const char *text, double *ret) {
        char *end = NULL;

        *ret = g_ascii_strtod(text, &end);
        return end != text && *end == '\0' && !g_ascii_isspace(*text);
}

/* As whole numbers if both are, else as numbers, else as texts. */
static bool is_ordered(const char *op, const Sides *sides) {
        gint64 left, right;
        double number, other;

        if (read_int(sides->left, &left) && read_int(sides->right, &right))
                return compares(op, left < right ? -1 : left > right);
        if (read_double(sides->left, &number) && read_double(sides->right, &other))
                return compares(op, number < other ? -1 : number > other);
        return compares(op, strcmp(sides->left, sides->right));
}

static bool matches(const Sides *sides) {
        return hcl_regex_matches(sides->right, sides->left);
}

static bool has_element(char **list, const char *wanted) {
        for (; *list; list++)
                if (strcmp(g_strstrip(*list), wanted) == 0)
                        return true;

        return false;
}

/* Comma-separated sets: whether the left one has all, or any, of the right one. */
static bool contains(const Sides *sides, bool all) {
        g_auto(GStrv) left = g_strsplit(sides->left, ",", -1);
        g_auto(GStrv) right = g_strsplit(sides->right, ",", -1);

        for (char **wanted = right; *wanted; wanted++)
                if (has_element(left, g_strstrip(*wanted)) != all)
                        return !all;

        return all;
}

static bool is_one_of(const char *op, const char *const *names) {
        return g_strv_contains(names, op);
}

static bool evaluate(const char *op, const Sides *sides) {
        bool valid;

        if (is_one_of(op, (const char *const[]){"!=", "not", NULL}))
                return g_strcmp0(sides->left, sides->right) != 0;
        if (strcmp(op, "is_set") == 0)
                return sides->left != NULL;
        if (strcmp(op, "is_not_set") == 0)
                return sides->left == NULL;
        if (!sides->left || !sides->right)
                return false;

        if (is_one_of(op, (const char *const[]){"=", "==", "is", NULL}))
                return strcmp(sides->left, sides->right) == 0;
        if (is_one_of(op, (const char *const[]){"<", "<=", ">", ">=", NULL}))
                return is_ordered(op, sides);
        if (strcmp(op, "version") == 0 || strcmp(op, "semver") == 0)
                return nook_version_satisfies(sides->left, sides->right, op[0] == 's', &valid);
        if (strcmp(op, "regexp") == 0)
                return matches(sides);
        if (strcmp(op, "set_contains_any") == 0)
                return contains(sides, false);
        if (is_one_of(op, (const char *const[]){"set_contains", "set_contains_all", NULL}))
                return contains(sides, true);
        return false;
}

static const char *text_or(const NookText *text, const char *other) {
        return text->text && *text->text ? text->text : other;
}

static char *explain(const NookConstraint *constraint, const Sides *sides) {
        const char *target = text_or(&constraint->attribute, "");

        if (!sides->left)
                return g_strdup_printf("%s is not known here", target);
        if (!sides->right)
                return g_strdup_printf("%s is not known here", text_or(&constraint->value, ""));
        if (sides->left == target)
                return g_strdup_printf("the value is \"%s\"", sides->left);
        return g_strdup_printf("%s is \"%s\"", target, sides->left);
}

bool nook_constraint_holds(const NookConstraint *constraint, const NookHost *host,
                           char **ret_reason) {
        const char *op = text_or(&constraint->op, "=");
        Sides sides;

        /* One host is distinct from all others; a count above 1 is judged with the group. */
        if (strcmp(op, "distinct_hosts") == 0 || strcmp(op, "distinct_property") == 0)
                return true;

        sides.left = resolve(text_or(&constraint->attribute, ""), host);
        sides.right = resolve(text_or(&constraint->value, ""), host);
        if (evaluate(op, &sides))
                return true;
        if (ret_reason)
                *ret_reason = explain(constraint, &sides);
        return false;
}

static void check_list(const NookConstraintList *list, const NookHost *host, NookDiags *diags) {
        for (guint i = 0; i < list->count; i++) {
                const NookConstraint *constraint = list->items[i];
                const char *op = text_or(&constraint->op, "=");
                g_autofree char *reason = NULL;

                if (nook_constraint_holds(constraint, host, &reason))
                        continue;
                nook_diags_error(diags, constraint->head.range, "Constraint not satisfied",
                                 "This host does not satisfy %s%s%s%s%s: %s.",
                                 text_or(&constraint->attribute, ""),
                                 constraint->attribute.text ? " " : "", op,
                                 constraint->value.text ? " " : "", text_or(&constraint->value, ""),
                                 reason);
        }
}

static void check_distinct(const NookConstraintList *list, const NookGroup *group,
                           NookDiags *diags) {
        for (guint i = 0; i < list->count; i++) {
                const NookConstraint *constraint = list->items[i];
                const char *op = text_or(&constraint->op, "=");

                if ((strcmp(op, "distinct_hosts") == 0 &&
                     g_strcmp0(constraint->value.text, "false") != 0) ||
                    strcmp(op, "distinct_property") == 0)
                        nook_diags_error(diags, constraint->head.range, "Constraint not satisfied",
                                         "%s cannot hold: group \"%s\" has a count of "
                                         "%" G_GINT64_FORMAT ", and there is one host.",
                                         op, group->name.text, group->count.value);
        }
}

void nook_job_check_constraints(const NookJob *job, const NookHost *host, NookDiags *diags) {
        check_list(&job->constraints, host, diags);
        for (guint i = 0; i < job->groups.count; i++) {
                const NookGroup *group = job->groups.items[i];

                check_list(&group->constraints, host, diags);
                if (group->count.value > 1) {
                        check_distinct(&job->constraints, group, diags);
                        check_distinct(&group->constraints, group, diags);
                }
                for (guint j = 0; j < group->tasks.count; j++)
                        check_list(&group->tasks.items[j]->constraints, host, diags);
        }
}
