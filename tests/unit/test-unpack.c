/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact.h"
#include "base/error.h"
#include "base/fd.h"
#include "fixture-dirs.h"
#include "worker/sink.h"
#include "worker/stream.h"
#include "worker/tar.h"
#include "worker/zip.h"

/* The archives of tests/hostile/archives.py, read in this process: what the worker does behind its
 * walls. The tests of staging see that nothing of them arrives. */

static const char *archives_program;
static char *archives;

static int make_archives(void **state) {
        g_autofree char *command = NULL;
        int status = 0;

        archives = g_dir_make_tmp("nook-archives-XXXXXX", NULL);
        command = g_strdup_printf("python3 '%s' '%s'", archives_program, archives);
        return g_spawn_command_line_sync(command, NULL, NULL, &status, NULL) && status == 0 ? 0
                                                                                            : -1;
}

static int remove_archives(void **state) {
        bool removed = fixture_remove(archives, NULL);

        g_free(archives);
        return removed ? 0 : -1;
}

static NookCompression compression_of(const char *name) {
        static const char *const names[] = {"", "gz", "xz", "zst", "bz2"};

        for (size_t i = 1; i < G_N_ELEMENTS(names); i++) {
                if (g_str_has_suffix(name, names[i]))
                        return (NookCompression)i;
        }
        return NOOK_COMPRESSION_NONE;
}

/* Unpacks one archive into a new directory of the fixture. */
static bool unpack(const Fixture *fixture, const char *name, unsigned strip, GError **error) {
        NookSinkLimits limits = {.max_bytes = 1000 * 1000 * 1000,
                                 .max_entries = 1000,
                                 .max_ratio = 500,
                                 .max_depth = 128,
                                 .strip_components = strip};
        g_autofree char *path = g_build_filename(archives, name, NULL);
        g_autofree char *directory = fixture_path(fixture, name);
        g_autoptr(NookSink) sink = NULL;
        g_autoptr(NookStream) stream = NULL;
        g_auto(NookFd) fd = open(path, O_RDONLY | O_CLOEXEC), directory_fd = -1;
        uint64_t packed_bytes = 0;

        assert_true(fd >= 0);
        assert_int_equal(mkdir(directory, 0700), 0);
        directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        sink = nook_sink_new(directory_fd, &limits, &packed_bytes);
        if (g_str_has_suffix(name, ".zip"))
                return nook_zip_unpack(fd, limits.max_entries, &packed_bytes, sink, error);
        stream = nook_stream_new(fd, compression_of(name), &packed_bytes, error);
        return stream != NULL && nook_tar_unpack(stream, sink, error);
}

