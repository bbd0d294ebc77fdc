/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-yaml.h"

#include <string.h>

#include "hcl/functions-impl.h"
#include "hcl/functions-library.h"

enum {
        NODES_MAX = 1 << 20, /* values of a document, aliases counted as what they stand for */
};

/* What an anchor names. */
typedef struct {
        HclValue *value; /* NULL while it is being read */
        size_t nodes;
} Anchor;

typedef struct {
        const HclYaml *yaml;
        yaml_parser_t parser;
        yaml_event_t event; /* the one to be looked at */
        bool has_event;
        GHashTable *anchors; /* name -> Anchor */
        size_t nodes;
        guint depth;
        char *error;
} Reader;

static HclValue *read_node(Reader *reader);

static void anchor_free(gpointer data) {
        Anchor *anchor = data;

        hcl_value_unref(anchor->value);
        g_free(anchor);
}

static void *fail(Reader *reader, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void *fail(Reader *reader, const char *format, ...) {
        g_autofree char *why = NULL;
        va_list args;

        va_start(args, format);
        why = g_strdup_vprintf(format, args);
        va_end(args);
        if (reader->error == NULL)
                reader->error = g_strdup_printf("on line %zu, column %zu: %s",
                                                reader->event.start_mark.line + 1,
                                                reader->event.start_mark.column + 1, why);
        return NULL;
}

/* Goes to the next event. */
static bool next(Reader *reader) {
        if (reader->has_event)
                reader->yaml->event_delete(&reader->event);
        reader->has_event = reader->yaml->parser_parse(&reader->parser, &reader->event) != 0;
        if (reader->has_event)
                return true;
        memset(&reader->event, 0, sizeof(reader->event));
        reader->event.start_mark = reader->parser.problem_mark;
        fail(reader, "%s", reader->parser.problem != NULL ? reader->parser.problem : "not YAML");
        return false;
}

/* Reads scalar text, as what it means or, in a block (| or >), as text. */
static HclValue *read_scalar(Reader *reader) {
        const char *tag = (const char *)reader->event.data.scalar.tag;
        yaml_scalar_style_t style = reader->event.data.scalar.style;
        bool quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                      style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        g_autofree char *why = NULL;
        g_autoptr(HclValue) value =
                hcl_yaml_resolve(tag, (const char *)reader->event.data.scalar.value,
                                 reader->event.data.scalar.length, quoted, &why);
        HclValue *text;

        if (value == NULL)
                return fail(reader, "%s", why);
        if (tag != NULL || reader->event.data.scalar.plain_implicit)
                return g_steal_pointer(&value);
        text = hcl_value_convert(value, &hcl_type_string, &why);
        return text != NULL ? text : fail(reader, "%s", why);
}

static HclValue *read_alias(Reader *reader) {
        const char *name = (const char *)reader->event.data.alias.anchor;
        const Anchor *anchor = g_hash_table_lookup(reader->anchors, name);

        if (anchor == NULL)
                return fail(reader, "reference to undefined anchor \"%s\"", name);
        if (anchor->value == NULL)
                return fail(reader, "cannot refer to anchor \"%s\" from inside its own definition",
                            name);
        reader->nodes += anchor->nodes;
        return hcl_value_ref(anchor->value);
}

static HclValue *read_sequence(Reader *reader) {
        const char *tag = (const char *)reader->event.data.sequence_start.tag;
        g_autoptr(GPtrArray) items = hcl_value_array_new();

        if (tag != NULL && strcmp(tag, YAML_SEQ_TAG) != 0)
                return fail(reader, "can't interpret sequence as %s", tag);
        for (;;) {
                HclValue *item;

                if (!next(reader))
                        return NULL;
                if (reader->event.type == YAML_SEQUENCE_END_EVENT)
                        return hcl_value_tuple_of(items);
                item = read_node(reader);
                if (item == NULL)
                        return NULL;
                g_ptr_array_add(items, item);
        }
}

/* ---- Mappings ---- */

static bool is_merge_key(const Reader *reader) {
        const char *tag = (const char *)reader->event.data.scalar.tag;

        if (reader->event.type != YAML_SCALAR_EVENT)
                return false;
        if (tag == NULL)
                return strcmp((const char *)reader->event.data.scalar.value, "<<") == 0;
        return strcmp(tag, "tag:yaml.org,2002:merge") == 0;
}

static bool merge_object(Reader *reader, HclMembers *members, const HclValue *object) {
        if (hcl_value_kind(object) != HCL_KIND_OBJECT) {
                fail(reader, "cannot merge what is not a mapping into a mapping");
                return false;
        }
        for (size_t i = 0; i < hcl_value_length(object); i++)
                hcl_members_set_key(members, hcl_value_key(object, i),
                                    hcl_value_element(object, i));
        return true;
}

/* `<<: *a` or `<<: [*a, *b]`; the event is the key. */
static bool read_merge(Reader *reader, HclMembers *members) {
        g_autoptr(HclValue) value = next(reader) ? read_node(reader) : NULL;

        if (value == NULL)
                return false;
        if (hcl_value_kind(value) != HCL_KIND_TUPLE)
                return merge_object(reader, members, value);
        for (size_t i = 0; i < hcl_value_length(value); i++) {
                if (!merge_object(reader, members, hcl_value_element(value, i)))
                        return false;
        }
        return true;
}

/* The key at hand as text. */
static HclValue *read_key(Reader *reader) {
        g_autoptr(HclValue) key = NULL;
        g_autofree char *why = NULL;
        HclValue *text;

        if (reader->event.type != YAML_SCALAR_EVENT)
                return fail(reader, "only strings are allowed as mapping keys");
        key = read_scalar(reader);
        if (key == NULL)
                return NULL;
        if (hcl_value_is_null(key))
                return fail(reader, "mapping key cannot be null");
        text = hcl_value_convert(key, &hcl_type_string, &why);
        return text != NULL ? text : fail(reader, "only strings are allowed as mapping keys");
}

static bool read_member(Reader *reader, HclMembers *members) {
        g_autoptr(HclValue) key = read_key(reader);
        g_autoptr(HclValue) value = key != NULL && next(reader) ? read_node(reader) : NULL;

        if (value == NULL)
                return false;
        hcl_members_set_key(members, key, value);
        return true;
}

static HclValue *read_mapping(Reader *reader) {
        const char *tag = (const char *)reader->event.data.mapping_start.tag;
        g_autoptr(HclMembers) members = hcl_members_new();

        if (tag != NULL && strcmp(tag, YAML_MAP_TAG) != 0)
                return fail(reader, "can't interpret mapping as %s", tag);
        for (;;) {
                bool done;

                if (!next(reader))
                        return NULL;
                if (reader->event.type == YAML_MAPPING_END_EVENT)
                        return hcl_members_to_object(members);
                done = is_merge_key(reader) ? read_merge(reader, members)
                                            : read_member(reader, members);
                if (!done)
                        return NULL;
        }
}

/* ---- Nodes and documents ---- */

static const char *event_anchor(const yaml_event_t *event) {
        if (event->type == YAML_SCALAR_EVENT)
                return (const char *)event->data.scalar.anchor;
        if (event->type == YAML_SEQUENCE_START_EVENT)
                return (const char *)event->data.sequence_start.anchor;
        if (event->type == YAML_MAPPING_START_EVENT)
                return (const char *)event->data.mapping_start.anchor;
        return NULL;
}

static HclValue *read_content(Reader *reader) {
        switch (reader->event.type) {
        case YAML_SCALAR_EVENT:
                return read_scalar(reader);
        case YAML_ALIAS_EVENT:
                return read_alias(reader);
        case YAML_SEQUENCE_START_EVENT:
                return read_sequence(reader);
        case YAML_MAPPING_START_EVENT:
                return read_mapping(reader);
        default:
                return fail(reader, "expecting a value");
        }
}

/* Reads the node at hand and leaves the event at its end. */
static HclValue *read_node(Reader *reader) {
        g_autofree char *anchor = g_strdup(event_anchor(&reader->event));
        size_t before = reader->nodes;
        HclValue *value;

        if (reader->depth >= HCL_DEPTH_MAX)
                return fail(reader, "the values are nested more than %d levels deep",
                            HCL_DEPTH_MAX);
        if (reader->nodes++ >= NODES_MAX)
                return fail(reader, "the document has more than %d values", NODES_MAX);
        if (anchor != NULL)
                g_hash_table_insert(reader->anchors, g_strdup(anchor), g_new0(Anchor, 1));
        reader->depth++;
        value = read_content(reader);
        reader->depth--;
        if (anchor != NULL && value != NULL) {
                Anchor *named = g_new0(Anchor, 1);

                named->value = hcl_value_ref(value);
                named->nodes = reader->nodes - before;
                g_hash_table_insert(reader->anchors, g_steal_pointer(&anchor), named);
        }
        return value;
}

static bool expect(Reader *reader, yaml_event_type_t type, const char *otherwise) {
        if (!next(reader))
                return false;
        if (reader->event.type == type)
                return true;
        fail(reader, "%s", otherwise);
        return false;
}

static HclValue *read_document(Reader *reader) {
        g_autoptr(HclValue) value = NULL;

        if (!expect(reader, YAML_STREAM_START_EVENT, "missing stream start token") ||
            !expect(reader, YAML_DOCUMENT_START_EVENT, "missing start of document") ||
            !next(reader))
                return NULL;
        value = read_node(reader);
        if (value == NULL ||
            !expect(reader, YAML_DOCUMENT_END_EVENT, "unexpected extra content after value") ||
            !expect(reader, YAML_STREAM_END_EVENT, "only a single document is allowed"))
                return NULL;
        return g_steal_pointer(&value);
}

HclValue *hcl_value_from_yaml(const HclYaml *yaml, const char *text, size_t size,
                              char **ret_error) {
        Reader reader = {
                .yaml = yaml,
                .anchors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, anchor_free)};
        HclValue *value;

        g_assert(yaml->parser_initialize(&reader.parser)); /* fails without memory only */
        yaml->parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
        yaml->parser_set_input_string(&reader.parser, (const unsigned char *)text, size);
        value = read_document(&reader);
        if (reader.has_event)
                yaml->event_delete(&reader.event);
        yaml->parser_delete(&reader.parser);
        g_hash_table_unref(reader.anchors);
        *ret_error = reader.error;
        return value;
}

