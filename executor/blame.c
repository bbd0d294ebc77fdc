/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "blame.h"

static const struct {
        NookErrorCode code;
        const char *summary;
} summaries[] = {
        {NOOK_ERROR_COMMAND_NOT_FOUND, "Command not found"},
        {NOOK_ERROR_COMMAND_NOT_EXECUTABLE, "Command not executable"},
        {NOOK_ERROR_NOT_FOUND, "Not found"},
        {NOOK_ERROR_PATH, "Path not usable"},
        {NOOK_ERROR_INVALID, "Not valid"},
        {NOOK_ERROR_UNSUPPORTED, "Not supported"},
        {NOOK_ERROR_FETCH, "Download failed"},
        {NOOK_ERROR_UNPACK, "Archive not usable"},
        {NOOK_ERROR_CHECKSUM, "Wrong checksum"},
        {NOOK_ERROR_LIMIT, "Limit exceeded"},
        {NOOK_ERROR_EXISTS, "File already there"},
        {NOOK_ERROR_REFUSED, "Refused"},
};

static const char *summary_of(const GError *error) {
        for (gsize i = 0; error->domain == NOOK_ERROR && i < G_N_ELEMENTS(summaries); i++)
                if ((int)summaries[i].code == error->code)
                        return summaries[i].summary;
        return NULL;
}

bool nook_blame(NookLoad *load, NookRange range, GError **error) {
        const char *summary = summary_of(*error);
        int code = (*error)->code;

        /* Some already say where. */
        if (summary == NULL || range.source == NULL || (*error)->message[0] == 0 ||
            g_str_has_prefix((*error)->message, nook_source_name(range.source)))
                return false;
        nook_diags_error(load->diags, range, summary, "%s.", (*error)->message);
        nook_load_print_findings(load);
        g_clear_error(error);
        return nook_fail(error, (NookErrorCode)code, "%s", "");
}
