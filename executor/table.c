/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "table.h"

#include <string.h>
#include <time.h>

#include "base/diag.h"

typedef struct {
        char *text; /* NULL: nothing known */
        bool is_number;
        bool is_bad;
} Cell;

struct NookTable {
        const char *const *columns;
        guint n_columns;
        GArray *cells;
};

static void cell_clear(gpointer pointer) {
        g_free(((Cell *)pointer)->text);
}

NookTable *nook_table_new(const char *const *columns) {
        NookTable *table = g_new0(NookTable, 1);

        table->columns = columns;
        while (columns[table->n_columns] != NULL)
                table->n_columns++;
        table->cells = g_array_new(FALSE, FALSE, sizeof(Cell));
        g_array_set_clear_func(table->cells, cell_clear);
        return table;
}

void nook_table_free(NookTable *table) {
        if (table == NULL)
                return;
        g_array_unref(table->cells);
        g_free(table);
}

void nook_table_add(NookTable *table, const char *text) {
        Cell cell = {.text = g_strdup(text)};

        g_array_append_val(table->cells, cell);
}

void nook_table_add_number(NookTable *table, gint64 number) {
        Cell cell = {.text = g_strdup_printf("%" G_GINT64_FORMAT, number), .is_number = true};

        g_array_append_val(table->cells, cell);
}

void nook_table_mark(NookTable *table, bool is_bad) {
        g_array_index(table->cells, Cell, table->cells->len - 1).is_bad = is_bad;
}

static const Cell *cell_at(const NookTable *table, guint row, guint column) {
        return &g_array_index(table->cells, Cell, row * table->n_columns + column);
}

static guint count_rows(const NookTable *table) {
        return table->cells->len / table->n_columns;
}

static const char *text_of(const Cell *cell) {
        return cell->text != NULL ? cell->text : "-";
}

static void pad(FILE *stream, glong width, glong wanted) {
        for (; width < wanted; width++)
                fputc(' ', stream);
}

static void print_columns(const NookTable *table, const NookCli *cli, FILE *stream) {
        g_autofree glong *widths = g_new0(glong, table->n_columns);
        guint n_rows = count_rows(table);

        for (guint c = 0; c < table->n_columns; c++) {
                widths[c] = cli->no_legend ? 0 : (glong)strlen(table->columns[c]);
                for (guint r = 0; r < n_rows; r++)
                        widths[c] =
                                MAX(widths[c], g_utf8_strlen(text_of(cell_at(table, r, c)), -1));
        }
        for (guint c = 0; !cli->no_legend && c < table->n_columns; c++) {
                fprintf(stream, "%s%s%s", cli->colour_stdout ? "\033[4m" : "", table->columns[c],
                        cli->colour_stdout ? "\033[0m" : "");
                if (c + 1 < table->n_columns)
                        pad(stream, (glong)strlen(table->columns[c]), widths[c] + 1);
        }
        if (!cli->no_legend)
                fputc('\n', stream);
        for (guint r = 0; r < n_rows; r++) {
                for (guint c = 0; c < table->n_columns; c++) {
                        const Cell *cell = cell_at(table, r, c);
                        bool is_red = cell->is_bad && cli->colour_stdout;

                        fprintf(stream, "%s%s%s", is_red ? "\033[1;31m" : "", text_of(cell),
                                is_red ? "\033[0m" : "");
                        if (c + 1 < table->n_columns)
                                pad(stream, g_utf8_strlen(text_of(cell), -1), widths[c] + 1);
                }
                fputc('\n', stream);
        }
}

