/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Errors of the world that a line of the job file is answerable for: a command that is not there,
 * an artifact that cannot be had. They are shown as a finding at that line, like every mistake in
 * the file, and keep the code that decides the exit status. */

#include <glib.h>

#include "base/error.h"
#include "load.h"

/* Prints the error as a finding at range and leaves an error of the same code with an empty text,
 * which main() does not print. Without a place, and for what no line is to blame for (a signal, a
 * bus), the error stays as it is. Always false, for `return nook_blame(...)`.
 *   error  set */
bool nook_blame(NookLoad *load, NookRange range, GError **error);
