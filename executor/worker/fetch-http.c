/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/fetch-http.h"

#include <curl/curl.h>

#include "base/error.h"
#include "worker/fetch-response.h"
#include "worker/fetch-url.h"

enum {
        REDIRECTS_MAX = 10,
        CONNECT_TIMEOUT_MSEC = 30 * 1000,
        LOW_SPEED_SECONDS = 60, /* without a byte, then the attempt is given up */
        RETRY_DELAY_MAX_SECONDS = 60,
};

/* libcurl's list under GLib's scope cleanup. */
typedef struct curl_slist CurlList;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CurlList, curl_slist_free_all)

typedef struct {
        const NookHttpRequest *request;
        NookBody *body;
        CURL *curl;
        int64_t deadline_usec; /* monotonic; G_MAXINT64: none */

        char *url;            /* of the current hop */
        bool is_first_origin; /* headers and password are for it */
        NookHttpResponse response;
        char *validator; /* of the body whose bytes we have: a strong ETag, or a date */
        GError *failed;  /* from inside a callback */
        char text[CURL_ERROR_SIZE];
} Fetch;

static void fetch_clear(Fetch *fetch) {
        curl_easy_cleanup(fetch->curl);
        nook_http_response_clear(&fetch->response);
        g_free(fetch->url);
        g_free(fetch->validator);
        g_clear_error(&fetch->failed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fetch, fetch_clear)

/* How an attempt ended. */
typedef enum {
        OUTCOME_DONE,
        OUTCOME_REDIRECT,
        OUTCOME_AGAIN, /* failed in a way that may pass */
        OUTCOME_FAILED,
} Outcome;

/* --- redirects and responses ------------------------------------------------------------------ */

/* Goes where a redirect points. Once another origin has been asked, the headers and the password
 * of the job are not sent again in this attempt, not even back to the first. */
static bool follow_redirect(Fetch *fetch, GError **error) {
        bool is_same_origin;
        char *next;

        if (!nook_http_redirect(fetch->url, fetch->response.location, &next, &is_same_origin,
                                error))
                return false;
        if (!is_same_origin)
                fetch->is_first_origin = false;
        g_free(fetch->url);
        fetch->url = next;
        return true;
}

static size_t on_header(char *data, size_t size, size_t count, void *user) {
        Fetch *fetch = user;

        nook_http_response_read_line(&fetch->response, data, size * count);
        return size * count;
}

/* A validator proves that two responses are of the same bytes; a weak ETag does not. */
static void keep_validator(Fetch *fetch) {
        const NookHttpResponse *response = &fetch->response;

        g_clear_pointer(&fetch->validator, g_free);
        if (response->etag != NULL && !g_str_has_prefix(response->etag, "W/"))
                fetch->validator = g_strdup(response->etag);
        else if (response->etag == NULL && response->last_modified != NULL)
                fetch->validator = g_strdup(response->last_modified);
}

/* Decides, when the headers are complete, whether this response is the body. */
static bool accept_response(Fetch *fetch, GError **error) {
        NookHttpResponse *response = &fetch->response;
        uint64_t have = nook_body_bytes(fetch->body);
        g_autofree char *expected = g_strdup_printf("bytes %" G_GUINT64_FORMAT "-", have);

        if (response->is_accepted)
                return true;
        if (!nook_http_response_check_encoding(response, fetch->url, error))
                return false;
        if (response->status == 206) {
                if (have == 0 || response->range == NULL ||
                    !g_str_has_prefix(response->range, expected))
                        return nook_fail(error, NOOK_ERROR_FETCH,
                                         "the server sends another part than the one asked for");
        } else {
                if (have > 0 && !nook_body_restart(fetch->body, error))
                        return false;
                keep_validator(fetch);
                if (!nook_body_expect(fetch->body, response->length, error))
                        return false;
        }
        response->is_accepted = true;
        return true;
}

static size_t on_body(char *data, size_t size, size_t count, void *user) {
        Fetch *fetch = user;

        /* An error page is no body; stop reading it. */
        if (fetch->response.status != 200 && fetch->response.status != 206)
                return 0;
        if (!accept_response(fetch, &fetch->failed) ||
            !nook_body_write(fetch->body, data, size * count, &fetch->failed))
                return 0;
        return size * count;
}

/* --- one request ----------------------------------------------------------------------------- */

/* The header lines of a request. NULL when libcurl has no memory. */
static CurlList *request_headers(const Fetch *fetch) {
        g_autoptr(CurlList) list = curl_slist_append(NULL, "Accept-Encoding: identity");
        const char *const *pairs = fetch->is_first_origin ? fetch->request->headers : NULL;

        for (; list != NULL && pairs != NULL && pairs[0] != NULL; pairs += 2) {
                /* "Name;" is libcurl's way to send a header without a value. */
                g_autofree char *line = *pairs[1] != '\0'
                                                ? g_strdup_printf("%s: %s", pairs[0], pairs[1])
                                                : g_strdup_printf("%s;", pairs[0]);

                if (curl_slist_append(list, line) == NULL)
                        return NULL;
        }
        if (list != NULL && nook_body_bytes(fetch->body) > 0 && fetch->validator != NULL) {
                g_autofree char *range = g_strdup_printf("Range: bytes=%" G_GUINT64_FORMAT "-",
                                                         nook_body_bytes(fetch->body));
                g_autofree char *condition = g_strdup_printf("If-Range: %s", fetch->validator);

                if (curl_slist_append(list, range) == NULL ||
                    curl_slist_append(list, condition) == NULL)
                        return NULL;
        }
        return g_steal_pointer(&list);
}

/* Those of the first URL are not for another origin; a redirect may bring its own. */
static bool set_url(Fetch *fetch) {
        g_autofree char *user = NULL, *password = NULL;
        g_autofree char *bare = nook_http_split_url(fetch->url, &user, &password);

        return bare != NULL && curl_easy_setopt(fetch->curl, CURLOPT_URL, bare) == CURLE_OK &&
               curl_easy_setopt(fetch->curl, CURLOPT_USERNAME, user) == CURLE_OK &&
               curl_easy_setopt(fetch->curl, CURLOPT_PASSWORD, password) == CURLE_OK;
}

static bool set_options(Fetch *fetch) {
        CURL *curl = fetch->curl;
        long verify = fetch->request->insecure ? 0 : 1;

        return curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fetch->text) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_HTTP_CONTENT_DECODING, 0L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_USERAGENT, "nook/" NOOK_VERSION) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2 * verify) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MSEC) ==
                       CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)LOW_SPEED_SECONDS) ==
                       CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_HEADERDATA, fetch) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch) == CURLE_OK;
}

