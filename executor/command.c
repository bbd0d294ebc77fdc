/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a task's command can be started in its future root: see path.h. */
#include "path.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "beneath.h"

enum {
        INTERPRETERS_MAX = 5,  /* scripts naming scripts; the kernel stops there too */
        SCRIPT_LINE_MAX = 256, /* BINPRM_BUF_SIZE */
        PROGRAM_HEADERS_MAX = 1024,
        /* An id from systemd's range for dynamic users that owns nothing on a sane host. */
        UNUSED_ID = 65519,
};

/* --- may the user? --------------------------------------------------------------------------- */

/* The answer: 0 and no more, or errno and what it was about. */
typedef struct {
        int errnum;
        int index; /* of a directory; -1: the file; -2: becoming the user */
} Answer;

/* Ids that the kernel checks file accesses with, and what they were before. */
typedef struct {
        gid_t *groups;
        int n_groups;
        gid_t gid;
} Saved;

/* For file accesses only, this thread becomes the task's user: with the ids the capabilities over
 * files go as well, so the kernel answers as it will answer the task, groups and access lists
 * counted. Asking in a child gives the same answer at the price of a fork. glibc would change the
 * groups of all threads; the system call changes this one's. */
static bool borrow_ids(const NookRunAs *run_as, Saved *ret_saved) {
        uid_t uid = run_as->is_dynamic ? UNUSED_ID : run_as->uid;
        gid_t gid = run_as->is_dynamic ? UNUSED_ID : run_as->gid;
        size_t n_groups = run_as->is_dynamic ? 0 : run_as->n_groups;

        ret_saved->n_groups = MAX(getgroups(0, NULL), 0);
        ret_saved->groups = g_new0(gid_t, (gsize)ret_saved->n_groups + 1);
        ret_saved->n_groups = MAX(getgroups(ret_saved->n_groups, ret_saved->groups), 0);
        ret_saved->gid = (gid_t)setfsgid(gid);
        if (syscall(SYS_setgroups, n_groups, run_as->groups) < 0)
                return false;
        (void)setfsuid(uid);
        /* Both only tell what was before; asking with an id that cannot be tells what is. */
        return (uid_t)setfsuid((uid_t)-1) == uid && (gid_t)setfsgid((gid_t)-1) == gid;
}

static void give_back_ids(Saved *saved) {
        long r;

        (void)setfsuid(0);
        (void)setfsgid(saved->gid);
        r = syscall(SYS_setgroups, saved->n_groups, saved->groups);
        /* Whoever stays somebody else would act with the wrong rights from here on. */
        g_assert(r == 0 && setfsuid((uid_t)-1) == 0 && (gid_t)setfsgid((gid_t)-1) == saved->gid);
        g_free(saved->groups);
}

static Answer ask_here(const NookResolved *resolved) {
        for (guint i = 0; i < resolved->directories->len; i++) {
                int fd = g_array_index(resolved->directories, int, i);

                if (faccessat(fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) < 0)
                        return (Answer){.errnum = errno, .index = (int)i};
        }
        if (faccessat(resolved->fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS) < 0)
                return (Answer){.errnum = errno, .index = -1};
        return (Answer){0};
}

static Answer ask(const NookResolved *resolved, const NookRunAs *run_as) {
        Saved saved;
        Answer answer = {.errnum = EPERM, .index = -2};

        /* Who is not root can only start tasks as himself. */
        if (geteuid() != 0) {
                if (run_as->is_dynamic || run_as->uid == geteuid())
                        return ask_here(resolved);
                return answer;
        }
        if (borrow_ids(run_as, &saved))
                answer = ask_here(resolved);
        give_back_ids(&saved);
        return answer;
}

static char *user_text(const NookRunAs *run_as) {
        if (run_as->is_dynamic)
                return g_strdup("the task's user (a dynamic one)");
        return g_strdup_printf("the task's user (uid %u, gid %u)", run_as->uid, run_as->gid);
}

