/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/driver.h"

#include <string.h>

#include "job/capability.h"

enum {
        EXEC = 1 << 0,
        RAW_EXEC = 1 << 1,
        BOTH = EXEC | RAW_EXEC,
};

typedef struct {
        NookSchemaField field;
        unsigned drivers; /* which have it */
} Option;

#define OPTION(kind_, member, drivers_)                                                            \
        {                                                                                          \
                {.kind = NOOK_FIELD_##kind_,                                                       \
                 .offset = offsetof(NookExecConfig, member),                                       \
                 .name = #member},                                                                 \
                        drivers_                                                                   \
        }

/* Source: the task configuration of Nomad's exec and raw_exec drivers. */
static const Option options[] = {
        OPTION(TEXT, command, BOTH),
        OPTION(TEXTS, args, BOTH),
        OPTION(TEXT, work_dir, BOTH),
        OPTION(TEXT, pid_mode, EXEC),
        OPTION(TEXT, ipc_mode, EXEC),
        OPTION(TEXTS, cap_add, EXEC),
        OPTION(TEXTS, cap_drop, EXEC),
        OPTION(INT, oom_score_adj, RAW_EXEC),
        OPTION(TEXT, cgroup_v2_override, RAW_EXEC),
        OPTION(PAIRS, cgroup_v1_override, RAW_EXEC),
        OPTION(TEXTS, denied_envvars, RAW_EXEC),
};

static unsigned driver_of(const char *name) {
        if (strcmp(name, "exec") == 0)
                return EXEC;
        return strcmp(name, "raw_exec") == 0 ? RAW_EXEC : 0;
}

bool nook_driver_is_known(const char *name) {
        return driver_of(name) != 0;
}

static const Option *find_option(const char *name) {
        for (guint i = 0; i < G_N_ELEMENTS(options); i++)
                if (strcmp(options[i].field.name, name) == 0)
                        return &options[i];

        return NULL;
}

static const char *suggest_option(const char *name, unsigned driver) {
        const char *names[G_N_ELEMENTS(options) + 1];
        guint n = 0;

        for (guint i = 0; i < G_N_ELEMENTS(options); i++)
                if (options[i].drivers & driver)
                        names[n++] = options[i].field.name;
        names[n] = NULL;
        return nook_suggest(name, names);
}

static void report_unknown(NookDecoder *decoder, const NookTask *task, const Option *option,
                           const char *name, NookRange range) {
        const char *driver = task->driver.text, *near;

        if (option) {
                nook_diags_error(decoder->diags, range, "Unsupported argument",
                                 "The driver \"%s\" has no option \"%s\"; \"%s\" has it.", driver,
                                 name, option->drivers & EXEC ? "exec" : "raw_exec");
                return;
        }
        near = suggest_option(name, driver_of(driver));
        nook_diags_error(decoder->diags, range, "Unsupported argument",
                         "The driver \"%s\" has no option \"%s\".%s%s%s", driver, name,
                         near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* The place and the expression of an option in the block. */
static void find_place(const NookTask *task, const char *name, const HclExpr **ret_expr,
                       NookRange *ret_name, NookRange *ret_value) {
        const HclContent *content;

        if (!task->config.content)
                return;
        content = task->config.content;
        for (size_t i = 0; i < content->n_attributes; i++)
                if (strcmp(content->attributes[i]->name, name) == 0) {
                        *ret_expr = content->attributes[i]->expr;
                        *ret_name = content->attributes[i]->name_range;
                        *ret_value = hcl_expr_range(content->attributes[i]->expr);
                        return;
                }
        for (size_t i = 0; i < content->n_blocks; i++)
                if (strcmp(content->blocks[i]->type, name) == 0) {
                        *ret_name = content->blocks[i]->type_range;
                        *ret_value = content->blocks[i]->range;
                        return;
                }
}

/* Nomad's list(map(string)): a block or an object, which reading has put into a list. */
static HclValue *unwrap_maps(HclValue *value) {
        HclKind kind = hcl_value_kind(value);
        g_autoptr(HclMembers) members = NULL;

        if (kind != HCL_KIND_TUPLE && kind != HCL_KIND_LIST)
                return hcl_value_ref(value);

        members = hcl_members_new();
        for (size_t i = 0; i < hcl_value_length(value); i++) {
                HclValue *map = hcl_value_element(value, i);

                if (!hcl_value_is_known(map) ||
                    (hcl_value_kind(map) != HCL_KIND_OBJECT && hcl_value_kind(map) != HCL_KIND_MAP))
                        return hcl_value_ref(value);
                for (size_t j = 0; j < hcl_value_length(map); j++)
                        hcl_members_set_key(members, hcl_value_key(map, j),
                                            hcl_value_element(map, j));
        }
        return hcl_members_to_object(members);
}

/* A free-form block puts an object that is written out into a list of one: here it stays itself. */
static HclValue *unwrap_object(const HclExpr *expr, HclValue *value) {
        const HclExpr *const *keys, *const *values;
        size_t n;

        if (expr && hcl_expr_map(expr, &keys, &values, &n) &&
            hcl_value_kind(value) == HCL_KIND_TUPLE && hcl_value_length(value) == 1)
                return hcl_value_ref(hcl_value_element(value, 0));
        return hcl_value_ref(value);
}

static void decode_option(NookDecoder *decoder, NookTask *task, const char *name, HclValue *given) {
        const Option *option = find_option(name);
        NookRange name_range = task->config.range, value_range = task->config.range;
        const HclExpr *expr = NULL;
        g_autoptr(HclValue) value = NULL;

        find_place(task, name, &expr, &name_range, &value_range);
        if (!option || !(option->drivers & driver_of(task->driver.text))) {
                report_unknown(decoder, task, option, name, name_range);
                return;
        }
        if (!hcl_value_is_known(given) || hcl_value_is_null(given))
                return;
        value = option->field.kind == NOOK_FIELD_PAIRS ? unwrap_maps(given)
                                                       : unwrap_object(expr, given);
        nook_decode_value(decoder, &option->field, name, value,
                          option->field.kind == NOOK_FIELD_PAIRS ? NULL : expr, value_range,
                          nook_schema_slot(&option->field, &task->exec));
}

/* ---- Rules ---- */

static void check_mode(const NookText *mode, const char *name, NookDiags *diags) {
        if (mode->set && *mode->text && strcmp(mode->text, "private") != 0 &&
            strcmp(mode->text, "host") != 0)
                nook_diags_error(diags, mode->range, "Unsuitable value",
                                 "\"%s\" must be \"private\" or \"host\", not \"%s\".", name,
                                 mode->text);
}

static void check_caps(const NookTexts *caps, NookDiags *diags) {
        for (guint i = 0; i < caps->count; i++) {
                const char *name = caps->items[i].text, *near;

                if (nook_capability_normalize(name))
                        continue;
                near = nook_capability_suggest(name);
                nook_diags_error(diags, caps->items[i].range, "Unknown capability",
                                 "Linux has no capability \"%s\".%s%s%s", name,
                                 near ? " Did you mean \"" : "", near ? near : "",
                                 near ? "\"?" : "");
        }
}

static void check_rules(const NookTask *task, NookDiags *diags) {
        const NookExecConfig *exec = &task->exec;

        if (exec->work_dir.set && exec->work_dir.text[0] != '/' &&
            !g_str_has_prefix(exec->work_dir.text, "${"))
                nook_diags_error(diags, exec->work_dir.range, "Unsuitable path",
                                 "\"work_dir\" must be absolute, but this is \"%s\".",
                                 exec->work_dir.text);
        check_mode(&exec->pid_mode, "pid_mode", diags);
        check_mode(&exec->ipc_mode, "ipc_mode", diags);
        check_caps(&exec->cap_add, diags);
        check_caps(&exec->cap_drop, diags);
        if (exec->oom_score_adj.set &&
            (exec->oom_score_adj.value < 0 || exec->oom_score_adj.value > 1000))
                nook_diags_error(diags, exec->oom_score_adj.range, "Unsuitable value",
                                 "\"oom_score_adj\" must be from 0 to 1000, not %" G_GINT64_FORMAT
                                 ".",
                                 exec->oom_score_adj.value);
        if (exec->cgroup_v1_override.set && exec->cgroup_v2_override.set)
                nook_diags_error(diags, exec->cgroup_v2_override.range, "Conflicting arguments",
                                 "Only one of cgroup_v1_override and cgroup_v2_override may be "
                                 "set.");
}

static bool has_member(const NookTask *task, const char *name) {
        HclValue *value = task->config.value;
        HclValue *member = value ? hcl_value_member(value, name, -1) : NULL;

        return member && !(hcl_value_is_known(member) && hcl_value_is_null(member));
}

void nook_driver_decode(NookDecoder *decoder, NookTask *task) {
        HclValue *value = task->config.value;

        if (value && hcl_value_is_known(value) && !hcl_value_is_null(value) &&
            (hcl_value_kind(value) == HCL_KIND_OBJECT || hcl_value_kind(value) == HCL_KIND_MAP))
                for (size_t i = 0; i < hcl_value_length(value); i++)
                        decode_option(decoder, task, hcl_value_text(hcl_value_key(value, i), NULL),
                                      hcl_value_element(value, i));

        if (!has_member(task, "command"))
                nook_diags_error(decoder->diags,
                                 task->config.set ? task->config.range : task->head.range,
                                 "Missing required argument",
                                 "The driver \"%s\" needs to know what to run: config { command = "
                                 "\"...\" }.",
                                 task->driver.text);
        else if (task->exec.command.set && *task->exec.command.text == '\0')
                nook_diags_error(decoder->diags, task->exec.command.range, "Unsuitable value",
                                 "\"command\" must not be empty.");
        check_rules(task, decoder->diags);
}
