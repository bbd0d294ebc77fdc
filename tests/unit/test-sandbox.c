/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <cmocka.h>

#include "runner.h"
#include "sandbox.h"

static NookSandbox *small_plan(void) {
        NookSandbox *sandbox = nook_sandbox_new();
        static const gid_t groups[] = {4, 24};

        nook_sandbox_add(sandbox, NOOK_OP_NAMESPACES, .x = CLONE_NEWNS | CLONE_NEWIPC);
        nook_sandbox_add(sandbox, NOOK_OP_PRIVATE);
        nook_sandbox_add(sandbox, NOOK_OP_ROOT, .a = "/run/nook/root/0", .x = MOUNT_ATTR_RDONLY);
        nook_sandbox_add(sandbox, NOOK_OP_BIND, .a = "/usr", .b = "/usr",
                         .flags = NOOK_OP_RECURSIVE, .x = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
        nook_sandbox_add(sandbox, NOOK_OP_USER, .x = 1000, .y = 1000, .blob = groups,
                         .blob_size = sizeof groups);
        nook_sandbox_add(sandbox, NOOK_OP_KEEP_ENVIRONMENT);
        nook_sandbox_add(sandbox, NOOK_OP_UNSET, .a = "SECRET");
        nook_sandbox_add(sandbox, NOOK_OP_ENVIRONMENT, .a = "NAME=new");
        nook_sandbox_add(sandbox, NOOK_OP_ARGUMENT, .a = "true");
        nook_sandbox_add(sandbox, NOOK_OP_EXEC, .a = "/usr/bin/true");
        return sandbox;
}

static void a_plan_passes_its_own_check(void **state) {
        g_autoptr(NookSandbox) sandbox = small_plan();
        g_autoptr(GBytes) bytes = nook_sandbox_to_bytes(sandbox);
        gsize size;
        const void *data = g_bytes_get_data(bytes, &size);

        assert_null(nook_sandbox_check(data, size));

        const NookSandboxOp *ops = nook_sandbox_ops(data);
        assert_int_equal(ops[3].kind, NOOK_OP_BIND);
        assert_string_equal(nook_sandbox_text(data, ops[3].b), "/usr");
        assert_int_equal(ops[4].blob_size, 8);
        assert_int_equal(((const gid_t *)(const void *)((const char *)data + ops[4].blob))[1], 24);
}

static void a_plan_reads_as_text_without_values_of_the_environment(void **state) {
        g_autoptr(NookSandbox) sandbox = small_plan();
        g_autofree char *text = nook_sandbox_to_text(sandbox);

        assert_non_null(strstr(text, "namespaces mount,ipc\n"));
        assert_non_null(strstr(text, "bind /usr on /usr set ro,nosuid (with what is mounted"));
        assert_non_null(strstr(text, "environment NAME\n"));
        assert_null(strstr(text, "NAME=new"));
}

static const char *check_with(const NookSandboxArgs *args) {
        g_autoptr(NookSandbox) sandbox = nook_sandbox_new();

        nook_sandbox_add_args(sandbox, args);
        nook_sandbox_add(sandbox, NOOK_OP_ARGUMENT, .a = "true");
        nook_sandbox_add(sandbox, NOOK_OP_EXEC, .a = "/usr/bin/true");

        g_autoptr(GBytes) bytes = nook_sandbox_to_bytes(sandbox);
        return nook_sandbox_check(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void places_outside_the_root_are_refused(void **state) {
        const char *bad[] = {"usr",   "/..", "/a/../b", "/a/..", "/./a",
                             "/a//b", "/a/", "..",      "",      "/a/."};

        for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
                if (!check_with(&(NookSandboxArgs){.kind = NOOK_OP_BIND, .a = "/x", .b = bad[i]}))
                        fail_msg("'%s' was taken for a place in the root", bad[i]);
        assert_null(
                check_with(&(NookSandboxArgs){.kind = NOOK_OP_BIND, .a = "/x", .b = "/..a/b.."}));
}

static void operations_without_what_they_need_are_refused(void **state) {
        assert_non_null(check_with(&(NookSandboxArgs){.kind = NOOK_OP_BIND, .a = "/x"}));
        assert_non_null(check_with(&(NookSandboxArgs){.kind = NOOK_OP_ROOT, .a = "x"}));
        assert_non_null(check_with(&(NookSandboxArgs){.kind = NOOK_OP_SECCOMP, .x = 1}));
        assert_non_null(check_with(&(NookSandboxArgs){.kind = NOOK_OP_EXEC, .a = "/bin/sh"}));
}

/* The check reads what a stranger may have written: no bytes may lead it, or what it lets pass,
 * outside of the buffer (the sanitizer watches). */
static void damaged_plans_are_refused_or_harmless(void **state) {
        g_autoptr(NookSandbox) sandbox = small_plan();
        g_autoptr(GBytes) bytes = nook_sandbox_to_bytes(sandbox);
        gsize size = g_bytes_get_size(bytes);
        g_autoptr(GRand) rand = g_rand_new_with_seed(4);

        for (int round = 0; round < 200000; round++) {
                gsize used = round % 10 ? size : (gsize)g_rand_int_range(rand, 1, (gint32)size + 1);
                g_autofree guint8 *copy = g_malloc(used);

                memcpy(copy, g_bytes_get_data(bytes, NULL), used);
                for (int flips = g_rand_int_range(rand, 1, 4); used && flips; flips--)
                        copy[g_rand_int_range(rand, 0, (gint32)used)] =
                                (guint8)g_rand_int_range(rand, 0, 256);
                if (nook_sandbox_check(copy, used))
                        continue;

                const NookSandboxHeader *header = nook_sandbox_header(copy);
                for (uint32_t i = 0; i < header->n_ops; i++) {
                        const NookSandboxOp *op = &nook_sandbox_ops(copy)[i];
                        const char *a = nook_sandbox_text(copy, op->a);
                        const char *b = nook_sandbox_text(copy, op->b);
                        guint sum = 0;

                        assert_true(!a || strlen(a) < used);
                        assert_true(!b || strlen(b) < used);
                        for (uint32_t k = 0; k < op->blob_size; k++)
                                sum += copy[op->blob + k];
                        assert_true(sum < G_MAXUINT);
                }
        }
}

static void the_plan_s_environment_replaces_what_came(void **state) {
        g_autoptr(NookSandbox) sandbox = small_plan();
        g_autoptr(GBytes) bytes = nook_sandbox_to_bytes(sandbox);
        char old[] = "NAME=old", secret[] = "SECRET=x", other[] = "NAMES=stay";
        char *came[] = {old, secret, other, NULL};
        NookRunner runner = {.buffer = g_bytes_get_data(bytes, NULL), .environment = came};
        char *slots[8];

        nook_runner_fill_environment(&runner, slots);
        assert_string_equal(slots[0], "NAMES=stay");
        assert_string_equal(slots[1], "NAME=new");
        assert_null(slots[2]);
}

static void every_kind_has_a_name_and_a_status(void **state) {
        for (unsigned kind = 1; kind < _NOOK_OP_MAX; kind++) {
                assert_string_not_equal(nook_sandbox_op_name(kind), "unknown");
                assert_in_range(nook_sandbox_op_status(kind), 200, 243);
        }
        assert_string_equal(nook_sandbox_op_name(_NOOK_OP_MAX), "unknown");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_plan_passes_its_own_check),
                cmocka_unit_test(a_plan_reads_as_text_without_values_of_the_environment),
                cmocka_unit_test(places_outside_the_root_are_refused),
                cmocka_unit_test(operations_without_what_they_need_are_refused),
                cmocka_unit_test(damaged_plans_are_refused_or_harmless),
                cmocka_unit_test(the_plan_s_environment_replaces_what_came),
                cmocka_unit_test(every_kind_has_a_name_and_a_status),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
