/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the pure half must know of the machine: a value that the executor fills in and tests make by
 * hand. The generator asks it and nothing else. Users and paths are tables that fill on demand
 * where the executor sets the two probes; without probes, what is not in a table does not exist. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum {
        NOOK_PATH_MISSING,
        NOOK_PATH_FILE,
        NOOK_PATH_DIR,
        NOOK_PATH_LINK,
        NOOK_PATH_OTHER, /* socket, device, fifo */
} NookPathKind;

typedef struct {
        NookPathKind kind;
        char *target;   /* of a link: its text; else NULL */
        char *resolved; /* where the path ends after all links: absolute, no link in it; NULL if it
                           leads nowhere */
        NookPathKind resolved_kind;
} NookHostPath;

typedef struct {
        char *name;
        uid_t uid;
        gid_t gid;
        char *home;
        char *shell;
        gid_t *groups; /* supplementary ones, without gid */
        guint n_groups;
} NookHostUser;

typedef struct NookHost NookHost;

/* Looks a path or a user's name up and adds what it finds to the host. */
typedef void (*NookHostProbe)(NookHost *host, const char *name, void *user);

struct NookHost {
        GHashTable *users; /* name -> NookHostUser; a name that was looked up and does not exist has
                              NULL, one never looked up is absent */
        GHashTable *paths; /* absolute path -> NookHostPath; only what was probed */

        /* Top-level links of a merged-/usr host: "/bin" -> "usr/bin" (text as on the host). Empty
         * on other hosts. */
        GHashTable *merged_usr;

        guint manager_version;   /* 252; 0: no manager reached */
        char **manager_features; /* "+PAM", "-SELINUX" ... as Features has them; NULL: unknown */
        bool is_system;          /* the system manager, not a user's */
        char **controllers;      /* cgroup controllers that tasks can use: "cpu", "memory" ... */
        char **seccomp_actions;  /* /proc/sys/kernel/seccomp/actions_avail; NULL: no seccomp */
        bool has_bpf_devices;    /* BPF programs of each kind can be attached to cgroups */
        bool has_bpf_firewall;
        bool has_bpf_socket_bind;
        bool has_namespaces; /* mount and network namespaces can be made */
        bool has_user_namespaces;
        bool has_dynamic_user; /* nss-systemd answers for dynamic users */
        guint64 n_mounts;      /* lines of the host's mount table */

        /* Node facts under Nomad's names without the prefix: attr "kernel.name" -> "linux",
         * node "unique.name", "datacenter", "class"..., meta of the operator's client block. */
        GHashTable *attr; /* text -> text */
        GHashTable *node;
        GHashTable *meta;

        guint64 cpu_mhz_total; /* cores times MHz, for cpu shares; 0: unknown */
        guint n_cpus;
        guint64 memory_bytes;

        NookHostProbe probe_path; /* may be NULL */
        NookHostProbe probe_user; /* may be NULL */
        void *probe_data;
};

NookHost *nook_host_new(void); /* all tables there and empty */
void nook_host_free(NookHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookHost, nook_host_free)

/* All copy their texts. */
void nook_host_add_user(NookHost *host, const char *name, uid_t uid, gid_t gid, const char *home,
                        const char *shell, const gid_t *groups, guint n_groups);
void nook_host_add_missing_user(NookHost *host, const char *name);
void nook_host_add_path(NookHost *host, const char *path, NookPathKind kind, const char *target,
                        const char *resolved, NookPathKind resolved_kind);
void nook_host_add_merged_usr(NookHost *host, const char *path, const char *target);
void nook_host_set_attr(NookHost *host, const char *name, const char *value);
void nook_host_set_node(NookHost *host, const char *name, const char *value);
void nook_host_set_meta(NookHost *host, const char *name, const char *value);

/* Ask the tables, then the probe. user: NULL where there is none of that name. path: never NULL;
 * kind NOOK_PATH_MISSING where there is nothing. Borrowed. The tables are a cache, hence const. */
const NookHostUser *nook_host_user(const NookHost *host, const char *name);
const NookHostPath *nook_host_path(const NookHost *host, const char *path);

bool nook_host_has_feature(const NookHost *host, const char *name); /* "SECCOMP" */
bool nook_host_has_controller(const NookHost *host, const char *name);
bool nook_host_has_seccomp_action(const NookHost *host, const char *name); /* "errno" */