const char *hcl_yaml_open(HclYaml *yaml) {
        static const HclSymbol symbols[] = {
                HCL_SYMBOL(HclYaml, parser_initialize, yaml_parser_initialize),
                HCL_SYMBOL(HclYaml, parser_set_encoding, yaml_parser_set_encoding),
                HCL_SYMBOL(HclYaml, parser_set_input_string, yaml_parser_set_input_string),
                HCL_SYMBOL(HclYaml, parser_parse, yaml_parser_parse),
                HCL_SYMBOL(HclYaml, parser_delete, yaml_parser_delete),
                HCL_SYMBOL(HclYaml, event_delete, yaml_event_delete),
                HCL_SYMBOL(HclYaml, emitter_initialize, yaml_emitter_initialize),
                HCL_SYMBOL(HclYaml, emitter_set_output, yaml_emitter_set_output),
                HCL_SYMBOL(HclYaml, emitter_set_unicode, yaml_emitter_set_unicode),
                HCL_SYMBOL(HclYaml, emitter_emit, yaml_emitter_emit),
                HCL_SYMBOL(HclYaml, emitter_delete, yaml_emitter_delete),
                HCL_SYMBOL(HclYaml, stream_start, yaml_stream_start_event_initialize),
                HCL_SYMBOL(HclYaml, stream_end, yaml_stream_end_event_initialize),
                HCL_SYMBOL(HclYaml, document_start, yaml_document_start_event_initialize),
                HCL_SYMBOL(HclYaml, document_end, yaml_document_end_event_initialize),
                HCL_SYMBOL(HclYaml, scalar, yaml_scalar_event_initialize),
                HCL_SYMBOL(HclYaml, sequence_start, yaml_sequence_start_event_initialize),
                HCL_SYMBOL(HclYaml, sequence_end, yaml_sequence_end_event_initialize),
                HCL_SYMBOL(HclYaml, mapping_start, yaml_mapping_start_event_initialize),
                HCL_SYMBOL(HclYaml, mapping_end, yaml_mapping_end_event_initialize),
        };

        return hcl_library_open("libyaml-0.so.2", symbols, G_N_ELEMENTS(symbols), yaml);
}

