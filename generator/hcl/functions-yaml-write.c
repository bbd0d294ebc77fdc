/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-yaml.h"

#include <string.h>

#include "hcl/functions-impl.h"

typedef struct {
        const HclYaml *yaml;
        yaml_emitter_t emitter;
} Writer;

static int append_output(void *user, unsigned char *text, size_t size) {
        g_string_append_len(user, (const char *)text, (gssize)size);
        return 1;
}

static bool emit(Writer *writer, yaml_event_t *event) {
        return writer->yaml->emitter_emit(&writer->emitter, event) != 0;
}

static bool emit_scalar(Writer *writer, const char *text, size_t size, yaml_scalar_style_t style) {
        yaml_event_t event;

        return writer->yaml->scalar(&event, NULL, NULL, (const yaml_char_t *)text, (int)size, 1, 1,
                                    style) &&
               emit(writer, &event);
}

static bool emit_string(Writer *writer, const HclValue *value) {
        size_t size;
        const char *text = hcl_value_text(value, &size);

        return emit_scalar(writer, text, size,
                           memchr(text, '\n', size) != NULL ? YAML_LITERAL_SCALAR_STYLE
                                                            : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static bool emit_plain(Writer *writer, const char *text) {
        return emit_scalar(writer, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
}

static bool emit_number(Writer *writer, const HclValue *value) {
        g_autofree char *text = hcl_value_number_text(value);

        return emit_plain(writer, strcmp(text, "Inf") == 0 ? "+Inf" : text);
}

static bool emit_value(Writer *writer, const HclValue *value);

static bool emit_sequence(Writer *writer, const HclValue *value) {
        yaml_event_t event;

        if (!writer->yaml->sequence_start(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE) ||
            !emit(writer, &event))
                return false;
        for (size_t i = 0; i < hcl_value_length(value); i++) {
                if (!emit_value(writer, hcl_value_element(value, i)))
                        return false;
        }
        return writer->yaml->sequence_end(&event) && emit(writer, &event);
}

static bool emit_mapping(Writer *writer, const HclValue *value) {
        yaml_event_t event;

        if (!writer->yaml->mapping_start(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) ||
            !emit(writer, &event))
                return false;
        for (size_t i = 0; i < hcl_value_length(value); i++) {
                if (!emit_string(writer, hcl_value_key(value, i)) ||
                    !emit_value(writer, hcl_value_element(value, i)))
                        return false;
        }
        return writer->yaml->mapping_end(&event) && emit(writer, &event);
}

static bool emit_value(Writer *writer, const HclValue *value) {
        if (hcl_value_is_null(value))
                return emit_plain(writer, "null");
        switch (hcl_value_kind(value)) {
        case HCL_KIND_BOOL:
                return emit_plain(writer, hcl_value_get_bool(value) ? "true" : "false");
        case HCL_KIND_NUMBER:
                return emit_number(writer, value);
        case HCL_KIND_STRING:
                return emit_string(writer, value);
        case HCL_KIND_MAP:
        case HCL_KIND_OBJECT:
                return emit_mapping(writer, value);
        default:
                return emit_sequence(writer, value);
        }
}

static bool is_plain(const HclValue *value) {
        HclKind kind = hcl_value_kind(value);

        return hcl_value_is_null(value) || kind == HCL_KIND_BOOL || kind == HCL_KIND_NUMBER;
}

static bool emit_document(Writer *writer, const HclValue *value) {
        const HclYaml *yaml = writer->yaml;
        yaml_event_t event;

        return yaml->stream_start(&event, YAML_UTF8_ENCODING) && emit(writer, &event) &&
               yaml->document_start(&event, NULL, NULL, NULL, 1) && emit(writer, &event) &&
               emit_value(writer, value) && yaml->document_end(&event, 1) && emit(writer, &event) &&
               yaml->stream_end(&event) && emit(writer, &event);
}

const char *hcl_value_to_yaml(const HclYaml *yaml, const HclValue *value, GString *out) {
        Writer writer = {.yaml = yaml};
        bool done;

        g_assert(yaml->emitter_initialize(&writer.emitter)); /* fails without memory only */
        yaml->emitter_set_output(&writer.emitter, append_output, out);
        yaml->emitter_set_unicode(&writer.emitter, 1);
        done = emit_document(&writer, value);
        yaml->emitter_delete(&writer.emitter);
        /* A plain scalar alone could go on in the next line: go-cty-yaml says where it ends, and so
         * did libyaml before version 0.2.5. */
        if (done && is_plain(value) && !g_str_has_suffix(out->str, "...\n"))
                g_string_append(out, "...\n");
        /* Text that ends with empty lines ends by itself; libyaml marks that too, go-cty-yaml does
         * not. */
        if (done && !is_plain(value) && g_str_has_suffix(out->str, "\n...\n"))
                g_string_truncate(out, out->len - strlen("...\n"));
        return done ? NULL : "the value cannot be written as YAML";
}
