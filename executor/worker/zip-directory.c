/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directory of a zip, and whether the rest of the file agrees with it: see zip.h. */
#include "worker/zip.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "beneath.h"

/* Sizes without names and extra fields, and signatures. */
enum {
        END_SIZE = 22,
        END_64_LOCATOR_SIZE = 20,
        END_64_SIZE = 56,
        ENTRY_SIZE = 46,
        LOCAL_SIZE = 30,
        COMMENT_MAX = 65535,
        DESCRIPTOR_MAX = 24, /* with its signature and 64-bit sizes */
        EXTRA_ZIP64 = 0x0001,
        FLAG_ENCRYPTED = 1 << 0,
        FLAG_DESCRIPTOR = 1 << 3,
        FLAG_PATCH = 1 << 5,
        FLAG_STRONG = 1 << 6,
        FLAG_UTF8 = 1 << 11,
        FLAG_MASKED = 1 << 13,
        /* Those that change what an entry is; the others are hints. */
        FLAGS_COMPARED = FLAG_ENCRYPTED | FLAG_DESCRIPTOR | FLAG_PATCH | FLAG_STRONG | FLAG_UTF8 |
                         FLAG_MASKED,
        HOST_UNIX = 3,
        HOST_DARWIN = 19,
};

#define END_SIGNATURE            0x06054b50u
#define END_64_SIGNATURE         0x06064b50u
#define END_64_LOCATOR_SIGNATURE 0x07064b50u
#define ENTRY_SIGNATURE          0x02014b50u
#define LOCAL_SIGNATURE          0x04034b50u

static const uint64_t ENTRIES_MAX = 10 * 1000 * 1000;
static const uint64_t DIRECTORY_BYTES_MAX = UINT64_C(512) * 1024 * 1024;

static uint16_t get16(const unsigned char *at) {
        return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const unsigned char *at) {
        return (uint32_t)get16(at) | (uint32_t)get16(at + 2) << 16;
}

static uint64_t get64(const unsigned char *at) {
        return (uint64_t)get32(at) | (uint64_t)get32(at + 4) << 32;
}

static bool fail_zip(const char *why, GError **error) {
        return nook_fail(error, NOOK_ERROR_UNPACK, "the zip archive is damaged: %s", why);
}

static bool fail_entry(const NookZipEntry *entry, const char *why, GError **error) {
        g_autofree char *shown = nook_printable(entry->name, (gssize)entry->name_size);

        return nook_fail(error, NOOK_ERROR_UNPACK, "the zip archive is damaged: entry '%s' %s",
                         shown, why);
}

