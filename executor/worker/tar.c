/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/tar.h"

#include <limits.h>
#include <string.h>

#include "base/error.h"
#include "beneath.h"

enum {
        BLOCK = 512,
        COPY_BYTES = 256 * 1024,
        META_BYTES_MAX = 1024 * 1024, /* of one pax header or GNU long name */
};

/* The header as it stands in the archive; all types have it in common up to magic. */
typedef struct {
        char name[100];
        char mode[8];
        char uid[8];
        char gid[8];
        char size[12];
        char mtime[12];
        char checksum[8];
        char type;
        char link_name[100];
        char magic[6];
        char version[2];
        char user_name[32];
        char group_name[32];
        char dev_major[8];
        char dev_minor[8];
        char prefix[155];
        char unused[12];
} Header;

G_STATIC_ASSERT(sizeof(Header) == BLOCK);

typedef struct {
        NookStream *stream;
        NookSink *sink;
        uint64_t offset; /* of the block being read, for messages */
        char *buffer;    /* COPY_BYTES */

        /* What extension headers say about the next entry. */
        GString *path, *link_path; /* NULL: they say nothing */
        bool has_size;
        uint64_t size;
        bool has_extension; /* one has been read and waits for its entry */
} Tar;

static void tar_clear(Tar *tar) {
        g_free(tar->buffer);
        if (tar->path != NULL)
                g_string_free(tar->path, TRUE);
        if (tar->link_path != NULL)
                g_string_free(tar->link_path, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tar, tar_clear)

static void forget_extensions(Tar *tar) {
        if (tar->path != NULL)
                g_string_free(g_steal_pointer(&tar->path), TRUE);
        if (tar->link_path != NULL)
                g_string_free(g_steal_pointer(&tar->link_path), TRUE);
        tar->has_size = false;
        tar->has_extension = false;
}

static bool fail_damaged(const Tar *tar, const char *what, GError **error) {
        return nook_fail(error, NOOK_ERROR_UNPACK,
                         "the tar archive is damaged at byte %" G_GUINT64_FORMAT ": %s",
                         tar->offset, what);
}

/* --- numbers --------------------------------------------------------------------------------- */

/* A number field: octal with blanks around it, or, with the first bit set, base 256. Negative ones
 * and those over 63 bits are errors. An empty field is 0. */
static bool parse_number(const char *field, size_t size, uint64_t *ret) {
        const unsigned char *at = (const unsigned char *)field, *end = at + size;
        uint64_t number = 0;

        if ((*at & 0x80) != 0) {
                if (*at != 0x80)
                        return false;
                for (at++; at < end; at++) {
                        if (number >> 55 != 0)
                                return false;
                        number = number << 8 | *at;
                }
                *ret = number;
                return true;
        }
        while (at < end && *at == ' ')
                at++;
        for (; at < end && *at >= '0' && *at <= '7'; at++) {
                if (number >> 60 != 0)
                        return false;
                number = number << 3 | (uint64_t)(*at - '0');
        }
        for (; at < end; at++) {
                if (*at != ' ' && *at != '\0')
                        return false;
        }
        *ret = number;
        return true;
}

/* The sum of a header's bytes, its own field taken as blanks. Old writers summed signed bytes. */
static bool has_right_checksum(const Header *header) {
        const unsigned char *bytes = (const unsigned char *)header;
        uint64_t written, sum = 0;
        int64_t signed_sum = 0;

        for (size_t i = 0; i < BLOCK; i++) {
                bool is_own = i >= offsetof(Header, checksum) &&
                              i < offsetof(Header, checksum) + sizeof(header->checksum);
                unsigned char byte = is_own ? ' ' : bytes[i];

                sum += byte;
                signed_sum += (signed char)byte;
        }
        return parse_number(header->checksum, sizeof(header->checksum), &written) &&
               (written == sum || (int64_t)written == signed_sum);
}

static bool is_zero(const void *block) {
        const char *bytes = block;

        return bytes[0] == '\0' && memcmp(bytes, bytes + 1, BLOCK - 1) == 0;
}

/* --- reading --------------------------------------------------------------------------------- */

/* Reads one block. *ret_is_there false: the data ends here. */
static bool read_block(Tar *tar, void *block, bool *ret_is_there, GError **error) {
        size_t size;

        if (!nook_stream_read(tar->stream, block, BLOCK, &size, error))
                return false;
        if (size != 0 && size != BLOCK)
                return fail_damaged(tar, "it ends inside a block: it is truncated", error);
        *ret_is_there = size == BLOCK;
        tar->offset += size;
        return true;
}

/* Reads size bytes and what fills their last block; each piece goes to take, which may be NULL. */
static bool read_content(Tar *tar, uint64_t size,
                         bool (*take)(Tar *, const char *, size_t, GError **), GError **error) {
        uint64_t left = size, padded = (size + BLOCK - 1) / BLOCK * BLOCK;

        for (uint64_t done = 0; done < padded;) {
                size_t want = (size_t)MIN(padded - done, (uint64_t)COPY_BYTES), got;
                size_t useful;

                if (!nook_stream_read(tar->stream, tar->buffer, want, &got, error))
                        return false;
                tar->offset += got;
                if (got != want)
                        return fail_damaged(tar, "it ends inside a file: it is truncated", error);
                useful = (size_t)MIN(left, (uint64_t)got);
                if (useful > 0 && take != NULL && !take(tar, tar->buffer, useful, error))
                        return false;
                left -= useful;
                done += got;
        }
        return true;
}

static bool take_file_bytes(Tar *tar, const char *data, size_t size, GError **error) {
        return nook_sink_write(tar->sink, data, size, error);
}

/* Reads the body of an extension header whole. Caller's. */
static GString *read_meta(Tar *tar, uint64_t size, GError **error) {
        g_autoptr(GString) text = g_string_new(NULL);
        uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
        size_t got;

        if (size > META_BYTES_MAX) {
                (void)nook_fail(error, NOOK_ERROR_LIMIT,
                                "an extension header of the tar archive has %" G_GUINT64_FORMAT
                                " bytes; at most %d are allowed",
                                size, META_BYTES_MAX);
                return NULL;
        }
        if (!nook_sink_count_entry(tar->sink, error) ||
            !nook_sink_count_bytes(tar->sink, padded, error))
                return NULL;
        g_string_set_size(text, (gsize)padded);
        if (!nook_stream_read(tar->stream, text->str, (size_t)padded, &got, error))
                return NULL;
        tar->offset += got;
        if (got != padded) {
                (void)fail_damaged(tar, "it ends inside a header: it is truncated", error);
                return NULL;
        }
        g_string_set_size(text, (gsize)size);
        return g_steal_pointer(&text);
}

/* --- extension headers ----------------------------------------------------------------------- */

/* GNU: the body is the next entry's name, with a NUL at its end. */
static bool read_gnu_name(Tar *tar, uint64_t size, GString **name, GError **error) {
        g_autoptr(GString) text = read_meta(tar, size, error);

        if (text == NULL)
                return false;
        if (*name != NULL)
                return fail_damaged(tar, "two headers name the same entry", error);
        g_string_truncate(text, strnlen(text->str, text->len));
        *name = g_steal_pointer(&text);
        tar->has_extension = true;
        return true;
}

static bool set_name(Tar *tar, GString **name, const char *value, size_t size, GError **error) {
        if (*name != NULL)
                return fail_damaged(tar, "two headers name the same entry", error);
        if (size > 0)
                *name = g_string_new_len(value, (gssize)size);
        return true;
}

static bool set_size(Tar *tar, const char *value, size_t size, GError **error) {
        g_autofree char *text = g_strndup(value, size);
        char *end = NULL;

        if (!g_ascii_isdigit(*text) || size > 19)
                return fail_damaged(tar, "a pax header has an impossible size", error);
        tar->size = g_ascii_strtoull(text, &end, 10);
        tar->has_size = true;
        return *end == '\0' || fail_damaged(tar, "a pax header has an impossible size", error);
}

/* One "key=value" of a pax header. Owners, times and attributes have no effect: what an archive
 * may bring is content, names, links and rwx bits. */
static bool apply_record(Tar *tar, bool is_global, const char *key, size_t key_size,
                         const char *value, size_t size, GError **error) {
        g_autofree char *name = g_strndup(key, key_size);

        if (g_str_has_prefix(name, "GNU.sparse."))
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "the tar archive has sparse files, which are not supported");
        if (!g_str_equal(name, "path") && !g_str_equal(name, "linkpath") &&
            !g_str_equal(name, "size"))
                return true;
        if (is_global)
                return fail_damaged(tar, "a global pax header names a single file", error);
        if (g_str_equal(name, "size"))
                return set_size(tar, value, size, error);
        return set_name(tar, g_str_equal(name, "path") ? &tar->path : &tar->link_path, value, size,
                        error);
}

