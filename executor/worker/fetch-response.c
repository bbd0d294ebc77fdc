/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/fetch-response.h"

#include <string.h>

#include "base/error.h"

void nook_http_response_clear(NookHttpResponse *response) {
        g_free(response->reason);
        g_free(response->etag);
        g_free(response->last_modified);
        g_free(response->encoding);
        g_free(response->range);
        g_free(response->location);
        *response = (NookHttpResponse){.length = -1, .retry_after = -1};
}

static void keep_value(char **field, const char *value) {
        g_free(*field);
        *field = g_strdup(value);
}

void nook_http_response_read_line(NookHttpResponse *response, const char *data, size_t size) {
        g_autofree char *line = g_strndup(data, size);
        char *value;

        g_strchomp(line);
        if (g_ascii_strncasecmp(line, "HTTP/", 5) == 0) {
                const char *blank = strchr(line, ' ');

                nook_http_response_clear(response);
                response->status = blank != NULL ? strtol(blank + 1, NULL, 10) : 0;
                if (blank != NULL && strlen(blank) > 5)
                        response->reason = g_strdup(blank + 5);
                return;
        }
        value = strchr(line, ':');
        if (value == NULL)
                return;
        *value++ = '\0';
        g_strstrip(value);
        if (g_ascii_strcasecmp(line, "ETag") == 0)
                keep_value(&response->etag, value);
        else if (g_ascii_strcasecmp(line, "Last-Modified") == 0)
                keep_value(&response->last_modified, value);
        else if (g_ascii_strcasecmp(line, "Content-Encoding") == 0)
                keep_value(&response->encoding, value);
        else if (g_ascii_strcasecmp(line, "Content-Range") == 0)
                keep_value(&response->range, value);
        else if (g_ascii_strcasecmp(line, "Location") == 0)
                keep_value(&response->location, value);
        else if (g_ascii_strcasecmp(line, "Retry-After") == 0 && g_ascii_isdigit(*value))
                response->retry_after = g_ascii_strtoll(value, NULL, 10);
        else if (g_ascii_strcasecmp(line, "Content-Length") == 0 && g_ascii_isdigit(*value))
                response->length = g_ascii_strtoll(value, NULL, 10);
}

bool nook_http_response_check_encoding(const NookHttpResponse *response, const char *url,
                                       GError **error) {
        const char *encoding = response->encoding;
        const char *end = strpbrk(url, "?#");
        g_autofree char *path = end != NULL ? g_strndup(url, (gsize)(end - url)) : g_strdup(url);
        bool is_gzip;

        if (encoding == NULL || *encoding == '\0' || g_ascii_strcasecmp(encoding, "identity") == 0)
                return true;
        is_gzip = g_ascii_strcasecmp(encoding, "gzip") == 0 ||
                  g_ascii_strcasecmp(encoding, "x-gzip") == 0;
        if ((is_gzip && (g_str_has_suffix(path, ".gz") || g_str_has_suffix(path, ".tgz"))) ||
            (g_ascii_strcasecmp(encoding, "zstd") == 0 && g_str_has_suffix(path, "zst")) ||
            (g_ascii_strcasecmp(encoding, "x-bzip2") == 0 && g_str_has_suffix(path, "bz2")) ||
            (g_ascii_strcasecmp(encoding, "x-xz") == 0 && g_str_has_suffix(path, "xz")))
                return true;
        return nook_fail(error, NOOK_ERROR_FETCH,
                         "the server sends it with Content-Encoding '%s' though none was asked for",
                         encoding);
}
