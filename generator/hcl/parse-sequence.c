/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/parse-sequence.h"

#include <string.h>

#include "hcl/space.h"

enum {
        REREAD_MAX = 64 * 1024, /* bytes that are read again behind a sequence that is wrong, */
        REREADS_MAX = 200,      /* so often in a file: no text makes parsing quadratic */
};

void hcl_template_add_part(HclTemplateReader *reader, HclPart part) {
        g_array_append_val(reader->parts, part);
        reader->can_trim_last = part.kind == HCL_PART_TEXT;
}

/* What was there when a sequence began. */
typedef struct {
        HclToken open;
        guint findings, mistakes;
        uint32_t misfits; /* invalid tokens before it */
        size_t n_frames;  /* of the text around it, in the lexer */
        bool recovering;
        bool newlines;
} Sequence;

/* At ${~ or %{~: takes the white space off the text before it. */
static Sequence open_sequence(HclTemplateReader *reader, HclToken open) {
        HclParser *parser = reader->parser;
        HclPart *last;

        if (open.end - open.start == 3 && reader->can_trim_last) {
                last = &g_array_index(reader->parts, HclPart, reader->parts->len - 1);
                last->size = hcl_space_trimmed(last->text, last->size);
        }
        reader->can_trim_last = false;
        reader->trim_next = false;
        return (Sequence){.open = open,
                          .findings = nook_diags_count(parser->diags),
                          .mistakes = parser->mistakes,
                          .misfits = hcl_lexer_count_misfits(&parser->lexer),
                          .n_frames = parser->lexer.n_frames - 1,
                          .recovering = parser->recovering,
                          .newlines = hcl_parser_set_newlines(parser, false)};
}

/* At } or ~}: what was wrong before it does not disturb what follows. */
static void close_sequence(HclTemplateReader *reader, const Sequence *sequence) {
        HclToken close = hcl_parser_read(reader->parser);

        reader->trim_next = close.end - close.start == 2;
        reader->parser->recovering = sequence->recovering;
}

static void end_sequence(HclTemplateReader *reader, const Sequence *sequence) {
        if (!reader->ended && hcl_parser_next_is(reader->parser, HCL_TOKEN_CLOSE_SEQUENCE))
                close_sequence(reader, sequence);
        (void)hcl_parser_set_newlines(reader->parser, sequence->newlines);
}

/* Goes on as text at `end` of the sequence, if not too much has been read since. */
static bool leave_sequence(HclTemplateReader *reader, const Sequence *sequence, uint32_t end) {
        HclParser *parser = reader->parser;

        if (parser->lexer.at > end + REREAD_MAX || parser->rereads >= REREADS_MAX)
                return false;
        parser->rereads++;
        hcl_parser_leave_sequence(parser, sequence->n_frames, sequence->open.start, end);
        parser->recovering = sequence->recovering;
        return true;
}

/* Forgets what was found behind `end`, where reading goes on; says at least that the sequence does
 * not end. */
static void forget_findings(HclTemplateReader *reader, const Sequence *sequence, uint32_t end) {
        HclParser *parser = reader->parser;
        NookRange behind = hcl_lexer_range(&parser->lexer, end, end);
        guint n = nook_diags_count(parser->diags), kept = n;

        while (kept > sequence->findings &&
               nook_diags_get(parser->diags, kept - 1)->subject.start >= behind.start)
                kept--;
        if (kept == n)
                return;
        nook_diags_truncate(parser->diags, kept);
        if (kept == sequence->findings)
                hcl_parser_error(parser, hcl_parser_range(parser, sequence->open),
                                 "Unclosed template sequence",
                                 "What follows in this line is not all of an expression, and there "
                                 "is no closing brace. To write \"%.*s\" as text, escape it: "
                                 "\"%c%.*s\".",
                                 2, hcl_parser_text(parser, sequence->open),
                                 *hcl_parser_text(parser, sequence->open), 2,
                                 hcl_parser_text(parser, sequence->open));
}

/* Steps behind a sequence in which something is wrong: in lines of text up to the next brace or the
 * end of the line, in a string up to the brace that closes what is open. */
static void recover_sequence(HclTemplateReader *reader, const Sequence *sequence) {
        const HclLexer *lexer = &reader->parser->lexer;
        uint32_t end = sequence->open.end;

        while (end < lexer->size && lexer->text[end] != '\n' && lexer->text[end] != '}')
                end++;
        if (end < lexer->size && lexer->text[end] == '}')
                end++;
        if (reader->end != HCL_TOKEN_CLOSE_QUOTE && leave_sequence(reader, sequence, end))
                forget_findings(reader, sequence, end);
        else if (hcl_parser_recover(reader->parser, HCL_TOKEN_CLOSE_SEQUENCE).type !=
                 HCL_TOKEN_CLOSE_SEQUENCE)
                return;
        reader->parser->recovering = sequence->recovering;
}

