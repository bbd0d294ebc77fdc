/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "cli.h"
#include "hcl/format.h"
#include "hcl/hcl.h"
#include "text-file.h"
#include "verbs.h"

static const NookOption fmt_options[] = {
        {"check", 0, NULL, "Change nothing, list what would change"},
        {NULL},
};

/* What became of the files. */
typedef struct {
        bool differs; /* one of them has another layout */
        bool invalid; /* one of them has errors */
} Outcome;

/* Writes all of a text; false after an error. */
static bool write_all(int fd, const GString *text, const char *path, GError **error) {
        for (gsize done = 0; done < text->len;) {
                ssize_t n = write(fd, text->str + done, text->len - done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return nook_fail_errno(error, errno, "write '%s'", path);
                done += (gsize)n;
        }
        return true;
}

/* Puts a file of the same owner and mode in the place of the old one, whole or not at all. */
static bool replace_file(const char *path, const GString *text, GError **error) {
        g_autofree char *target = realpath(path, NULL); /* a link stays a link */
        g_autofree char *temporary = NULL;
        g_auto(NookFd) fd = -1;
        struct stat info;
        bool done;

        if (target == NULL || stat(target, &info) < 0)
                return nook_fail_errno(error, errno, "look at '%s'", path);
        temporary = g_strconcat(target, ".XXXXXX", NULL);
        fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
        if (fd < 0)
                return nook_fail_errno(error, errno, "create a file beside '%s'", path);
        done = write_all(fd, text, path, error);
        /* Only root can give a file away; for others it is theirs already or the mode is kept. */
        if (done && fchown(fd, info.st_uid, info.st_gid) < 0 && errno != EPERM)
                done = nook_fail_errno(error, errno, "set the owner of '%s'", path);
        if (done && fchmod(fd, info.st_mode & 07777) < 0)
                done = nook_fail_errno(error, errno, "set the mode of '%s'", path);
        if (done && rename(temporary, target) < 0)
                done = nook_fail_errno(error, errno, "replace '%s'", path);
        if (!done)
                (void)unlink(temporary);
        return done;
}

/* Lays one file out; "-" goes from standard input to standard output. false after an error; what is
 * wrong in the file itself is printed. */
static bool format_file(const NookCli *cli, const char *path, Outcome *outcome, GError **error) {
        g_autoptr(NookSource) source = nook_text_file_read(path, error);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = NULL;
        g_autoptr(GString) formatted = NULL;
        bool is_stdin = strcmp(path, "-") == 0, same;
        const char *text;
        uint32_t size;

        if (source == NULL)
                return false;
        file = hcl_parse_with(source, HCL_PARSE_QUOTED_NAMES, diags);
        if (nook_diags_count_errors(diags) > 0) {
                nook_diags_print(diags, stderr, cli->colour_stderr);
                outcome->invalid = true;
                return true;
        }
        text = nook_source_text(source, &size);
        formatted = hcl_format(text, size);
        same = formatted->len == size && memcmp(formatted->str, text, size) == 0;
        outcome->differs = outcome->differs || !same;
        if (is_stdin && !nook_cli_has(cli, "check"))
                return write_all(STDOUT_FILENO, formatted, "<stdout>", error);
        if (same)
                return true;
        puts(path);
        return nook_cli_has(cli, "check") || replace_file(path, formatted, error);
}

static int verb_fmt(NookCli *cli, GError **error) {
        Outcome outcome = {0};

        for (int i = 0; i < cli->n_args; i++) {
                if (!format_file(cli, cli->args[i], &outcome, error))
                        return -1;
        }
        if (outcome.invalid)
                return 2;
        return outcome.differs && nook_cli_has(cli, "check") ? 1 : 0;
}

const NookVerb nook_verb_fmt = {
        .name = "fmt",
        .min_args = 1,
        .max_args = G_MAXINT,
        .run = verb_fmt,
        .usage = "FILE|-...",
        .summary = "Bring job files into the canonical layout",
        .options = fmt_options,
        .details =
                "Files are changed in place, and the names of those that changed are printed;\n"
                "standard input goes to standard output. The layout is that of `nomad fmt`. The\n"
                "exit status is 1 if --check finds another layout, and 2 if a file has errors.",
};
