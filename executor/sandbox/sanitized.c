/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a sanitized nook-sandbox is told, which has no environment: what it holds at its execve() is
 * no leak, and a finding must not look like an exit status of the task. */

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void) {
        return "detect_leaks=0:abort_on_error=1";
}

const char *__ubsan_default_options(void) {
        return "halt_on_error=1:abort_on_error=1:print_stacktrace=1";
}
