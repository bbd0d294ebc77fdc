/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The functions that expressions may call: the 83 of Nomad's job files, with the meaning that
 * go-cty and go-cty-funcs give them (not Terraform's: `length` is of collections, `reverse` is of
 * strings). None of them has an effect, and none uses the network; those that read files are a
 * table of their own, because who may read which files is the caller's decision.
 *
 * Source: https://developer.hashicorp.com/nomad/docs/job-specification/hcl2/functions and go-cty's
 * function/stdlib. */

#include "hcl/hcl.h"

enum {
        HCL_RANGE_MAX = 1024,       /* values of range(), as in go-cty */
        HCL_BCRYPT_COST_MAX = 16,   /* about 5 s; every step more doubles it */
        HCL_FILE_SIZE_MAX = 4 << 20 /* bytes that file() reads */
};

/* Adds the 75 functions that compute from their arguments alone. */
void hcl_scope_add_standard_functions(HclScope *scope);

/* What the 8 file functions may see. It must outlive the scope. */
typedef struct {
        bool allowed;         /* otherwise every call is an error */
        const char *base_dir; /* relative paths begin here, and nothing outside is read */
        const char *home_dir; /* what `~` stands for; NULL: an error */
        const char *work_dir; /* where abspath() begins; NULL: base_dir */
} HclFileAccess;

/* Adds abspath, basename, dirname, file, filebase64, fileexists, fileset, pathexpand. */
void hcl_scope_add_file_functions(HclScope *scope, const HclFileAccess *access);
