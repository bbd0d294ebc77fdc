/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>
#include <time.h>

#include "hcl/functions-re2.h"
#include "hcl/regex.h"

enum {
        MATCH_LIMIT = 2000000, /* steps of one match, so that no pattern runs for ever */
        HEAP_LIMIT_KIB = 65536,
        CPU_MSEC_MAX = 1000, /* of all matches of one call, of which a text can hold many */
        LOOK_AT_CLOCK = 16,  /* matches between two looks */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_code, pcre2_code_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_match_data, pcre2_match_data_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_match_context, pcre2_match_context_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_compile_context, pcre2_compile_context_free)

/* A text in which matches are replaced. */
typedef struct {
        const pcre2_code *code;
        const char *text;
        size_t size;
        const char *template;
        size_t template_size;
        GString *out;
} Replacing;

static pcre2_code *compile(const char *pattern, size_t size, char **ret_error) {
        g_autoptr(pcre2_compile_context) context = pcre2_compile_context_create(NULL);
        g_autoptr(GString) translated = g_string_new(NULL);
        const char *why = hcl_re2_to_pcre(pattern, size, translated);
        PCRE2_UCHAR message[256];
        pcre2_code *code;
        int error;
        PCRE2_SIZE offset;

        if (why != NULL) {
                *ret_error = g_strdup_printf("error parsing regexp: %s: `%s`", why, pattern);
                return NULL;
        }
        pcre2_set_newline(context, PCRE2_NEWLINE_LF);
        pcre2_set_parens_nest_limit(context, 250);
        code = pcre2_compile((PCRE2_SPTR)translated->str, translated->len,
                             PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_CIRCUMFLEX |
                                     PCRE2_NEVER_BACKSLASH_C,
                             &error, &offset, context);
        if (code == NULL) {
                pcre2_get_error_message(error, message, sizeof(message));
                *ret_error =
                        g_strdup_printf("error parsing regexp: %s: `%s`", (char *)message, pattern);
        }
        return code;
}

/* Appends what group number n matched, if it took part. */
static void append_group(Replacing *replacing, const PCRE2_SIZE *places, uint32_t groups, int n) {
        if (n < 0 || (uint32_t)n >= groups || places[2 * n] == PCRE2_UNSET)
                return;
        g_string_append_len(replacing->out, replacing->text + places[2 * n],
                            (gssize)(places[2 * n + 1] - places[2 * n]));
}

/* The number of the group that a name in a template means; -1: there is none. */
static int group_number(Replacing *replacing, const char *name, size_t size) {
        g_autofree char *copy = g_strndup(name, size);
        size_t digits = strspn(copy, "0123456789");
        int number;

        if (digits == size)
                return digits > 8 ? -1 : (int)g_ascii_strtoull(copy, NULL, 10);
        number = pcre2_substring_number_from_name(replacing->code, (PCRE2_SPTR)copy);
        return number < 0 ? -1 : number;
}

/* The characters of a name: letters, digits and '_', of Unicode. */
static size_t name_size(const char *text, size_t size) {
        size_t n = 0;

        while (n < size) {
                gunichar c = g_utf8_get_char(text + n);

                if (!g_unichar_isalnum(c) && c != '_')
                        break;
                n += (size_t)g_utf8_skip[(unsigned char)text[n]];
        }
        return n;
}

/* Appends the template: $1, ${1}, $name, ${name}, $$; a '$' before anything else is itself. */
static void append_template(Replacing *replacing, const PCRE2_SIZE *places, uint32_t groups) {
        const char *text = replacing->template;
        size_t size = replacing->template_size, i = 0;

        while (i < size) {
                bool braces = i + 1 < size && text[i + 1] == '{';
                size_t start = i + (braces ? 2 : 1), n;

                if (text[i] != '$') {
                        g_string_append_c(replacing->out, text[i++]);
                        continue;
                }
                if (i + 1 < size && text[i + 1] == '$') {
                        g_string_append_c(replacing->out, '$');
                        i += 2;
                        continue;
                }
                n = start < size ? name_size(text + start, size - start) : 0;
                if (n == 0 || (braces && (start + n >= size || text[start + n] != '}'))) {
                        g_string_append_c(replacing->out, '$');
                        i++;
                        continue;
                }
                append_group(replacing, places, groups, group_number(replacing, text + start, n));
                i = start + n + (braces ? 1 : 0);
        }
}

