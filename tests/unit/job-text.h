/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reading job files given as text, for tests. */

#include <glib.h>

#include "job/config.h"
#include "job/job.h"

/* The job, or NULL; *ret_findings: all findings in the order they were made, a line each, as
 * "3:7 error: Summary: detail". */
static inline char *findings_text(const NookDiags *diags) {
        static const char *const severities[] = {"note", "warning", "error"};
        GString *text = g_string_new(NULL);

        for (guint i = 0; i < nook_diags_count(diags); i++) {
                const NookDiag *diag = nook_diags_get(diags, i);
                NookPos pos = {0};

                if (diag->subject.source)
                        pos = nook_source_pos(diag->subject.source, diag->subject.start);
                g_string_append_printf(
                        text, "%s%" G_GUINT32_FORMAT ":%" G_GUINT32_FORMAT " %s: %s: %s",
                        i > 0 ? "\n" : "", pos.line, pos.column, severities[diag->severity],
                        diag->summary, diag->detail ? diag->detail : "");
        }
        return g_string_free(text, FALSE);
}

static inline NookJob *read_text(const char *text, const NookJobOptions *options,
                                 char **ret_findings) {
        g_autoptr(NookSource) source = nook_source_new_text("job.hcl", text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        NookJob *job = nook_job_read(source, options, diags);

        *ret_findings = findings_text(diags);
        return job;
}

/* A task's text around lines of its own: the first of them is line 3. */
#define TASK(lines)                                                                                \
        "task \"web\" {\n  driver = \"exec\"\n" lines "\n  config { command = \"/bin/true\" "      \
        "}\n}\n"
