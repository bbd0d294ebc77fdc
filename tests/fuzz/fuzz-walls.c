/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The sandbox's plan file: whatever its check lets pass must keep every string and blob inside. */

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan-format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        uint64_t *aligned = NULL;
        volatile size_t sum = 0;
        const void *plan;

        if (size > 1 << 16)
                return 0;
        aligned = calloc(size / 8 + 1, 8);
        if (!aligned)
                return 0;
        memcpy(aligned, data, size);
        plan = aligned;
        if (!nook_sandbox_check(plan, size)) {
                const NookSandboxHeader *header = nook_sandbox_header(plan);

                for (uint32_t i = 0; i < header->n_ops; i++) {
                        const NookSandboxOp *op = &nook_sandbox_ops(plan)[i];

                        sum += op->a ? strlen(nook_sandbox_text(plan, op->a)) : 0;
                        sum += op->b ? strlen(nook_sandbox_text(plan, op->b)) : 0;
                        for (uint32_t k = 0; k < op->blob_size; k++)
                                sum += ((const uint8_t *)plan)[op->blob + k];
                }
        }
        free(aligned);
        return sum == SIZE_MAX ? 1 : 0; /* so that it counts as used */
}