/* Records are "LENGTH KEY=VALUE\n"; LENGTH counts all of it. */
static bool read_pax(Tar *tar, uint64_t size, bool is_global, GError **error) {
        g_autoptr(GString) text = read_meta(tar, size, error);
        const char *at, *end;

        if (text == NULL)
                return false;
        for (at = text->str, end = at + text->len; at < end;) {
                const char *key, *equals, *stop;
                uint64_t length = 0;

                for (key = at; key < end && g_ascii_isdigit(*key) && length <= META_BYTES_MAX;
                     key++)
                        length = length * 10 + (uint64_t)(*key - '0');
                if (key == at || key == end || *key++ != ' ' || length > (uint64_t)(end - at) ||
                    length < (uint64_t)(key - at) + 2 || at[length - 1] != '\n')
                        return fail_damaged(tar, "a pax header is malformed", error);
                stop = at + length - 1;
                equals = memchr(key, '=', (size_t)(stop - key));
                if (equals == NULL)
                        return fail_damaged(tar, "a pax header is malformed", error);
                if (!apply_record(tar, is_global, key, (size_t)(equals - key), equals + 1,
                                  (size_t)(stop - equals - 1), error))
                        return false;
                at += length;
        }
        tar->has_extension = tar->has_extension || !is_global;
        return true;
}

