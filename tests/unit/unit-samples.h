/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* For tests: a text for each row of the directive table that its parser must take. */

#include "unit/directive.h"

/* Static. Rows whose type says all get the type's sample; others have one of their own. */
const char *sample_of(const NookDirective *directive);
