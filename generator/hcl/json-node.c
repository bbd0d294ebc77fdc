/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/json-node.h"

#include <string.h>

#include "hcl/impl.h"
#include "hcl/json-token.h"
#include "hcl/number.h"

/* After an error in a single value reading goes on; after one in the structure (a comma or a
 * bracket that is missing) it ends, because what follows would be guessed. */
typedef struct {
        HclFile *file;
        NookSource *source;
        NookDiags *diags;
        HclJsonToken token; /* the one to be looked at */
        uint32_t offset;    /* behind it */
        guint depth;
        bool stopped;
        GString *text; /* scratch for strings */
} Parser;

static const HclJsonNode *parse_value(Parser *parser);

static void advance(Parser *parser) {
        parser->token = hcl_json_token_next(parser->source, &parser->offset);
}

static bool at(const Parser *parser, char punctuation) {
        return parser->token.kind == HCL_JSON_TOKEN_PUNCTUATION &&
               parser->token.text[0] == punctuation;
}

/* Reports an error in the structure. */
static void stop(Parser *parser, NookRange range, const char *summary, const char *detail) {
        if (!parser->stopped)
                nook_diags_error(parser->diags, range, summary, "%s", detail);
        parser->stopped = true;
}

static HclJsonNode *new_node(Parser *parser, HclJsonNodeKind kind, NookRange range) {
        HclJsonNode *node = hcl_file_new_struct(parser->file, HclJsonNode);

        node->kind = kind;
        node->range = range;
        return node;
}

static const HclJsonNode *parse_number(Parser *parser) {
        HclJsonToken token = parser->token;
        g_autoptr(HclValue) value = NULL;
        HclJsonNode *node;

        advance(parser);
        if (hcl_json_is_number(token.text, token.size))
                value = hcl_value_number_parse(token.text, (gssize)token.size);
        if (value == NULL) {
                nook_diags_error(parser->diags, token.range, "Invalid JSON number",
                                 "There is a syntax error in the given JSON number.");
                return new_node(parser, HCL_JSON_NODE_INVALID, token.range);
        }
        node = new_node(parser, HCL_JSON_NODE_NUMBER, token.range);
        node->text = hcl_file_strndup(parser->file, token.text, token.size);
        node->size = token.size;
        return node;
}

/* Decodes the string at hand; false after a finding. */
static bool read_string(Parser *parser, const char **ret_text, size_t *ret_size) {
        HclJsonToken token = parser->token;
        NookRange bad = token.range;
        size_t offset;

        advance(parser);
        if (!hcl_json_token_string(&token, parser->text, &offset)) {
                bad.start += (uint32_t)offset;
                bad.end = MIN(bad.start + 1, bad.end);
                nook_diags_add_context(parser->diags, NOOK_SEVERITY_ERROR, bad, token.range,
                                       "Invalid JSON string",
                                       "There is a syntax error in the given JSON string.");
                return false;
        }
        *ret_text = hcl_file_strndup(parser->file, parser->text->str, parser->text->len);
        *ret_size = parser->text->len;
        return true;
}

static const HclJsonNode *parse_string(Parser *parser) {
        NookRange range = parser->token.range;
        HclJsonNode *node = new_node(parser, HCL_JSON_NODE_STRING, range);

        if (!read_string(parser, &node->text, &node->size))
                node->kind = HCL_JSON_NODE_INVALID;
        return node;
}

static void report_keyword(Parser *parser, const HclJsonToken *token) {
        static const char *const keywords[] = {"false", "true", "null", NULL};
        static const char *const foreign[] = {"undefined", "NaN", "Infinity", NULL};
        g_autofree char *word = g_strndup(token->text, token->size);
        const char *suggestion = nook_suggest(word, keywords);

        if (g_strv_contains(foreign, word))
                nook_diags_error(parser->diags, token->range, "Invalid JSON keyword",
                                 "The JavaScript identifier \"%s\" cannot be used in JSON.", word);
        else if (suggestion != NULL)
                nook_diags_error(parser->diags, token->range, "Invalid JSON keyword",
                                 "\"%s\" is not a valid JSON keyword. Did you mean \"%s\"?", word,
                                 suggestion);
        else
                nook_diags_error(parser->diags, token->range, "Invalid JSON keyword",
                                 "\"%s\" is not a valid JSON keyword.", word);
}

