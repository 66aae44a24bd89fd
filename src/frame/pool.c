/* SPDX-License-Identifier: BSD-2-Clause */
#include <reel/pool.h>

void reel_pool_close(reel_pool **pool) { (void)pool; }