static void hostile_archives_are_refused_by_name(void **state) {
        static const struct {
                const char *name, *message;
                NookErrorCode code;
        } rows[] = {
                {"dotdot.tar", "entry 'a/../../evil' has \"..\" in its name", NOOK_ERROR_UNPACK},
                {"absolute.tar", "entry '/tmp/nook-evil' has an absolute name", NOOK_ERROR_UNPACK},
                {"link-out.tar", "entry 'a' is a link that leads out", NOOK_ERROR_UNPACK},
                {"link-absolute.tar", "entry 'a' is a link to an absolute path", NOOK_ERROR_UNPACK},
                {"through-link.tar", "entry 'a/x' would go through a link of the archive",
                 NOOK_ERROR_UNPACK},
                {"through-file.tar", "entry 'a/x' would go through a file of the archive",
                 NOOK_ERROR_UNPACK},
                {"hardlink-out.tar", "entry '../../etc/passwd' has \"..\" in its name",
                 NOOK_ERROR_UNPACK},
                {"hardlink-missing.tar", "entry 'a' is a hard link to what is no earlier file",
                 NOOK_ERROR_UNPACK},
                {"hardlink-to-link.tar", "entry 'a' is a hard link to what is no earlier file",
                 NOOK_ERROR_UNPACK},
                {"device.tar", "entry 'null' is a device", NOOK_ERROR_UNPACK},
                {"fifo.tar", "entry 'pipe' is a named pipe", NOOK_ERROR_UNPACK},
                {"twice.tar", "entry 'x' occurs twice", NOOK_ERROR_UNPACK},
                {"link-over-file.tar", "entry 'x' occurs twice", NOOK_ERROR_UNPACK},
                {"deep.tar", "an entry lies 201 directories deep; at most 128 are allowed",
                 NOOK_ERROR_LIMIT},
                {"many.tar", "the archive has more than 1000 entries", NOOK_ERROR_LIMIT},
                {"implied.tar", "the archive has more than 1000 entries", NOOK_ERROR_LIMIT},
                {"same-directory.tar", "the archive has more than 1000 entries", NOOK_ERROR_LIMIT},
                {"bomb.tar.gz", "the archive unpacks to more than 500 times its size",
                 NOOK_ERROR_LIMIT},
                {"after-bomb.tar.gz", "the archive unpacks to more than 500 times its size",
                 NOOK_ERROR_LIMIT},
                {"claims.tar", "the archive unpacks to more than 1000000000 bytes",
                 NOOK_ERROR_LIMIT},
                {"damaged-middle.tar",
                 "the tar archive is damaged at byte 1536: a header has a wrong checksum",
                 NOOK_ERROR_UNPACK},
                {"zeroed-middle.tar",
                 "the tar archive is damaged at byte 10240: something follows its end",
                 NOOK_ERROR_UNPACK},
                {"truncated.tar",
                 "the tar archive is damaged at byte 1024: it ends inside a block: it is truncated",
                 NOOK_ERROR_UNPACK},
                {"truncated-file.tar",
                 "the tar archive is damaged at byte 1024: it ends inside a file: it is truncated",
                 NOOK_ERROR_UNPACK},
                {"no-end.tar",
                 "the tar archive is damaged at byte 3072: it ends without an end marker: it is "
                 "truncated",
                 NOOK_ERROR_UNPACK},
                {"after-end.tar",
                 "the tar archive is damaged at byte 10752: something follows its end",
                 NOOK_ERROR_UNPACK},
                {"sparse.tar", "entry 'one' is a sparse file, which is not supported",
                 NOOK_ERROR_UNPACK},
                {"sparse-pax.tar", "the tar archive has sparse files, which are not supported",
                 NOOK_ERROR_UNPACK},
                {"pax-nul.tar", "entry 'a\\x00b' has a NUL in its name", NOOK_ERROR_UNPACK},
                {"unknown-type.tar", "entry 'one' is of a type that is not known",
                 NOOK_ERROR_UNPACK},
                {"link-with-data.tar", "entry 'one' is a link or a directory with content",
                 NOOK_ERROR_UNPACK},
                {"trailer-crc.tar.gz", "the gzip data is damaged: incorrect data check",
                 NOOK_ERROR_UNPACK},
                {"trailer-length.tar.gz", "the gzip data is damaged: incorrect length check",
                 NOOK_ERROR_UNPACK},
                {"truncated.tar.gz", "the gzip data ends too early: it is truncated",
                 NOOK_ERROR_UNPACK},
                {"no-trailer.tar.gz", "the gzip data ends too early: it is truncated",
                 NOOK_ERROR_UNPACK},
                {"garbage-after.tar.gz", "something else follows the compressed data",
                 NOOK_ERROR_UNPACK},
                {"garbage-after.tar.bz2", "something else follows the compressed data",
                 NOOK_ERROR_UNPACK},
                {"not-gzip.tar.gz", "the gzip data is damaged: incorrect header check",
                 NOOK_ERROR_UNPACK},
                {"not-xz.tar.xz", "the data is not compressed as its name says", NOOK_ERROR_UNPACK},
                /* The library's own words follow. */
                {"damaged.tar.xz", "the compressed data is damaged: *", NOOK_ERROR_UNPACK},
                {"truncated.tar.xz", "the compressed data is damaged: *", NOOK_ERROR_UNPACK},
                {"dotdot.zip", "entry '../evil' has \"..\" in its name", NOOK_ERROR_UNPACK},
                {"absolute.zip", "entry '/tmp/nook-evil' has an absolute name", NOOK_ERROR_UNPACK},
                {"link-out.zip", "entry 'a' is a link that leads out", NOOK_ERROR_UNPACK},
                {"device.zip", "entry 'null' is a device, a named pipe or a socket",
                 NOOK_ERROR_UNPACK},
                {"nul.zip", "entry 'a\\x00b' has a NUL in its name", NOOK_ERROR_UNPACK},
                {"bomb.zip", "the archive unpacks to more than 500 times its size",
                 NOOK_ERROR_LIMIT},
                {"other-name.zip",
                 "the zip archive is damaged: entry 'evil' disagrees with the header before its "
                 "data",
                 NOOK_ERROR_UNPACK},
                {"overlap.zip", "the zip archive is damaged: entry 'a' overlaps with another",
                 NOOK_ERROR_UNPACK},
                {"hidden.zip",
                 "the zip archive is damaged: entry 'last' comes after bytes that belong to no "
                 "entry",
                 NOOK_ERROR_UNPACK},
                {"other-size.zip",
                 "the zip archive is damaged: entry 'x' disagrees with the header before its data",
                 NOOK_ERROR_UNPACK},
                {"wrong-count.zip",
                 "the zip archive is damaged: its directory has other contents than it says",
                 NOOK_ERROR_UNPACK},
                {"fewer.zip",
                 "the zip archive is damaged: its directory has other contents than it says",
                 NOOK_ERROR_UNPACK},
                {"wrong-crc.zip", "entry 'x' of the zip archive is damaged: its checksum is wrong",
                 NOOK_ERROR_UNPACK},
                {"no-directory.zip",
                 "the zip archive is damaged: it has no directory (it is truncated, or no zip "
                 "archive)",
                 NOOK_ERROR_UNPACK},
                {"truncated.zip",
                 "the zip archive is damaged: it has no directory (it is truncated, or no zip "
                 "archive)",
                 NOOK_ERROR_UNPACK},
                {"prefixed.zip", "the zip archive is damaged: its directory is not where it says",
                 NOOK_ERROR_UNPACK},
                {"encrypted.zip", "entry 'x' is encrypted", NOOK_ERROR_UNPACK},
                {"method.zip",
                 "entry 'x' is compressed by method 14; only stored (0) and deflate (8) are "
                 "supported",
                 NOOK_ERROR_UNPACK},
                {"two-directories.zip", "the zip archive is damaged: it has two directories",
                 NOOK_ERROR_UNPACK},
        };
        Fixture *fixture = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                const char *star = strchr(rows[i].message, '*');
                g_autoptr(GError) error = NULL;

                if (unpack(fixture, rows[i].name, 0, &error))
                        fail_msg("%s is accepted", rows[i].name);
                if (star != NULL)
                        assert_true(strncmp(error->message, rows[i].message,
                                            (size_t)(star - rows[i].message)) == 0);
                else
                        assert_string_equal(error->message, rows[i].message);
                assert_int_equal(error->code, rows[i].code);
        }
        assert_int_equal(access("/tmp/nook-evil", F_OK), -1);
}

