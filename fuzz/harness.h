/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One harness, eight targets, three builds.
 *   targets  walk, seek, info, read, change, stream, playlist, write: fuzz/<target>.c, each with a `fuzz_target` that looks
 *            at one open film
 *   builds   plain; threads (three threads on one film); nomem (the allocator fails at a call that the input names)
 * The film is the input less its last 8 bytes, which steer: they seed the choices that a target makes.
 */
#ifndef FUZZ_HARNESS_H
#define FUZZ_HARNESS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reel/reel.h>

enum { FUZZ_TRACKS = 6, FUZZ_SAMPLES = 3000 };

typedef struct fuzz_input {
    const uint8_t *data; /* ends where memory that cannot be touched begins */
    size_t size;
    uint64_t seed;
    uint32_t open_flags;
    const reel_allocator *allocator;
} fuzz_input;

/* The target. movie is NULL for those that open it themselves. Called by several threads at once in that build. */
void fuzz_target(const fuzz_input *in, reel_movie *movie);
extern const bool fuzz_opens_itself;

/* The next number of a choice; each thread has its own state. */
static inline uint64_t fuzz_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Says what was expected, and ends the program: the first thread that comes here; any other waits for that. */
void fuzz_failed(const char *file, int line, const char *what) __attribute__((noreturn));

/* In the nomem build anything may fail with REEL_E_NOMEM at any time: comparisons then mean nothing. */
#ifdef FUZZ_NOMEM
#define FUZZ_EXPECT(x) ((void)(x))
#else
#define FUZZ_EXPECT(x)                                                                                        \
    do {                                                                                                      \
        if (!(x))                                                                                             \
            fuzz_failed(__FILE__, __LINE__, #x);                                                              \
    } while (0)
#endif

/* Look at every byte, so that a sanitizer sees where they lie. */
void fuzz_touch(reel_span s);

#endif
