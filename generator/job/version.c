/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/version.h"

#include <string.h>

enum {
        SEGMENTS_MAX = 16,
        SEGMENTS_LEAST = 3, /* "1.2" counts as "1.2.0" */
};

typedef struct {
        gint64 segments[SEGMENTS_MAX];
        guint n_segments; /* padded */
        guint n_written;
        char *prerelease; /* "" for none */
} Version;

static void clear_version(Version *version) {
        g_free(version->prerelease);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Version, clear_version)

static bool is_part_char(char c) {
        return g_ascii_isalnum(c) || c == '-' || c == '~' || c == '.';
}

/* Dot-separated parts of which none is empty; up to where such characters end. */
static bool read_parts(const char **at, char **ret_text) {
        const char *start = *at, *p = start;

        while (is_part_char(*p))
                p++;
        if (p == start || start[0] == '.' || p[-1] == '.')
                return false;

        *ret_text = g_strndup(start, (gsize)(p - start));
        if (strstr(*ret_text, ".."))
                return false;
        *at = p;
        return true;
}

static bool read_segments(const char **at, Version *version) {
        const char *p = *at;

        while (true) {
                char *end = NULL;

                if (!g_ascii_isdigit(*p) || version->n_segments == SEGMENTS_MAX)
                        return false;
                version->segments[version->n_segments++] = g_ascii_strtoll(p, &end, 10);
                p = end;
                if (*p != '.' || !g_ascii_isdigit(p[1]))
                        break;
                p++;
        }
        version->n_written = version->n_segments;
        version->n_segments = MAX(version->n_segments, (guint)SEGMENTS_LEAST);
        *at = p;
        return true;
}

static bool read_version(const char *text, bool semver, Version *version) {
        const char *p = text;
        g_autofree char *metadata = NULL;

        if (*p == 'v')
                p++;
        if (!read_segments(&p, version))
                return false;

        if (*p == '-') {
                p++;
                if (!read_parts(&p, &version->prerelease))
                        return false;
        } else if (!semver && (g_ascii_isalpha(*p) || *p == '~') &&
                   !read_parts(&p, &version->prerelease))
                return false;
        if (!version->prerelease)
                version->prerelease = g_strdup("");

        if (*p == '+') {
                p++;
                if (!read_parts(&p, &metadata))
                        return false;
        }
        if (*p == '?')
                p++;
        return *p == '\0';
}

static bool read_number(const char *text, gint64 *ret) {
        char *end = NULL;

        *ret = g_ascii_strtoll(text, &end, 10);
        return end != text && *end == '\0';
}

/* An empty part, where one list is shorter, sorts below a number and above a word. */
static int compare_part(const char *a, const char *b) {
        gint64 number_a, number_b;
        bool is_a = read_number(a, &number_a), is_b = read_number(b, &number_b);

        if (strcmp(a, b) == 0)
                return 0;
        if (*a == '\0')
                return is_b ? -1 : 1;
        if (*b == '\0')
                return is_a ? 1 : -1;
        if (is_a != is_b)
                return is_a ? -1 : 1;
        if (is_a)
                return number_a > number_b ? 1 : -1;
        return strcmp(a, b) > 0 ? 1 : -1;
}

static int compare_prereleases(const char *a, const char *b) {
        g_auto(GStrv) parts_a = NULL, parts_b = NULL;
        guint n_a, n_b;

        if (strcmp(a, b) == 0)
                return 0;
        if (*a == '\0')
                return 1;
        if (*b == '\0')
                return -1;

        parts_a = g_strsplit(a, ".", -1);
        parts_b = g_strsplit(b, ".", -1);
        n_a = g_strv_length(parts_a);
        n_b = g_strv_length(parts_b);
        for (guint i = 0; i < MAX(n_a, n_b); i++) {
                int order = compare_part(i < n_a ? parts_a[i] : "", i < n_b ? parts_b[i] : "");

                if (order != 0)
                        return order;
        }
        return 0;
}

static gint64 segment(const Version *version, guint i) {
        return i < version->n_segments ? version->segments[i] : 0;
}

static int compare_segments(const Version *a, const Version *b) {
        for (guint i = 0; i < MAX(a->n_segments, b->n_segments); i++)
                if (segment(a, i) != segment(b, i))
                        return segment(a, i) < segment(b, i) ? -1 : 1;

        return 0;
}

static int compare(const Version *a, const Version *b) {
        int order = compare_segments(a, b);

        return order != 0 ? order : compare_prereleases(a->prerelease, b->prerelease);
}

/* Whether the constraint lets this version take part in an ordering at all. */
static bool admits_prerelease(const Version *version, const Version *bound) {
        if (*version->prerelease == '\0')
                return true;
        return *bound->prerelease != '\0' && compare_segments(version, bound) == 0;
}

/* "~> 1.2.3": the same but for the last number that was written, which may grow. */
static bool is_near(const Version *version, const Version *bound) {
        guint last = bound->n_segments - 1;

        if (!admits_prerelease(version, bound) ||
            (*bound->prerelease != '\0' && *version->prerelease == '\0') ||
            compare(version, bound) < 0 || bound->n_segments > version->n_segments)
                return false;

        for (guint i = 0; i + 1 < bound->n_written; i++)
                if (version->segments[i] != bound->segments[i])
                        return false;

        return bound->segments[last] <= version->segments[last];
}

static bool holds(const Version *version, const char *op, const Version *bound, bool semver) {
        int order = compare(version, bound);

        if (strcmp(op, "") == 0 || strcmp(op, "=") == 0)
                return order == 0;
        if (strcmp(op, "!=") == 0)
                return order != 0;
        if (strcmp(op, "~>") == 0)
                return is_near(version, bound);
        if (!semver && !admits_prerelease(version, bound))
                return false;
        if (strcmp(op, ">") == 0)
                return order > 0;
        if (strcmp(op, ">=") == 0)
                return order >= 0;
        if (strcmp(op, "<") == 0)
                return order < 0;
        return order <= 0;
}

/* One bound of a constraint: `>= 1.2`. */
static bool read_bound(char *text, bool semver, const char **ret_op, Version *version) {
        static const char *const ops[] = {"!=", ">=", "<=", "~>", "=", ">", "<"};
        char *p = g_strstrip(text);

        *ret_op = "";
        for (guint i = 0; i < G_N_ELEMENTS(ops); i++)
                if (g_str_has_prefix(p, ops[i])) {
                        *ret_op = ops[i];
                        p += strlen(ops[i]);
                        break;
                }
        if (semver && strcmp(*ret_op, "~>") == 0)
                return false;
        return read_version(g_strchug(p), semver, version);
}

bool nook_version_satisfies(const char *version, const char *constraint, bool semver,
                            bool *ret_valid) {
        g_auto(GStrv) bounds = g_strsplit(constraint, ",", -1);
        g_auto(Version) subject = {0};
        bool result = true;

        *ret_valid = bounds[0] && read_version(version, false, &subject);
        for (char **text = bounds; *ret_valid && *text; text++) {
                g_auto(Version) bound = {0};
                const char *op;

                *ret_valid = read_bound(*text, semver, &op, &bound);
                if (*ret_valid && !holds(&subject, op, &bound, semver))
                        result = false;
        }
        return *ret_valid && result;
}
