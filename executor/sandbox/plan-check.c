/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan-format.h"

#include <string.h>

/* What each kind must bring, beside its name and exit status. */
enum {
        NEEDS_A = 1 << 0,
        NEEDS_B = 1 << 1,
        NEEDS_BLOB = 1 << 2,
        B_IS_INSIDE = 1 << 3, /* b is an absolute path in the root */
        A_IS_PATH = 1 << 4,
};

static const struct {
        const char *name;
        int status;
        unsigned needs;
} kinds[_NOOK_OP_MAX] = {
        [NOOK_OP_NAMESPACES] = {"namespaces", 226, 0},
        [NOOK_OP_PID_NAMESPACE] = {"pid-namespace", 226, 0},
        [NOOK_OP_JOIN] = {"join", 226, 0},
        [NOOK_OP_FORK] = {"fork", 226, 0},
        [NOOK_OP_LOOPBACK] = {"loopback", 225, 0},
        [NOOK_OP_HOSTNAME] = {"hostname", 226, NEEDS_A},
        [NOOK_OP_PROCESS] = {"process", 226, NEEDS_A | NEEDS_B},
        [NOOK_OP_PRIVATE] = {"private", 226, 0},
        [NOOK_OP_ROOT] = {"root", 226, NEEDS_A | A_IS_PATH},
        [NOOK_OP_BIND] = {"bind", 226, NEEDS_A | A_IS_PATH | NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_TMPFS] = {"tmpfs", 226, NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_PROC] = {"proc", 226, NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_MQUEUE] = {"mqueue", 226, NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_DEVPTS] = {"devpts", 226, NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_DEVICE] = {"device", 226, NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_DIRECTORY] = {"directory", 226, NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_LINK] = {"link", 226, NEEDS_A | NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_SEAL] = {"seal", 226, NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_HIDE] = {"hide", 226, NEEDS_A | A_IS_PATH | NEEDS_B | B_IS_INSIDE},
        [NOOK_OP_PIVOT] = {"pivot", 226, 0},
        [NOOK_OP_WAIT] = {"wait", 219, 0},
        [NOOK_OP_LIMIT] = {"limit", 205, 0},
        [NOOK_OP_NICE] = {"nice", 201, 0},
        [NOOK_OP_IO_PRIORITY] = {"io-priority", 211, 0},
        [NOOK_OP_SCHEDULER] = {"scheduler", 214, 0},
        [NOOK_OP_AFFINITY] = {"affinity", 215, NEEDS_BLOB},
        [NOOK_OP_MEMORY_POLICY] = {"memory-policy", 242, 0},
        [NOOK_OP_TIMER_SLACK] = {"timer-slack", 207, 0},
        [NOOK_OP_UMASK] = {"umask", 226, 0},
        [NOOK_OP_PERSONALITY] = {"personality", 230, 0},
        [NOOK_OP_KEYRING] = {"keyring", 237, 0},
        [NOOK_OP_IGNORE_PIPE] = {"ignore-pipe", 226, 0},
        [NOOK_OP_TERMINAL] = {"terminal", 208, 0},
        [NOOK_OP_SESSION] = {"session", 220, 0},
        [NOOK_OP_INIT] = {"init", 226, 0},
        [NOOK_OP_USER] = {"user", 217, 0},
        [NOOK_OP_BOUND] = {"bound", 218, 0},
        [NOOK_OP_CAPS] = {"capabilities", 218, 0},
        [NOOK_OP_NO_NEW_PRIVILEGES] = {"no-new-privileges", 227, 0},
        [NOOK_OP_SECCOMP] = {"seccomp", 228, NEEDS_BLOB},
        [NOOK_OP_DIE_WITH_PARENT] = {"die-with-parent", 226, 0},
        [NOOK_OP_DIRECTORY_WORKING] = {"working-directory", 200, NEEDS_A | A_IS_PATH},
        [NOOK_OP_KEEP_ENVIRONMENT] = {"keep-environment", 226, 0},
        [NOOK_OP_UNSET] = {"unset", 226, NEEDS_A},
        [NOOK_OP_ENVIRONMENT] = {"environment", 226, NEEDS_A},
        [NOOK_OP_ARGUMENT] = {"argument", 226, NEEDS_A},
        [NOOK_OP_EXEC] = {"exec", 203, NEEDS_A | A_IS_PATH},
};