/* The source text of a sequence from its opening to the brace that seems to close it on the same
 * line, for advice; "" when there is none. */
static char *sequence_text(const HclParser *parser, HclToken open) {
        const char *start = hcl_parser_text(parser, open);
        size_t left = parser->lexer.size - open.start, size = 0;

        while (size < left && size < 60 && start[size] != '\n' && start[size] != '}')
                size++;
        return size < left && start[size] == '}' ? g_strndup(start, size + 1) : g_strdup("");
}

static void report_unclosed_value(HclTemplateReader *reader, HclToken open, HclToken found) {
        HclParser *parser = reader->parser;
        const char *unclosed = "Unclosed template interpolation sequence";
        g_autofree char *text = sequence_text(parser, open);
        NookRange found_range = hcl_parser_range(parser, found);

        if (found.type == HCL_TOKEN_EOF)
                hcl_parser_error(parser, reader->start, unclosed,
                                 "There is no closing brace for this interpolation sequence before "
                                 "the end of the file. This might be caused by incorrect nesting "
                                 "inside the given expression.");
        else if ((found.type == HCL_TOKEN_OPEN_QUOTE || found.type == HCL_TOKEN_CLOSE_QUOTE) &&
                 reader->end == HCL_TOKEN_CLOSE_QUOTE)
                hcl_parser_error(parser, reader->start, unclosed,
                                 "There is no closing brace for this interpolation sequence before "
                                 "the end of the quoted template. This might be caused by "
                                 "incorrect nesting inside the given expression.");
        else if (*text)
                hcl_parser_error(parser, found_range,
                                 "Extra characters after interpolation expression",
                                 "Expected a closing brace to end the interpolation that begins at "
                                 "\"%.*s\". If this is meant for another language, such as a "
                                 "shell, escape it: write $%s to keep it as text.",
                                 (int)(open.end - open.start), hcl_parser_text(parser, open), text);
        else
                hcl_parser_error(parser, found_range,
                                 "Extra characters after interpolation expression",
                                 "Expected a closing brace to end the interpolation. To write "
                                 "\"${\" as text, for another language, escape it: \"$${\".");
}

/* Whether a quotation mark in a sequence must be the one that ends the string: nothing that could
 * be inside of another string follows. */
static bool ends_string(const HclTemplateReader *reader, HclToken found) {
        const HclLexer *lexer = &reader->parser->lexer;
        uint32_t at = found.end;

        if (found.type != HCL_TOKEN_OPEN_QUOTE || reader->end != HCL_TOKEN_CLOSE_QUOTE)
                return false;
        while (at < lexer->size && (lexer->text[at] == ' ' || lexer->text[at] == '\t'))
                at++;
        return at == lexer->size || strchr("\r\n,])}#", lexer->text[at]);
}

/* A sequence with what never stands in this language, such as a shell's ${arr[@]} and ${#n}: one
 * finding says so in place of those on its characters, and reading goes on behind its brace. False:
 * it is not of that kind.
 *   found  where the expression ended */
static bool skip_foreign(HclTemplateReader *reader, const Sequence *sequence, HclToken found) {
        HclParser *parser = reader->parser;
        bool misfit = hcl_lexer_count_misfits(&parser->lexer) > sequence->misfits, commented;
        uint32_t start = sequence->open.start, end;
        g_autofree char *text = NULL;

        if (!misfit && found.type == HCL_TOKEN_CLOSE_SEQUENCE)
                return false;
        text = sequence_text(parser, sequence->open);
        end = start + (uint32_t)strlen(text);
        commented = found.start >= end && (strchr(text, '#') || strstr(text, "//"));
        if (!*text || !(misfit || commented) ||
            (reader->end == HCL_TOKEN_CLOSE_QUOTE && strchr(text, '"')) ||
            !leave_sequence(reader, sequence, end))
                return false;
        nook_diags_truncate(parser->diags, sequence->findings);
        hcl_parser_error(parser, hcl_lexer_range(&parser->lexer, start, end),
                         "Invalid template interpolation",
                         "This is no expression. If it is meant for another language, such as a "
                         "shell, escape it: write $%s to keep it as text.",
                         text);
        parser->recovering = sequence->recovering;
        return true;
}

/* Whether a sequence is closed by what comes next. With a mistake in it, a brace in another line of
 * a text is most likely that of something else. */
