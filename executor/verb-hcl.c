/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "hcl/functions.h"
#include "hcl/json-value.h"
#include "job/job.h"
#include "text-file.h"
#include "verbs.h"

enum {
        STATUS_FINDINGS = 2, /* as hcldec */
};

static const NookOption hcl_options[] = {
        {"expr", 0, "TEXT", "Evaluate an expression instead of a file"},
        {"template", 0, "TEXT", "Evaluate a template instead of a file"},
        {"vars", 0, "FILE", "Take variables from the members of a JSON object"},
        {"var", 0, "NAME=VALUE", "Set a variable of the job file"},
        {"var-file", 0, "FILE", "Read values of variables from a file"},
        {"diags", 0, "text|json", "How findings are written to standard error"},
        {NULL},
};

/* Prints what was found; the exit status. */
static int finish(const NookCli *cli, const NookDiags *diags) {
        const char *form = nook_cli_value(cli, "diags");

        if (nook_diags_count(diags) > 0) {
                if (g_strcmp0(form, "json") == 0)
                        nook_diags_print_json(diags, stderr);
                else
                        nook_diags_print(diags, stderr, cli->colour_stderr);
        }
        return nook_diags_count_errors(diags) > 0 ? STATUS_FINDINGS : 0;
}

/* The object of --vars, or *ret NULL without that option. */
static bool read_roots(const NookCli *cli, HclValue **ret, GError **error) {
        const char *path = nook_cli_value(cli, "vars");
        g_autoptr(NookSource) source = NULL;
        g_autoptr(HclValue) value = NULL;
        g_autofree char *why = NULL;
        const char *text;
        uint32_t size;

        if (path == NULL)
                return true;
        source = nook_text_file_read(path, error);
        if (source == NULL)
                return false;
        text = nook_source_text(source, &size);
        value = hcl_value_from_json(text, size, &why);
        if (value == NULL || hcl_value_kind(value) != HCL_KIND_OBJECT)
                return nook_fail(error, NOOK_ERROR_USAGE, "--vars %s: %s", path,
                                 why != NULL ? why : "a JSON object is required");
        *ret = g_steal_pointer(&value);
        return true;
}

/* ---- --expr, --template ---- */

/* One line {"value": V, "type": T}; an infinity has no value. */
static void print_value(const HclValue *value) {
        g_autoptr(GString) out = g_string_new("{");
        g_autoptr(HclTypeConst) type = hcl_value_type(value);

        g_string_append(out, "\"value\": ");
        if (hcl_value_to_json(value, HCL_JSON_PLAIN, out))
                g_string_append(out, ", ");
        else
                g_string_truncate(out, 1);
        g_string_append(out, "\"type\": ");
        hcl_type_to_json(type, out);
        g_string_append_c(out, '}');
        puts(out->str);
}

static HclScope *make_scope(HclValue *roots, const HclFileAccess *access) {
        HclScope *scope = hcl_scope_new(NULL);

        hcl_scope_add_standard_functions(scope);
        hcl_scope_add_file_functions(scope, access);
        for (size_t i = 0; roots != NULL && i < hcl_value_length(roots); i++)
                hcl_scope_set(scope, hcl_value_text(hcl_value_key(roots, i), NULL),
                              hcl_value_element(roots, i));
        return scope;
}

static int evaluate_text(const NookCli *cli, HclValue *roots) {
        bool is_expr = nook_cli_has(cli, "expr");
        const char *text = nook_cli_value(cli, is_expr ? "expr" : "template");
        HclFileAccess access = {.allowed = true, .base_dir = ".", .home_dir = g_get_home_dir()};
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(NookSource) source =
                nook_source_new_text(is_expr ? "--expr" : "--template", text);
        g_autoptr(HclScope) scope = make_scope(roots, &access);
        g_autoptr(HclFile) file =
                is_expr ? hcl_parse_expr(source, diags) : hcl_parse_template(source, diags);
        g_autoptr(HclValue) value = NULL;

        if (nook_diags_count_errors(diags) == 0) {
                value = hcl_expr_value(hcl_file_expr(file), scope, diags);
                if (nook_diags_count_errors(diags) == 0)
                        print_value(value);
        }
        return finish(cli, diags);
}

/* ---- FILE ---- */

static bool read_var_files(const NookCli *cli, GPtrArray *ret_sources, GError **error) {
        g_autoptr(GPtrArray) paths = nook_cli_values(cli, "var-file");

        for (guint i = 0; i < paths->len; i++) {
                NookSource *source = nook_text_file_read(paths->pdata[i], error);

                if (source == NULL)
                        return false;
                g_ptr_array_add(ret_sources, source);
        }
        g_ptr_array_add(ret_sources, NULL);
        return true;
}

static void unref_source(gpointer source) {
        if (source != NULL)
                nook_source_unref(source);
}

static int evaluate_file(const NookCli *cli, HclValue *roots, GError **error) {
        const char *path = cli->args[0];
        bool is_stdin = strcmp(path, "-") == 0;
        g_autofree char *base_dir = g_path_get_dirname(path);
        g_autoptr(GPtrArray) vars = nook_cli_values(cli, "var");
        g_autoptr(GPtrArray) var_files = g_ptr_array_new_with_free_func(unref_source);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(NookSource) source = nook_text_file_read(path, error);
        NookJobOptions options = {.env = (const char *const *)environ, .roots = roots};
        g_autofree char *text = NULL;

        if (source == NULL || !read_var_files(cli, var_files, error))
                return -1;
        g_ptr_array_add(vars, NULL);
        options.vars = (const char *const *)vars->pdata;
        options.var_files = (NookSource *const *)var_files->pdata;
        options.base_dir = is_stdin ? NULL : base_dir; /* as for a job from a pipe */
        text = nook_job_body_to_json(source, &options, diags);
        if (text != NULL)
                fputs(text, stdout);
        return finish(cli, diags);
}

static int verb_hcl(NookCli *cli, GError **error) {
        const char *form = nook_cli_value(cli, "diags");
        int sources = cli->n_args + nook_cli_has(cli, "expr") + nook_cli_has(cli, "template");
        g_autoptr(HclValue) roots = NULL;

        if (sources != 1) {
                (void)nook_fail(error, NOOK_ERROR_USAGE,
                                "hcl: one of FILE, --expr and --template is required");
                return -1;
        }
        if (form != NULL && strcmp(form, "json") != 0 && strcmp(form, "text") != 0) {
                (void)nook_fail(error, NOOK_ERROR_USAGE, "--diags=%s: it is text or json", form);
                return -1;
        }
        if (!read_roots(cli, &roots, error))
                return -1;
        return cli->n_args > 0 ? evaluate_file(cli, roots, error) : evaluate_text(cli, roots);
}

const NookVerb nook_verb_hcl = {
        .name = "hcl",
        .min_args = 0,
        .max_args = 1,
        .run = verb_hcl,
        .usage = "FILE|-",
        .summary = "Print HCL evaluated, as JSON",
        .options = hcl_options,
        .details =
                "A file is printed as JSON: its attributes with their values, and its blocks. Of\n"
                "a job file that is the job, its variables and locals used up. An expression\n"
                "or a template is printed as one line {\"value\": ..., \"type\": ...}. With "
                "errors\n"
                "the exit status is 2.",
};
