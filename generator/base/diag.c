/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/diag.h"

#include <string.h>
#include <uniwidth.h>

#include "base/printable.h"

enum {
        FINDINGS_MAX = 1000,
        EXCERPT_MAX = 400,    /* bytes of a line that are shown, */
        EXCERPT_BEFORE = 120, /* and how many of them before the place that is meant */
};

struct NookDiags {
        GPtrArray *items; /* NookDiag */
        guint errors;
        guint dropped; /* findings beyond FINDINGS_MAX */
};

static void diag_free(gpointer data) {
        NookDiag *diag = data;

        nook_source_unref(diag->subject.source);
        g_free(diag->summary);
        g_free(diag->detail);
        g_free(diag);
}

NookDiags *nook_diags_new(void) {
        NookDiags *diags = g_new0(NookDiags, 1);

        diags->items = g_ptr_array_new_with_free_func(diag_free);
        return diags;
}

void nook_diags_free(NookDiags *diags) {
        if (!diags)
                return;
        g_ptr_array_unref(diags->items);
        g_free(diags);
}

static void add(NookDiags *diags, NookSeverity severity, NookRange subject, NookRange context,
                const char *summary, const char *detail, va_list args) G_GNUC_PRINTF(6, 0);
static void add(NookDiags *diags, NookSeverity severity, NookRange subject, NookRange context,
                const char *summary, const char *detail, va_list args) {
        g_autofree char *text = detail != NULL ? g_strdup_vprintf(detail, args) : NULL;
        NookDiag *diag;

        if (severity == NOOK_SEVERITY_ERROR)
                diags->errors++;
        if (diags->items->len >= FINDINGS_MAX) {
                diags->dropped++;
                return;
        }
        diag = g_new0(NookDiag, 1);
        diag->severity = severity;
        diag->subject = subject;
        diag->context = context;
        (void)nook_source_ref(subject.source);
        diag->summary = g_strdup(summary);
        diag->detail = text != NULL ? nook_printable_text(text, -1) : NULL;
        g_ptr_array_add(diags->items, diag);
}

void nook_diags_add(NookDiags *diags, NookSeverity severity, NookRange subject, const char *summary,
                    const char *detail, ...) {
        va_list args;

        va_start(args, detail);
        add(diags, severity, subject, subject, summary, detail, args);
        va_end(args);
}

void nook_diags_add_context(NookDiags *diags, NookSeverity severity, NookRange subject,
                            NookRange context, const char *summary, const char *detail, ...) {
        va_list args;

        va_start(args, detail);
        add(diags, severity, subject, context, summary, detail, args);
        va_end(args);
}

guint nook_diags_count(const NookDiags *diags) {
        return diags->items->len;
}

guint nook_diags_count_errors(const NookDiags *diags) {
        return diags->errors;
}

const NookDiag *nook_diags_get(const NookDiags *diags, guint index) {
        return g_ptr_array_index(diags->items, index);
}

void nook_diags_truncate(NookDiags *diags, guint count) {
        diags->dropped = 0;
        nook_diags_remove(diags, count, diags->items->len);
}

void nook_diags_remove(NookDiags *diags, guint from, guint to) {
        to = MIN(to, diags->items->len);
        if (from < to)
                g_ptr_array_remove_range(diags->items, from, to - from);
        diags->errors = 0;
        for (guint i = 0; i < diags->items->len; i++)
                diags->errors += nook_diags_get(diags, i)->severity == NOOK_SEVERITY_ERROR;
}

static const char *severity_name(NookSeverity severity) {
        switch (severity) {
        case NOOK_SEVERITY_NOTE:
                return "note";
        case NOOK_SEVERITY_WARNING:
                return "warning";
        default:
                return "error";
        }
}

static const char *severity_colour(NookSeverity severity) {
        switch (severity) {
        case NOOK_SEVERITY_NOTE:
                return "\033[1;36m";
        case NOOK_SEVERITY_WARNING:
                return "\033[1;35m";
        default:
                return "\033[1;31m";
        }
}

/* Appends one `lead` per column that the text covers on a terminal; tabs stay tabs, so that what
 * follows lines up with the line above. */
static void append_columns(GString *out, const char *text, uint32_t size, char lead, char next) {
        const char *end = text + size;
        bool first = true;

        while (text < end) {
                gunichar c = g_utf8_get_char_validated(text, end - text);
                bool valid = c < (gunichar)-2;
                bool is_plain = valid && !nook_printable_is_control(c);
                int width = is_plain ? MAX(uc_width(c, "UTF-8"), 0) : 1;

                for (int i = 0; i < width; i++) {
                        g_string_append_c(out, c == '\t' && lead == ' ' ? '\t'
                                               : first                  ? lead
                                                                        : next);
                        first = false;
                }
                text += valid ? g_unichar_to_utf8(c, NULL) : 1;
        }
}

