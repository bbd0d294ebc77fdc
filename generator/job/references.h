/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* References that only a running task can answer: ${NOMAD_TASK_DIR}, ${attr.kernel.name}. A name
 * whose root is neither `var` nor `local` nor an iterator becomes the text "${name}", and what will
 * never be replaced later is warned about, with the form that would be. */

#include "job/decode.h"

/* Installs this in the decoder's scope. The decoder must outlive the scope's use. */
void nook_references_install(NookDecoder *decoder);