static void good_archives_are_accepted(void **state) {
        static const char *const names[] = {
                "good.tar",       "good-gnu.tar",  "good.tar.gz", "good.tar.xz",     "good.tar.bz2",
                "members.tar.gz", "padded.tar.gz", "good.zip",    "commented.zip",   "empty.zip",
                "zip64.zip",      "streamed.zip",  "shared.tar",  "setuid.tar",      "setgid.tar",
                "setuid.zip",     "modes.tar",     "mode-0.zip",  "link-planted.tar"};
        Fixture *fixture = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autoptr(GError) error = NULL;

                if (!unpack(fixture, names[i], 0, &error))
                        fail_msg("%s: %s", names[i], error->message);
        }
}

static void long_names_and_times_are_kept(void **state) {
        Fixture *fixture = *state;
        g_autofree char *name = g_strnfill(150, 'n');
        g_autofree char *pax = g_build_filename(fixture->top, "good.tar/app-1.0", name, NULL);
        g_autofree char *gnu = g_build_filename(fixture->top, "good-gnu.tar/app-1.0", name, NULL);
        struct stat st;

        assert_true(unpack(fixture, "good.tar", 0, NULL));
        assert_true(unpack(fixture, "good-gnu.tar", 0, NULL));
        assert_int_equal(stat(pax, &st), 0);
        assert_int_equal(st.st_mtime, 1000000000);
        assert_int_equal(stat(gnu, &st), 0);
}