/* Where a directory of a walk stands, for a message. */
static char *directory_text(int fd) {
        g_autofree char *proc = g_strdup_printf("/proc/self/fd/%d", fd);
        char *path = g_file_read_link(proc, NULL);

        return path != NULL ? path : g_strdup("a directory");
}

static bool check_access(const NookResolved *resolved, const NookRunAs *run_as, GError **error) {
        g_autofree char *user = user_text(run_as), *shown = nook_printable(resolved->path, -1);
        struct statvfs fs;
        Answer answer = ask(resolved, run_as);

        if (answer.errnum != 0 && answer.index == -2)
                return nook_fail_errno(error, answer.errnum, "become %s", user);
        if (answer.errnum != 0 && answer.index >= 0) {
                g_autofree char *directory =
                        directory_text(g_array_index(resolved->directories, int, answer.index));

                return nook_fail(error, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                                 "'%s' cannot be reached by %s: the host's directory '%s' gives "
                                 "no search permission",
                                 shown, user, directory);
        }
        if (answer.errnum != 0)
                return nook_fail(error, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                                 "'%s' is not executable for %s (mode %04o, uid %u, gid %u)", shown,
                                 user, resolved->stat.st_mode & 07777, resolved->stat.st_uid,
                                 resolved->stat.st_gid);
        if (resolved->no_exec || (fstatvfs(resolved->fd, &fs) == 0 && (fs.f_flag & ST_NOEXEC) != 0))
                return nook_fail(error, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                                 "'%s' is on a mount where nothing can be executed (noexec)",
                                 shown);
        return true;
}

/* --- what it needs --------------------------------------------------------------------------- */

typedef enum {
        FORMAT_PLAIN,   /* nothing more is needed, or it cannot be known */
        FORMAT_NEEDS,   /* an interpreter or a loader */
        FORMAT_UNKNOWN, /* the kernel will refuse it */
        FORMAT_BAD,     /* looks like something and is not */
} Format;

/* The interpreter of a script's first line. The kernel takes what stands up to a blank; a carriage
 * return belongs to the name, which is what breaks scripts from Windows. */
static Format script_format(const char *text, size_t size, char **ret_needs) {
        const char *end = memchr(text, '\n', size);
        const char *at = text + 2, *stop;

        if (end == NULL)
                end = text + size;
        while (at < end && (*at == ' ' || *at == '\t'))
                at++;
        stop = at;
        while (stop < end && *stop != ' ' && *stop != '\t' && *stop != '\0')
                stop++;
        if (stop == at)
                return FORMAT_BAD;
        *ret_needs = g_strndup(at, (gsize)(stop - at));
        return FORMAT_NEEDS;
}

static bool read_at(int fd, void *buffer, size_t size, uint64_t offset) {
        return offset <= INT64_MAX && pread(fd, buffer, size, (off_t)offset) == (ssize_t)size;
}

/* Reads one program header, whichever class it is. */
static bool read_program_header(int fd, bool is_64, uint64_t offset, uint32_t *ret_type,
                                uint64_t *ret_offset, uint64_t *ret_size) {
        Elf64_Phdr wide;
        Elf32_Phdr narrow;

        if (is_64 ? !read_at(fd, &wide, sizeof(wide), offset)
                  : !read_at(fd, &narrow, sizeof(narrow), offset))
                return false;
        *ret_type = is_64 ? wide.p_type : narrow.p_type;
        *ret_offset = is_64 ? wide.p_offset : narrow.p_offset;
        *ret_size = is_64 ? wide.p_filesz : narrow.p_filesz;
        return true;
}

/* The loader that an ELF program names in PT_INTERP. Source: elf(5). A program of the other byte
 * order is left to the kernel. */