static bool token_is(const HclJsonToken *token, const char *word) {
        return token->size == strlen(word) && memcmp(token->text, word, token->size) == 0;
}

static const HclJsonNode *parse_keyword(Parser *parser) {
        HclJsonToken token = parser->token;
        HclJsonNode *node = new_node(parser, HCL_JSON_NODE_BOOL, token.range);

        advance(parser);
        if (token_is(&token, "null")) {
                node->kind = HCL_JSON_NODE_NULL;
        } else if (token_is(&token, "true")) {
                node->truth = true;
        } else if (!token_is(&token, "false")) {
                node->kind = HCL_JSON_NODE_INVALID;
                report_keyword(parser, &token);
        }
        return node;
}

/* After an item of an array or object: takes the comma and returns true if another item follows. */
static bool parse_separator(Parser *parser, char close, NookRange open) {
        HclJsonToken comma = parser->token;
        bool is_object = close == '}';

        if (at(parser, close))
                return false;
        if (at(parser, ',')) {
                advance(parser);
                if (!at(parser, close))
                        return true;
                stop(parser, comma.range,
                     is_object ? "Trailing comma in object" : "Trailing comma in array",
                     is_object ? "JSON does not permit a trailing comma after the final property "
                                 "in an object."
                               : "JSON does not permit a trailing comma after the final value in "
                                 "an array.");
        } else if (parser->token.kind == HCL_JSON_TOKEN_EOF) {
                stop(parser, open, is_object ? "Unclosed object" : "Unclosed array",
                     is_object ? "No closing brace was found for this JSON object."
                               : "No closing bracket was found for this JSON array.");
        } else if (at(parser, is_object ? ']' : '}')) {
                stop(parser, parser->token.range,
                     is_object ? "Mismatched braces" : "Mismatched brackets",
                     is_object ? "A JSON object must be closed with a brace, not a bracket."
                               : "A JSON array must be closed with a bracket, not a brace.");
        } else {
                stop(parser, parser->token.range, "Missing separator comma",
                     is_object ? "A comma must appear between each property definition in an "
                                 "object."
                               : "A comma must appear between each value in an array.");
        }
        return false;
}

static bool parse_colon(Parser *parser) {
        if (at(parser, ':')) {
                advance(parser);
                return true;
        }
        if (at(parser, '}') || at(parser, ','))
                stop(parser, parser->token.range, "Missing object value",
                     "A JSON object attribute must have a value, introduced by a colon.");
        else if (at(parser, '='))
                stop(parser, parser->token.range, "Missing property value colon",
                     "JSON uses a colon as its name/value delimiter, not an equals sign.");
        else
                stop(parser, parser->token.range, "Missing property value colon",
                     "A colon must appear between an object property's name and its value.");
        return false;
}

/* Reads `"name": value`; false where the structure is broken. */
static bool parse_member(Parser *parser, HclJsonMember *member) {
        member->name_range = parser->token.range;
        if (parser->token.kind != HCL_JSON_TOKEN_STRING) {
                stop(parser, parser->token.range, "Invalid object property name",
                     "A JSON object property name must be a string.");
                return false;
        }
        if (!read_string(parser, &member->name, &member->name_size)) {
                parser->stopped = true;
                return false;
        }
        if (!parse_colon(parser))
                return false;
        member->value = parse_value(parser);
        return true;
}

static const HclJsonNode *parse_object(Parser *parser) {
        NookRange open = parser->token.range;
        HclJsonNode *node = new_node(parser, HCL_JSON_NODE_OBJECT, open);
        g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(HclJsonMember));
        bool more;

        advance(parser);
        more = !at(parser, '}');
        while (more && !parser->stopped) {
                HclJsonMember member = {0};

                if (!parse_member(parser, &member))
                        break;
                g_array_append_val(members, member);
                more = !parser->stopped && parse_separator(parser, '}', open);
        }
        node->members =
                hcl_file_memdup(parser->file, members->data, members->len * sizeof(HclJsonMember));
        node->n = members->len;
        node->range.end = parser->token.range.end;
        if (!parser->stopped)
                advance(parser);
        return node;
}

