/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* YAML texts as values and back; libyaml reads and writes them. */

#include <yaml.h>

#include "hcl/value.h"

/* libyaml's functions, as far as they are used. */
typedef struct {
        __typeof__(yaml_parser_initialize) *parser_initialize;
        __typeof__(yaml_parser_set_encoding) *parser_set_encoding;
        __typeof__(yaml_parser_set_input_string) *parser_set_input_string;
        __typeof__(yaml_parser_parse) *parser_parse;
        __typeof__(yaml_parser_delete) *parser_delete;
        __typeof__(yaml_event_delete) *event_delete;
        __typeof__(yaml_emitter_initialize) *emitter_initialize;
        __typeof__(yaml_emitter_set_output) *emitter_set_output;
        __typeof__(yaml_emitter_set_unicode) *emitter_set_unicode;
        __typeof__(yaml_emitter_emit) *emitter_emit;
        __typeof__(yaml_emitter_delete) *emitter_delete;
        __typeof__(yaml_stream_start_event_initialize) *stream_start;
        __typeof__(yaml_stream_end_event_initialize) *stream_end;
        __typeof__(yaml_document_start_event_initialize) *document_start;
        __typeof__(yaml_document_end_event_initialize) *document_end;
        __typeof__(yaml_scalar_event_initialize) *scalar;
        __typeof__(yaml_sequence_start_event_initialize) *sequence_start;
        __typeof__(yaml_sequence_end_event_initialize) *sequence_end;
        __typeof__(yaml_mapping_start_event_initialize) *mapping_start;
        __typeof__(yaml_mapping_end_event_initialize) *mapping_end;
} HclYaml;

/* Opens libyaml. NULL, or why it cannot. */
const char *hcl_yaml_open(HclYaml *yaml);

/* The value of the one document of a YAML text, or NULL with *ret_error (caller's). */
HclValue *hcl_value_from_yaml(const HclYaml *yaml, const char *text, size_t size, char **ret_error);

/* What a plain or quoted scalar means; the inside of the above.
 *   tag      NULL: none
 *   quoted   between quotes of either kind
 * A new reference, or NULL with *ret_error. */
HclValue *hcl_yaml_resolve(const char *tag, const char *text, size_t size, bool quoted,
                           char **ret_error);

/* Appends a value as a YAML document: strings in double quotes, or as a literal block where they
 * have a line break. Returns NULL, or why it cannot be: a static text. */
const char *hcl_value_to_yaml(const HclYaml *yaml, const HclValue *value, GString *out);
