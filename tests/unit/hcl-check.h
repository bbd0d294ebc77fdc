/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Checks for tests of the HCL library: one line says what a text comes to. Variables that texts can
 * use:  n = null, t = true, f = false, s = "str", i = 5, l = [1, 2, 3],
 *       lo = [{a = 1, b = "x"}, {a = 2, b = "y"}], o = {a = 1, b = {c = [10, 20]}}, e = [],
 *       ls: a list(string) of "p" and "q", le: an empty list(object({a = string})),
 *       lns: one of that type with null and "x" for a,
 *       ss: a set(string) of "p" and "q", m: a map(number) of x = 1 and y = 2
 * and functions: length(any), upper(string), fail(any), sum(number...). */

#include "hcl/hcl.h"

/* A scope with these variables and functions. */
HclScope *hcl_check_scope(void);

/* The expression has this value, as JSON, and this type, as a type expression; an infinity is
 * "+Inf" or "-Inf". */
void hcl_check_expr(const char *text, const char *value, const char *type);
void hcl_check_template(const char *text, const char *value, const char *type);

/* The attribute `a` of the body has this value. */
void hcl_check_attribute(const char *text, const char *value);

/* The text is an error: exactly this one, at "line:column-line:column", with this summary, and with
 * this in its detail. NULL: not compared. */
void hcl_check_expr_error(const char *text, const char *range, const char *summary,
                          const char *detail);
void hcl_check_template_error(const char *text, const char *range, const char *summary,
                              const char *detail);
void hcl_check_body_error(const char *text, const char *range, const char *summary,
                          const char *detail);

/* The same without saying where and why. */
void hcl_check_expr_refused(const char *text);
void hcl_check_body_refused(const char *text);
void hcl_check_body_accepted(const char *text);

/* A file read from text; errors fail the test. */
HclFile *hcl_check_parse(const char *text);
