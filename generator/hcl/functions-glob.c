/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "hcl/functions-path.h"

enum {
        ENTRIES_MAX = 100000,    /* looked at in one walk */
        FOLDERS_DEEP_MAX = 64,   /* below each other */
        ALTERNATIVES_MAX = 1000, /* that {a,b} may stand for */
        BRACES_MAX = 64,         /* of one pattern */
};

typedef struct {
        void (*found)(const char *path, void *user);
        void *user;
        size_t entries;
        const char *error;
} Walk;

/* ---- One name against one part of a pattern ---- */

/* Reads a character of a class, which may be escaped. */
static gunichar class_character(const char **pattern) {
        gunichar c;

        if (**pattern == '\\' && (*pattern)[1] != '\0')
                (*pattern)++;
        c = g_utf8_get_char(*pattern);
        *pattern += g_utf8_skip[(unsigned char)**pattern];
        return c;
}

/* Whether c is in the class at *pattern, which is moved behind it. An unclosed class matches
 * nothing and ends the pattern. */
static bool match_class(const char **pattern, gunichar c) {
        bool negated = *++*pattern == '^', found = false;

        if (negated)
                (*pattern)++;
        while (**pattern != ']' && **pattern != '\0') {
                gunichar low = class_character(pattern), high = low;

                if (**pattern == '-' && (*pattern)[1] != ']' && (*pattern)[1] != '\0') {
                        (*pattern)++;
                        high = class_character(pattern);
                }
                found = found || (low <= c && c <= high);
        }
        if (**pattern == '\0')
                return false;
        (*pattern)++;
        return found != negated;
}

/* Matches all of a name; goes back to the last star only, so that time stays in proportion. */
static bool match_name(const char *pattern, const char *name) {
        const char *star = NULL, *star_name = NULL;

        while (*name != '\0' || *pattern != '\0') {
                gunichar c = g_utf8_get_char(name);
                const char *rest = pattern;
                bool matches = false;

                if (*pattern == '*') {
                        star = ++pattern;
                        star_name = name;
                        continue;
                }
                if (*name != '\0' && *pattern == '[') {
                        matches = match_class(&rest, c);
                } else if (*name != '\0' && *pattern != '\0') {
                        bool any = *pattern == '?';

                        matches = any || class_character(&rest) == c;
                        rest += any ? 1 : 0;
                }
                if (matches) {
                        pattern = rest;
                        name += g_utf8_skip[(unsigned char)*name];
                } else if (star != NULL && *star_name != '\0') {
                        star_name += g_utf8_skip[(unsigned char)*star_name];
                        name = star_name;
                        pattern = star;
                } else {
                        return false;
                }
        }
        return true;
}

/* ---- The walk ---- */

static void walk_folder(Walk *walk, int dir_fd, const char *path, const char *const *parts,
                        guint depth);

static char *child_path(const char *path, const char *name) {
        return path[0] == '\0' ? g_strdup(name) : g_strconcat(path, "/", name, NULL);
}

/* An entry that matches the first of the parts; `parts` are those behind it. Links are not
 * followed: they may lead out, or in circles. */
static void visit(Walk *walk, int dir_fd, const char *path, const char *name,
                  const char *const *parts, guint depth) {
        g_autofree char *child = child_path(path, name);
        g_auto(NookFd) fd = -1;
        struct stat info;

        if (parts[0] == NULL) {
                if (fstatat(dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode))
                        walk->found(child, walk->user);
                return;
        }
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0)
                walk_folder(walk, fd, child, parts, depth + 1);
}

static DIR *open_folder(int dir_fd) {
        int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = copy < 0 ? NULL : fdopendir(copy);

        if (dir == NULL && copy >= 0)
                close(copy);
        return dir;
}

/* Every entry of a folder: matched by the first part, or, where that is **, by the part behind it
 * here and by ** again further down. */