const char *nook_sandbox_op_name(unsigned kind) {
        return kind < _NOOK_OP_MAX && kinds[kind].name ? kinds[kind].name : "unknown";
}

int nook_sandbox_op_status(unsigned kind) {
        return kind < _NOOK_OP_MAX && kinds[kind].name ? kinds[kind].status : 226;
}

/* An absolute path whose components are all names: no "..", "." or empty one. */
static bool is_inside(const char *path) {
        if (path[0] != '/')
                return false;

        for (const char *name = path + 1; *name;) {
                size_t size = strcspn(name, "/");

                if (size == 0 || (size == 1 && name[0] == '.') ||
                    (size == 2 && name[0] == '.' && name[1] == '.'))
                        return false;
                name += size;
                if (*name == '/' && *++name == '\0')
                        return false;
        }
        return true;
}

static const char *check_op(const char *buffer, const NookSandboxOp *op, size_t first,
                            size_t size) {
        if (op->kind >= _NOOK_OP_MAX || !kinds[op->kind].name)
                return "an operation of no known kind";

        unsigned needs = kinds[op->kind].needs;
        if ((op->a && (op->a < first || op->a >= size)) ||
            (op->b && (op->b < first || op->b >= size)))
                return "a string outside the plan";
        if ((needs & NEEDS_A && !op->a) || (needs & NEEDS_B && !op->b))
                return "an operation without its string";
        if (needs & A_IS_PATH && buffer[op->a] != '/')
                return "a path that is not absolute";
        if (needs & B_IS_INSIDE && !is_inside(buffer + op->b))
                return "a path that leaves the root";
        if (op->blob && (op->blob < first || op->blob % 8 || op->blob > size ||
                         op->blob_size > size - op->blob))
                return "bytes outside the plan";
        if ((needs & NEEDS_BLOB && !op->blob_size) || (!op->blob && op->blob_size))
                return "an operation without its bytes";
        return NULL;
}

const char *nook_sandbox_check(const void *buffer, size_t size) {
        const NookSandboxHeader *header = buffer;
        uint32_t n_words = 0, n_env = 0;

        if (size < sizeof *header || memcmp(header->magic, NOOK_SANDBOX_MAGIC, 8) != 0)
                return "not a plan";
        if (header->version != NOOK_SANDBOX_VERSION)
                return "a plan of another version of nook";
        if (header->size != size || size > NOOK_SANDBOX_MAX)
                return "a plan of another size than it says";
        if (header->n_ops == 0 || header->n_ops > NOOK_SANDBOX_OPS_MAX ||
            header->n_ops > (size - sizeof *header) / sizeof(NookSandboxOp))
                return "more operations than the plan holds";
        if (((const char *)buffer)[size - 1] != '\0')
                return "a string without its end";

        const NookSandboxOp *ops = nook_sandbox_ops(buffer);
        size_t first = sizeof *header + header->n_ops * sizeof *ops;
        for (uint32_t i = 0; i < header->n_ops; i++) {
                const char *problem = check_op(buffer, &ops[i], first, size);
                if (problem)
                        return problem;
                if ((ops[i].kind == NOOK_OP_EXEC) != (i == header->n_ops - 1))
                        return "a plan that does not end in exec";
                n_words += ops[i].kind == NOOK_OP_ARGUMENT;
                n_env += ops[i].kind == NOOK_OP_ENVIRONMENT;
        }
        if (n_words == 0 || n_words != header->n_words || n_env != header->n_env)
                return "words that are not those counted";
        return NULL;
}
