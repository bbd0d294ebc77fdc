/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Included after each use of job/blocks.def or job/config.def, so that the next one can give the
 * words another meaning. Hence no #pragma once. */

#undef BLOCK
#undef FIELD
#undef ONE
#undef MANY
#undef LABEL
#undef API
#undef API_ONE
#undef API_MANY
#undef PLAIN
#undef END
