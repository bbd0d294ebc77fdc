/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "hcl/value-internal.h"

/* Key and value alternate; an index from key to place is made once there are many. */
struct HclMembers {
        GPtrArray *items;   /* HclValue */
        GHashTable *places; /* key -> place of its value, from MEMBERS_INDEXED on */
};

enum { MEMBERS_INDEXED = 16 };

HclMembers *hcl_members_new(void) {
        HclMembers *members = g_new0(HclMembers, 1);

        members->items = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        return members;
}

void hcl_members_free(HclMembers *members) {
        if (!members)
                return;
        g_ptr_array_unref(members->items);
        g_clear_pointer(&members->places, g_hash_table_unref);
        g_free(members);
}

static void index_members(HclMembers *members) {
        members->places = g_hash_table_new(hcl_value_text_hash, hcl_value_text_equal);
        for (guint i = 0; i < members->items->len; i += 2)
                g_hash_table_insert(members->places, members->items->pdata[i],
                                    GUINT_TO_POINTER(i + 1));
}

/* Where the value of this key stands in items; 0: nowhere. */
static guint find_member(HclMembers *members, HclValue *key) {
        if (members->places)
                return GPOINTER_TO_UINT(g_hash_table_lookup(members->places, key));
        for (guint i = 0; i < members->items->len; i += 2)
                if (hcl_value_text_equal(members->items->pdata[i], key))
                        return i + 1;
        return 0;
}

void hcl_members_set_key(HclMembers *members, HclValue *key, HclValue *value) {
        guint place;

        g_assert(key->kind == HCL_KIND_STRING && key->state == STATE_KNOWN);
        place = find_member(members, key);
        if (place > 0) {
                hcl_value_unref(members->items->pdata[place]);
                members->items->pdata[place] = hcl_value_ref(value);
                return;
        }
        g_ptr_array_add(members->items, hcl_value_ref(key));
        g_ptr_array_add(members->items, hcl_value_ref(value));
        if (members->places)
                g_hash_table_insert(members->places, key,
                                    GUINT_TO_POINTER(members->items->len - 1));
        else if (members->items->len >= 2 * MEMBERS_INDEXED)
                index_members(members);
}

void hcl_members_set(HclMembers *members, const char *name, HclValue *value) {
        g_autoptr(HclValue) key = hcl_value_string(name, -1);

        hcl_members_set_key(members, key, value);
}

HclValue *hcl_members_get(HclMembers *members, HclValue *key) {
        guint place = find_member(members, key);

        return place > 0 ? members->items->pdata[place] : NULL;
}

static int by_key(const void *a, const void *b) {
        return hcl_value_compare_text(*(HclValue *const *)a, *(HclValue *const *)b);
}

static HclValue *members_to(HclMembers *members, HclKind kind, const HclType *element) {
        guint n = members->items->len;
        HclValue *value = hcl_value_alloc(kind, n * sizeof(HclValue *));

        value->type = element ? hcl_type_without_optional(element) : NULL;
        value->size = n / 2;
        if (n > 0)
                memcpy(value->items, members->items->pdata, n * sizeof(HclValue *));
        if (n > 2)
                qsort(value->items, n / 2, 2 * sizeof(HclValue *), by_key);
        for (guint i = 0; i < n; i++)
                hcl_value_add_weight(value, value->items[i]->weight);
        g_clear_pointer(&members->places, g_hash_table_unref);
        g_ptr_array_set_free_func(members->items, NULL); /* value has them now */
        g_ptr_array_set_size(members->items, 0);
        g_ptr_array_set_free_func(members->items, (GDestroyNotify)hcl_value_unref);
        return value;
}

HclValue *hcl_members_to_object(HclMembers *members) {
        return members_to(members, HCL_KIND_OBJECT, NULL);
}

HclValue *hcl_members_to_map(HclMembers *members, const HclType *element) {
        return members_to(members, HCL_KIND_MAP, element);
}
