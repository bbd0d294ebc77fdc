/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ways out of a sandbox, each tried once: prints "refused NAME", "REACHED NAME" or, where the
 * kernel has no such thing, "absent NAME" for every one. It is run inside the walls, where every
 * line must say "refused", and without them, where every line must say "REACHED": a way that is
 * refused there too tests nothing. Nothing here does harm when it succeeds: what is set is set to
 * what it was, what is made is removed.
 *
 * From outside it is told by the environment: ESCAPE_PID, a process of the host's root;
 * ESCAPE_FILE, a file of the host that is in no root; ESCAPE_ROOT, the inode number of the host's
 * root; ESCAPE_SHM, a file in the host's /dev/shm; ESCAPE_KEY, a System V shared memory key. */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* --- helpers --------------------------------------------------------------------------------- */

static const char *told(const char *name) {
        const char *value = getenv(name);

        if (!value) {
                fprintf(stderr, "escape: %s is not set\n", name);
                exit(2);
        }
        return value;
}

static pid_t host_pid(void) {
        return (pid_t)atoi(told("ESCAPE_PID"));
}

static bool opens(const char *path, int flags) {
        int fd = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

        if (fd < 0)
                return false;
        close(fd);
        return true;
}

/* The kernel went past the question of rights: it complains about what it was given. */
static bool went_on(long r) {
        return r >= 0 || (errno != EPERM && errno != EACCES && errno != ENOSYS);
}

static bool is_host_root(const char *path) {
        struct stat what;

        return stat(path, &what) == 0 &&
               (unsigned long)what.st_ino == strtoul(told("ESCAPE_ROOT"), NULL, 10);
}