/* A line of the source, with a column for what a terminal would not show but obey. */
static char *shown_line(const char *line, uint32_t size) {
        g_autofree char *valid = g_utf8_make_valid(line, size);
        GString *out = g_string_sized_new(size);

        for (char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
                gunichar c = g_utf8_get_char(at);

                g_string_append_unichar(out,
                                        c != '\t' && nook_printable_is_control(c) ? 0xfffd : c);
        }
        return g_string_free(out, FALSE);
}

/* The part of a line that is shown, in bytes of it. */
typedef struct {
        uint32_t start, end;
} Window;

/* All of a line, or, of a very long one, what lies around the place that is meant. */
static Window choose_window(const char *line, uint32_t size, uint32_t at) {
        Window window = {at > EXCERPT_BEFORE ? at - EXCERPT_BEFORE : 0, size};

        if (size <= EXCERPT_MAX)
                return (Window){0, size};
        while (window.start < at && ((uint8_t)line[window.start] & 0xc0) == 0x80)
                window.start++;
        window.end = MIN(size, window.start + EXCERPT_MAX);
        while (window.end > at && window.end < size && ((uint8_t)line[window.end] & 0xc0) == 0x80)
                window.end--;
        return window;
}

static void append_excerpt(GString *out, const NookDiag *diag, bool colour) {
        NookPos start = nook_source_pos(diag->subject.source, diag->subject.start);
        NookPos end = nook_source_pos(diag->subject.source, diag->subject.end);
        uint32_t size, at, marked;
        const char *line = nook_source_line(diag->subject.source, start.line, &size);
        g_autofree char *shown = NULL;
        Window window;

        at = MIN(start.byte - (uint32_t)(line - nook_source_text(diag->subject.source, NULL)),
                 size);
        window = choose_window(line, size, at);
        marked = window.end - at;
        if (end.line == start.line)
                marked = MIN(end.byte - start.byte, marked);
        shown = shown_line(line + window.start, window.end - window.start);

        g_string_append_printf(out, "%5u | %s%s%s\n      | ", start.line,
                               window.start > 0 ? "..." : "", shown,
                               window.end < size ? "..." : "");
        g_string_append(out, window.start > 0 ? "   " : "");
        append_columns(out, line + window.start, at - window.start, ' ', ' ');
        g_string_append(out, colour ? severity_colour(diag->severity) : "");
        if (marked == 0)
                g_string_append_c(out, '^');
        else
                append_columns(out, line + at, marked, '^', '~');
        g_string_append(out, colour ? "\033[0m\n" : "\n");
}

static void append_one_line(GString *out, const NookDiag *diag, bool colour) {
        if (diag->subject.source) {
                NookPos pos = nook_source_pos(diag->subject.source, diag->subject.start);
                g_autofree char *name =
                        nook_printable_text(nook_source_name(diag->subject.source), -1);

                g_string_append_printf(out, "%s:%u:%u: ", name, pos.line, pos.column);
        }
        g_string_append_printf(out, "%s%s:%s ", colour ? severity_colour(diag->severity) : "",
                               severity_name(diag->severity), colour ? "\033[0m" : "");
        g_string_append(out, diag->summary);
        if (diag->detail)
                g_string_append_printf(out, ": %s", diag->detail);
        g_string_append_c(out, '\n');
}

static gint by_place(gconstpointer a, gconstpointer b) {
        const NookDiag *x = *(const NookDiag *const *)a, *y = *(const NookDiag *const *)b;

        if (x->subject.source != y->subject.source)
                return 0; /* sources keep the order in which they were read: the sort is stable */
        return (x->subject.start > y->subject.start) - (x->subject.start < y->subject.start);
}

static GPtrArray *sorted(const NookDiags *diags) {
        GPtrArray *items = g_ptr_array_new();

        for (guint i = 0; i < diags->items->len; i++)
                g_ptr_array_add(items, g_ptr_array_index(diags->items, i));
        g_ptr_array_sort(items, by_place);
        return items;
}

void nook_diags_print(const NookDiags *diags, FILE *stream, bool colour) {
        g_autoptr(GPtrArray) items = sorted(diags);
        g_autoptr(GString) out = g_string_new(NULL);

        for (guint i = 0; i < items->len; i++) {
                const NookDiag *diag = g_ptr_array_index(items, i);

                append_one_line(out, diag, colour);
                if (diag->subject.source)
                        append_excerpt(out, diag, colour);
        }
        if (diags->dropped > 0)
                g_string_append_printf(out, "%u more findings are not shown\n", diags->dropped);
        (void)fwrite(out->str, 1, out->len, stream);
}