static void walk_entries(Walk *walk, int dir_fd, const char *path, const char *const *parts,
                         guint depth) {
        bool deep = strcmp(parts[0], "**") == 0;
        DIR *dir = open_folder(dir_fd);
        struct dirent *entry;

        while (dir != NULL && walk->error == NULL && (entry = readdir(dir)) != NULL) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (walk->entries++ >= ENTRIES_MAX)
                        walk->error = "more than 100000 files were looked at";
                else if (deep && parts[1] == NULL)
                        visit(walk, dir_fd, path, entry->d_name, parts + 1, depth);
                else if (!deep && match_name(parts[0], entry->d_name))
                        visit(walk, dir_fd, path, entry->d_name, parts + 1, depth);
                if (deep && walk->error == NULL)
                        visit(walk, dir_fd, path, entry->d_name, parts, depth);
        }
        if (dir != NULL)
                closedir(dir);
}

static bool is_plain(const char *part) {
        return strpbrk(part, "*?[\\") == NULL;
}

static void walk_folder(Walk *walk, int dir_fd, const char *path, const char *const *parts,
                        guint depth) {
        if (depth > FOLDERS_DEEP_MAX || walk->error != NULL)
                return;
        if (is_plain(parts[0])) {
                visit(walk, dir_fd, path, parts[0], parts + 1, depth);
                return;
        }
        walk_entries(walk, dir_fd, path, parts, depth);
        if (strcmp(parts[0], "**") == 0 && parts[1] != NULL)
                walk_folder(walk, dir_fd, path, parts + 1, depth);
}

/* ---- Alternatives ---- */

/* The end of the braces that open at text[0], and in `commas` where their parts end; NULL: they are
 * not closed. */
static const char *braces_end(const char *text, GPtrArray *commas) {
        guint depth = 0;

        for (const char *at = text; *at != '\0'; at++) {
                if (*at == '\\' && at[1] != '\0') {
                        at++;
                } else if (*at == '{') {
                        depth++;
                } else if (*at == ',' && depth == 1) {
                        g_ptr_array_add(commas, (gpointer)(uintptr_t)at);
                } else if (*at == '}' && --depth == 0) {
                        g_ptr_array_add(commas, (gpointer)(uintptr_t)at);
                        return at;
                }
        }
        return NULL;
}

static const char *find_brace(const char *pattern) {
        for (const char *at = pattern; *at != '\0'; at++) {
                if (*at == '\\' && at[1] != '\0')
                        at++;
                else if (*at == '{')
                        return at;
        }
        return NULL;
}

/* Appends every pattern without braces that a pattern stands for; false if they are not closed, or
 * too many. depth: of the braces opened before, in or beside each other, each with a pattern. */
static bool expand_braces(const char *pattern, GPtrArray *out, guint depth) {
        g_autoptr(GPtrArray) commas = g_ptr_array_new();
        const char *open = find_brace(pattern), *start, *end;

        if (out->len > ALTERNATIVES_MAX || depth > BRACES_MAX)
                return false;
        if (open == NULL) {
                g_ptr_array_add(out, g_strdup(pattern));
                return true;
        }
        end = braces_end(open, commas);
        if (end == NULL)
                return false;
        start = open + 1;
        for (guint i = 0; i < commas->len; i++) {
                const char *comma = commas->pdata[i];
                g_autofree char *one = g_strdup_printf("%.*s%.*s%s", (int)(open - pattern), pattern,
                                                       (int)(comma - start), start, end + 1);

                if (!expand_braces(one, out, depth + 1))
                        return false;
                start = comma + 1;
        }
        return true;
}

const char *hcl_glob(int dir_fd, const char *pattern, void (*found)(const char *path, void *user),
                     void *user) {
        g_autoptr(GPtrArray) patterns = g_ptr_array_new_with_free_func(g_free);
        Walk walk = {.found = found, .user = user};

        if (!expand_braces(pattern, patterns, 0))
                return "syntax error in pattern";
        for (guint i = 0; i < patterns->len && walk.error == NULL; i++) {
                g_autofree char *clean = hcl_path_clean(patterns->pdata[i]);
                g_auto(GStrv) parts = g_strsplit(clean, "/", -1);

                if (parts[0] == NULL || parts[0][0] == '\0' || strcmp(parts[0], "..") == 0)
                        return "the pattern leaves its folder";
                walk_folder(&walk, dir_fd, "", (const char *const *)parts, 0);
        }
        return walk.error;
}
