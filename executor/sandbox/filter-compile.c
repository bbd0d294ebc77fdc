/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "filter-compile.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "syscall-groups.h"

bool nook_errno_from_name(const char *name, int *ret_number) {
        char *end;
        long number = strtol(name, &end, 10);

        if (*name && !*end && number >= 0 && number < 4096) {
                *ret_number = (int)number;
                return true;
        }
        for (int i = 1; i < 134; i++) {
                const char *known = strerrorname_np(i);
                if (known && strcmp(known, name) == 0) {
                        *ret_number = i;
                        return true;
                }
        }
        return false;
}

/* --- which calls ----------------------------------------------------------------------------- */

enum { NO_ERRNO = -1 };

/* Puts a call, or all of a group, into a set (name to error number), or takes it out. */
static void apply(GHashTable *set, const char *word, gboolean adds, int number) {
        const char *members = nook_syscall_group_members(word);

        if (members) {
                for (; *members; members += strlen(members) + 1)
                        apply(set, members, adds, number);
        } else if (adds) {
                g_hash_table_replace(set, g_strdup(word), GINT_TO_POINTER(number));
        } else {
                g_hash_table_remove(set, word);
        }
}

/* The list that the words amount to. ret_allows: it is of what is allowed. An allow-list always
 * has @default; a word in the other sense takes away, with an error number it denies by name. */
static GHashTable *resolve_calls(const NookFilter *filter, bool *ret_allows,
                                 GHashTable **ret_denied) {
        GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        GHashTable *denied = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        const char *first = g_ptr_array_index(filter->calls, 0);
        bool allows = *first != '~';

        if (allows)
                apply(set, "@default", TRUE, NO_ERRNO);
        for (guint i = 0; i < filter->calls->len; i++) {
                const char *word = g_ptr_array_index(filter->calls, i);
                bool is_denial = *word == '~';
                g_auto(GStrv) parts = g_strsplit(word + is_denial, ":", 2);
                int number = NO_ERRNO;

                if (parts[1])
                        (void)nook_errno_from_name(parts[1], &number);
                if (allows && is_denial && number != NO_ERRNO)
                        apply(denied, parts[0], TRUE, number);
                apply(set, parts[0], is_denial != allows, number);
        }
        *ret_allows = allows;
        *ret_denied = denied;
        return set;
}

static uint32_t refusal(int number) {
        return number == 0 ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO((uint32_t)number);
}

/* Adds a rule for each name of a set. Names that this machine has no call for are passed over. */
static int add_names(scmp_filter_ctx context, GHashTable *set, uint32_t action) {
        GHashTableIter iter;
        gpointer name, number;

        g_hash_table_iter_init(&iter, set);
        while (g_hash_table_iter_next(&iter, &name, &number)) {
                int call = seccomp_syscall_resolve_name(name);
                uint32_t its = GPOINTER_TO_INT(number) == NO_ERRNO || action == SCMP_ACT_ALLOW
                                       ? action
                                       : refusal(GPOINTER_TO_INT(number));

                if (call < 0)
                        continue;
                int r = seccomp_rule_add_exact(context, its, call, 0);
                if (r < 0 && r != -EEXIST && r != -EACCES && r != -EDOM)
                        return r;
        }
        return 0;
}

/* What a list does not name: known calls fail with the number asked for, calls that came after
 * the list was written do not exist. */
static int build_calls(const NookFilter *filter, scmp_filter_ctx *ret_context) {
        bool allows;
        GHashTable *denied_set;
        g_autoptr(GHashTable) set = resolve_calls(filter, &allows, &denied_set);
        g_autoptr(GHashTable) denied = denied_set;
        scmp_filter_ctx context = seccomp_init(allows ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW);
        int r;

        if (!context)
                return -ENOMEM;
        *ret_context = context;
        if (!allows)
                return add_names(context, set, refusal(filter->call_errno));

        g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        GHashTableIter iter;
        gpointer name;

        apply(known, "@known", TRUE, NO_ERRNO);
        g_hash_table_iter_init(&iter, set);
        while (g_hash_table_iter_next(&iter, &name, NULL))
                g_hash_table_remove(known, name);
        g_hash_table_iter_init(&iter, denied);
        while (g_hash_table_iter_next(&iter, &name, NULL))
                g_hash_table_remove(known, name);

        r = add_names(context, set, SCMP_ACT_ALLOW);
        if (r == 0)
                r = add_names(context, denied, refusal(filter->call_errno));
        if (r == 0)
                r = add_names(context, known, refusal(filter->call_errno));
        return r;
}

/* --- which arguments ------------------------------------------------------------------------- */

