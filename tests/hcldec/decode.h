/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reading a body by a specification. */

#include "spec.h"

/* The value that a specification makes of a body; unknown after errors. A new reference.
 *   scope  NULL: neither variables nor functions */
HclValue *decode_body(HclBody *body, const Spec *spec, const HclScope *scope, NookDiags *diags);

/* The references in the attributes that a specification reads; HclTraversal, borrowed. */
GPtrArray *decode_references(HclBody *body, const Spec *spec, NookDiags *diags);