/* Tries it in a child, which may be killed for it. "absent": the kernel has no such thing. */
static const char *in_child(bool (*way)(void)) {
        pid_t child = fork();
        int status;

        if (child == 0) {
                errno = 0;
                _exit(way() ? 0 : errno == ENOSYS ? 2 : 1);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
                return "refused";
        return WEXITSTATUS(status) == 0   ? "REACHED"
               : WEXITSTATUS(status) == 2 ? "absent"
                                          : "refused";
}

static bool rewrite(const char *path) {
        char text[256];
        int fd = open(path, O_RDWR | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
        bool is_written = n > 0 && pwrite(fd, text, (size_t)n, 0) == n;

        if (fd >= 0)
                close(fd);
        return is_written;
}

/* --- files ----------------------------------------------------------------------------------- */

static bool root_of_init(void) {
        return is_host_root("/proc/1/root");
}

static bool root_of_host_process(void) {
        char path[64];

        snprintf(path, sizeof path, "/proc/%d/root", host_pid());
        return is_host_root(path);
}

static bool memory_of_host_process(void) {
        char path[64];

        snprintf(path, sizeof path, "/proc/%d/mem", host_pid());
        return opens(path, O_RDONLY);
}

static bool environment_of_host_process(void) {
        char path[64];

        snprintf(path, sizeof path, "/proc/%d/environ", host_pid());
        return opens(path, O_RDONLY);
}

static bool host_file(void) {
        return opens(told("ESCAPE_FILE"), O_RDONLY);
}

static bool parent_directories(void) {
        char path[512] = "";

        for (int i = 0; i < 40; i++)
                strcat(path, "../");
        strcat(path, told("ESCAPE_FILE"));
        return opens(path, O_RDONLY);
}

static bool link_out(void) {
        bool r;

        unlink("/local/way-out");
        if (symlink(told("ESCAPE_FILE"), "/local/way-out") < 0 &&
            symlink(told("ESCAPE_FILE"), "/tmp/way-out") < 0)
                return false;
        r = opens("/local/way-out", O_RDONLY) || opens("/tmp/way-out", O_RDONLY);
        unlink("/local/way-out");
        unlink("/tmp/way-out");
        return r;
}

static bool leaked_descriptor(void) {
        for (int fd = 3; fd < 256; fd++)
                if (fcntl(fd, F_GETFD) >= 0)
                        return true;
        return false;
}

static bool creates(const char *path) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        if (fd < 0)
                return false;
        close(fd);
        unlink(path);
        return true;
}

static bool write_root(void) {
        return creates("/way-out");
}

static bool write_usr(void) {
        return creates("/usr/way-out");
}

static bool write_etc(void) {
        return creates("/etc/way-out");
}

static bool write_run(void) {
        return creates("/run/way-out");
}

static bool read_shadow(void) {
        return opens("/etc/shadow", O_RDONLY);
}

static bool set_id(mode_t mode) {
        const char *path = access("/local", W_OK) == 0 ? "/local/way-out" : "/tmp/way-out";
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
        bool r = fd >= 0 && fchmod(fd, mode) == 0;

        if (fd >= 0)
                close(fd);
        unlink(path);
        return r;
}

static bool setuid_file(void) {
        return set_id(04755);
}

static bool setgid_file(void) {
        return set_id(02755);
}

static bool new_privileges(void) {
        return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0;
}

static bool file_handle(void) {
        struct {
                struct file_handle handle;
                unsigned char bytes[16];
        } it = {.handle = {.handle_bytes = 8, .handle_type = 1}};

        return went_on(open_by_handle_at(AT_FDCWD, &it.handle, O_RDONLY));
}

/* --- mounts ---------------------------------------------------------------------------------- */

static bool mount_tmpfs(void) {
        if (mount("way-out", "/tmp", "tmpfs", 0, NULL) < 0)
                return false;
        umount("/tmp");
        return true;
}

static bool bind_over(void) {
        if (mount("/usr", "/tmp", NULL, MS_BIND, NULL) < 0)
                return false;
        umount("/tmp");
        return true;
}

static bool remount(void) {
        return went_on(mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
}

static bool mount_attributes(void) {
        struct mount_attr attributes = {.attr_clr = MOUNT_ATTR_RDONLY};

        return went_on(mount_setattr(AT_FDCWD, "/usr", 0, &attributes, sizeof attributes));
}

static bool unmount(void) {
        return went_on(umount2("/no/such/place", MNT_DETACH));
}

static bool clone_tree(void) {
        int fd = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

        if (fd < 0)
                return false;
        close(fd);
        return true;
}

static bool new_file_system(void) {
        int fd = fsopen("tmpfs", FSOPEN_CLOEXEC);

        if (fd < 0)
                return false;
        close(fd);
        return true;
}

static bool pivot_back(void) {
        return went_on(syscall(SYS_pivot_root, "/no/such", "/no/such"));
}

static bool change_root(void) {
        return chroot("/") == 0;
}

/* --- processes ------------------------------------------------------------------------------- */

static bool trace(void) {
        if (ptrace(PTRACE_SEIZE, host_pid(), NULL, NULL) < 0)
                return false;
        ptrace(PTRACE_DETACH, host_pid(), NULL, NULL);
        return true;
}

static bool signal_host(void) {
        return kill(host_pid(), 0) == 0;
}

static bool signal_init(void) {
        return is_host_root("/proc/1/root") && kill(1, 0) == 0;
}

static bool read_memory(void) {
        char byte;
        struct iovec here = {&byte, 1}, there = {(void *)(uintptr_t)4096, 1};

        return process_vm_readv(host_pid(), &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static bool host_pidfd(void) {
        int fd = (int)syscall(SYS_pidfd_open, host_pid(), 0);
        int got = fd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, fd, 0, 0);

        if (fd >= 0)
                close(fd);
        if (got >= 0)
                close(got);
        return got >= 0 || (fd >= 0 && errno == EBADF);
}

static bool join_namespace(void) {
        char path[64];
        int fd;

        snprintf(path, sizeof path, "/proc/%d/ns/uts", host_pid());
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd >= 0 && setns(fd, 0) == 0;
}

static bool user_namespace(void) {
        return unshare(CLONE_NEWUSER) == 0;
}

static bool mount_namespace(void) {
        return unshare(CLONE_NEWNS) == 0;
}

static bool user_namespace_by_clone3(void) {
        struct {
                uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
        } args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
        long child = syscall(SYS_clone3, &args, sizeof args);

        if (child == 0)
                _exit(0);
        if (child > 0)
                waitpid((pid_t)child, NULL, 0);
        return child > 0;
}

static bool raise_capabilities(void) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[2] = {
                {.effective = 1u << CAP_SYS_ADMIN, .permitted = 1u << CAP_SYS_ADMIN}};

        return syscall(SYS_capset, &header, data) == 0;
}

static bool become_root(void) {
        return getuid() == 0 ? seteuid(1) == 0 && seteuid(0) == 0 : setuid(0) == 0;
}

static bool realtime(void) {
        struct sched_param parameters = {.sched_priority = 1};

        return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
}

static bool priority(void) {
        return setpriority(PRIO_PROCESS, 0, -5) == 0;
}

static bool raise_limit(void) {
        struct rlimit limit;

        getrlimit(RLIMIT_MEMLOCK, &limit);
        limit.rlim_max = RLIM_INFINITY;
        return setrlimit(RLIMIT_MEMLOCK, &limit) == 0;
}

static bool other_personality(void) {
        return personality(ADDR_NO_RANDOMIZE) >= 0;
}

/* --- devices and the kernel ------------------------------------------------------------------ */

static bool makes_node(mode_t mode, dev_t device) {
        bool r = mknod("/tmp/way-out", mode | 0600, device) == 0;

        unlink("/tmp/way-out");
        return r;
}

static bool memory_device(void) {
        return makes_node(S_IFCHR, makedev(1, 1));
}

static bool block_device(void) {
        return makes_node(S_IFBLK, makedev(7, 0));
}

static bool log_device(void) {
        return opens("/dev/kmsg", O_RDONLY) || opens("/proc/kmsg", O_RDONLY);
}

static bool kernel_log(void) {
        char text[16];

        return syscall(SYS_syslog, 3, text, sizeof text) >= 0;
}

static bool kernel_symbols(void) {
        return opens("/proc/kallsyms", O_RDONLY);
}

static bool ports(void) {
        return iopl(3) == 0;
}

static bool load_module(void) {
        return went_on(syscall(SYS_init_module, NULL, 0, ""));
}

static bool unload_module(void) {
        return went_on(syscall(SYS_delete_module, "no_such_module", O_NONBLOCK));
}

static bool sysctl_value(void) {
        return rewrite("/proc/sys/vm/swappiness");
}

static bool core_pattern(void) {
        return opens("/proc/sys/kernel/core_pattern", O_WRONLY);
}

/* A kernel without the key has no such file: that is not a wall of anybody's. */
static bool system_request(void) {
        bool r = opens("/proc/sysrq-trigger", O_WRONLY);

        if (!r && errno == ENOENT)
                errno = ENOSYS;
        return r;
}

/* Where no file system of its name is mounted, its directory tells whether one could write. */
static bool binary_formats(void) {
        return opens("/proc/sys/fs/binfmt_misc/register", O_WRONLY) ||
               opens("/proc/sys/fs/pipe-max-size", O_WRONLY);
}

static bool sys_file(void) {
        return opens("/sys/kernel/mm/transparent_hugepage/enabled", O_WRONLY) ||
               opens("/sys/kernel/profiling", O_WRONLY);
}

static bool control_group(void) {
        bool r = mkdir("/sys/fs/cgroup/way-out", 0700) == 0 ||
                 mkdir("/sys/fs/cgroup/unified/way-out", 0700) == 0;

        rmdir("/sys/fs/cgroup/way-out");
        rmdir("/sys/fs/cgroup/unified/way-out");
        return r || opens("/sys/fs/cgroup/cgroup.procs", O_WRONLY);
}

static bool set_clock(void) {
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return clock_settime(CLOCK_REALTIME, &now) == 0;
}

static bool adjust_clock(void) {
        struct timex what = {.modes = ADJ_TICK, .tick = 10000};

        return adjtimex(&what) >= 0;
}

static bool host_name(void) {
        char name[256];

        return gethostname(name, sizeof name) == 0 && sethostname(name, strlen(name)) == 0;
}

static bool restart_machine(void) {
        return went_on(syscall(SYS_reboot, 0, 0, 0, NULL));
}

static bool swap_file(void) {
        return went_on(swapon("/no/such/file", 0));
}

static bool accounting(void) {
        return went_on(acct("/no/such/file"));
}

static bool program(void) {
        union bpf_attr attributes = {
                .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
        int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);

        if (fd >= 0)
                close(fd);
        return went_on(fd);
}

static bool performance(void) {
        struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE,
                                             .size = sizeof attributes,
                                             .config = PERF_COUNT_SW_CPU_CLOCK};

        return went_on(syscall(SYS_perf_event_open, &attributes, -1, 0, -1, 0));
}

static bool ring(void) {
        char parameters[256] = {0};
        int fd = (int)syscall(SYS_io_uring_setup, 1, parameters);

        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

static bool fault_handler(void) {
        int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

static bool watch_files(void) {
        int fd = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);

        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

/* --- sockets, keys, memory that is shared ---------------------------------------------------- */

static bool makes_socket(int family, int type, int protocol) {
        int fd = socket(family, type | SOCK_CLOEXEC, protocol);

        if (fd >= 0)
                close(fd);
        return fd >= 0;
}

static bool raw_socket(void) {
        return makes_socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static bool packet_socket(void) {
        return makes_socket(AF_PACKET, SOCK_DGRAM, 0);
}

static bool add_key(void) {
        return syscall(SYS_add_key, "user", "way-out", "x", (size_t)1, -2 /* the process's */) >= 0;
}

static bool user_keyring(void) {
        return syscall(SYS_keyctl, 0 /* GET_KEYRING_ID */, -4 /* the user's */, 1) >= 0;
}

static bool shared_memory(void) {
        char path[128];

        snprintf(path, sizeof path, "/dev/shm/%s", told("ESCAPE_SHM"));
        return access(path, F_OK) == 0;
}

static bool old_shared_memory(void) {
        return shmget((key_t)atoi(told("ESCAPE_KEY")), 0, 0) >= 0;
}

static bool message_queue(void) {
        mqd_t queue = mq_open("/way-out", O_RDONLY);

        if (queue == (mqd_t)-1)
                return false;
        mq_close(queue);
        return true;
}

/* Types into a terminal: ours if we have one, any that is in sight if not. */
static bool type_into_terminal(void) {
        DIR *terminals = opendir("/dev/pts");
        bool r = false;

        for (int fd = 0; fd < 3 && !r; fd++)
                r = ioctl(fd, TIOCSTI, "") == 0;
        for (struct dirent *entry; terminals && !r && (entry = readdir(terminals));) {
                char path[300];
                int fd;

                if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
                        continue;
                snprintf(path, sizeof path, "/dev/pts/%s", entry->d_name);
                fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
                r = fd >= 0;
                if (fd >= 0)
                        close(fd);
        }
        if (terminals)
                closedir(terminals);
        return r;
}

/* --- all of them ----------------------------------------------------------------------------- */

static const struct {
        const char *name;
        bool (*way)(void);
} ways[] = {
        {"root-of-init", root_of_init},
        {"root-of-host-process", root_of_host_process},
        {"memory-of-host-process", memory_of_host_process},
        {"environment-of-host-process", environment_of_host_process},
        {"host-file", host_file},
        {"parent-directories", parent_directories},
        {"link-out", link_out},
        {"leaked-descriptor", leaked_descriptor},
        {"write-root", write_root},
        {"write-usr", write_usr},
        {"write-etc", write_etc},
        {"write-run", write_run},
        {"read-shadow", read_shadow},
        {"setuid-file", setuid_file},
        {"setgid-file", setgid_file},
        {"new-privileges", new_privileges},
        {"file-handle", file_handle},
        {"mount-tmpfs", mount_tmpfs},
        {"bind-over", bind_over},
        {"remount", remount},
        {"mount-attributes", mount_attributes},
        {"unmount", unmount},
        {"clone-tree", clone_tree},
        {"new-file-system", new_file_system},
        {"pivot-back", pivot_back},
        {"change-root", change_root},
        {"trace", trace},
        {"signal-host", signal_host},
        {"signal-init", signal_init},
        {"read-memory", read_memory},
        {"host-pidfd", host_pidfd},
        {"join-namespace", join_namespace},
        {"user-namespace", user_namespace},
        {"mount-namespace", mount_namespace},
        {"user-namespace-by-clone3", user_namespace_by_clone3},
        {"raise-capabilities", raise_capabilities},
        {"become-root", become_root},
        {"realtime", realtime},
        {"priority", priority},
        {"raise-limit", raise_limit},
        {"other-personality", other_personality},
        {"memory-device", memory_device},
        {"block-device", block_device},
        {"log-device", log_device},
        {"kernel-log", kernel_log},
        {"kernel-symbols", kernel_symbols},
        {"ports", ports},
        {"load-module", load_module},
        {"unload-module", unload_module},
        {"sysctl", sysctl_value},
        {"core-pattern", core_pattern},
        {"system-request", system_request},
        {"binary-formats", binary_formats},
        {"sys-file", sys_file},
        {"control-group", control_group},
        {"set-clock", set_clock},
        {"adjust-clock", adjust_clock},
        {"host-name", host_name},
        {"restart-machine", restart_machine},
        {"swap-file", swap_file},
        {"accounting", accounting},
        {"program", program},
        {"performance", performance},
        {"ring", ring},
        {"fault-handler", fault_handler},
        {"watch-files", watch_files},
        {"raw-socket", raw_socket},
        {"packet-socket", packet_socket},
        {"add-key", add_key},
        {"user-keyring", user_keyring},
        {"shared-memory", shared_memory},
        {"old-shared-memory", old_shared_memory},
        {"message-queue", message_queue},
        {"type-into-terminal", type_into_terminal},
};

int main(void) {
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
                printf("%s %s\n", in_child(ways[i].way), ways[i].name);
        return 0;
}