static int deny(scmp_filter_ctx context, int number, int call, unsigned n,
                const struct scmp_arg_cmp *conditions) {
        if (call < 0)
                return 0;

        int r = seccomp_rule_add_exact_array(context, SCMP_ACT_ERRNO((uint32_t)number), call, n,
                                             conditions);
        return r == -EEXIST || r == -EDOM ? 0 : r;
}

static int deny_group(scmp_filter_ctx context, const char *word) {
        g_autoptr(GHashTable) set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        apply(set, word, TRUE, NO_ERRNO);
        return add_names(context, set, SCMP_ACT_ERRNO(EPERM));
}

static int compare_ints(gconstpointer a, gconstpointer b) {
        return *(const int *)a - *(const int *)b;
}

/* An allow-list is a list of what lies between its members. */
static int add_families(scmp_filter_ctx context, const NookFilter *filter) {
        const int call = SCMP_SYS(socket);
        g_autoptr(GArray) sorted = g_array_copy(filter->families);
        int r = 0, next = 0;

        g_array_sort(sorted, compare_ints);
        if (!filter->families_allow) {
                for (guint i = 0; i < sorted->len && r == 0; i++)
                        r = deny(context, EAFNOSUPPORT, call, 1,
                                 &SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)g_array_index(sorted, int, i)));
                return r;
        }

        for (guint i = 0; i < sorted->len && r == 0; i++) {
                for (int last = g_array_index(sorted, int, i); next < last && r == 0; next++)
                        r = deny(context, EAFNOSUPPORT, call, 1,
                                 &SCMP_A0_32(SCMP_CMP_EQ, (uint32_t)next));
                next = g_array_index(sorted, int, i) + 1;
        }
        if (r == 0)
                r = deny(context, EAFNOSUPPORT, call, 1, &SCMP_A0_32(SCMP_CMP_GE, (uint32_t)next));
        return r;
}

