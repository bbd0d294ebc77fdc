/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The turns of dynamic blocks: what the expressions in an expanded block find in front of the scope
 * they are evaluated in. */

#include "hcl/impl.h"

typedef struct HclTurn HclTurn;
struct HclTurn {
        const HclTurn *outer; /* NULL: none */
        const char *name;     /* the iterator */
        HclValue *value;      /* {key, value} */
};

/* Evaluates with the iterators of a turn and those around it, the innermost one foremost, in front
 * of scope. turn NULL: as it is. */
HclValue *hcl_turn_value(const HclExpr *expr, const HclTurn *turn, const HclScope *scope,
                         NookDiags *diags);

/* An expression that is always evaluated so. It lives as long as the file. */
const HclExpr *hcl_turn_bind(HclFile *file, const HclExpr *expr, const HclTurn *turn);