static bool is_closed(const HclTemplateReader *reader, const Sequence *sequence, HclToken next) {
        const HclParser *parser = reader->parser;
        uint32_t start = sequence->open.end;

        if (next.type != HCL_TOKEN_CLOSE_SEQUENCE)
                return false;
        return parser->mistakes == sequence->mistakes || reader->end == HCL_TOKEN_CLOSE_QUOTE ||
               !memchr(parser->lexer.text + start, '\n', next.start - start);
}

static void recover_value(HclTemplateReader *reader, const Sequence *sequence, HclToken found) {
        HclParser *parser = reader->parser;

        report_unclosed_value(reader, sequence->open, found);
        reader->ended = ends_string(reader, found);
        if (reader->ended)
                hcl_parser_end_string(parser);
        else
                recover_sequence(reader, sequence);
}

void hcl_parse_interpolation(HclTemplateReader *reader, HclToken open) {
        HclParser *parser = reader->parser;
        Sequence sequence = open_sequence(reader, open);
        const HclExpr *expr = hcl_parse_expression(parser);
        HclToken found = hcl_parser_peek(parser);

        if (!skip_foreign(reader, &sequence, found) && !is_closed(reader, &sequence, found))
                recover_value(reader, &sequence, found);
        end_sequence(reader, &sequence);
        hcl_template_add_part(
                reader,
                (HclPart){.kind = HCL_PART_VALUE,
                          .expr = expr,
                          .range = nook_range_join(hcl_parser_range(parser, open),
                                                   hcl_parser_range(parser, parser->previous))});
}

const char *const hcl_directives[] = {"if", "else", "endif", "for", "endfor", NULL};
const HclPartKind hcl_directive_kinds[] = {HCL_PART_IF, HCL_PART_ELSE, HCL_PART_ENDIF, HCL_PART_FOR,
                                           HCL_PART_ENDFOR};

/* for NAME in EXPR or for NAME, NAME in EXPR, with the keyword already read. */
static bool read_for(HclParser *parser, HclPart *part) {
        if (!hcl_parse_for_names(parser, true, part->names))
                return false;
        part->expr = hcl_parse_expression(parser);
        return true;
}

/* The part that a directive makes, up to its closing brace; false after reporting. */
static bool read_directive_content(HclParser *parser, HclToken open, HclPart *part) {
        HclToken keyword = hcl_parser_peek(parser);
        NookRange range = hcl_parser_range(parser, keyword);
        g_autofree char *word = NULL;
        g_autofree char *text = NULL;
        const char *nearest;
        size_t i = 0;

        if (keyword.type != HCL_TOKEN_IDENT) {
                hcl_parser_error(parser, range, "Invalid template directive",
                                 "A template directive keyword (\"if\", \"for\", etc) is expected "
                                 "at the beginning of a %%{ sequence. To write \"%%{\" as text, "
                                 "escape it: \"%%%%{\".");
                return false;
        }
        (void)hcl_parser_read(parser);
        word = g_strndup(hcl_parser_text(parser, keyword), keyword.end - keyword.start);
        while (hcl_directives[i] && strcmp(hcl_directives[i], word) != 0)
                i++;
        if (!hcl_directives[i]) {
                text = sequence_text(parser, open);
                nearest = nook_suggest(word, hcl_directives);
                hcl_parser_error(parser, range, "Invalid template control keyword",
                                 "\"%s\" is not a valid template control keyword.%s%s%s If this is "
                                 "meant as text, escape it: write %%%s.",
                                 word, nearest ? " Did you mean \"" : "", nearest ? nearest : "",
                                 nearest ? "\"?" : "", *text ? text : "%{");
                return false;
        }
        part->kind = hcl_directive_kinds[i];
        if (part->kind == HCL_PART_IF)
                part->expr = hcl_parse_expression(parser);
        else if (part->kind == HCL_PART_FOR && !read_for(parser, part))
                return false;
        if (hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_SEQUENCE))
                return true;
        hcl_parser_error(parser, hcl_parser_range(parser, hcl_parser_peek(parser)),
                         "Extra characters in template directive",
                         "Expected a closing brace to end the \"%s\" directive, but found extra "
                         "characters.",
                         word);
        return false;
}

void hcl_parse_directive(HclTemplateReader *reader, HclToken open) {
        HclParser *parser = reader->parser;
        Sequence sequence = open_sequence(reader, open);
        HclPart part = {0};
        bool good = read_directive_content(parser, open, &part);

        if (!good || !is_closed(reader, &sequence, hcl_parser_peek(parser)))
                recover_sequence(reader, &sequence);
        end_sequence(reader, &sequence);
        part.range = nook_range_join(hcl_parser_range(parser, open),
                                     hcl_parser_range(parser, parser->previous));
        if (good)
                hcl_template_add_part(reader, part);
}
