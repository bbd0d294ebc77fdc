/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandbox.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>

struct NookSandbox {
        GArray *ops;      /* of NookSandboxOp; offsets count from the start of `area` */
        GByteArray *area; /* strings and blobs; its first 8 bytes stand for "none" */
        guint32 counts[_NOOK_OP_MAX];
};

NookSandbox *nook_sandbox_new(void) {
        NookSandbox *sandbox = g_new0(NookSandbox, 1);
        static const guint8 none[8];

        sandbox->ops = g_array_new(FALSE, TRUE, sizeof(NookSandboxOp));
        sandbox->area = g_byte_array_new();
        g_byte_array_append(sandbox->area, none, sizeof none);
        return sandbox;
}

void nook_sandbox_free(NookSandbox *sandbox) {
        if (!sandbox)
                return;
        g_array_unref(sandbox->ops);
        g_byte_array_unref(sandbox->area);
        g_free(sandbox);
}

static guint32 add_text(NookSandbox *sandbox, const char *text) {
        guint32 offset = sandbox->area->len;

        if (!text)
                return 0;
        g_byte_array_append(sandbox->area, (const guint8 *)text, (guint)strlen(text) + 1);
        return offset;
}

static guint32 add_blob(NookSandbox *sandbox, const void *blob, gsize size) {
        static const guint8 padding[8];

        if (!blob || !size)
                return 0;
        if (sandbox->area->len % 8)
                g_byte_array_append(sandbox->area, padding, 8 - sandbox->area->len % 8);

        guint32 offset = sandbox->area->len;
        g_byte_array_append(sandbox->area, blob, (guint)size);
        return offset;
}

void nook_sandbox_add_args(NookSandbox *sandbox, const NookSandboxArgs *args) {
        NookSandboxOp op = {
                .kind = (uint16_t)args->kind,
                .flags = (uint16_t)args->flags,
                .number = args->number,
                .x = args->x,
                .y = args->y,
                .a = add_text(sandbox, args->a),
                .b = add_text(sandbox, args->b),
                .blob = add_blob(sandbox, args->blob, args->blob_size),
                .blob_size = args->blob ? (uint32_t)args->blob_size : 0,
        };

        g_assert(args->kind > NOOK_OP_NONE && args->kind < _NOOK_OP_MAX);
        g_array_append_val(sandbox->ops, op);
        sandbox->counts[args->kind]++;
}

guint nook_sandbox_count(const NookSandbox *sandbox, NookSandboxOpKind kind) {
        return sandbox->counts[kind];
}

GBytes *nook_sandbox_to_bytes(const NookSandbox *sandbox) {
        gsize first = sizeof(NookSandboxHeader) + sandbox->ops->len * sizeof(NookSandboxOp);
        gsize size = first + sandbox->area->len + 1;
        guint8 *bytes = g_malloc0(size); /* the last byte ends whatever is last */
        NookSandboxHeader header = {
                .magic = NOOK_SANDBOX_MAGIC,
                .version = NOOK_SANDBOX_VERSION,
                .size = (uint32_t)size,
                .n_ops = sandbox->ops->len,
                .n_words = sandbox->counts[NOOK_OP_ARGUMENT],
                .n_env = sandbox->counts[NOOK_OP_ENVIRONMENT],
        };

        G_STATIC_ASSERT(sizeof(NookSandboxHeader) % 8 == 0 && sizeof(NookSandboxOp) % 8 == 0);
        memcpy(bytes, &header, sizeof header);
        for (guint i = 0; i < sandbox->ops->len; i++) {
                NookSandboxOp op = g_array_index(sandbox->ops, NookSandboxOp, i);

                op.a += op.a ? (uint32_t)first : 0;
                op.b += op.b ? (uint32_t)first : 0;
                op.blob += op.blob ? (uint32_t)first : 0;
                memcpy(bytes + sizeof header + i * sizeof op, &op, sizeof op);
        }
        memcpy(bytes + first, sandbox->area->data, sandbox->area->len);
        return g_bytes_new_take(bytes, size);
}

