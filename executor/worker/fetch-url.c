/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/fetch-url.h"

#include <curl/curl.h>

#include "base/error.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURLU, curl_url_cleanup)

/* For messages: without user, password, query and fragment. */
static char *redact(const char *url) {
        g_autoptr(CURLU) parsed = curl_url();
        char *text = NULL, *copy;

        if (parsed == NULL ||
            curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != 0)
                return g_strdup("(not a URL)");
        (void)curl_url_set(parsed, CURLUPART_USER, NULL, 0);
        (void)curl_url_set(parsed, CURLUPART_PASSWORD, NULL, 0);
        (void)curl_url_set(parsed, CURLUPART_OPTIONS, NULL, 0);
        (void)curl_url_set(parsed, CURLUPART_QUERY, NULL, 0);
        (void)curl_url_set(parsed, CURLUPART_FRAGMENT, NULL, 0);
        if (curl_url_get(parsed, CURLUPART_URL, &text, 0) != 0)
                return g_strdup("(not a URL)");
        copy = g_strdup(text);
        curl_free(text);
        return copy;
}

static char *url_part(CURLU *url, CURLUPart part, unsigned flags) {
        char *text = NULL, *copy;

        if (curl_url_get(url, part, &text, flags) != 0)
                return NULL;
        copy = g_strdup(text);
        curl_free(text);
        return copy;
}

/* Whether two URLs have the same scheme, host and port. */
static bool is_same_origin(CURLU *a, CURLU *b) {
        static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};

        for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
                g_autofree char *x = url_part(a, parts[i], CURLU_DEFAULT_PORT);
                g_autofree char *y = url_part(b, parts[i], CURLU_DEFAULT_PORT);

                if (x == NULL || y == NULL || g_ascii_strcasecmp(x, y) != 0)
                        return false;
        }
        return true;
}

char *nook_http_split_url(const char *url, char **ret_user, char **ret_password) {
        g_autoptr(CURLU) parsed = curl_url();

        if (parsed == NULL || curl_url_set(parsed, CURLUPART_URL, url, 0) != 0)
                return NULL;
        *ret_user = url_part(parsed, CURLUPART_USER, CURLU_URLDECODE);
        *ret_password = url_part(parsed, CURLUPART_PASSWORD, CURLU_URLDECODE);
        (void)curl_url_set(parsed, CURLUPART_USER, NULL, 0);
        (void)curl_url_set(parsed, CURLUPART_PASSWORD, NULL, 0);
        return url_part(parsed, CURLUPART_URL, 0);
}

bool nook_http_redirect(const char *url, const char *location, char **ret_url,
                        bool *ret_same_origin, GError **error) {
        g_autoptr(CURLU) from = curl_url();
        g_autoptr(CURLU) to = curl_url();
        g_autofree char *scheme = NULL, *old_scheme = NULL, *shown = NULL, *next = NULL;

        if (from == NULL || to == NULL || curl_url_set(from, CURLUPART_URL, url, 0) != 0 ||
            curl_url_set(to, CURLUPART_URL, url, 0) != 0 ||
            curl_url_set(to, CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME) != 0)
                return nook_fail(error, NOOK_ERROR_FETCH, "the server redirects to no valid URL");
        next = url_part(to, CURLUPART_URL, 0);
        shown = redact(next != NULL ? next : "");
        scheme = url_part(to, CURLUPART_SCHEME, 0);
        old_scheme = url_part(from, CURLUPART_SCHEME, 0);
        if (g_strcmp0(scheme, "http") != 0 && g_strcmp0(scheme, "https") != 0)
                return nook_fail(error, NOOK_ERROR_FETCH,
                                 "the server redirects to '%s', which is not http or https", shown);
        if (g_strcmp0(old_scheme, "https") == 0 && g_strcmp0(scheme, "https") != 0)
                return nook_fail(error, NOOK_ERROR_FETCH, "the server redirects from https to '%s'",
                                 shown);
        *ret_same_origin = is_same_origin(from, to);
        *ret_url = g_steal_pointer(&next);
        return true;
}
