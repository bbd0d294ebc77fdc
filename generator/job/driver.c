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

/* An option as it was given. */
typedef struct {
        const char *name;
        HclValue *value;
        const HclExpr *expr; /* NULL: a block, or API JSON */
        NookRange name_range;
        NookRange value_range;
} Given;

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

static void decode_option(NookDecoder *decoder, NookTask *task, const Given *given) {
        const Option *option = find_option(given->name);
        bool is_map = option && option->field.kind == NOOK_FIELD_PAIRS;
        g_autoptr(HclValue) value = NULL;

        if (!option || !(option->drivers & driver_of(task->driver.text))) {
                report_unknown(decoder, task, option, given->name, given->name_range);
                return;
        }
        if (!given->value || !hcl_value_is_known(given->value) || hcl_value_is_null(given->value))
                return;
        value = is_map ? unwrap_maps(given->value) : unwrap_object(given->expr, given->value);
        nook_decode_value(decoder, &option->field, given->name, value, is_map ? NULL : given->expr,
                          given->value_range, nook_schema_slot(&option->field, &task->exec));
}

/* Options that were read from a block, in source order. */
static void decode_content(NookDecoder *decoder, NookTask *task) {
        const HclContent *content = task->config.content;
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *attribute = content->attributes[i];
                Given given = {
                        .name = attribute->name,
                        .value = hcl_value_member(task->config.value, attribute->name, -1),
                        .expr = attribute->expr,
                        .name_range = attribute->name_range,
                        .value_range = hcl_expr_range(attribute->expr),
                };

                decode_option(decoder, task, &given);
        }
        for (size_t i = 0; i < content->n_blocks; i++) {
                const HclBlock *block = content->blocks[i];
                Given given = {
                        .name = block->type,
                        .value = hcl_value_member(task->config.value, block->type, -1),
                        .name_range = block->type_range,
                        .value_range = block->range,
                };

                /* Blocks of one type are one value. */
                if (g_hash_table_add(seen, (void *)(guintptr)block->type))
                        decode_option(decoder, task, &given);
        }
}

/* Options of a job in API JSON, which has no places for them. */
static void decode_members(NookDecoder *decoder, NookTask *task) {
        for (size_t i = 0; i < hcl_value_length(task->config.value); i++) {
                Given given = {
                        .name = hcl_value_text(hcl_value_key(task->config.value, i), NULL),
                        .value = hcl_value_element(task->config.value, i),
                        .name_range = task->config.range,
                        .value_range = task->config.range,
                };

                decode_option(decoder, task, &given);
        }
}

/* ---- Rules ---- */

static void check_mode(const NookText *mode, const char *name, NookDiags *diags) {
        if (mode->set && *mode->text && strcmp(mode->text, "private") != 0 &&
            strcmp(mode->text, "host") != 0)
                nook_diags_error(diags, mode->range, "Unsuitable value",
                                 "\"%s\" must be \"private\" or \"host\", not \"%s\".", name,
                                 mode->text);
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
        nook_capability_check(&exec->cap_add, diags);
        nook_capability_check(&exec->cap_drop, diags);
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

static bool is_object(const HclValue *value) {
        return value && hcl_value_is_known(value) && !hcl_value_is_null(value) &&
               (hcl_value_kind(value) == HCL_KIND_OBJECT || hcl_value_kind(value) == HCL_KIND_MAP);
}

static bool has_member(const NookTask *task, const char *name) {
        HclValue *value = task->config.value;
        HclValue *member = is_object(value) ? hcl_value_member(value, name, -1) : NULL;

        return member && !(hcl_value_is_known(member) && hcl_value_is_null(member));
}

void nook_driver_decode(NookDecoder *decoder, NookTask *task) {
        if (is_object(task->config.value)) {
                if (task->config.content)
                        decode_content(decoder, task);
                else
                        decode_members(decoder, task);
        }

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
