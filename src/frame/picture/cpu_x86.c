/* SPDX-License-Identifier: BSD-2-Clause */
/* Which loops this CPU gets: x86-64. */
#include "frame/picture/room.h"

const reel__rows *reel__rows_best(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") ? &reel__rows_avx2 : &reel__rows_c;
}
