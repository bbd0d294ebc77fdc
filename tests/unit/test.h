/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What each test program includes: cmocka with the headers that it wants before itself. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>