/* Every prefix of an archive is either refused or, for a zip, no archive at all: nothing that is
 * cut short is taken for whole. */
static void no_truncation_goes_unnoticed(void **state) {
        static const char *const names[] = {"good.tar", "good.tar.gz", "good.tar.xz",
                                            "good.tar.bz2", "good.zip"};
        Fixture *fixture = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *path = g_build_filename(archives, names[i], NULL), *data = NULL;
                g_autofree char *cut_name = g_strconcat("cut-", names[i], NULL);
                g_autofree char *cut = g_build_filename(archives, cut_name, NULL);
                gsize size, step;

                assert_true(g_file_get_contents(path, &data, &size, NULL));
                /* A tar is padded with many zero blocks: only the first one is needed. */
                if (g_str_equal(names[i], "good.tar"))
                        while (size > 512 &&
                               memcmp(data + size - 512, data + size - 1024, 512) == 0)
                                size -= 512;
                step = MAX(size / 30, 1);
                for (gsize length = 1; length < size; length += step) {
                        g_autofree char *directory = fixture_path(fixture, cut_name);

                        assert_true(g_file_set_contents(cut, data, (gssize)length, NULL));
                        if (unpack(fixture, cut_name, 0, NULL))
                                fail_msg("%s cut to %zu bytes", names[i], length);
                        assert_true(fixture_remove(directory, NULL));
                }
        }
}

/* --- sources and lists of checksums ----------------------------------------------------------- */

static void sources_are_read_as_go_getter_reads_them(void **state) {
        static const struct {
                const char *source, *url, *name, *file_name, *subdirectory;
                NookPacking packing;
        } rows[] = {
                {"https://h/a.tar.gz", "https://h/a.tar.gz", "https://h/a.tar.gz", "a.tar.gz", NULL,
                 NOOK_PACKING_TAR},
                {"http::https://u:p@h:1/x/a.zip//d/*?archive=zip&v=1&checksum="
                 "d41d8cd98f00b204e9800998ecf8427e#f",
                 "https://u:p@h:1/x/a.zip?v=1", "https://h:1/x/a.zip//d/*", "a.zip", "d/*",
                 NOOK_PACKING_ZIP},
                {"https://h/download?archive=tgz&filename=n", "https://h/download",
                 "https://h/download", "n", NULL, NOOK_PACKING_TAR},
                {"https://h/a.jar", "https://h/a.jar", "https://h/a.jar", "a.jar", NULL,
                 NOOK_PACKING_NONE},
                {"https://h/a%20b.gz?archive=false", "https://h/a%20b.gz", "https://h/a%20b.gz",
                 "a b.gz", NULL, NOOK_PACKING_NONE},
                {"https://h/tool.zst", "https://h/tool.zst", "https://h/tool.zst", "tool.zst", NULL,
                 NOOK_PACKING_SINGLE},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                NookStageArtifact artifact = {.source = rows[i].source};
                g_autoptr(GError) error = NULL;
                g_autoptr(NookArtifactSource) source = nook_artifact_source_new(&artifact, &error);

                if (source == NULL)
                        fail_msg("%s", error->message);
                assert_string_equal(source->url, rows[i].url);
                assert_string_equal(source->name, rows[i].name);
                assert_string_equal(source->file_name, rows[i].file_name);
                assert_int_equal(source->packing, rows[i].packing);
                if (rows[i].subdirectory == NULL)
                        assert_null(source->subdirectory);
                else
                        assert_string_equal(source->subdirectory, rows[i].subdirectory);
        }
}

