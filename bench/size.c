/* SPDX-License-Identifier: BSD-2-Clause */
/* size: the core alone, -Os, stripped; the build makes that library beside the usual one. */
#include <sys/stat.h>

#include "engine.h"

void topic_size(void)
{
    struct stat st;
    if (stat(STRIPPED_CORE, &st) < 0)
        die("the stripped core is not built: " STRIPPED_CORE, NULL);
    report_row(&(row){.what = "stripped core, -Os", .unit = "kB", .reel = (double)st.st_size / 1000, .limit = 250});
}
