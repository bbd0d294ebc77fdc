/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What conversion and unification ask about types alone, before there are values.
 *
 * Source: go-cty (cty/convert: conversion.go, unify.go, compare_types.go, sort_types.go). */

#include "hcl/type.h"

/* Whether some value of type `from` could be converted to `to`. A string may turn out not to be a
 * number later. */
bool hcl_type_convertible(const HclType *from, const HclType *to);

/* `to` with each `dynamic` in it replaced by what `from` has there. A new reference. */
const HclType *hcl_type_fill_dynamic(const HclType *from, const HclType *to);
