/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-csv.h"

#include <string.h>

typedef struct {
        const char *text;
        size_t size;
        size_t offset;
        guint line; /* of what is at offset; from 1 */
        char *error;
} Reader;

static bool fail(Reader *reader, const char *why) {
        reader->error = g_strdup_printf("CSV parse error on line %u: %s", reader->line, why);
        return false;
}

/* The length of the line break at offset: 1, 2 for CR LF, 1 for a CR that ends the text; else 0. */
static size_t line_break(const Reader *reader, size_t offset) {
        size_t left = reader->size - offset;

        if (left >= 1 && reader->text[offset] == '\n')
                return 1;
        if (left >= 2 && reader->text[offset] == '\r' && reader->text[offset + 1] == '\n')
                return 2;
        return left == 1 && reader->text[offset] == '\r' ? 1 : 0;
}

static bool at_end_of_field(const Reader *reader) {
        return reader->offset >= reader->size || reader->text[reader->offset] == ',' ||
               line_break(reader, reader->offset) > 0;
}

static bool read_plain(Reader *reader, GString *field) {
        while (!at_end_of_field(reader)) {
                if (reader->text[reader->offset] == '"')
                        return fail(reader, "bare \" in non-quoted field");
                g_string_append_c(field, reader->text[reader->offset++]);
        }
        return true;
}

/* Reads from behind the opening quote. A line break inside is kept, CR LF as LF. */
static bool read_quoted(Reader *reader, GString *field) {
        while (reader->offset < reader->size) {
                size_t n = line_break(reader, reader->offset);

                if (n > 0) {
                        g_string_append_c(field, '\n');
                        reader->offset += n;
                        reader->line++;
                        continue;
                }
                if (reader->text[reader->offset] != '"') {
                        g_string_append_c(field, reader->text[reader->offset++]);
                        continue;
                }
                reader->offset++;
                if (at_end_of_field(reader))
                        return true;
                if (reader->text[reader->offset] != '"')
                        return fail(reader, "extraneous or missing \" in quoted-field");
                g_string_append_c(field, '"');
                reader->offset++;
        }
        return fail(reader, "extraneous or missing \" in quoted-field");
}

/* Reads a record's fields as string values; false at the end (error NULL) or after an error. */
static bool read_record(Reader *reader, GPtrArray *fields) {
        g_ptr_array_set_size(fields, 0);
        for (size_t n; (n = line_break(reader, reader->offset)) > 0; reader->line++)
                reader->offset += n;
        if (reader->offset >= reader->size)
                return false;
        for (;;) {
                g_autoptr(GString) field = g_string_new(NULL);
                bool quoted = reader->offset < reader->size && reader->text[reader->offset] == '"';

                if (quoted)
                        reader->offset++;
                if (!(quoted ? read_quoted(reader, field) : read_plain(reader, field)))
                        return false;
                g_ptr_array_add(fields, hcl_value_string(field->str, (gssize)field->len));
                if (reader->offset >= reader->size || reader->text[reader->offset] != ',')
                        break;
                reader->offset++;
        }
        if (reader->offset < reader->size) {
                reader->offset += line_break(reader, reader->offset);
                reader->line++;
        }
        return true;
}

/* The type of a row; NULL where two columns have one name. */
static const HclType *row_type(Reader *reader, GPtrArray *names) {
        g_autoptr(GArray) attributes = g_array_new(FALSE, TRUE, sizeof(HclTypeAttribute));
        g_autoptr(GHashTable) seen = g_hash_table_new(hcl_value_text_hash, hcl_value_text_equal);

        for (guint i = 0; i < names->len; i++) {
                size_t size;
                const char *name = hcl_value_text(names->pdata[i], &size);
                HclTypeAttribute attribute = {.name = name, .size = size, .type = &hcl_type_string};

                if (!g_hash_table_add(seen, names->pdata[i])) {
                        reader->error = g_strdup_printf("duplicate column name \"%s\"", name);
                        return NULL;
                }
                g_array_append_val(attributes, attribute);
        }
        return hcl_type_object((const HclTypeAttribute *)(void *)attributes->data, attributes->len);
}

static HclValue *row_value(GPtrArray *names, GPtrArray *fields) {
        g_autoptr(HclMembers) members = hcl_members_new();

        for (guint i = 0; i < names->len; i++)
                hcl_members_set_key(members, names->pdata[i], fields->pdata[i]);
        return hcl_members_to_object(members);
}

static HclValue *read_rows(Reader *reader, GPtrArray *names) {
        g_autoptr(GPtrArray) fields =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        g_autoptr(HclTypeConst) type = row_type(reader, names);

        while (type != NULL && read_record(reader, fields)) {
                if (fields->len != names->len) {
                        reader->line--;
                        fail(reader, "wrong number of fields");
                        break;
                }
                g_ptr_array_add(rows, row_value(names, fields));
        }
        return reader->error != NULL
                       ? NULL
                       : hcl_value_list(type, (HclValue *const *)rows->pdata, rows->len);
}

HclValue *hcl_value_from_csv(const char *text, size_t size, char **ret_error) {
        Reader reader = {.text = text, .size = size, .line = 1};
        g_autoptr(GPtrArray) names =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        HclValue *result = NULL;

        if (read_record(&reader, names))
                result = read_rows(&reader, names);
        else if (reader.error == NULL)
                reader.error = g_strdup("missing header line");
        *ret_error = reader.error;
        return result;
}
