/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/references.h"

#include <string.h>

#include "job/interpolate.h"

static const char *const client_roots[] = {"attr", "node", "meta", "env", "secret", "device", NULL};

/* Whether one slip of the hand makes one word of the other: a letter added, lost, changed or two
 * exchanged. Shorter than what nook_suggest() dares to propose, but these words are short. */
static bool is_slip(const char *written, const char *meant) {
        gsize n = strlen(written), m = strlen(meant), same = 0;

        while (written[same] && written[same] == meant[same])
                same++;
        if (n == m)
                return strcmp(written + same + (n > same), meant + same + (m > same)) == 0 ||
                       (n > same + 1 && written[same] == meant[same + 1] &&
                        written[same + 1] == meant[same] &&
                        strcmp(written + same + 2, meant + same + 2) == 0);
        if (n == m + 1)
                return strcmp(written + same + 1, meant + same) == 0;
        return m == n + 1 && strcmp(written + same, meant + same + 1) == 0;
}

static const char *suggest_root(const char *root) {
        static const char *const roots[] = {"var", "local", "attr", "node", "meta", "env"};

        for (guint i = 0; i < G_N_ELEMENTS(roots); i++)
                if (is_slip(root, roots[i]))
                        return roots[i];

        return NULL;
}

/* The reference as the language writes it. Not taken from the file: in JSON its text is escaped. */
static char *rebuild(const HclTraversal *traversal) {
        GString *text = g_string_new(traversal->root);

        for (size_t i = 0; i < traversal->n_steps; i++) {
                const HclTraversalStep *step = &traversal->steps[i];

                if (!step->is_index)
                        g_string_append_printf(text, ".%s", step->name);
                else if (hcl_value_kind(step->key) == HCL_KIND_STRING)
                        g_string_append_printf(text, "[\"%s\"]", hcl_value_text(step->key, NULL));
                else {
                        g_autofree char *number = hcl_value_number_text(step->key);

                        g_string_append_printf(text, "[%s]", number);
                }
        }
        return g_string_free(text, FALSE);
}

static char *source_text(NookRange range) {
        uint32_t size;
        const char *text = nook_source_text(range.source, &size);

        if (range.start > range.end || range.end > size)
                return g_strdup("");
        return g_strndup(text + range.start, range.end - range.start);
}

/* "${ name }" with nothing but blanks around the name: it is kept with them, as it is written. */
static bool is_spaced(const char *interpolation, const char *name) {
        g_autofree char *inner = NULL;
        gsize length = strlen(interpolation);

        if (length < 3 || !g_str_has_prefix(interpolation, "${"))
                return false;
        inner = g_strndup(interpolation + 2, length - 3);
        for (char *p = inner; *p; p++)
                if (g_ascii_isspace(*p) && *p != ' ')
                        return false;
        return strcmp(g_strstrip(inner), name) == 0;
}

static bool has_index(const HclTraversal *traversal) {
        for (size_t i = 0; i < traversal->n_steps; i++)
                if (traversal->steps[i].is_index)
                        return true;

        return false;
}

/* The name that `env["NAME"]` is about, if it can stand in ${ }. */
static const char *env_name(const HclTraversal *traversal) {
        const char *name;

        if (strcmp(traversal->root, "env") != 0 || traversal->n_steps != 1 ||
            !traversal->steps[0].is_index ||
            hcl_value_kind(traversal->steps[0].key) != HCL_KIND_STRING)
                return NULL;
        name = hcl_value_text(traversal->steps[0].key, NULL);
        return *name && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789_-.") == strlen(name)
                       ? name
                       : NULL;
}

static void warn_never_replaced(const HclTraversal *traversal, const char *name, const char *text,
                                NookRange range, NookDiags *diags) {
        const char *env = env_name(traversal);

        if (env)
                nook_diags_warning(diags, range, "Reference is never replaced",
                                   "Outside of a driver's config only the plain form is replaced "
                                   "when the task runs; \"%s\" would stay as it is. Write ${%s}.",
                                   text, env);
        else if (has_index(traversal))
                nook_diags_warning(diags, range, "Reference is never replaced",
                                   "Outside of a driver's config a reference with brackets is not "
                                   "replaced when the task runs; \"%s\" will stay as it is.",
                                   text);
        else if (strcmp(text + 2, name) != 0 && text[2] == ' ')
                nook_diags_warning(diags, range, "Reference is never replaced",
                                   "Outside of a driver's config a reference with blanks is not "
                                   "replaced when the task runs; \"%s\" would stay as it is. "
                                   "Write ${%s}.",
                                   text, name);
}

/* The names of variables of a task are in capitals; other words lack their quotes. */
static bool looks_like_a_word(const char *root) {
        for (const char *p = root; *p; p++)
                if (g_ascii_islower(*p))
                        return true;

        return false;
}

/* is_bare: it stands in an expression, without ${ } of its own. */
static void warn_misspelt(const HclTraversal *traversal, const char *text, bool is_bare,
                          NookDiags *diags) {
        const char *root = traversal->root, *near;

        if (g_str_has_prefix(root, "NOMAD_")) {
                near = nook_is_nomad_variable(root) ? NULL : nook_suggest_nomad_variable(root);
                if (near)
                        nook_diags_warning(diags, traversal->range, "Unknown reference",
                                           "Nomad sets no variable %s. Did you mean %s?", root,
                                           near);
                return;
        }
        if (traversal->n_steps == 0 && is_bare && looks_like_a_word(root)) {
                nook_diags_warning(diags, traversal->range, "Unknown reference",
                                   "There is no \"%s\" to refer to, so that this stays the text "
                                   "\"%s\". If the word itself is meant, put it in quotes: \"%s\".",
                                   root, text, root);
                return;
        }
        if (traversal->n_steps == 0 || g_strv_contains(client_roots, root))
                return;
        near = suggest_root(root);
        if (near)
                nook_diags_warning(diags, traversal->range, "Unknown reference",
                                   "There is no \"%s\" to refer to, so that this stays the text "
                                   "\"%s\". Did you mean \"%s\"?",
                                   root, text, near);
}

/* HclUndefinedRoot. */
static HclValue *keep_as_text(const HclTraversal *traversal, NookRange interpolation,
                              NookDiags *diags, void *user) {
        const NookDecoder *decoder = user;
        g_autofree char *written = source_text(traversal->range);
        g_autofree char *name = decoder->is_json || strchr(written, '\\')
                                        ? rebuild(traversal)
                                        : g_steal_pointer(&written);
        g_autofree char *whole = interpolation.source ? source_text(interpolation) : NULL;
        g_autofree char *text = NULL;

        if (whole && is_spaced(whole, name))
                text = g_steal_pointer(&whole);
        else
                text = g_strdup_printf("${%s}", name);

        warn_misspelt(traversal, text, !interpolation.source, diags);
        if (!decoder->in_config)
                warn_never_replaced(traversal, name, text,
                                    interpolation.source ? interpolation : traversal->range, diags);
        return hcl_value_string(text, -1);
}

void nook_references_install(NookDecoder *decoder) {
        hcl_scope_set_undefined_root(decoder->scope, keep_as_text, decoder);
}
