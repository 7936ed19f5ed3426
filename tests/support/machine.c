#include "machine.h"

#include "host/base/files.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

void machine_put(const char *root, const char *path, const char *text)
{
    char *whole = dg_text("%s/%s", root, path), *folder = dg_text("%s/%s", root, path);
    cr_assert(whole && folder);
    *strrchr(folder, '/') = '\0';
    cr_assert_eq(dg_directory_make(folder), DG_OK, "%s", dg_error());
    cr_assert_eq(dg_file_replace(whole, text, false), DG_OK, "%s", dg_error());
    free(whole);
    free(folder);
}
