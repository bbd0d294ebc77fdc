/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Plans made from job files given as text, on a host made by hand: merged /usr, systemd 252 unless
 * the test says otherwise, users root, nobody, alice. */

#include <glib.h>

#include "job-text.h"
#include "unit/plan.h"

typedef struct {
        NookConfig *config;
        NookHost *host;
        NookPlanOptions options;
        NookJob *job;
        NookPlan *plan;
        char *findings; /* a line each: "3:7 error: Summary: detail" */
} PlanFixture;

/* config: text of an operator's file, or NULL. */
PlanFixture *plan_fixture_new(const char *config);
void plan_fixture_free(PlanFixture *fixture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlanFixture, plan_fixture_free)

/* Makes the plan; fixture->plan is NULL when there are errors. */
void plan_fixture_read(PlanFixture *fixture, const char *job);

/* The same, and fails the test unless there is a plan. Its first task. */
NookPlanTask *plan_fixture_task(PlanFixture *fixture, const char *job);

/* All settings of a key in a unit, as unit file text, a line each; caller's. */
char *plan_setting(const NookUnit *unit, const char *key);
