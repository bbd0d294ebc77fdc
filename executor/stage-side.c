/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage-side.h"

void nook_stage_side_clear(NookStageSide *side) {
        g_clear_pointer(&side->worker, nook_worker_free);
        g_clear_error(&side->said);
        g_clear_pointer(&side->digest, g_free);
        *side = (NookStageSide){0};
}

bool nook_stage_side_start(NookStageSide *side, const NookWorkerSpec *spec, GError **error) {
        nook_stage_side_clear(side);
        side->worker = nook_worker_start(spec, error);
        return side->worker != NULL;
}

static void on_answer(const NookAnswer *answer, void *user) {
        NookStageSide *side = user;

        switch (answer->kind) {
        case NOOK_ANSWER_SIZE:
                side->total = answer->number;
                break;
        case NOOK_ANSWER_DONE:
                side->done = answer->number;
                break;
        case NOOK_ANSWER_DIGEST:
                g_free(side->digest);
                side->digest = g_strdup(answer->text);
                break;
        case NOOK_ANSWER_ERROR:
                if (side->said == NULL)
                        (void)nook_fail(&side->said, answer->code, "%s", answer->text);
                break;
        case NOOK_ANSWER_END:
                side->done = answer->number;
                side->ended_well = true;
                break;
        }
}

bool nook_stage_side_listen(NookStageSide *side, NookErrorCode code) {
        if (side->worker == NULL)
                return true;
        if (side->has_ended || !nook_worker_listen(side->worker, on_answer, side))
                return side->has_ended;
        side->has_ended = true;
        side->ended_well =
                side->ended_well && side->said == NULL && nook_worker_succeeded(side->worker);
        if (!side->ended_well && side->said == NULL) {
                g_autofree char *end = nook_worker_describe_end(side->worker);

                (void)nook_fail(&side->said, code, "%s", end);
        }
        return true;
}

guint nook_stage_side_poll_fds(const NookStageSide *side, struct pollfd *ret_fds) {
        return side->worker != NULL && !side->has_ended
                       ? nook_worker_poll_fds(side->worker, ret_fds)
                       : 0;
}
