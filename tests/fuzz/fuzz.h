/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the fuzz targets share. Each target is one fuzz-NAME.c with the one function that libFuzzer
 * calls; compiled with run-seeds.c instead, it goes through the files it is given, so that the
 * seeds are tested everywhere. */

#include <stddef.h>
#include <stdint.h>

#include "hcl/functions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A source of these bytes. */
NookSource *fuzz_source(const uint8_t *data, size_t size);

/* A scope with the functions and a few variables of different types. */
HclScope *fuzz_scope(void);

/* Evaluates everything in a body and appends what comes out as JSON; the caller compares. */
void fuzz_evaluate_body(HclBody *body, const HclScope *scope, NookDiags *diags, GString *out);

/* Prints the findings to nowhere, so that their places are worked out. */
void fuzz_print(const NookDiags *diags);