static int64_t cpu_msec(void) {
        struct timespec now = {0};

        (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
        return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Goes through the matches as Go does: an empty match right behind another is passed over. NULL, or
 * why it ended early. */
static const char *replace_matches(Replacing *replacing, pcre2_match_data *data,
                                   pcre2_match_context *context) {
        const PCRE2_SIZE *places = pcre2_get_ovector_pointer(data);
        uint32_t groups = pcre2_get_ovector_count(data);
        const int64_t end_msec = cpu_msec() + CPU_MSEC_MAX;
        size_t search = 0, done = 0, n_matches = 0;

        while (search <= replacing->size) {
                int found = pcre2_match(replacing->code, (PCRE2_SPTR)replacing->text,
                                        replacing->size, search, PCRE2_NO_UTF_CHECK, data, context);

                if (found == PCRE2_ERROR_NOMATCH)
                        break;
                if (found < 0 || (++n_matches % LOOK_AT_CLOCK == 0 && cpu_msec() > end_msec))
                        return "the pattern takes too many steps on this text";
                if (replacing->out->len > HCL_RESULT_MAX)
                        return "the result is too large";
                g_string_append_len(replacing->out, replacing->text + done,
                                    (gssize)(places[0] - done));
                if (places[1] > done || places[0] == 0)
                        append_template(replacing, places, groups);
                done = places[1];
                if (search < places[1])
                        search = places[1];
                else
                        search += search < replacing->size
                                          ? g_utf8_skip[(unsigned char)replacing->text[search]]
                                          : 1;
        }
        g_string_append_len(replacing->out, replacing->text + done,
                            (gssize)(replacing->size - done));
        return NULL;
}

static pcre2_match_context *limited_context(void) {
        pcre2_match_context *context = pcre2_match_context_create(NULL);

        pcre2_set_match_limit(context, MATCH_LIMIT);
        pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
        return context;
}

bool hcl_regex_matches(const char *pattern, const char *text) {
        g_autoptr(pcre2_match_context) context = limited_context();
        g_autoptr(pcre2_match_data) data = NULL;
        g_autofree char *error = NULL;
        g_autoptr(pcre2_code) code = compile(pattern, strlen(pattern), &error);

        if (code == NULL)
                return false;
        data = pcre2_match_data_create_from_pattern(code, NULL);
        return pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, data, context) >= 0;
}

static HclValue *call_regex_replace(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(pcre2_match_context) context = limited_context();
        g_autoptr(pcre2_match_data) data = NULL;
        g_autoptr(pcre2_code) code = NULL;
        g_autofree char *error = NULL;
        Replacing replacing = {.out = out};
        size_t pattern_size;
        const char *pattern = hcl_arg_text(args, 1, &pattern_size);
        const char *why;

        replacing.text = hcl_arg_text(args, 0, &replacing.size);
        replacing.template = hcl_arg_text(args, 2, &replacing.template_size);
        code = compile(pattern, pattern_size, &error);
        if (code == NULL)
                return hcl_call_fail(call, -1, "%s", error);
        replacing.code = code;
        data = pcre2_match_data_create_from_pattern(code, NULL);
        why = replace_matches(&replacing, data, context);
        if (why != NULL)
                return hcl_call_fail(call, -1, "%s", why);
        return hcl_value_take_string(g_steal_pointer(&out));
}

static const HclParameter replace_parameters[] = {
        {"str", &hcl_type_string}, {"pattern", &hcl_type_string}, {"replace", &hcl_type_string}};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_regex,
        {"regex_replace", HCL_PARAMETERS(replace_parameters), .call = call_regex_replace});
/* clang-format on */
