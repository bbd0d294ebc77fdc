/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What to say about a mistake beyond the rule that was broken: what was found, and what was
 * probably meant. All texts are the caller's; advice begins with a blank, or is empty. */

#include "hcl/parser.h"

/* What a token is, to stand in a sentence: `"}"`, `the end of the line`. */
char *hcl_advice_name(const HclParser *parser, HclToken token);

/* Where a bracket was opened: `the list that begins in line 7`. */
char *hcl_advice_opened(const HclParser *parser, const char *what, HclToken open);

/* Of an argument that goes on with `next` where its line should end. */
char *hcl_advice_after_argument(const HclParser *parser, HclToken next);

/* Of the heredoc that `open` begins and nothing ends. */
char *hcl_advice_unclosed_heredoc(const HclParser *parser, HclToken open);

/* At a `<<` that begins no heredoc, though one was meant (`<< EOT`, `<<"EOT"`): reports it and
 * steps over its text. false, with nothing read: it is something else. */
bool hcl_advice_skip_heredoc(HclParser *parser);
