/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "job/rules.h"

/* "sha256:HEX" with as many digits as the kind has. */
static void check_checksum(const NookText *checksum, NookDiags *diags) {
        static const struct {
                const char *name;
                gsize digits;
        } kinds[] = {{"md5", 32}, {"sha1", 40}, {"sha256", 64}, {"sha512", 128}};
        const char *colon = strchr(checksum->text, ':');

        /* Only the text that will be used can be judged. */
        if (strstr(checksum->text, "${"))
                return;
        if (!colon) {
                nook_diags_error(diags, checksum->range, "Unsuitable checksum",
                                 "A checksum is written \"TYPE:HEX\" with one of the types md5, "
                                 "sha1, sha256, sha512.");
                return;
        }
        for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
                gsize length = strlen(kinds[i].name);

                if (strncmp(checksum->text, kinds[i].name, length) != 0 ||
                    checksum->text + length != colon)
                        continue;
                if (strspn(colon + 1, "0123456789abcdefABCDEF") != kinds[i].digits ||
                    strlen(colon + 1) != kinds[i].digits)
                        nook_diags_error(diags, checksum->range, "Unsuitable checksum",
                                         "A checksum of type %s has %" G_GSIZE_FORMAT
                                         " hexadecimal digits.",
                                         kinds[i].name, kinds[i].digits);
                return;
        }
        nook_diags_error(diags, checksum->range, "Unsuitable checksum",
                         "A checksum has the type md5, sha1, sha256 or sha512, not \"%.*s\".",
                         (int)(colon - checksum->text), checksum->text);
}

/* By its text alone; where it really leads is checked again, with the directories there. An
 * absolute one counts from the task's directory, unless it begins with a reference. */
static void check_destination(const NookText *destination, NookDiags *diags) {
        g_auto(GStrv) parts = g_strsplit(destination->text, "/", -1);
        int depth = 0;

        for (char **part = parts; *part; part++) {
                if (strcmp(*part, "..") == 0)
                        depth--;
                else if (**part != '\0' && strcmp(*part, ".") != 0)
                        depth++;
                if (depth < 0) {
                        nook_diags_error(diags, destination->range, "Unsuitable path",
                                         "The destination \"%s\" leaves the allocation directory.",
                                         destination->text);
                        return;
                }
        }
}

static void check_perms(const NookText *perms, NookDiags *diags) {
        gsize length = strlen(perms->text);

        if (length < 3 || length > 4 || strspn(perms->text, "01234567") != length)
                nook_diags_error(diags, perms->range, "Unsuitable value",
                                 "\"perms\" must be three or four octal digits such as \"0755\", "
                                 "not \"%s\".",
                                 perms->text);
        else if (length == 4 && perms->text[0] != '0')
                nook_diags_error(diags, perms->range, "Unsuitable value",
                                 "\"perms\" must not set the setuid, setgid or sticky bit.");
}

void nook_rules_check_artifact(const NookArtifact *artifact, NookDiags *diags) {
        static const char *const modes[] = {"any", "file", "dir", NULL};
        static const char *const owners[] = {"root", "task", NULL};
        static const char *const archives[] = {
                "true", "false",   "zip",  "tar", "tar.gz", "tgz", "tar.bz2", "tbz2", "tar.xz",
                "txz",  "tar.zst", "tzst", "gz",  "bz2",    "xz",  "zst",     NULL,
        };
        const NookText *checksum = nook_pairs_find(&artifact->options, "checksum");

        if (!artifact->source.text || *artifact->source.text == '\0')
                nook_diags_error(diags, artifact->head.range, "Missing required argument",
                                 "An artifact needs a source.");
        (void)nook_rules_is_one_of(&artifact->mode, "mode", modes, diags);
        (void)nook_rules_is_one_of(&artifact->owner, "owner", owners, diags);
        (void)nook_rules_is_one_of(&artifact->archive, "archive", archives, diags);
        if (artifact->destination.set)
                check_destination(&artifact->destination, diags);
        if (checksum)
                check_checksum(checksum, diags);
        if (artifact->perms.set)
                check_perms(&artifact->perms, diags);
        if (artifact->strip_components.set &&
            (artifact->strip_components.value < 0 || artifact->strip_components.value > 64))
                nook_diags_error(diags, artifact->strip_components.range, "Unsuitable value",
                                 "\"strip_components\" must be from 0 to 64, not %" G_GINT64_FORMAT
                                 ".",
                                 artifact->strip_components.value);
}