/* clone3() passes its flags in memory, where a filter cannot look: it does not exist. */
static int add_namespaces(scmp_filter_ctx context, guint64 refused) {
        int r = deny(context, ENOSYS, SCMP_SYS(clone3), 0, NULL);

        for (guint64 bit = 1; bit && r == 0; bit <<= 1) {
                if (!(refused & bit))
                        continue;
                r = deny(context, EPERM, SCMP_SYS(unshare), 1,
                         &SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
                if (r == 0)
#if defined(__s390__)
                        r = deny(context, EPERM, SCMP_SYS(clone), 1,
                                 &SCMP_A1(SCMP_CMP_MASKED_EQ, bit, bit));
#else
                        r = deny(context, EPERM, SCMP_SYS(clone), 1,
                                 &SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
#endif
                if (r == 0)
                        r = deny(context, EPERM, SCMP_SYS(setns), 1,
                                 &SCMP_A1(SCMP_CMP_MASKED_EQ, bit, bit));
        }
        /* setns() takes any kind of namespace when it is not told which. */
        return r ? r : deny(context, EPERM, SCMP_SYS(setns), 1, &SCMP_A1(SCMP_CMP_EQ, 0));
}

static int add_set_id(scmp_filter_ctx context) {
        static const mode_t modes[] = {S_ISUID, S_ISGID};
        int r = deny(context, ENOSYS, SCMP_SYS(openat2), 0, NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(modes) && r == 0; i++) {
                const struct scmp_arg_cmp at1 = SCMP_A1(SCMP_CMP_MASKED_EQ, modes[i], modes[i]);
                const struct scmp_arg_cmp at2 = SCMP_A2(SCMP_CMP_MASKED_EQ, modes[i], modes[i]);
                const struct scmp_arg_cmp at3 = SCMP_A3(SCMP_CMP_MASKED_EQ, modes[i], modes[i]);
                const struct {
                        int call;
                        const struct scmp_arg_cmp *mode;
                } calls[] = {
                        {SCMP_SYS(chmod), &at1},
                        {SCMP_SYS(fchmod), &at1},
                        {SCMP_SYS(mkdir), &at1},
                        {SCMP_SYS(mknod), &at1},
                        {SCMP_SYS(creat), &at1},
                        {SCMP_SYS(fchmodat), &at2},
                        {seccomp_syscall_resolve_name("fchmodat2"), &at2},
                        {SCMP_SYS(mkdirat), &at2},
                        {SCMP_SYS(mknodat), &at2},
                        {SCMP_SYS(open), &at2},
                        {SCMP_SYS(openat), &at3},
                };

                for (size_t k = 0; k < G_N_ELEMENTS(calls) && r == 0; k++)
                        r = deny(context, EPERM, calls[k].call, 1, calls[k].mode);
        }
        return r;
}

static int add_realtime(scmp_filter_ctx context) {
        static const uint32_t refused[] = {SCHED_FIFO, SCHED_RR, 4 /* once ISO */,
                                           6 /* SCHED_DEADLINE */};
        int r = deny(context, EPERM, SCMP_SYS(sched_setscheduler), 1, &SCMP_A1_32(SCMP_CMP_GT, 6));

        for (size_t i = 0; i < G_N_ELEMENTS(refused) && r == 0; i++)
                r = deny(context, EPERM, SCMP_SYS(sched_setscheduler), 1,
                         &SCMP_A1_32(SCMP_CMP_EQ, refused[i]));
        return r;
}

static int add_write_execute(scmp_filter_ctx context) {
        const uint64_t both = PROT_WRITE | PROT_EXEC;
        int r = deny(context, EPERM, SCMP_SYS(mmap), 1, &SCMP_A2(SCMP_CMP_MASKED_EQ, both, both));

        if (r == 0)
                r = deny(context, EPERM, SCMP_SYS(mprotect), 1,
                         &SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
        if (r == 0)
                r = deny(context, EPERM, SCMP_SYS(pkey_mprotect), 1,
                         &SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
        if (r == 0)
                r = deny(context, EPERM, SCMP_SYS(shmat), 1,
                         &SCMP_A2(SCMP_CMP_MASKED_EQ, SHM_EXEC, SHM_EXEC));
        return r;
}

static int build_arguments(const NookFilter *filter, scmp_filter_ctx *ret_context) {
        scmp_filter_ctx context = *ret_context = seccomp_init(SCMP_ACT_ALLOW);
        int r = context ? 0 : -ENOMEM;

        if (r == 0 && filter->has_families)
                r = add_families(context, filter);
        if (r == 0 && filter->namespaces_refused)
                r = add_namespaces(context, filter->namespaces_refused);
        if (r == 0 && filter->no_set_id)
                r = add_set_id(context);
        if (r == 0 && filter->no_realtime)
                r = add_realtime(context);
        if (r == 0 && filter->no_write_execute)
                r = add_write_execute(context);
        if (r == 0 && filter->lock_personality)
                r = deny(context, EPERM, SCMP_SYS(personality), 1,
                         &SCMP_A0(SCMP_CMP_NE, filter->personality));
        if (r == 0 && filter->no_kernel_log)
                r = deny(context, EPERM, SCMP_SYS(syslog), 0, NULL);
        if (r == 0 && filter->no_modules)
                r = deny_group(context, "@module");
        if (r == 0 && filter->no_clock)
                r = deny_group(context, "@clock");
        if (r == 0 && filter->no_raw_io)
                r = deny_group(context, "@raw-io");
        if (r == 0 && filter->no_hostname)
                r = deny(context, EPERM, SCMP_SYS(sethostname), 0, NULL);
        if (r == 0 && filter->no_hostname)
                r = deny(context, EPERM, SCMP_SYS(setdomainname), 0, NULL);
        return r;
}

/* --- programs -------------------------------------------------------------------------------- */

/* Calls of another architecture (32-bit, x32) are nobody's business in a native task. */
static GBytes *export_program(scmp_filter_ctx context, int *ret_errno) {
        g_auto(NookFd) fd = memfd_create("filter", MFD_CLOEXEC);
        int r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

        /* A tree over the numbers instead of a chain; libseccomp below 2.5 has none. */
        (void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
        if (r == 0 && fd < 0)
                r = -errno;
        if (r == 0)
                r = seccomp_export_bpf(context, fd);

        off_t size = r == 0 ? lseek(fd, 0, SEEK_END) : -1;
        if (size <= 0) {
                *ret_errno = r < 0 ? -r : EIO;
                return NULL;
        }

        char *bytes = g_malloc((gsize)size);
        if (pread(fd, bytes, (size_t)size, 0) != size) {
                g_free(bytes);
                *ret_errno = EIO;
                return NULL;
        }
        return g_bytes_new_take(bytes, (gsize)size);
}

static bool add_program(GPtrArray *programs, const NookFilter *filter,
                        int (*build)(const NookFilter *, scmp_filter_ctx *), GError **error) {
        scmp_filter_ctx context = NULL;
        int r = build(filter, &context), errnum = -r;
        GBytes *program = r == 0 ? export_program(context, &errnum) : NULL;

        if (context)
                seccomp_release(context);
        if (!program)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED, "build the system call filter: %s",
                                 g_strerror(errnum));
        g_ptr_array_add(programs, program);
        return true;
}

GPtrArray *nook_filter_build(const NookFilter *filter, GError **error) {
        g_autoptr(GPtrArray) programs =
                g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

        if (!nook_filter_is_needed(filter))
                return g_steal_pointer(&programs);

        /* The one that looks at arguments comes first: a call that the list refuses would then
         * not be allowed to load it. It is also what says "native only". */
        if (!add_program(programs, filter, build_arguments, error))
                return NULL;
        if (filter->calls->len && !add_program(programs, filter, build_calls, error))
                return NULL;
        return g_steal_pointer(&programs);
}
