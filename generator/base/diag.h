/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Findings: what is wrong, doubtful or worth knowing in a file that a user wrote. They are
 * collected, all of them, and printed together; a function that adds one goes on if it can. A
 * value that an error has spoilt is marked as such by its owner, so that one mistake gives one
 * finding. */

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/source.h"

typedef enum {
        NOOK_SEVERITY_NOTE,
        NOOK_SEVERITY_WARNING,
        NOOK_SEVERITY_ERROR,
} NookSeverity;

typedef struct {
        NookSeverity severity;
        NookRange subject; /* what is wrong; owns a reference to its source */
        NookRange context; /* what it stands in, for editors; equals subject where nothing wider is
                              known */
        char *summary;     /* a few words, no full stop: "Unsupported argument" */
        char *detail; /* sentences: the value found, the rule, what to write instead; or NULL */
} NookDiag;

typedef struct NookDiags NookDiags;

NookDiags *nook_diags_new(void);
void nook_diags_free(NookDiags *diags);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookDiags, nook_diags_free)

/* Adds a finding. detail is a format; NULL for none. The source of subject is referenced.
 * Beyond 1,000 findings the rest are counted only. */
void nook_diags_add(NookDiags *diags, NookSeverity severity, NookRange subject, const char *summary,
                    const char *detail, ...) G_GNUC_PRINTF(5, 6);
void nook_diags_add_context(NookDiags *diags, NookSeverity severity, NookRange subject,
                            NookRange context, const char *summary, const char *detail, ...)
        G_GNUC_PRINTF(6, 7);

#define nook_diags_error(diags, range, ...)                                                        \
        nook_diags_add((diags), NOOK_SEVERITY_ERROR, (range), __VA_ARGS__)
#define nook_diags_warning(diags, range, ...)                                                      \
        nook_diags_add((diags), NOOK_SEVERITY_WARNING, (range), __VA_ARGS__)
#define nook_diags_note(diags, range, ...)                                                         \
        nook_diags_add((diags), NOOK_SEVERITY_NOTE, (range), __VA_ARGS__)

guint nook_diags_count(const NookDiags *diags);
guint nook_diags_count_errors(const NookDiags *diags);
const NookDiag *nook_diags_get(const NookDiags *diags, guint index);

/* Forgets what was added after the first `count` findings: for trials whose errors may not count.
 */
void nook_diags_truncate(NookDiags *diags, guint count);
/* The same for those from the one at index `from` up to the one before `to`. */
void nook_diags_remove(NookDiags *diags, guint from, guint to);

/* Writes the findings in the order of their places, for people:
 *     web.nomad.hcl:7:9: error: Unsupported argument: An argument named "arg" is not expected here.
 *         7 |   arg = ["-c"]
 *           |   ^~~
 * colour: with SGR sequences. */
void nook_diags_print(const NookDiags *diags, FILE *stream, bool colour);

/* Writes {"diagnostics":[{"severity","summary","detail","subject":{"filename","start":{"line",
 * "column","byte"},"end":{...}}}]}, the form of hcldec --diags=json, and a newline. */
void nook_diags_print_json(const NookDiags *diags, FILE *stream);

/* The first error as one line "file:line:column: Summary: detail"; NULL without errors. Caller's.
 */
char *nook_diags_first_error(const NookDiags *diags);

/* The candidate nearest to what was written, or NULL: with up to two edits (a letter too many, too
 * few, another, or two swapped), of long names a third of the letters, of those under five letters
 * one; case and dashes forgiven. candidates ends with NULL; result is borrowed. */
const char *nook_suggest(const char *written, const char *const *candidates);

/* Appends text as a JSON string with its quotes; control characters and ill-formed UTF-8 escaped.
 */
void nook_json_append_string(GString *out, const char *text, gssize size);
