/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "job/variables.h"

enum {
        SMALL = 64,      /* locals; up to here a message can suggest any of them */
        DEPTH_MAX = 500, /* locals that need each other */
};

typedef enum {
        STATE_NEW,
        STATE_OPEN, /* being evaluated, or what it needs is: meeting it again is a cycle */
        STATE_DONE,
} State;

typedef struct {
        const HclAttribute *line;
        HclValue *value; /* unknown after an error */
        State state;
} Local;

typedef struct {
        NookDecoder *decoder;
        GPtrArray *locals;   /* Local, in source order, of each name the last one */
        GHashTable *by_name; /* name -> Local, borrowed */
        GPtrArray *path;     /* Local that are open, outermost first */
} Locals;

static void free_local(void *data) {
        Local *local = data;

        hcl_value_unref(local->value);
        g_free(local);
}

/* Nomad takes one of the two without a word; so the file is kept working, but told about. */
static void warn_second(const HclAttribute *second, const HclAttribute *first, NookDiags *diags) {
        NookPos pos = nook_source_pos(first->range.source, first->range.start);

        nook_diags_warning(diags, second->name_range, "Duplicate local",
                           "\"%s\" was defined before, at %s:%" G_GUINT32_FORMAT
                           ":%" G_GUINT32_FORMAT "; this definition replaces it.",
                           second->name, nook_source_name(first->range.source), pos.line,
                           pos.column);
}

static void collect(Locals *all, const HclContent *content) {
        for (size_t i = 0; i < content->n_blocks; i++) {
                const HclContent *lines;

                if (strcmp(content->blocks[i]->type, "locals") != 0)
                        continue;
                lines = hcl_body_just_attributes(content->blocks[i]->body, all->decoder->diags);
                nook_decode_check_names(all->decoder, lines);
                for (size_t j = 0; j < lines->n_attributes; j++) {
                        const HclAttribute *line = lines->attributes[j];
                        Local *local = g_hash_table_lookup(all->by_name, line->name);

                        if (local)
                                warn_second(line, local->line, all->decoder->diags);
                        else {
                                local = g_new0(Local, 1);
                                g_ptr_array_add(all->locals, local);
                                g_hash_table_insert(all->by_name, (void *)(guintptr)line->name,
                                                    local);
                        }
                        local->line = line;
                }
        }
}

static void report_cycle(const Locals *all, const Local *again) {
        g_autoptr(GString) chain = g_string_new(NULL);
        guint start = 0;

        while (all->path->pdata[start] != again)
                start++;
        for (guint i = start; i < all->path->len; i++)
                g_string_append_printf(chain, "local.%s -> ",
                                       ((const Local *)all->path->pdata[i])->line->name);
        nook_diags_error(all->decoder->diags, again->line->name_range, "Circular locals",
                         "local.%s needs itself: %slocal.%s.", again->line->name, chain->str,
                         again->line->name);
}

static void resolve(Locals *all, Local *local);

static bool is_local(const HclTraversal *traversal) {
        return strcmp(traversal->root, "local") == 0;
}

/* The x of local.x and local["x"]; NULL for `local` as a whole and for other references. */
static const char *local_name(const HclTraversal *traversal) {
        const HclTraversalStep *step = traversal->steps;

        if (!is_local(traversal) || traversal->n_steps == 0)
                return NULL;
        if (!step->is_index)
                return step->name;
        return hcl_value_kind(step->key) == HCL_KIND_STRING ? hcl_value_text(step->key, NULL)
                                                            : NULL;
}

/* Evaluates what a reference needs. Without a name it needs everything that can be had. */
static void resolve_reference(Locals *all, const HclTraversal *traversal) {
        const char *name = local_name(traversal);
        Local *needed = name ? g_hash_table_lookup(all->by_name, name) : NULL;

        if (needed)
                resolve(all, needed);
        if (name || !is_local(traversal))
                return;
        for (guint i = 0; i < all->locals->len; i++)
                if (((Local *)all->locals->pdata[i])->state == STATE_NEW)
                        resolve(all, all->locals->pdata[i]);
}

/* Makes `local` of the values so far. Of many locals only those that the references name: making
 * the whole object for each one of them would take time by the square of their number. */
static void define(Locals *all, const GPtrArray *traversals) {
        g_autoptr(HclMembers) members = hcl_members_new();
        g_autoptr(HclValue) object = NULL, unknown = hcl_value_unknown();
        bool all_of_them = all->locals->len <= SMALL;

        for (guint i = 0; traversals && i < traversals->len; i++) {
                const char *name = local_name(traversals->pdata[i]);
                const Local *local = name ? g_hash_table_lookup(all->by_name, name) : NULL;

                if (!name && is_local(traversals->pdata[i]))
                        all_of_them = true;
                if (local)
                        hcl_members_set(members, name, local->value ? local->value : unknown);
        }
        for (guint i = 0; (all_of_them || !traversals) && i < all->locals->len; i++) {
                const Local *local = all->locals->pdata[i];

                hcl_members_set(members, local->line->name, local->value ? local->value : unknown);
        }
        object = hcl_members_to_object(members);
        hcl_scope_set(all->decoder->scope, "local", object);
}

static bool needs_locals(const GPtrArray *traversals) {
        for (guint i = 0; i < traversals->len; i++)
                if (is_local(traversals->pdata[i]))
                        return true;

        return false;
}

static void resolve(Locals *all, Local *local) {
        g_autoptr(GPtrArray) traversals = NULL;
        bool is_cyclic = false;

        if (local->state == STATE_DONE)
                return;
        if (local->state == STATE_OPEN) {
                report_cycle(all, local);
                return;
        }

        if (all->path->len >= DEPTH_MAX) {
                nook_diags_error(all->decoder->diags, local->line->name_range, "Too many levels",
                                 "Locals may need each other over at most %d steps.", DEPTH_MAX);
                local->value = hcl_value_unknown();
                local->state = STATE_DONE;
                return;
        }

        local->state = STATE_OPEN;
        g_ptr_array_add(all->path, local);
        traversals = hcl_expr_traversals(local->line->expr);
        for (guint i = 0; i < traversals->len; i++) {
                guint n_errors = nook_diags_count_errors(all->decoder->diags);

                resolve_reference(all, traversals->pdata[i]);
                is_cyclic = is_cyclic || nook_diags_count_errors(all->decoder->diags) > n_errors;
        }
        g_ptr_array_set_size(all->path, (int)all->path->len - 1);

        /* The values of others are looked up in one object, which is made anew only for those that
         * ask for it. */
        if (needs_locals(traversals))
                define(all, traversals);
        local->value = is_cyclic ? hcl_value_unknown()
                                 : hcl_expr_value(local->line->expr, all->decoder->scope,
                                                  all->decoder->diags);
        local->state = STATE_DONE;
}

void nook_locals_define(NookDecoder *decoder, const HclContent *content) {
        g_autoptr(GPtrArray) locals = g_ptr_array_new_with_free_func(free_local);
        g_autoptr(GPtrArray) path = g_ptr_array_new();
        g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
        Locals all = {.decoder = decoder, .locals = locals, .by_name = by_name, .path = path};
        bool was_in_config = decoder->in_config;

        /* Where a local will be used is not known: the rules of fields do not hold for it. */
        decoder->in_config = true;
        collect(&all, content);
        for (guint i = 0; i < locals->len; i++)
                resolve(&all, locals->pdata[i]);
        define(&all, NULL);
        decoder->in_config = was_in_config;
}
