/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The sandbox's plan as bytes: a header, an array of operations, an area of strings and blobs. It
 * is written by nook (sandbox.h) and carried out, operation by operation, by nook-sandbox, which
 * links nothing but the C library and allocates no memory: everything an operation needs lies in
 * the one buffer, by offset. The format is that of one host and one version of nook; a file of
 * another version is refused. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOOK_SANDBOX_MAGIC   "NOOKSBX"
#define NOOK_SANDBOX_VERSION 1
#define NOOK_SANDBOX_MAX     (16u << 20) /* bytes of a plan */
#define NOOK_SANDBOX_OPS_MAX 65536u

typedef struct {
        char magic[8];
        uint32_t version;
        uint32_t size; /* of the whole plan */
        uint32_t n_ops;
        uint32_t n_words; /* operations of kind ARGUMENT */
        uint32_t n_env;   /* operations of kind ENVIRONMENT */
        uint32_t flags;   /* none yet: zero */
} NookSandboxHeader;

/* What is done, in the order of the plan. "a" and "b" are the operation's strings, "x" and "y" its
 * numbers, "blob" its bytes. Paths named b are inside the root that is being built and are looked
 * up beneath it, with no way out of it; paths named a are the host's. */
typedef enum {
        NOOK_OP_NONE,
        NOOK_OP_NAMESPACES,    /* x: CLONE_NEW* to unshare; a, b: lines for uid_map and gid_map */
        NOOK_OP_PID_NAMESPACE, /* from here on in a PID namespace of its own, as its init */
        NOOK_OP_JOIN,          /* number: a process; x: CLONE_NEW* of it to enter */
        NOOK_OP_FORK,          /* from here on in a child, which is in the PID namespace joined */
        NOOK_OP_LOOPBACK,      /* brings "lo" up */
        NOOK_OP_HOSTNAME,      /* a */
        NOOK_OP_PROCESS,       /* a: file below /proc/self; b: text to write to it */
        NOOK_OP_PRIVATE,       /* no mount event goes in or out any more */
        NOOK_OP_ROOT,          /* a: directory that becomes the root; x: attributes */
        NOOK_OP_BIND,          /* a on b; x: attributes to set, y: to clear */
        NOOK_OP_TMPFS,         /* on b; a: options; x: MS_* flags */
        NOOK_OP_PROC,          /* on b; a: options; x: MS_* flags */
        NOOK_OP_MQUEUE,        /* on b */
        NOOK_OP_DEVPTS,        /* on b: an instance of its own */
        NOOK_OP_DEVICE,        /* b: a node; x: device number, y: mode */
        NOOK_OP_DIRECTORY,     /* b: made, y: mode */
        NOOK_OP_LINK,          /* b: a link with the text a */
        NOOK_OP_SEAL,          /* b and all below: x: attributes to set, y: to clear */
        NOOK_OP_HIDE,          /* b: covered by a/dir or a/file, which nobody may read */
        NOOK_OP_PIVOT,         /* into the root; the old one is gone */
        NOOK_OP_WAIT,          /* for the launcher's word: the unit is there */
        NOOK_OP_LIMIT,         /* x: soft, y: hard, number: RLIMIT_* */
        NOOK_OP_NICE,          /* number */
        NOOK_OP_IO_PRIORITY,   /* number */
        NOOK_OP_SCHEDULER,     /* number: policy, x: priority, y: reset on fork */
        NOOK_OP_AFFINITY,      /* blob: mask of CPUs */
        NOOK_OP_MEMORY_POLICY, /* number: MPOL_*; blob: mask of nodes, or none */
        NOOK_OP_TIMER_SLACK,   /* x: nanoseconds */
        NOOK_OP_UMASK,         /* number */
        NOOK_OP_PERSONALITY,   /* x */
        NOOK_OP_KEYRING,       /* a session keyring of its own; number 1: linked to the user's */
        NOOK_OP_IGNORE_PIPE,   /* SIGPIPE is ignored */
        NOOK_OP_TERMINAL,      /* a session of its own, with standard input as its terminal */
        NOOK_OP_SESSION,       /* a session of its own, with no terminal */
        NOOK_OP_INIT,  /* in a PID namespace: the rest is done by a child, this process reaps */
        NOOK_OP_USER,  /* x: uid, y: gid, blob: gid_t[]; a: the manager's dynamic user instead */
        NOOK_OP_BOUND, /* x: the capabilities that stay in the bounding set */
        NOOK_OP_CAPS,  /* x: permitted, y: inheritable and ambient */
        NOOK_OP_NO_NEW_PRIVILEGES,
        NOOK_OP_SECCOMP,           /* blob: struct sock_filter[] */
        NOOK_OP_DIE_WITH_PARENT,   /* number: signal */
        NOOK_OP_DIRECTORY_WORKING, /* a, inside the root */
        NOOK_OP_KEEP_ENVIRONMENT,  /* what the manager gave stays, under what the plan says */
        NOOK_OP_UNSET,             /* a: a name that does not stay */
        NOOK_OP_ENVIRONMENT,       /* a: NAME=VALUE */
        NOOK_OP_ARGUMENT,          /* a: a word */
        NOOK_OP_EXEC,              /* a: path; always the last */
        _NOOK_OP_MAX,
} NookSandboxOpKind;

enum {
        NOOK_OP_RECURSIVE = 1 << 0, /* mounts below come along */
        NOOK_OP_OPTIONAL = 1 << 1,  /* what is not there is left out */
        NOOK_OP_SOURCE_IN = 1 << 2, /* a is inside the root as well */
};

typedef struct {
        uint16_t kind;
        uint16_t flags;
        int32_t number;
        uint64_t x;
        uint64_t y;
        uint32_t a; /* offset of a string; 0: none */
        uint32_t b;
        uint32_t blob; /* offset, a multiple of 8; 0: none */
        uint32_t blob_size;
} NookSandboxOp;

/* Whether the bytes are a plan that can be carried out: every offset inside, every string ended,
 * every kind known, the pieces that a kind needs there, EXEC last and only there. buffer must be
 * aligned to 8 bytes. Returns NULL, or what is wrong (static text). */
const char *nook_sandbox_check(const void *buffer, size_t size);

static inline const NookSandboxHeader *nook_sandbox_header(const void *buffer) {
        return buffer;
}

static inline const NookSandboxOp *nook_sandbox_ops(const void *buffer) {
        return (const NookSandboxOp *)((const char *)buffer + sizeof(NookSandboxHeader));
}

/* A string of an operation; NULL for offset 0. */
static inline const char *nook_sandbox_text(const void *buffer, uint32_t offset) {
        return offset ? (const char *)buffer + offset : NULL;
}

/* What an operation is called in listings and messages: "bind"; static. */
const char *nook_sandbox_op_name(unsigned kind);

/* The exit status that tells which kind of wall could not be built: systemd's own numbers
 * (systemd.exec(5), "Process exit codes"), 226 for a mount, 228 for a filter. */
int nook_sandbox_op_status(unsigned kind);