static bool read_at(int fd, void *buffer, size_t size, uint64_t offset, GError **error) {
        char *at = buffer;

        while (size > 0) {
                ssize_t n = pread(fd, at, size, (off_t)offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return nook_fail_errno(error, errno, "read the archive");
                if (n == 0)
                        return fail_zip("it ends too early", error);
                at += n;
                size -= (size_t)n;
                offset += (uint64_t)n;
        }
        return true;
}

/* --- the end of the directory ----------------------------------------------------------------- */

typedef struct {
        uint64_t entries;
        uint64_t offset; /* of the directory */
        uint64_t size;
        uint64_t end; /* where the directory must end */
} End;

/* Finds the end record: the one whose comment reaches exactly to the end of the file. Two of them
 * would be two archives in one. */
static bool find_end(int fd, uint64_t file_size, unsigned char *ret_record, uint64_t *ret_offset,
                     GError **error) {
        uint64_t size = MIN(file_size, (uint64_t)END_SIZE + COMMENT_MAX);
        g_autofree unsigned char *tail = g_malloc((gsize)size);
        unsigned found = 0;

        if (file_size < END_SIZE)
                return fail_zip("it is too short", error);
        if (!read_at(fd, tail, (size_t)size, file_size - size, error))
                return false;
        for (uint64_t i = 0; i + END_SIZE <= size; i++) {
                if (get32(tail + i) != END_SIGNATURE || i + END_SIZE + get16(tail + i + 20) != size)
                        continue;
                memcpy(ret_record, tail + i, END_SIZE);
                *ret_offset = file_size - size + i;
                found++;
        }
        if (found == 0)
                return fail_zip("it has no directory (it is truncated, or no zip archive)", error);
        return found == 1 || fail_zip("it has two directories", error);
}

/* The 64-bit end record, when there is one before the plain one. */
static bool read_end_64(int fd, uint64_t end_offset, End *end, bool *ret_is_there, GError **error) {
        unsigned char locator[END_64_LOCATOR_SIZE], record[END_64_SIZE];
        uint64_t offset;

        *ret_is_there = false;
        if (end_offset < END_64_LOCATOR_SIZE + END_64_SIZE)
                return true;
        if (!read_at(fd, locator, sizeof(locator), end_offset - sizeof(locator), error))
                return false;
        if (get32(locator) != END_64_LOCATOR_SIGNATURE)
                return true;
        offset = get64(locator + 8);
        if (get32(locator + 4) != 0 || get32(locator + 16) > 1)
                return fail_zip("it is one of several parts", error);
        if (offset > end_offset - sizeof(locator) - sizeof(record))
                return fail_zip("its directory is not where it says", error);
        if (!read_at(fd, record, sizeof(record), offset, error))
                return false;
        /* Its size field counts what follows it; an extensible part may stand at its end. */
        if (get32(record) != END_64_SIGNATURE ||
            get64(record + 4) != end_offset - sizeof(locator) - offset - 12 ||
            get32(record + 16) != 0 || get32(record + 20) != 0 ||
            get64(record + 24) != get64(record + 32))
                return fail_zip("its directory is not where it says", error);
        *end = (End){.entries = get64(record + 32),
                     .size = get64(record + 40),
                     .offset = get64(record + 48),
                     .end = offset};
        *ret_is_there = true;
        return true;
}

/* Whether a field of the plain record agrees with the 64-bit one: equal, or "look there". */
static bool agrees(uint64_t plain, uint64_t wide, uint64_t look_there) {
        return plain == wide || plain == look_there;
}

static bool read_end(int fd, uint64_t file_size, End *ret, GError **error) {
        unsigned char record[END_SIZE];
        uint64_t offset, entries, size, start;
        bool has_64;

        if (!find_end(fd, file_size, record, &offset, error) ||
            !read_end_64(fd, offset, ret, &has_64, error))
                return false;
        entries = get16(record + 10);
        size = get32(record + 12);
        start = get32(record + 16);
        if (get16(record + 8) != entries ||
            (get16(record + 4) != 0 && get16(record + 4) != 0xffff) ||
            (get16(record + 6) != 0 && get16(record + 6) != 0xffff))
                return fail_zip("it is one of several parts", error);
        if (!has_64)
                *ret = (End){.entries = entries, .size = size, .offset = start, .end = offset};
        else if (!agrees(entries, ret->entries, 0xffff) || !agrees(size, ret->size, 0xffffffff) ||
                 !agrees(start, ret->offset, 0xffffffff))
                return fail_zip("its two end records disagree", error);
        if (ret->offset > ret->end || ret->size != ret->end - ret->offset)
                return fail_zip("its directory is not where it says", error);
        return true;
}

/* --- entries --------------------------------------------------------------------------------- */

/* Takes the 64-bit values of an extra field for those that say "look there". */
static bool apply_extra(NookZipEntry *entry, const unsigned char *extra, size_t size) {
        while (size >= 4) {
                uint16_t id = get16(extra), length = get16(extra + 2);
                const unsigned char *at = extra + 4;
                uint64_t *const wanted[] = {&entry->bytes, &entry->packed_bytes,
                                            &entry->header_offset};

                if (length > size - 4)
                        return false;
                for (size_t i = 0; id == EXTRA_ZIP64 && i < G_N_ELEMENTS(wanted); i++) {
                        if (*wanted[i] != 0xffffffff)
                                continue;
                        if (at + 8 > extra + 4 + length)
                                return false;
                        *wanted[i] = get64(at);
                        at += 8;
                }
                extra += 4 + length;
                size -= 4u + length;
        }
        return true;
}

/* The type and mode of an entry: of Unix when it was made there; of DOS only "a directory". */
static mode_t entry_mode(const unsigned char *record, const NookZipEntry *entry) {
        uint32_t attributes = get32(record + 38);
        unsigned host = record[5];
        mode_t mode = (mode_t)(attributes >> 16);
        bool is_directory = entry->name_size > 0 && entry->name[entry->name_size - 1] == '/';

        if (host == HOST_UNIX || host == HOST_DARWIN) {
                if ((mode & S_IFMT) == 0 || (is_directory && S_ISREG(mode)))
                        mode = (mode & ~(mode_t)S_IFMT) | (is_directory ? S_IFDIR : S_IFREG);
                if ((mode & 0777) == 0)
                        mode |= is_directory ? 0755 : 0644;
                return mode;
        }
        return is_directory || (attributes & 0x10) != 0 ? S_IFDIR | 0755 : S_IFREG | 0644;
}

static bool parse_entry(const unsigned char *record, size_t left, NookZipEntry *entry,
                        size_t *ret_size, GError **error) {
        size_t name_size, extra_size, size;

        if (left < ENTRY_SIZE || get32(record) != ENTRY_SIGNATURE)
                return fail_zip("its directory has other contents than it says", error);
        name_size = get16(record + 28);
        extra_size = get16(record + 30);
        size = ENTRY_SIZE + name_size + extra_size + get16(record + 32);
        if (size > left)
                return fail_zip("its directory has other contents than it says", error);
        *entry = (NookZipEntry){.name = g_memdup2(record + ENTRY_SIZE, name_size),
                                .name_size = name_size,
                                .flags = get16(record + 8),
                                .method = get16(record + 10),
                                .crc = get32(record + 16),
                                .packed_bytes = get32(record + 20),
                                .bytes = get32(record + 24),
                                .header_offset = get32(record + 42)};
        *ret_size = size;
        if (get16(record + 34) != 0 && get16(record + 34) != 0xffff)
                return fail_zip("it is one of several parts", error);
        if (!apply_extra(entry, record + ENTRY_SIZE + name_size, extra_size))
                return fail_entry(entry, "has a malformed extra field", error);
        entry->mode = entry_mode(record, entry);
        return true;
}

/* What this reader does for an entry of the directory at all. */
static bool check_supported(const NookZipEntry *entry, GError **error) {
        g_autofree char *shown = nook_printable(entry->name, (gssize)entry->name_size);

        if ((entry->flags & (FLAG_ENCRYPTED | FLAG_STRONG | FLAG_MASKED)) != 0)
                return nook_fail(error, NOOK_ERROR_UNPACK, "entry '%s' is encrypted", shown);
        if ((entry->method != 0 && entry->method != 8) || (entry->flags & FLAG_PATCH) != 0)
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "entry '%s' is compressed by method %u; only stored (0) and "
                                 "deflate (8) are supported",
                                 shown, entry->method);
        if (entry->method == 0 && entry->bytes != entry->packed_bytes)
                return fail_entry(entry, "has two sizes", error);
        if (!S_ISREG(entry->mode) && !S_ISDIR(entry->mode) && !S_ISLNK(entry->mode))
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "entry '%s' is a device, a named pipe or a socket", shown);
        return true;
}

