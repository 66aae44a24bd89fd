/* SPDX-License-Identifier: BSD-2-Clause */
/* The peer, behind the same few calls; a stub when it is not installed. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "engine.h"

typedef struct peer peer;

bool peer_here(void);
const char *peer_name(void); /* "libavformat 5.1" */
const char *peer_version(void);

/* All NULL or false on failure. Options are the least that the peer can be asked to do: no parser, no filling in. */
peer *peer_open(const char *path);
void peer_close(peer *p);
bool peer_first(peer *p, place *out); /* the next packet of the picture */
/* Seek backwards to a key frame, read it; picture_only: tell the peer that no other stream is wanted. */
bool peer_seek(peer *p, int64_t t, bool picture_only, place *out);
bool peer_walk(peer *p, sums out[2], uint64_t most); /* read packets to the end, or so many */

/* A pool of the peer's, for the topic pool: one at a time. False: the peer is not installed. */
bool peer_pool_open(size_t size);
void peer_pool_close(void);
void *peer_pool_take(void);
void peer_pool_give(void *frame);

#endif
