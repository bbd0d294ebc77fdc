/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <errno.h>
#include <stdlib.h>

#include "base/printable.h"

G_DEFINE_QUARK(nook_error, nook_error)

int nook_error_exit_status(const GError *error) {
        if (error->domain != NOOK_ERROR)
                return 125;

        switch ((NookErrorCode)error->code) {
        case NOOK_ERROR_COMMAND_NOT_FOUND:
                return 127;
        case NOOK_ERROR_COMMAND_NOT_EXECUTABLE:
                return 126;
        case NOOK_ERROR_TIMEOUT:
                return 124;
        case NOOK_ERROR_CANCELED:
                return 130;
        default:
                return 125;
        }
}

NookErrorCode nook_error_code_of_errno(int errnum) {
        switch (abs(errnum)) {
        case EEXIST:
                return NOOK_ERROR_EXISTS;
        case EACCES:
        case EPERM:
                return NOOK_ERROR_ACCESS;
        case ENOENT:
                return NOOK_ERROR_NOT_FOUND;
        case ENOSPC:
        case EDQUOT:
                return NOOK_ERROR_SPACE;
        default:
                return NOOK_ERROR_IO;
        }
}

bool nook_error_set(GError **error, NookErrorCode code, int errnum, const char *file, int line,
                    const char *function, const char *format, ...) {
        g_autofree char *raw = NULL, *text = NULL;
        g_autofree char *line_text = g_strdup_printf("%d", line);
        va_list args;

        va_start(args, format);
        raw = g_strdup_vprintf(format, args);
        va_end(args);
        if (errnum != 0) {
                char *prefix = raw;

                raw = g_strdup_printf("%s: %s", prefix, g_strerror(abs(errnum)));
                g_free(prefix);
        }
        text = nook_printable_text(raw, -1);
        g_log_structured(G_LOG_DOMAIN, G_LOG_LEVEL_DEBUG, "CODE_FILE", file, "CODE_LINE", line_text,
                         "CODE_FUNC", function, "MESSAGE", "%s", text);
        g_set_error_literal(error, NOOK_ERROR, (int)code, text);
        return false;
}