/* Compares the header before a file with the directory's entry, and finds where the data begins. */
static bool check_local(int fd, NookZipEntry *entry, uint64_t directory, GError **error) {
        unsigned char record[LOCAL_SIZE];
        g_autofree unsigned char *rest = NULL;
        NookZipEntry local = {.name = entry->name, .name_size = entry->name_size};
        bool is_streamed = (entry->flags & FLAG_DESCRIPTOR) != 0;
        size_t extra_size;

        if (directory < LOCAL_SIZE || entry->header_offset > directory - LOCAL_SIZE)
                return fail_entry(entry, "is not where the directory says", error);
        if (!read_at(fd, record, sizeof(record), entry->header_offset, error))
                return false;
        extra_size = get16(record + 28);
        if (get32(record) != LOCAL_SIGNATURE || get16(record + 26) != entry->name_size)
                return fail_entry(entry, "disagrees with the header before its data", error);
        rest = g_malloc(entry->name_size + extra_size + 1);
        if (!read_at(fd, rest, entry->name_size + extra_size, entry->header_offset + LOCAL_SIZE,
                     error))
                return false;
        local.packed_bytes = get32(record + 18);
        local.bytes = get32(record + 22);
        if (!apply_extra(&local, rest + entry->name_size, extra_size) ||
            memcmp(rest, entry->name, entry->name_size) != 0 ||
            ((get16(record + 6) ^ entry->flags) & FLAGS_COMPARED) != 0 ||
            get16(record + 8) != entry->method)
                return fail_entry(entry, "disagrees with the header before its data", error);
        /* A streamed entry has its sizes behind the data; zeros stand here, or the same values. */
        if (!(is_streamed && local.packed_bytes == 0 && local.bytes == 0) &&
            (local.packed_bytes != entry->packed_bytes || local.bytes != entry->bytes))
                return fail_entry(entry, "disagrees with the header before its data", error);
        if (!(is_streamed && get32(record + 14) == 0) && get32(record + 14) != entry->crc)
                return fail_entry(entry, "disagrees with the header before its data", error);
        entry->data_offset = entry->header_offset + LOCAL_SIZE + entry->name_size + extra_size;
        if (entry->data_offset > directory || entry->packed_bytes > directory - entry->data_offset)
                return fail_entry(entry, "reaches into the directory", error);
        return true;
}