static void print_json(const NookTable *table, const NookCli *cli, FILE *stream) {
        g_autoptr(GString) out = g_string_new("[");
        guint n_rows = count_rows(table);

        for (guint r = 0; r < n_rows; r++) {
                g_string_append(out, r > 0 ? ",{" : "{");
                for (guint c = 0; c < table->n_columns; c++) {
                        const Cell *cell = cell_at(table, r, c);
                        g_autofree char *name = g_ascii_strdown(table->columns[c], -1);

                        if (c > 0)
                                g_string_append_c(out, ',');
                        nook_json_append_string(out, g_strdelimit(name, " ", '_'), -1);
                        g_string_append_c(out, ':');
                        if (cell->text == NULL)
                                g_string_append(out, "null");
                        else if (cell->is_number)
                                g_string_append(out, cell->text);
                        else
                                nook_json_append_string(out, cell->text, -1);
                }
                g_string_append_c(out, '}');
        }
        g_string_append_c(out, ']');
        nook_json_print(out->str, cli, stream);
}

void nook_table_print(const NookTable *table, const NookCli *cli, FILE *stream) {
        g_assert(table->cells->len % table->n_columns == 0);
        if (cli->json != NOOK_JSON_OFF)
                print_json(table, cli, stream);
        else
                print_columns(table, cli, stream);
}

char *nook_text_of_bytes(guint64 bytes) {
        static const char units[] = "BKMGTPE";
        double value = (double)bytes;
        gsize unit = 0;

        while (value >= 1024 && units[unit + 1] != 0) {
                value /= 1024;
                unit++;
        }
        return unit == 0 ? g_strdup_printf("%.0fB", value)
                         : g_strdup_printf("%.1f%c", value, units[unit]);
}

char *nook_text_of_span(guint64 usec) {
        guint64 seconds = usec / G_USEC_PER_SEC;

        if (seconds < 1)
                return g_strdup_printf("%" G_GUINT64_FORMAT "ms", usec / 1000);
        if (seconds < 60)
                return g_strdup_printf("%" G_GUINT64_FORMAT "s", seconds);
        if (seconds < 3600)
                return g_strdup_printf("%" G_GUINT64_FORMAT "min %" G_GUINT64_FORMAT "s",
                                       seconds / 60, seconds % 60);
        if (seconds < 86400)
                return g_strdup_printf("%" G_GUINT64_FORMAT "h %" G_GUINT64_FORMAT "min",
                                       seconds / 3600, seconds / 60 % 60);
        return g_strdup_printf("%" G_GUINT64_FORMAT "d %" G_GUINT64_FORMAT "h", seconds / 86400,
                               seconds / 3600 % 24);
}

char *nook_text_of_time(guint64 realtime_usec) {
        time_t seconds = (time_t)(realtime_usec / G_USEC_PER_SEC);
        struct tm tm;
        char text[32];

        if (localtime_r(&seconds, &tm) == NULL)
                return g_strdup("?");
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
        return g_strdup(text);
}

/* Adds line breaks and indentation to compact JSON; texts are left as they are. */
static void print_indented(const char *compact, FILE *stream) {
        bool in_text = false;
        int depth = 0;

        for (const char *p = compact; *p != 0; p++) {
                bool opens = !in_text && (*p == '{' || *p == '[');
                bool closes = !in_text && (*p == '}' || *p == ']');
                bool is_empty = opens && (p[1] == '}' || p[1] == ']');

                if (in_text && *p == '\\') {
                        fputc(*p++, stream);
                        fputc(*p, stream);
                        continue;
                }
                if (*p == '"')
                        in_text = !in_text;
                if (closes)
                        fprintf(stream, "\n%*s", --depth * 2, "");
                fputc(*p, stream);
                if (is_empty)
                        fputc(*++p, stream);
                else if (opens)
                        fprintf(stream, "\n%*s", ++depth * 2, "");
                else if (!in_text && *p == ',')
                        fprintf(stream, "\n%*s", depth * 2, "");
                else if (!in_text && *p == ':')
                        fputc(' ', stream);
        }
}

void nook_json_print(const char *compact, const NookCli *cli, FILE *stream) {
        if (cli->json == NOOK_JSON_PRETTY)
                print_indented(compact, stream);
        else
                fputs(compact, stream);
        fputc('\n', stream);
}
