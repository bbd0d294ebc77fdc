/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What must not be in the code between fork() and execve(), for check-runner-calls.sh to find. */

#include <stdlib.h>

void *careless_allocate(size_t size);

void *careless_allocate(size_t size) {
        return malloc(size);
}