typedef struct {
        guint64 bit;
        const char *name;
} Bit;

static const Bit namespace_bits[] = {{CLONE_NEWNS, "mount"},      {CLONE_NEWIPC, "ipc"},
                                     {CLONE_NEWNET, "network"},   {CLONE_NEWUTS, "hostname"},
                                     {CLONE_NEWCGROUP, "cgroup"}, {CLONE_NEWUSER, "user"},
                                     {CLONE_NEWPID, "pid"},       {0, NULL}};

static const Bit attribute_bits[] = {{MOUNT_ATTR_RDONLY, "ro"},
                                     {MOUNT_ATTR_NOSUID, "nosuid"},
                                     {MOUNT_ATTR_NODEV, "nodev"},
                                     {MOUNT_ATTR_NOEXEC, "noexec"},
                                     {0, NULL}};

static void append_bits(GString *out, const char *lead, guint64 value, const Bit *bits) {
        const char *separator = lead;

        for (; bits->name; bits++) {
                if (!(value & bits->bit))
                        continue;
                g_string_append_printf(out, "%s%s", separator, bits->name);
                separator = ",";
                value &= ~bits->bit;
        }
        if (value)
                g_string_append_printf(out, "%s0x%" G_GINT64_MODIFIER "x", separator, value);
}

static bool is_mount(unsigned kind) {
        return kind >= NOOK_OP_PRIVATE && kind <= NOOK_OP_HIDE && kind != NOOK_OP_DEVICE &&
               kind != NOOK_OP_DIRECTORY && kind != NOOK_OP_LINK;
}

static void append_numbers(GString *out, const NookSandboxOp *op) {
        if (op->kind == NOOK_OP_NAMESPACES)
                append_bits(out, " ", op->x, namespace_bits);
        else if (is_mount(op->kind)) {
                append_bits(out, " set ", op->x, attribute_bits);
                append_bits(out, " clear ", op->y, attribute_bits);
        } else if (op->kind == NOOK_OP_DEVICE || op->kind == NOOK_OP_DIRECTORY)
                g_string_append_printf(out, " mode %03o", (unsigned)(op->y & 07777));
        else if (op->kind == NOOK_OP_UMASK)
                g_string_append_printf(out, " %04o", (unsigned)op->number);
        else if (op->kind == NOOK_OP_BOUND || op->kind == NOOK_OP_CAPS)
                g_string_append_printf(out, " 0x%" G_GINT64_MODIFIER "x 0x%" G_GINT64_MODIFIER "x",
                                       op->x, op->y);
        else if (op->number || op->x || op->y)
                g_string_append_printf(out, " %d %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                                       op->number, op->x, op->y);
}

char *nook_sandbox_to_text(const NookSandbox *sandbox) {
        GString *out = g_string_new(NULL);

        for (guint i = 0; i < sandbox->ops->len; i++) {
                const NookSandboxOp *op = &g_array_index(sandbox->ops, NookSandboxOp, i);
                const char *area = (const char *)sandbox->area->data;
                const char *a = op->a ? area + op->a : NULL, *b = op->b ? area + op->b : NULL;

                g_string_append(out, nook_sandbox_op_name(op->kind));
                if (op->kind == NOOK_OP_ENVIRONMENT)
                        g_string_append_printf(out, " %.*s", (int)strcspn(a, "="), a);
                else if (a)
                        g_string_append_printf(out, " %s", a);
                if (b)
                        g_string_append_printf(out, "%s%s", a ? " on " : " ", b);
                append_numbers(out, op);
                if (op->flags & NOOK_OP_RECURSIVE)
                        g_string_append(out, " (with what is mounted below)");
                if (op->flags & NOOK_OP_OPTIONAL)
                        g_string_append(out, " (if it is there)");
                if (op->blob_size)
                        g_string_append_printf(out, " (%u bytes)", op->blob_size);
                g_string_append_c(out, '\n');
        }
        return g_string_free(out, FALSE);
}