static Format elf_format(int fd, char **ret_needs) {
        union {
                unsigned char ident[EI_NIDENT];
                Elf64_Ehdr wide;
                Elf32_Ehdr narrow;
        } header;
        uint64_t table, offset, size;
        uint16_t count, entry_size;
        uint32_t type;
        bool is_64;

        memset(&header, 0, sizeof(header));
        if (!read_at(fd, &header, sizeof(Elf32_Ehdr), 0))
                return FORMAT_BAD;
        is_64 = header.ident[EI_CLASS] == ELFCLASS64;
        if (is_64 && !read_at(fd, &header, sizeof(Elf64_Ehdr), 0))
                return FORMAT_BAD;
        if (header.ident[EI_DATA] != (G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB))
                return FORMAT_PLAIN;
        table = is_64 ? header.wide.e_phoff : header.narrow.e_phoff;
        count = is_64 ? header.wide.e_phnum : header.narrow.e_phnum;
        entry_size = is_64 ? header.wide.e_phentsize : header.narrow.e_phentsize;
        if (count > PROGRAM_HEADERS_MAX ||
            entry_size != (is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) ||
            table > INT64_MAX / 2)
                return FORMAT_BAD;
        for (uint16_t i = 0; i < count; i++) {
                char path[PATH_MAX];

                if (!read_program_header(fd, is_64, table + (uint64_t)i * entry_size, &type,
                                         &offset, &size))
                        return FORMAT_BAD;
                if (type != PT_INTERP)
                        continue;
                if (size < 2 || size > sizeof(path) || !read_at(fd, path, (size_t)size, offset) ||
                    path[size - 1] != '\0')
                        return FORMAT_BAD;
                *ret_needs = g_strdup(path);
                return FORMAT_NEEDS;
        }
        return FORMAT_PLAIN; /* static */
}

/* Whether the host runs formats of its own (binfmt_misc): then nothing can be said of an unknown
 * one. "register" and "status" are always there. */
static bool has_other_formats(void) {
        g_autoptr(GDir) dir = g_dir_open("/proc/sys/fs/binfmt_misc", 0, NULL);
        const char *name;

        while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
                if (!g_str_equal(name, "register") && !g_str_equal(name, "status"))
                        return true;
        }
        return false;
}