/* --- entries --------------------------------------------------------------------------------- */

/* The entry's name: the extension's, or the header's with its prefix, which only POSIX archives
 * have ("ustar", NUL; GNU writes "ustar " and other things there). Caller's. */
static GString *entry_name(const Tar *tar, const Header *header) {
        GString *name;

        if (tar->path != NULL)
                return g_string_new_len(tar->path->str, (gssize)tar->path->len);
        name = g_string_new(NULL);
        if (memcmp(header->magic, "ustar", 6) == 0 && header->prefix[0] != '\0') {
                g_string_append_len(name, header->prefix,
                                    (gssize)strnlen(header->prefix, sizeof(header->prefix)));
                g_string_append_c(name, '/');
        }
        g_string_append_len(name, header->name,
                            (gssize)strnlen(header->name, sizeof(header->name)));
        return name;
}

static bool read_file(Tar *tar, const GString *name, mode_t mode, uint64_t size, uint64_t mtime,
                      GError **error) {
        return nook_sink_open_file(tar->sink, name->str, name->len, mode, size,
                                   mtime <= G_MAXINT64 ? (int64_t)mtime : -1, error) &&
               read_content(tar, size, take_file_bytes, error) &&
               nook_sink_close_file(tar->sink, error);
}

static bool refuse_type(const GString *name, const char *what, GError **error) {
        g_autofree char *shown = nook_printable(name->str, (gssize)name->len);

        return nook_fail(error, NOOK_ERROR_UNPACK, "entry '%s' is %s", shown, what);
}

