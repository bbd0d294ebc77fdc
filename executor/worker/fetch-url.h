/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* URLs as libcurl reads them, so that no two readers disagree about one. */

#include <glib.h>
#include <stdbool.h>

/* Takes user and password out of a URL: given apart, they cannot end up in a message.
 *   ret_user, ret_password  the caller's; NULL where there are none
 * Returns the rest, the caller's; NULL when it is no URL. */
char *nook_http_split_url(const char *url, char **ret_user, char **ret_password);

/* Where a redirect leads.
 *   location         as the server has said it; may be relative
 *   ret_url          the caller's
 *   ret_same_origin  whether scheme, host and port stay the same
 * Errors: NOOK_ERROR_FETCH: no URL, neither http nor https, or from https to http. */
bool nook_http_redirect(const char *url, const char *location, char **ret_url,
                        bool *ret_same_origin, GError **error);
