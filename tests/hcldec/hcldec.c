/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* hcldec: decodes an HCL file by a specification, as HashiCorp's program of that name does, so that
 * its test suite (hclspecsuite) can run against this library:
 *     hcldec --spec=FILE [--diags=json] [--with-type] [--keep-nulls] [--var-refs] [FILE]
 * Exit status: 0, or 2 with diagnostics on standard error. */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "hcl/json-value.h"
#include "hcl/json.h"

typedef struct {
        const char *spec_path;
        GPtrArray *variables; /* JSON texts */
        bool diags_json, with_type, keep_nulls, references;
} Options;

static bool parse_options(int argc, char **argv, Options *options) {
        enum { SPEC = 1, VARS, DIAGS, WITH_TYPE, KEEP_NULLS, VAR_REFS };
        static const struct option known[] = {
                {"spec", required_argument, NULL, SPEC},
                {"vars", required_argument, NULL, VARS},
                {"diags", required_argument, NULL, DIAGS},
                {"with-type", no_argument, NULL, WITH_TYPE},
                {"keep-nulls", no_argument, NULL, KEEP_NULLS},
                {"var-refs", no_argument, NULL, VAR_REFS},
                {NULL, 0, NULL, 0},
        };
        int given;

        while ((given = getopt_long(argc, argv, "s:V:", known, NULL)) != -1) {
                if (given == SPEC || given == 's')
                        options->spec_path = optarg;
                else if (given == VARS || given == 'V')
                        g_ptr_array_add(options->variables, optarg);
                else if (given == DIAGS)
                        options->diags_json = g_str_equal(optarg, "json");
                else if (given == WITH_TYPE)
                        options->with_type = true;
                else if (given == KEEP_NULLS)
                        options->keep_nulls = true;
                else if (given == VAR_REFS)
                        options->references = true;
                else
                        return false;
        }
        return options->spec_path != NULL && argc - optind <= 1;
}

static NookSource *read_source(const char *path) {
        g_autoptr(GBytes) bytes = NULL;
        char *text;
        gsize size;

        if (!g_file_get_contents(g_str_equal(path, "-") ? "/dev/stdin" : path, &text, &size, NULL))
                return NULL;
        bytes = g_bytes_new_take(text, size);
        return nook_source_new(path, bytes);
}

static HclFile *parse_path(const char *path, NookDiags *diags) {
        g_autoptr(NookSource) source = read_source(path);

        if (source == NULL) {
                nook_diags_error(diags, NOOK_RANGE_NONE, "Failed to read file",
                                 "The file \"%s\" could not be read.", path);
                return NULL;
        }
        return g_str_has_suffix(path, ".json") ? hcl_json_parse(source, diags)
                                               : hcl_parse(source, diags);
}

/* Adds the members of a JSON object to the variables. */
static void add_variables(HclScope *scope, const char *json, NookDiags *diags) {
        g_autofree char *why = NULL;
        g_autoptr(HclValue) value = hcl_value_from_json(json, strlen(json), &why);

        if (value == NULL || hcl_value_kind(value) != HCL_KIND_OBJECT) {
                nook_diags_error(diags, NOOK_RANGE_NONE, "Invalid variables", "%s",
                                 why != NULL ? why : "A JSON object is required.");
                return;
        }
        for (size_t i = 0; i < hcl_value_length(value); i++)
                hcl_scope_set(scope, hcl_value_text(hcl_value_key(value, i), NULL),
                              hcl_value_element(value, i));
}

/* ---- Output ---- */

static bool append_json(const HclValue *value, bool keep_nulls, GString *out);

static bool append_members(const HclValue *value, bool keep_nulls, GString *out) {
        bool is_map =
                hcl_value_kind(value) == HCL_KIND_MAP || hcl_value_kind(value) == HCL_KIND_OBJECT;
        bool first = true;

        g_string_append_c(out, is_map ? '{' : '[');
        for (size_t i = 0; i < hcl_value_length(value); i++) {
                const HclValue *element = hcl_value_element(value, i);

                if (is_map && !keep_nulls && hcl_value_is_null(element))
                        continue;
                if (!first)
                        g_string_append_c(out, ',');
                first = false;
                if (is_map) {
                        append_json(hcl_value_key(value, i), keep_nulls, out);
                        g_string_append_c(out, ':');
                }
                if (!append_json(element, keep_nulls, out))
                        return false;
        }
        g_string_append_c(out, is_map ? '}' : ']');
        return true;
}

static bool append_json(const HclValue *value, bool keep_nulls, GString *out) {
        if (!hcl_value_is_null(value) && hcl_value_kind(value) >= HCL_KIND_LIST)
                return append_members(value, keep_nulls, out);
        return hcl_value_to_json(value, HCL_JSON_ESCAPE_HTML, out);
}

