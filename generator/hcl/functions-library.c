/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-library.h"

#include <dlfcn.h>
#include <string.h>

const char *hcl_library_open(const char *soname, const HclSymbol *symbols, size_t n_symbols,
                             void *library) {
        void *handle = dlopen(soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

        if (handle == NULL)
                return dlerror();
        for (size_t i = 0; i < n_symbols; i++) {
                void *symbol = dlsym(handle, symbols[i].name);

                if (symbol == NULL)
                        return dlerror();
                memcpy((char *)library + symbols[i].offset, &symbol, sizeof(symbol));
        }
        return NULL;
}
