/* SPDX-License-Identifier: BSD-2-Clause */
#include "pipeline.h"

bool pipeline_old_here(void) { return false; }

void pipeline_old(const pipeline *p, pipeline_result *r)
{
    (void)p;
    (void)r;
}

void pipeline_bare(const pipeline *p, unsigned threads, pipeline_result *r)
{
    (void)p;
    (void)threads;
    (void)r;
}
