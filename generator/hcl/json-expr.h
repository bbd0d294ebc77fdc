/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* JSON values as expressions; the inside of hcl/json. */

#include "hcl/impl.h"
#include "hcl/json-node.h"

/* The expression that a JSON value is; in the file's memory. */
const HclExpr *hcl_json_expr(HclFile *file, const HclJsonNode *node);