static const HclJsonNode *parse_array(Parser *parser) {
        NookRange open = parser->token.range;
        HclJsonNode *node = new_node(parser, HCL_JSON_NODE_ARRAY, open);
        g_autoptr(GPtrArray) items = g_ptr_array_new();
        bool more;

        advance(parser);
        more = !at(parser, ']');
        while (more && !parser->stopped) {
                const HclJsonNode *item = parse_value(parser);

                g_ptr_array_add(items, (gpointer)(uintptr_t)item);
                more = !parser->stopped && parse_separator(parser, ']', open);
        }
        node->items = items->len == 0 ? NULL
                                      : hcl_file_memdup(parser->file, items->pdata,
                                                        items->len * sizeof(gpointer));
        node->n = items->len;
        node->range.end = parser->token.range.end;
        if (!parser->stopped)
                advance(parser);
        return node;
}

static const HclJsonNode *parse_nested(Parser *parser) {
        const HclJsonNode *node;

        if (parser->depth >= HCL_DEPTH_MAX) {
                stop(parser, parser->token.range, "Nesting too deep",
                     "The values of this document are nested more than 500 levels deep.");
                return new_node(parser, HCL_JSON_NODE_INVALID, parser->token.range);
        }
        parser->depth++;
        node = at(parser, '{') ? parse_object(parser) : parse_array(parser);
        parser->depth--;
        return node;
}

static const HclJsonNode *parse_value(Parser *parser) {
        static const char start[] = "A JSON value must start with a brace, a bracket, a number, a "
                                    "string, or a keyword.";

        switch (parser->token.kind) {
        case HCL_JSON_TOKEN_NUMBER:
                return parse_number(parser);
        case HCL_JSON_TOKEN_STRING:
                return parse_string(parser);
        case HCL_JSON_TOKEN_KEYWORD:
                return parse_keyword(parser);
        case HCL_JSON_TOKEN_EOF:
                stop(parser, parser->token.range, "Missing value",
                     "The JSON data ends prematurely.");
                break;
        default:
                if (at(parser, '{') || at(parser, '['))
                        return parse_nested(parser);
                if (at(parser, '}'))
                        stop(parser, parser->token.range, "Missing JSON value", start);
                else if (at(parser, ']'))
                        stop(parser, parser->token.range, "Missing array element value", start);
                else
                        stop(parser, parser->token.range, "Invalid start of value", start);
        }
        return new_node(parser, HCL_JSON_NODE_INVALID, parser->token.range);
}

const HclJsonNode *hcl_json_parse_nodes(NookSource *source, HclFile **ret_owner, NookDiags *diags) {
        g_autoptr(GString) text = g_string_new(NULL);
        HclFile *file = hcl_file_new(source);
        guint errors = nook_diags_count_errors(diags);
        Parser parser = {.file = file, .source = source, .diags = diags, .text = text};
        const HclJsonNode *root;

        advance(&parser);
        root = parse_value(&parser);
        if (nook_diags_count_errors(diags) == errors && parser.token.kind != HCL_JSON_TOKEN_EOF)
                nook_diags_error(diags, parser.token.range, "Extraneous data after value",
                                 "Extra characters appear after the JSON value.");
        *ret_owner = file;
        return root;
}

const HclJsonMember *hcl_json_node_member(const HclJsonNode *object, const char *name) {
        for (size_t i = object->kind == HCL_JSON_NODE_OBJECT ? object->n : 0; i > 0; i--) {
                if (strcmp(object->members[i - 1].name, name) == 0)
                        return &object->members[i - 1];
        }
        return NULL;
}

NookRange hcl_json_node_start(const HclJsonNode *node) {
        NookRange range = node->range;

        if (node->kind == HCL_JSON_NODE_ARRAY || node->kind == HCL_JSON_NODE_OBJECT)
                range.end = MIN(range.start + 1, range.end);
        return range;
}