static int compare_offsets(const void *a, const void *b) {
        const NookZipEntry *x = *(NookZipEntry *const *)a, *y = *(NookZipEntry *const *)b;

        return x->header_offset < y->header_offset ? -1 : x->header_offset > y->header_offset;
}

/* Every byte before the directory belongs to exactly one entry: no overlap, from which bombs are
 * made, and no gap, in which another archive can hide. */
static bool check_coverage(GArray *entries, uint64_t directory, GError **error) {
        g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(entries->len);
        uint64_t end = 0, slack = 0;

        for (guint i = 0; i < entries->len; i++)
                g_ptr_array_add(sorted, &g_array_index(entries, NookZipEntry, i));
        g_ptr_array_sort(sorted, compare_offsets);
        for (guint i = 0; i < sorted->len; i++) {
                const NookZipEntry *entry = sorted->pdata[i];

                if (entry->header_offset < end)
                        return fail_entry(entry, "overlaps with another", error);
                if (entry->header_offset > end + slack)
                        return fail_entry(entry, "comes after bytes that belong to no entry",
                                          error);
                end = entry->data_offset + entry->packed_bytes;
                slack = (entry->flags & FLAG_DESCRIPTOR) != 0 ? DESCRIPTOR_MAX : 0;
        }
        return directory <= end + slack ||
               fail_zip("bytes before its directory belong to no entry", error);
}

static void entry_clear(void *data) {
        g_free(((NookZipEntry *)data)->name);
}

GArray *nook_zip_read_directory(int fd, uint64_t max_entries, GError **error) {
        g_autoptr(GArray) entries = g_array_new(FALSE, TRUE, sizeof(NookZipEntry));
        g_autofree unsigned char *records = NULL;
        uint64_t at = 0;
        struct stat st;
        End end;

        g_array_set_clear_func(entries, entry_clear);
        if (fstat(fd, &st) < 0 || st.st_size < 0) {
                (void)nook_fail_errno(error, errno, "read the archive");
                return NULL;
        }
        if (!read_end(fd, (uint64_t)st.st_size, &end, error))
                return NULL;
        if (max_entries == 0)
                max_entries = ENTRIES_MAX;
        if (end.entries > max_entries || end.size > DIRECTORY_BYTES_MAX) {
                (void)nook_fail(error, NOOK_ERROR_LIMIT,
                                "the archive has more than %" G_GUINT64_FORMAT " entries",
                                max_entries);
                return NULL;
        }
        records = g_malloc((gsize)end.size + 1);
        if (!read_at(fd, records, (size_t)end.size, end.offset, error))
                return NULL;
        for (uint64_t i = 0; i < end.entries; i++) {
                NookZipEntry entry = {0};
                size_t size = 0;
                bool is_right =
                        parse_entry(records + at, (size_t)(end.size - at), &entry, &size, error) &&
                        check_supported(&entry, error) &&
                        check_local(fd, &entry, end.offset, error);

                g_array_append_val(entries, entry);
                if (!is_right)
                        return NULL;
                at += size;
        }
        if (at != end.size) {
                (void)fail_zip("its directory has other contents than it says", error);
                return NULL;
        }
        return check_coverage(entries, end.offset, error) ? g_steal_pointer(&entries) : NULL;
}
