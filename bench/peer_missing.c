/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer.h"

bool peer_here(void) { return false; }
const char *peer_name(void) { return "libavformat"; }
const char *peer_version(void) { return "missing"; }
peer *peer_open(const char *path) { return (void)path, NULL; }
void peer_close(peer *p) { (void)p; }
bool peer_first(peer *p, place *out) { return (void)p, (void)out, false; }
bool peer_seek(peer *p, int64_t t, bool picture_only, place *out)
{
    return (void)p, (void)t, (void)picture_only, (void)out, false;
}
bool peer_walk(peer *p, sums out[2], uint64_t most) { return (void)p, (void)out, (void)most, false; }
bool peer_pool_open(size_t size) { return (void)size, false; }
void peer_pool_close(void) {}
void *peer_pool_take(void) { return NULL; }
void peer_pool_give(void *frame) { (void)frame; }