static void what_nook_cannot_fetch_is_said(void **state) {
        static const char *const rows[][2] = {
                {"git::https://u:secret@h/x",
                 "source with \"git\" is not supported; http, https and "
                 "local files are"},
                {"s3://b/x",
                 "source with \"s3\" is not supported; http, https and local files are"},
                {"git@github.com:a/b",
                 "a git repository as source is not supported; name an archive "
                 "of it by https"},
                {"github.com/a/b",
                 "a git repository as source is not supported; name an archive of "
                 "it by https"},
                {"", "the source is empty"},
                {"https://h/", "source 'https://h/' ends without a file name: set "
                               "options.filename"},
                {"https://h/x?archive=rar",
                 "archive kind \"rar\" is not known; known are tar, tar.gz, tgz, tar.bz2, tbz2, "
                 "tar.xz, txz, tar.zst, tzst, zip, gz, bz2, xz, zst, and false"},
                {"https://h/x?filename=../y", "filename \"../y\" is no file name"},
                {"https://h/a.zip//../x", "the subdirectory of source 'https://h/a.zip//../x' has "
                                          "\"..\""},
                {"https://h/a//x",
                 "source 'https://h/a//x' names a subdirectory, but is no archive"},
                {"https://h/a?checksum=sha256:12",
                 "checksum \"12\" is not the hexadecimal value of an md5, sha1, sha224, sha256, "
                 "sha384 or sha512"},
                {"https://h/a?checksum=sha256:d41d8cd98f00b204e9800998ecf8427e",
                 "checksum \"sha256:d41d8cd98f00b204e9800998ecf8427e\" has 32 digits, which is not "
                 "what sha256 gives"},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                NookStageArtifact artifact = {.source = rows[i][0]};
                g_autoptr(GError) error = NULL;

                assert_false(nook_stage_check(&artifact, &error));
                assert_string_equal(error->message, rows[i][1]);
        }
}

#define MD5   "d41d8cd98f00b204e9800998ecf8427e"
#define OTHER "00000000000000000000000000000000"

static void lists_of_checksums_are_read_exactly(void **state) {
        static const struct {
                const char *text, *message;
        } rows[] = {
                {MD5 "  a.zip\n", NULL},
                {MD5 " *dir/a.zip\r\n", NULL},
                {"# comment\nMD5 (a.zip) = " MD5 "\n", NULL},
                {OTHER "  x-a.zip\n" MD5 "  ./a.zip", NULL},
                {"D41D8CD98F00B204E9800998ECF8427E\n", NULL},
                {MD5 "  a.zip\n" MD5 "  b/a.zip\n", NULL},
                {OTHER "  x-a.zip\n", "no checksum is listed for 'a.zip'"},
                {OTHER "\n" MD5 "\n", "no checksum is listed for 'a.zip'"},
                {MD5 "x  a.zip\n", "no checksum is listed for 'a.zip'"},
                {MD5 "  a.zip.sig\n", "no checksum is listed for 'a.zip'"},
                {"", "no checksum is listed for 'a.zip'"},
                {MD5 "  a.zip\n" OTHER "  b/a.zip\n",
                 "two different checksums are listed for 'a.zip'"},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *hex = NULL;
                g_autoptr(GError) error = NULL;
                const char *name;
                bool found = nook_sums_find(rows[i].text, strlen(rows[i].text), "a.zip", &name,
                                            &hex, &error);

                assert_int_equal(found, rows[i].message == NULL);
                if (found) {
                        assert_string_equal(hex, MD5);
                        assert_string_equal(name, "md5");
                } else {
                        assert_string_equal(error->message, rows[i].message);
                }
        }
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
                TEST(hostile_archives_are_refused_by_name),
                TEST(good_archives_are_accepted),
                TEST(long_names_and_times_are_kept),
                TEST(no_truncation_goes_unnoticed),
                TEST(sources_are_read_as_go_getter_reads_them),
                TEST(what_nook_cannot_fetch_is_said),
                TEST(lists_of_checksums_are_read_exactly),
        };

        if (argc != 2)
                return 2;
        archives_program = argv[1];
        return cmocka_run_group_tests(tests, make_archives, remove_archives);
}