static bool is_passing(CURLcode code) {
        switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_PARTIAL_FILE:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
                return true;
        default:
                return false;
        }
}

/* A transport error: what libcurl says, and what it means for the body. */
static Outcome fail_transport(Fetch *fetch, CURLcode code, GError **error) {
        const char *text = *fetch->text != '\0' ? fetch->text : curl_easy_strerror(code);

        if (code == CURLE_OPERATION_TIMEDOUT &&
            g_get_monotonic_time() >= fetch->deadline_usec - 1000) {
                (void)nook_fail(error, NOOK_ERROR_TIMEOUT,
                                "it took longer than %" G_GUINT64_FORMAT " s",
                                fetch->request->timeout_usec / G_USEC_PER_SEC);
                return OUTCOME_FAILED;
        }
        if (code == CURLE_PARTIAL_FILE || (code == CURLE_RECV_ERROR && fetch->response.is_accepted))
                (void)nook_fail(error, NOOK_ERROR_FETCH,
                                "the body is truncated after %" G_GUINT64_FORMAT " bytes (%s)",
                                nook_body_bytes(fetch->body), text);
        else
                (void)nook_fail(error, NOOK_ERROR_FETCH, "%s", text);
        return is_passing(code) ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

/* A complete response that is no body. */
static Outcome judge_status(Fetch *fetch, GError **error) {
        const NookHttpResponse *response = &fetch->response;
        g_autofree char *reason =
                response->reason != NULL && g_str_is_ascii(response->reason)
                        ? g_strdup_printf(" (%s)", g_strdelimit(response->reason, "\t", ' '))
                        : g_strdup("");

        switch (response->status) {
        case 301:
        case 302:
        case 303:
        case 307:
        case 308:
                if (response->location != NULL)
                        return OUTCOME_REDIRECT;
                break;
        default:
                break;
        }
        (void)nook_fail(error, NOOK_ERROR_FETCH, "the server answered %ld%s", response->status,
                        reason);
        switch (response->status) {
        case 408:
        case 429:
        case 500:
        case 502:
        case 503:
        case 504:
                return OUTCOME_AGAIN;
        default:
                return OUTCOME_FAILED;
        }
}

static Outcome request_once(Fetch *fetch, GError **error) {
        g_autoptr(CurlList) headers = NULL;
        int64_t left_usec = fetch->deadline_usec - g_get_monotonic_time();
        CURLcode code;

        curl_easy_reset(fetch->curl);
        nook_http_response_clear(&fetch->response);
        *fetch->text = '\0';
        headers = request_headers(fetch);
        if (headers == NULL || !set_options(fetch) || !set_url(fetch) ||
            curl_easy_setopt(fetch->curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
            (fetch->deadline_usec != G_MAXINT64 &&
             curl_easy_setopt(fetch->curl, CURLOPT_TIMEOUT_MS,
                              (long)CLAMP(left_usec / 1000, 1, G_MAXINT32)) != CURLE_OK)) {
                (void)nook_fail(error, NOOK_ERROR_FETCH, "this is not a URL that can be fetched");
                return OUTCOME_FAILED;
        }
        code = curl_easy_perform(fetch->curl);
        if (fetch->failed != NULL) {
                g_propagate_error(error, g_steal_pointer(&fetch->failed));
                return OUTCOME_FAILED;
        }
        /* An aborted error page gives CURLE_WRITE_ERROR: the status says what happened. */
        if (fetch->response.status != 0 && fetch->response.status != 200 &&
            fetch->response.status != 206 && (code == CURLE_OK || code == CURLE_WRITE_ERROR))
                return judge_status(fetch, error);
        if (code != CURLE_OK)
                return fail_transport(fetch, code, error);
        return accept_response(fetch, error) ? OUTCOME_DONE : OUTCOME_FAILED; /* an empty body */
}

/* --- all of it ------------------------------------------------------------------------------- */

static Outcome attempt(Fetch *fetch, GError **error) {
        g_free(fetch->url);
        fetch->url = g_strdup(fetch->request->url);
        fetch->is_first_origin = true;
        for (unsigned hops = 0; hops <= REDIRECTS_MAX; hops++) {
                Outcome outcome = request_once(fetch, error);

                if (outcome != OUTCOME_REDIRECT)
                        return outcome;
                if (!follow_redirect(fetch, error))
                        return OUTCOME_FAILED;
        }
        (void)nook_fail(error, NOOK_ERROR_FETCH, "the server redirects more than %d times",
                        REDIRECTS_MAX);
        return OUTCOME_FAILED;
}

/* Waits before the next attempt, as long as the server asks for within reason. False when the
 * deadline would pass meanwhile. */
static bool wait_before_retry(const Fetch *fetch, uint64_t delay_usec) {
        int64_t asked = MIN(fetch->response.retry_after, (int64_t)RETRY_DELAY_MAX_SECONDS);
        int64_t usec = (int64_t)MIN(delay_usec, (uint64_t)RETRY_DELAY_MAX_SECONDS * G_USEC_PER_SEC);

        if (asked > 0)
                usec = MAX(usec, asked * G_USEC_PER_SEC);
        if (g_get_monotonic_time() > fetch->deadline_usec - usec)
                return false;
        g_usleep((gulong)usec);
        return true;
}

bool nook_http_fetch(const NookHttpRequest *request, NookBody *body, GError **error) {
        g_auto(Fetch) fetch = {.request = request, .body = body, .deadline_usec = G_MAXINT64};
        uint64_t delay_usec = request->retry_delay_usec;

        nook_http_response_clear(&fetch.response);
        if (request->timeout_usec != 0 && request->timeout_usec < G_MAXINT64 / 2)
                fetch.deadline_usec = g_get_monotonic_time() + (int64_t)request->timeout_usec;
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
            (fetch.curl = curl_easy_init()) == NULL)
                return nook_fail(error, NOOK_ERROR_FAILED, "start libcurl");
        for (unsigned tries = 1;; tries++) {
                g_autoptr(GError) failed = NULL;
                Outcome outcome = attempt(&fetch, &failed);

                if (outcome == OUTCOME_DONE)
                        return true;
                if (outcome != OUTCOME_AGAIN || tries >= request->attempts ||
                    !wait_before_retry(&fetch, delay_usec)) {
                        g_propagate_error(error, g_steal_pointer(&failed));
                        if (tries > 1)
                                g_prefix_error(error, "%u attempts: ", tries);
                        return false;
                }
                delay_usec *= 2;
        }
}
