/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-yaml.h"

#include <string.h>
#include <yaml.h>

#include "hcl/functions-impl.h"

static int append_output(void *user, unsigned char *text, size_t size) {
        g_string_append_len(user, (const char *)text, (gssize)size);
        return 1;
}

static bool emit_scalar(yaml_emitter_t *emitter, const char *text, size_t size,
                        yaml_scalar_style_t style) {
        yaml_event_t event;

        return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                            (int)size, 1, 1, style) &&
               yaml_emitter_emit(emitter, &event);
}

static bool emit_string(yaml_emitter_t *emitter, const HclValue *value) {
        size_t size;
        const char *text = hcl_value_text(value, &size);

        return emit_scalar(emitter, text, size,
                           memchr(text, '\n', size) != NULL ? YAML_LITERAL_SCALAR_STYLE
                                                            : YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static bool emit_plain(yaml_emitter_t *emitter, const char *text) {
        return emit_scalar(emitter, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
}

static bool emit_number(yaml_emitter_t *emitter, const HclValue *value) {
        g_autofree char *text = hcl_value_number_text(value);

        return emit_plain(emitter, strcmp(text, "Inf") == 0 ? "+Inf" : text);
}

static bool emit_value(yaml_emitter_t *emitter, const HclValue *value);

static bool emit_sequence(yaml_emitter_t *emitter, const HclValue *value) {
        yaml_event_t event;

        if (!yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                                  YAML_BLOCK_SEQUENCE_STYLE) ||
            !yaml_emitter_emit(emitter, &event))
                return false;
        for (size_t i = 0; i < hcl_value_length(value); i++) {
                if (!emit_value(emitter, hcl_value_element(value, i)))
                        return false;
        }
        return yaml_sequence_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
}

static bool emit_mapping(yaml_emitter_t *emitter, const HclValue *value) {
        yaml_event_t event;

        if (!yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) ||
            !yaml_emitter_emit(emitter, &event))
                return false;
        for (size_t i = 0; i < hcl_value_length(value); i++) {
                if (!emit_string(emitter, hcl_value_key(value, i)) ||
                    !emit_value(emitter, hcl_value_element(value, i)))
                        return false;
        }
        return yaml_mapping_end_event_initialize(&event) && yaml_emitter_emit(emitter, &event);
}

static bool emit_value(yaml_emitter_t *emitter, const HclValue *value) {
        if (hcl_value_is_null(value))
                return emit_plain(emitter, "null");
        switch (hcl_value_kind(value)) {
        case HCL_KIND_BOOL:
                return emit_plain(emitter, hcl_value_get_bool(value) ? "true" : "false");
        case HCL_KIND_NUMBER:
                return emit_number(emitter, value);
        case HCL_KIND_STRING:
                return emit_string(emitter, value);
        case HCL_KIND_MAP:
        case HCL_KIND_OBJECT:
                return emit_mapping(emitter, value);
        default:
                return emit_sequence(emitter, value);
        }
}

static bool is_plain(const HclValue *value) {
        HclKind kind = hcl_value_kind(value);

        return hcl_value_is_null(value) || kind == HCL_KIND_BOOL || kind == HCL_KIND_NUMBER;
}

const char *hcl_value_to_yaml(const HclValue *value, GString *out) {
        yaml_emitter_t emitter;
        yaml_event_t event;
        bool done;

        g_assert(yaml_emitter_initialize(&emitter)); /* fails without memory only */
        yaml_emitter_set_output(&emitter, append_output, out);
        yaml_emitter_set_unicode(&emitter, 1);
        done = yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) &&
               yaml_emitter_emit(&emitter, &event) &&
               yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
               yaml_emitter_emit(&emitter, &event) && emit_value(&emitter, value) &&
               yaml_document_end_event_initialize(&event, 1) &&
               yaml_emitter_emit(&emitter, &event) && yaml_stream_end_event_initialize(&event) &&
               yaml_emitter_emit(&emitter, &event);
        yaml_emitter_delete(&emitter);
        /* A plain scalar alone could go on in the next line: go-cty-yaml says where it ends, and so
         * did libyaml before version 0.2.5. */
        if (done && is_plain(value) && !g_str_has_suffix(out->str, "...\n"))
                g_string_append(out, "...\n");
        return done ? NULL : "the value cannot be written as YAML";
}