static Format file_format(const NookResolved *resolved, char **ret_needs) {
        g_autofree char *proc = g_strdup_printf("/proc/self/fd/%d", resolved->fd);
        g_auto(NookFd) fd = open(proc, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        char start[SCRIPT_LINE_MAX];
        ssize_t size;

        if (fd < 0) /* executable but not readable, and we are not root */
                return FORMAT_PLAIN;
        size = pread(fd, start, sizeof(start), 0);
        if (size >= 2 && memcmp(start, "#!", 2) == 0)
                return script_format(start, (size_t)size, ret_needs);
        if (size >= SELFMAG && memcmp(start, ELFMAG, SELFMAG) == 0)
                return elf_format(fd, ret_needs);
        return has_other_formats() ? FORMAT_PLAIN : FORMAT_UNKNOWN;
}

/* --- the whole check ------------------------------------------------------------------------- */

static bool check_program(const NookRoot *root, const NookResolved *resolved,
                          const NookRunAs *run_as, unsigned depth, GError **error);

static bool check_needed(const NookRoot *root, const NookResolved *resolved, const char *needed,
                         const NookRunAs *run_as, unsigned depth, GError **error) {
        g_autofree char *shown = nook_printable(needed, -1);
        g_autoptr(GError) failed = NULL;
        g_auto(NookResolved) target = {.fd = -1};

        if (*needed != '/')
                return nook_fail(error, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                                 "'%s' needs '%s', which is no absolute path", resolved->path,
                                 shown);
        if (nook_root_resolve(root, needed, &target, &failed) && !S_ISREG(target.stat.st_mode))
                (void)nook_fail(&failed, NOOK_ERROR_PATH, "'%s' is no regular file", shown);
        if (failed == NULL && check_program(root, &target, run_as, depth + 1, &failed))
                return true;
        return nook_fail(error, NOOK_ERROR_COMMAND_NOT_EXECUTABLE, "'%s' needs '%s': %s",
                         resolved->path, shown, failed->message);
}

static bool check_program(const NookRoot *root, const NookResolved *resolved,
                          const NookRunAs *run_as, unsigned depth, GError **error) {
        g_autofree char *needed = NULL, *shown = nook_printable(resolved->path, -1);

        if (depth > INTERPRETERS_MAX)
                return nook_fail(error, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                                 "'%s' is the end of more than %d interpreters", shown,
                                 INTERPRETERS_MAX);
        if (!check_access(resolved, run_as, error))
                return false;
        switch (file_format(resolved, &needed)) {
        case FORMAT_PLAIN:
                return true;
        case FORMAT_NEEDS:
                return check_needed(root, resolved, needed, run_as, depth, error);
        case FORMAT_UNKNOWN:
                return nook_fail(error, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                                 "'%s' is neither an ELF program nor a script that begins with #!",
                                 shown);
        case FORMAT_BAD:
                break;
        }
        return nook_fail(error, NOOK_ERROR_COMMAND_NOT_EXECUTABLE, "'%s' is damaged: %s", shown,
                         "its ELF header or its #! line makes no sense");
}

/* Why no candidate will do. The reason of the last one that had something to say counts: a link
 * that leads out, or the entry of chroot_env that is missing. */
static bool fail_not_found(const char *command, const char *const *candidates, const GError *reason,
                           GError **error) {
        g_autoptr(GString) looked = g_string_new(candidates[0]);
        g_autofree char *shown = nook_printable(command, -1);

        if (reason != NULL)
                return nook_fail(error, NOOK_ERROR_COMMAND_NOT_FOUND, "command '%s': %s", shown,
                                 reason->message);
        for (guint i = 1; candidates[i] != NULL; i++)
                g_string_append_printf(looked, ", %s", candidates[i]);
        return nook_fail(error, NOOK_ERROR_COMMAND_NOT_FOUND,
                         "command '%s' is not in the task's root (looked for %s)", shown,
                         looked->str);
}

static bool says_more(const GError *error) {
        return strstr(error->message, "chroot_env") != NULL ||
               strstr(error->message, "by a link") != NULL ||
               !g_error_matches(error, NOOK_ERROR, NOOK_ERROR_NOT_FOUND);
}

bool nook_root_find_command(const NookRoot *root, const char *command,
                            const char *const *candidates, const NookRunAs *run_as, char **ret_path,
                            GError **error) {
        g_autoptr(GError) reason = NULL;

        for (guint i = 0; candidates[i] != NULL; i++) {
                g_auto(NookResolved) resolved = {.fd = -1};
                g_autoptr(GError) failed = NULL;

                if (!nook_root_resolve(root, candidates[i], &resolved, &failed)) {
                        if (says_more(failed)) {
                                g_clear_error(&reason);
                                reason = g_steal_pointer(&failed);
                        }
                        continue;
                }
                if (!S_ISREG(resolved.stat.st_mode)) {
                        g_clear_error(&reason);
                        (void)nook_fail(&reason, NOOK_ERROR_PATH, "'%s' is no regular file",
                                        candidates[i]);
                        continue;
                }
                if (!check_program(root, &resolved, run_as, 0, &failed)) {
                        g_propagate_prefixed_error(error, g_steal_pointer(&failed),
                                                   "command '%s': ", command);
                        return false;
                }
                *ret_path = g_strdup(candidates[i]);
                return true;
        }
        return fail_not_found(command, candidates, reason, error);
}

bool nook_path_check_command(const NookPlanTask *task, char **ret_path, GError **error) {
        g_autoptr(NookRoot) root = nook_root_new_for_task(task, error);
        NookRunAs run_as = {
                .is_dynamic = task->user->kind == NOOK_USER_DYNAMIC,
                .uid = task->user->kind == NOOK_USER_SELF ? geteuid() : task->user->uid,
                .gid = task->user->kind == NOOK_USER_SELF ? getegid() : task->user->gid,
                .groups = task->user->groups,
                .n_groups = task->user->n_groups,
        };

        return root != NULL &&
               nook_root_find_command(root, task->argv[0], (const char *const *)task->lookup,
                                      &run_as, ret_path, error);
}
