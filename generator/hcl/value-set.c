/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "hcl/number.h"
#include "hcl/value-internal.h"

/* Appends what the elements of sets that are not primitive are sorted by. Its form is go-cty's
 * (set_internals.go), since the order of iteration follows from it. */
static void append_sort_key(const HclValue *value, GString *out) {
        bool plain = value->kind == HCL_KIND_LIST || value->kind == HCL_KIND_SET;
        bool keyed = value->kind == HCL_KIND_MAP;

        if (value->state != STATE_KNOWN) {
                g_string_append_c(out, value->state == STATE_NULL ? '~' : '?');
        } else if (value->kind == HCL_KIND_BOOL) {
                g_string_append_c(out, value->truth ? 'T' : 'F');
        } else if (value->kind == HCL_KIND_NUMBER) {
                g_autofree char *text = hcl_value_number_text(value);

                g_string_append(out, text);
        } else if (value->kind == HCL_KIND_STRING) {
                nook_json_append_string(out, value->text, (gssize)value->size);
        } else {
                g_string_append_c(out, keyed ? '{' : plain ? '[' : '<');
                for (size_t i = 0; i < value->size; i++) {
                        if (keyed) {
                                append_sort_key(hcl_value_key(value, i), out);
                                g_string_append_c(out, ':');
                        }
                        append_sort_key(hcl_value_element(value, i), out);
                        g_string_append_c(out, ';');
                }
                g_string_append_c(out, keyed ? '}' : plain ? ']' : '>');
        }
}

/* The order of elements in a set: by value, then null, then unknown. */
static int compare_elements(const HclValue *a, const HclValue *b) {
        g_autoptr(GString) x = NULL, y = NULL;

        if (a->state != b->state)
                return a->state < b->state ? -1 : 1;
        if (a->state != STATE_KNOWN)
                return 0;
        switch (a->kind) {
        case HCL_KIND_BOOL:
                return (int)a->truth - (int)b->truth;
        case HCL_KIND_NUMBER:
                return hcl_number_compare(a, b);
        case HCL_KIND_STRING:
                return hcl_value_compare_text(a, b);
        default:
                x = g_string_new(NULL);
                y = g_string_new(NULL);
                append_sort_key(a, x);
                append_sort_key(b, y);
                return strcmp(x->str, y->str);
        }
}

static int by_element(const void *a, const void *b) {
        return compare_elements(*(HclValue *const *)a, *(HclValue *const *)b);
}

HclValue *hcl_value_set(const HclType *element, HclValue *const *elements, size_t n) {
        HclValue *set = hcl_value_new_sequence(HCL_KIND_SET, element, elements, n);
        size_t kept = 0;

        if (n > 1)
                qsort(set->items, n, sizeof(HclValue *), by_element);
        for (size_t i = 0; i < n; i++) {
                HclValue *item = set->items[i];

                if (kept > 0 && item->state != STATE_UNKNOWN &&
                    compare_elements(set->items[kept - 1], item) == 0)
                        hcl_value_unref(item);
                else
                        set->items[kept++] = item;
        }
        set->size = kept;
        return set;
}

bool hcl_value_set_contains(const HclValue *set, const HclValue *element) {
        size_t low = 0, high = set->size;

        g_assert(set->kind == HCL_KIND_SET && set->state == STATE_KNOWN);
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = compare_elements(element, set->items[middle]);

                if (order == 0)
                        return true;
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return false;
}
