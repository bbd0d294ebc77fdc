/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The functions of decoding specifications: those that a specification may call itself, and those
 * that its `function` blocks define for the body. */

#include "hcl/hcl.h"

/* The scope that the expressions of a specification are evaluated in. A new reference. */
HclScope *spec_functions_new_scope(void);

/* Takes the `function "NAME" { params = [..], variadic_param = .., result = .. }` blocks out of a
 * body and defines them in `functions`; returns what is left of the body.
 *   base    what the results may call
 *   keep    gets what must live as long as the functions */
HclBody *spec_functions_define(HclBody *body, HclScope *base, HclScope *functions, GPtrArray *keep,
                               NookDiags *diags);