static bool print_value(const HclValue *value, const Options *options) {
        g_autoptr(GString) out = g_string_new(options->with_type ? "{\"value\":" : NULL);
        g_autoptr(HclTypeConst) type = hcl_value_type(value);

        if (!append_json(value, options->keep_nulls, out))
                return false;
        if (options->with_type) {
                g_string_append(out, ",\"type\":");
                hcl_type_to_json(type, out);
                g_string_append_c(out, '}');
        }
        puts(out->str);
        return true;
}

static void append_range(NookRange range, GString *out) {
        NookPos start = nook_source_pos(range.source, range.start);
        NookPos end = nook_source_pos(range.source, range.end);

        g_string_append(out, "\"range\":{\"filename\":");
        nook_json_append_string(out, nook_source_name(range.source), -1);
        g_string_append_printf(out,
                               ",\"start\":{\"line\":%u,\"column\":%u,\"byte\":%u},"
                               "\"end\":{\"line\":%u,\"column\":%u,\"byte\":%u}}",
                               start.line, start.column, start.byte, end.line, end.column,
                               end.byte);
}

static void append_step(const HclTraversalStep *step, GString *out) {
        if (step->is_index) {
                g_string_append(out, ",{\"kind\":\"index\",\"key\":");
                hcl_value_to_json(step->key, HCL_JSON_PLAIN, out);
        } else {
                g_string_append(out, ",{\"kind\":\"attr\",\"name\":");
                nook_json_append_string(out, step->name, -1);
        }
        g_string_append_c(out, ',');
        append_range(step->range, out);
        g_string_append_c(out, '}');
}

static void print_references(GPtrArray *references) {
        g_autoptr(GString) out = g_string_new("[");

        for (guint i = 0; i < references->len; i++) {
                const HclTraversal *traversal = references->pdata[i];

                g_string_append(out, i > 0 ? ",{\"root_name\":" : "{\"root_name\":");
                nook_json_append_string(out, traversal->root, -1);
                g_string_append(out, ",\"steps\":[{\"kind\":\"root\",\"name\":");
                nook_json_append_string(out, traversal->root, -1);
                g_string_append_c(out, ',');
                append_range(traversal->root_range, out);
                g_string_append_c(out, '}');
                for (size_t j = 0; j < traversal->n_steps; j++)
                        append_step(&traversal->steps[j], out);
                g_string_append(out, "],");
                append_range(traversal->range, out);
                g_string_append_c(out, '}');
        }
        g_string_append_c(out, ']');
        puts(out->str);
}

/* ---- The run ---- */

static int finish(const Options *options, const NookDiags *diags) {
        if (nook_diags_count_errors(diags) == 0)
                return EXIT_SUCCESS;
        if (options->diags_json)
                nook_diags_print_json(diags, stderr);
        else
                nook_diags_print(diags, stderr, false);
        return 2;
}

static int run(const Options *options, const char *path) {
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(GPtrArray) keep = g_ptr_array_new(); /* of the specification's functions */
        g_autoptr(HclScope) scope = hcl_scope_new(NULL);
        g_autoptr(HclFile) spec_file = parse_path(options->spec_path, diags);
        g_autoptr(HclFile) file = NULL;
        g_autoptr(Spec) spec = NULL;
        g_autoptr(HclValue) value = NULL;

        if (spec_file != NULL && nook_diags_count_errors(diags) == 0)
                spec = spec_read(spec_file, scope, keep, diags);
        for (guint i = 0; i < options->variables->len; i++)
                add_variables(scope, options->variables->pdata[i], diags);
        if (spec != NULL)
                file = parse_path(path, diags);
        if (file == NULL || nook_diags_count_errors(diags) > 0)
                return finish(options, diags);
        if (options->references) {
                g_autoptr(GPtrArray) found = decode_references(hcl_file_body(file), spec, diags);

                print_references(found);
                return EXIT_SUCCESS;
        }
        value = decode_body(hcl_file_body(file), spec, scope, diags);
        if (nook_diags_count_errors(diags) > 0)
                return finish(options, diags);
        return print_value(value, options) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
        g_autoptr(GPtrArray) variables = g_ptr_array_new();
        Options options = {.variables = variables};

        if (!parse_options(argc, argv, &options)) {
                fputs("usage: hcldec --spec=FILE [--vars=JSON] [--diags=json] [--with-type] "
                      "[--keep-nulls] [--var-refs] [FILE]\n",
                      stderr);
                return 2;
        }
        return run(&options, optind < argc ? argv[optind] : "-");
}