static HclValue *call_yamldecode(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autofree char *why = NULL;
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);
        HclYaml yaml;
        const char *missing = hcl_yaml_open(&yaml);
        HclValue *value;

        if (missing != NULL)
                return hcl_call_fail(call, -1, "libyaml is required: %s", missing);
        value = hcl_value_from_yaml(&yaml, text, size, &why);
        return value != NULL ? value : hcl_call_fail(call, -1, "%s", why);
}

static HclValue *call_yamlencode(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GString) out = g_string_new(NULL);
        HclYaml yaml;
        const char *why = hcl_yaml_open(&yaml);

        if (why != NULL)
                return hcl_call_fail(call, -1, "libyaml is required: %s", why);
        why = hcl_value_to_yaml(&yaml, args[0], out);
        if (why != NULL)
                return hcl_call_fail(call, -1, "%s", why);
        return hcl_value_take_string(g_steal_pointer(&out));
}

static const HclParameter one_source[] = {{"src", &hcl_type_string}};
static const HclParameter one_value[] = {{"value", &hcl_type_dynamic, .allow_null = true}};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_yaml,
        {"yamldecode", HCL_PARAMETERS(one_source), .call = call_yamldecode},
        {"yamlencode", HCL_PARAMETERS(one_value), .call = call_yamlencode});
/* clang-format on */
