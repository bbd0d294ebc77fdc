/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "task-process.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "scope.h"

static char *read_proc(pid_t pid, const char *name, gsize *ret_size) {
        g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, name);
        char *text;

        return g_file_get_contents(path, &text, ret_size, NULL) ? text : NULL;
}

static pid_t first_child(pid_t pid) {
        g_autofree char *name = g_strdup_printf("task/%d/children", (int)pid);
        g_autofree char *text = read_proc(pid, name, NULL);

        return text ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* The first process of a scope; the manager has no main process for it. */
static pid_t first_of_group(const char *control_group) {
        g_autofree char *directory = nook_scope_group_directory(control_group);
        g_autofree char *path = NULL;
        g_autofree char *text = NULL;

        if (directory == NULL)
                return 0;
        path = g_build_filename(directory, "cgroup.procs", NULL);
        return g_file_get_contents(path, &text, NULL, NULL) ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* Whether a process is in the unit's control group: between the manager's answer and our hold on
 * the process another one may have got its number. */
static bool is_in_group(pid_t pid, const char *control_group) {
        g_autofree char *text = read_proc(pid, "cgroup", NULL);
        g_auto(GStrv) lines = g_strsplit(text ? text : "", "\n", -1);

        for (char **line = lines; control_group && *control_group && *line; line++) {
                g_auto(GStrv) parts = g_strsplit(*line, ":", 3);
                const char *rest =
                        g_strv_length(parts) == 3 && g_str_has_prefix(parts[2], control_group)
                                ? parts[2] + strlen(control_group)
                                : NULL;

                if (rest && (*rest == '\0' || *rest == '/'))
                        return true;
        }
        return false;
}

bool nook_task_process_find(const NookUnitEntry *entry, bool has_private_pids,
                            NookTaskProcess *ret_process, GError **error) {
        pid_t pid = entry->main_pid ? (pid_t)entry->main_pid : first_of_group(entry->control_group);
        g_autofree char *path = NULL;
        struct stat what;

        /* Behind an outer process and an init: see nook-sandbox. */
        for (int i = 0; pid > 0 && i < 2 && has_private_pids; i++)
                pid = first_child(pid);
        ret_process->pid = pid;
        ret_process->fd = pid > 0 ? pidfd_open(pid, 0) : -1;
        if (ret_process->fd < 0 || !is_in_group(pid, entry->control_group))
                return nook_fail(error, NOOK_ERROR_NOT_FOUND, "'%s' has no running process",
                                 entry->unit);
        path = g_strdup_printf("/proc/%d", (int)pid);
        if (stat(path, &what) < 0)
                return nook_fail_errno(error, errno, "look at the process of '%s'", entry->unit);
        ret_process->uid = what.st_uid;
        return true;
}

bool nook_task_process_is_alive(const NookTaskProcess *process) {
        struct pollfd ended = {.fd = process->fd, .events = POLLIN};

        return poll(&ended, 1, 0) == 0;
}

int nook_task_process_namespaces(const NookTaskProcess *process) {
        static const struct {
                const char *name;
                int flag;
        } kinds[] = {{"mnt", CLONE_NEWNS},   {"ipc", CLONE_NEWIPC}, {"net", CLONE_NEWNET},
                     {"uts", CLONE_NEWUTS},  {"pid", CLONE_NEWPID}, {"cgroup", CLONE_NEWCGROUP},
                     {"user", CLONE_NEWUSER}};
        int flags = 0;

        for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
                g_autofree char *own = g_strdup_printf("/proc/self/ns/%s", kinds[i].name);
                g_autofree char *its =
                        g_strdup_printf("/proc/%d/ns/%s", (int)process->pid, kinds[i].name);
                struct stat a, b;

                if (stat(own, &a) == 0 && stat(its, &b) == 0 && a.st_ino != b.st_ino)
                        flags |= kinds[i].flag;
        }
        return flags;
}

char **nook_task_process_environment(const NookTaskProcess *process, const char *unit,
                                     GError **error) {
        gsize size = 0;
        g_autofree char *text = read_proc(process->pid, "environ", &size);
        GPtrArray *entries;

        if (!text) {
                (void)nook_fail(error, NOOK_ERROR_ACCESS, "read the environment of '%s'", unit);
                return NULL;
        }
        entries = g_ptr_array_new();
        for (const char *entry = text; entry < text + size && *entry; entry += strlen(entry) + 1)
                g_ptr_array_add(entries, g_strdup(entry));
        g_ptr_array_add(entries, NULL);
        return (char **)g_ptr_array_free(entries, FALSE);
}
