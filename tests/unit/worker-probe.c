/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stands in for a worker and tries its walls: answers with a list of those that gave way. The
 * orders hold "kind" (fetch, unpack), "port", where somebody listens on the host's loopback, and
 * "is-confined": without it only what leaves no trace is tried. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "beneath.h"
#include "worker/harden.h"
#include "worker/wire.h"

static GString *holes;

static void hole_if(bool is_open, const char *name) {
        if (is_open)
                g_string_append_printf(holes, "%s%s", holes->len > 0 ? " " : "", name);
}

static bool can_open(const char *path, int flags) {
        int fd = open(path, flags | O_CLOEXEC, 0600);

        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

static bool can_connect(uint64_t port) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_port = htons((uint16_t)port),
                                      .sin_addr = {htonl(INADDR_LOOPBACK)}};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool connected = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

        if (fd >= 0)
                close(fd);
        return connected;
}

static bool has_capabilities(void) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[2] = {{0}, {0}};

        return syscall(SYS_capget, &header, data) < 0 || data[0].effective != 0 ||
               data[1].effective != 0 || data[0].permitted != 0 ||
               prctl(PR_CAPBSET_READ, 0, 0, 0, 0) == 1;
}

static bool has_other_descriptors(void) {
        for (int fd = NOOK_WIRE_COUNT; fd < 128; fd++) {
                if (fcntl(fd, F_GETFD) >= 0)
                        return true;
        }
        return false;
}

static bool can_run_from_stage(void) {
        int fd = openat(NOOK_WIRE_OUTPUT, "script", O_WRONLY | O_CREAT | O_CLOEXEC, 0700);

        if (fd < 0)
                return false;
        (void)nook_write_all(fd, "#!/x\n", 5);
        close(fd);
        return faccessat(NOOK_WIRE_OUTPUT, "script", X_OK, 0) == 0;
}

static void try_birth(GVariant *orders, bool is_unpack) {
        hole_if(geteuid() == 0, "root");
        hole_if(has_capabilities(), "capabilities");
        hole_if(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1, "new-privileges");
        hole_if(getpid() != 1, "processes");
        hole_if(can_open("/etc/passwd", O_RDONLY), "files");
        hole_if(can_open("/run/systemd", O_RDONLY), "run");
        hole_if(access("/", W_OK) == 0, "root-directory");
        hole_if(access("/usr/lib", W_OK) == 0, "libraries");
        hole_if(is_unpack && can_connect(nook_wire_number(orders, "port")), "network");
        hole_if(has_other_descriptors(), "descriptors");
        hole_if(getenv("NOOK_PROBE_SECRET") != NULL, "environment");
        /* Never where it could succeed on the host. */
        if (nook_wire_number(orders, "is-confined") != 0) {
                hole_if(mount("none", "/", "tmpfs", 0, NULL) == 0, "mount");
                hole_if(unshare(CLONE_NEWNS) == 0, "unshare");
        }
        hole_if(is_unpack && can_run_from_stage(), "execution");
}

static void try_hardened(bool is_unpack) {
        pid_t pid = fork();

        if (pid == 0)
                _exit(0);
        hole_if(pid > 0, "fork");
        hole_if(is_unpack && can_open("/usr/lib", O_RDONLY), "reading");
        hole_if(is_unpack && socket(AF_UNIX, SOCK_STREAM, 0) >= 0, "sockets");
        hole_if(socket(AF_PACKET, SOCK_RAW, 0) >= 0, "raw-sockets");
        hole_if(ptrace(PTRACE_TRACEME, 0, NULL, NULL) >= 0, "ptrace");
        hole_if(unshare(CLONE_NEWUSER) == 0, "user-namespaces");
        hole_if(syscall(SYS_setresuid, 0, 0, 0) == 0, "setuid");
        hole_if(is_unpack && mkdirat(NOOK_WIRE_OUTPUT, "made", 0700) < 0, "STAGE-IS-CLOSED");
}

int main(void) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) orders = nook_wire_read_orders(NOOK_WIRE_ORDERS, &error);
        bool is_unpack;

        if (orders == NULL)
                return EXIT_FAILURE;
        holes = g_string_new(NULL);
        is_unpack = g_strcmp0(nook_wire_string(orders, "kind"), "unpack") == 0;
        try_birth(orders, is_unpack);
        if (nook_worker_harden(is_unpack ? NOOK_WORKER_UNPACK : NOOK_WORKER_FETCH,
                               is_unpack ? NOOK_WIRE_OUTPUT : -1, &error)) {
                try_hardened(is_unpack);
                (void)nook_fail(&error, NOOK_ERROR_FETCH, "holes: %s", holes->str);
        }
        nook_wire_send_error(NOOK_WIRE_ANSWERS, error);
        return EXIT_SUCCESS;
}
