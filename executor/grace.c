/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grace.h"

#include <fcntl.h>
#include <glib.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"

/* This process's line of cgroup v2 in /proc/self/cgroup, "0::/PATH". Returns NULL, or PATH within
 * text. */
static char *find_own_group(char *text, size_t size) {
        g_auto(NookFd) fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
        char *line;

        if (n <= 0)
                return NULL;
        text[n] = '\0';
        line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
        if (line == NULL)
                return NULL;
        line = strchr(line, '/');
        if (line != NULL)
                line[strcspn(line, "\n")] = '\0';
        return line;
}

static void move_to_where_we_are(void) {
        static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
        char text[PATH_MAX], path[PATH_MAX + 64];
        const char *group = find_own_group(text, sizeof text);

        for (size_t i = 0; group != NULL && i < G_N_ELEMENTS(roots); i++) {
                g_auto(NookFd) fd = -1;

                (void)snprintf(path, sizeof path, "%s%s/cgroup.procs", roots[i], group);
                fd = open(path, O_WRONLY | O_CLOEXEC);
                if (fd >= 0) {
                        (void)!write(fd, "0", 1);
                        break;
                }
        }
}

void nook_grace_begin(void) {
        if (fork() != 0) /* a failure costs nothing but the time */
                return;
        (void)close_range(0, UINT_MAX, 0); /* nobody is to wait for our output's end longer */
        move_to_where_we_are();
        _exit(0);
}