static bool read_entry(Tar *tar, const Header *header, uint64_t size, GError **error) {
        g_autoptr(GString) name = entry_name(tar, header), target = NULL;
        bool is_directory = name->len > 0 && name->str[name->len - 1] == '/';
        uint64_t mode, mtime;

        if (!parse_number(header->mode, sizeof(header->mode), &mode))
                mode = 0644;
        if (!parse_number(header->mtime, sizeof(header->mtime), &mtime))
                mtime = UINT64_MAX;
        target = tar->link_path != NULL
                         ? g_string_new_len(tar->link_path->str, (gssize)tar->link_path->len)
                         : g_string_new_len(
                                   header->link_name,
                                   (gssize)strnlen(header->link_name, sizeof(header->link_name)));
        switch (header->type) {
        case '0':
        case '\0':
        case '7':
                /* v7 had no type for directories but this. */
                if (!is_directory)
                        return read_file(tar, name, (mode_t)mode, size, mtime, error);
                break;
        case '1':
        case '2':
        case '5':
                break;
        case '3':
        case '4':
                return refuse_type(name, "a device", error);
        case '6':
                return refuse_type(name, "a named pipe", error);
        case 'S':
                return refuse_type(name, "a sparse file, which is not supported", error);
        default:
                return refuse_type(name, "of a type that is not known", error);
        }
        /* Whether data follows a link or a directory is read differently by different programs. */
        if (size != 0)
                return refuse_type(name, "a link or a directory with content", error);
        if (header->type == '1')
                return nook_sink_hardlink(tar->sink, name->str, name->len, target->str, target->len,
                                          error);
        if (header->type == '2')
                return nook_sink_symlink(tar->sink, name->str, name->len, target->str, target->len,
                                         error);
        return nook_sink_directory(tar->sink, name->str, name->len, (mode_t)mode, error);
}

static bool read_header(Tar *tar, const Header *header, GError **error) {
        uint64_t size;
        bool done;

        if (!has_right_checksum(header))
                return fail_damaged(tar, "a header has a wrong checksum", error);
        if (!parse_number(header->size, sizeof(header->size), &size) || size > INT64_MAX - BLOCK)
                return fail_damaged(tar, "a header has an impossible size", error);
        switch (header->type) {
        case 'x':
                return read_pax(tar, size, false, error);
        case 'g':
                return read_pax(tar, size, true, error);
        case 'L':
                return read_gnu_name(tar, size, &tar->path, error);
        case 'K':
                return read_gnu_name(tar, size, &tar->link_path, error);
        case 'V': /* the volume's label */
                return nook_sink_count_entry(tar->sink, error) &&
                       (size == 0 || fail_damaged(tar, "its label has content", error));
        default:
                break;
        }
        if (tar->has_size)
                size = tar->size;
        if (size > INT64_MAX - BLOCK)
                return fail_damaged(tar, "a header has an impossible size", error);
        done = read_entry(tar, header, size, error);
        forget_extensions(tar);
        return done;
}

/* Behind a zero block there is nothing but zeros. Reading on also makes a checksum over the whole
 * download one over the whole download. */
static bool read_rest(Tar *tar, GError **error) {
        static const char zeros[COPY_BYTES];
        size_t size = COPY_BYTES;

        while (size == COPY_BYTES) {
                if (!nook_stream_read(tar->stream, tar->buffer, COPY_BYTES, &size, error) ||
                    !nook_sink_count_bytes(tar->sink, size, error))
                        return false;
                tar->offset += size;
                if (memcmp(tar->buffer, zeros, size) != 0)
                        return fail_damaged(tar, "something follows its end", error);
        }
        return true;
}

bool nook_tar_unpack(NookStream *stream, NookSink *sink, GError **error) {
        g_auto(Tar) tar = {.stream = stream, .sink = sink, .buffer = g_malloc(COPY_BYTES)};
        bool is_there;
        Header header;

        for (;;) {
                if (!read_block(&tar, &header, &is_there, error))
                        return false;
                if (!is_there)
                        return fail_damaged(&tar, "it ends without an end marker: it is truncated",
                                            error);
                if (is_zero(&header))
                        break;
                if (!nook_sink_count_bytes(sink, BLOCK, error) ||
                    !read_header(&tar, &header, error))
                        return false;
        }
        if (tar.has_extension)
                return fail_damaged(&tar, "a header describes an entry that is not there", error);
        return read_rest(&tar, error);
}