static void append_json_range(GString *out, const char *name, NookRange range) {
        NookPos start = nook_source_pos(range.source, range.start);
        NookPos end = nook_source_pos(range.source, range.end);

        g_string_append_printf(out, ",\"%s\":{\"filename\":", name);
        nook_json_append_string(out, nook_source_name(range.source), -1);
        g_string_append_printf(out,
                               ",\"start\":{\"line\":%u,\"column\":%u,\"byte\":%u}"
                               ",\"end\":{\"line\":%u,\"column\":%u,\"byte\":%u}}",
                               start.line, start.column, start.byte, end.line, end.column,
                               end.byte);
}

void nook_diags_print_json(const NookDiags *diags, FILE *stream) {
        g_autoptr(GPtrArray) items = sorted(diags);
        g_autoptr(GString) out = g_string_new("{\"diagnostics\":[");

        for (guint i = 0; i < items->len; i++) {
                const NookDiag *diag = g_ptr_array_index(items, i);

                g_string_append_printf(out, "%s{\"severity\":\"%s\",\"summary\":", i > 0 ? "," : "",
                                       severity_name(diag->severity));
                nook_json_append_string(out, diag->summary, -1);
                if (diag->detail) {
                        g_string_append(out, ",\"detail\":");
                        nook_json_append_string(out, diag->detail, -1);
                }
                if (diag->subject.source)
                        append_json_range(out, "subject", diag->subject);
                g_string_append_c(out, '}');
        }
        g_string_append(out, "]}\n");
        (void)fwrite(out->str, 1, out->len, stream);
}

char *nook_diags_first_error(const NookDiags *diags) {
        g_autoptr(GPtrArray) items = sorted(diags);

        for (guint i = 0; i < items->len; i++) {
                const NookDiag *diag = g_ptr_array_index(items, i);
                g_autoptr(GString) out = NULL;

                if (diag->severity != NOOK_SEVERITY_ERROR)
                        continue;
                out = g_string_new(NULL);
                append_one_line(out, diag, false);
                g_string_truncate(out, out->len - 1);
                return g_string_free(g_steal_pointer(&out), FALSE);
        }
        return NULL;
}

static size_t edit_distance(const char *a, const char *b) {
        size_t b_size = strlen(b);
        g_autofree size_t *rows = g_new(size_t, 3 * (b_size + 1));
        size_t *before = rows, *above = before + b_size + 1, *row = above + b_size + 1;

        for (size_t j = 0; j <= b_size; j++)
                row[j] = j;
        for (size_t i = 0; a[i]; i++) {
                size_t *oldest = before;

                before = above;
                above = row;
                row = oldest;
                row[0] = i + 1;
                for (size_t j = 0; j < b_size; j++) {
                        row[j + 1] = MIN(above[j] + (a[i] != b[j]), MIN(above[j + 1], row[j]) + 1);
                        if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
                                row[j + 1] = MIN(row[j + 1], before[j - 1] + 1);
                }
        }
        return row[b_size];
}

/* Lower case, dashes as underscores: "Kill-Signal" and "kill_signal" are the same slip. */
static char *folded(const char *name) {
        return g_strdelimit(g_ascii_strdown(name, -1), "-", '_');
}

const char *nook_suggest(const char *written, const char *const *candidates) {
        g_autofree char *wanted = folded(written);
        const char *best = NULL;
        size_t best_distance = SIZE_MAX;

        if (strlen(wanted) > 128)
                return NULL;
        for (; *candidates; candidates++) {
                g_autofree char *candidate = folded(*candidates);
                size_t distance = edit_distance(wanted, candidate);
                size_t size = MAX(strlen(wanted), strlen(candidate));

                if (distance > (size < 5 ? size / 3 : MAX(size / 3, 2)) ||
                    distance >= best_distance)
                        continue;
                best = *candidates;
                best_distance = distance;
        }
        return best;
}

/* The letter behind a backslash that stands for a character, or 0. */
static char json_escape_letter(gunichar c) {
        static const char characters[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
        const char *found = c == 0 || c > 0x7f ? NULL : strchr(characters, (int)c);

        return found == NULL ? 0 : letters[found - characters];
}

void nook_json_append_string(GString *out, const char *text, gssize size) {
        const char *at = text, *end = text + (size < 0 ? strlen(text) : (size_t)size);

        g_string_append_c(out, '"');
        while (at < end) {
                /* GLib takes NUL for the end of a text, not for a character. */
                gunichar c = *at == '\0' ? 0 : g_utf8_get_char_validated(at, end - at);

                if (c >= (gunichar)-2) {
                        g_string_append(out, "\\ufffd");
                        at++;
                        continue;
                }
                if (json_escape_letter(c) != 0)
                        g_string_append_printf(out, "\\%c", json_escape_letter(c));
                else if (c < 0x20)
                        g_string_append_printf(out, "\\u%04x", c);
                else
                        g_string_append_unichar(out, c);
                at += c == 0 ? 1 : g_unichar_to_utf8(c, NULL);
        }
        g_string_append_c(out, '"');
}
