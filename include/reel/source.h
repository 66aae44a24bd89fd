/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/source.h: where the bytes come from. A movie never knows which of these it reads.
 *
 * All sources are reference counted and may be shared by movies and threads. Reads do not move a position.
 */
#ifndef REEL_SOURCE_H
#define REEL_SOURCE_H

#include <reel/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_source reel_source;

/*
 * The caller's memory, not copied. release(user, data) is called once, from whichever thread drops the last
 * reference (to the source, a movie on it, or a packet from it); NULL: the memory outlives all of them.
 * On failure release is not called and the memory stays the caller's. size 0 is allowed, data is NULL then.
 */
REEL_API int reel_source_memory(const void *data, size_t size, void (*release)(void *user, const void *data),
                                void *user, reel_source **out);

enum {
    /*
     * Let a fault inside the mapping (the file was shortened, the disk failed) become REEL_E_SHRUNK instead of
     * killing the process. Installs a SIGBUS handler for the whole process, once, on first use; faults outside
     * reel's mappings go to the handler that was there before. For hosts that own their signals: leave it off,
     * or use a callback source, which needs no guard.
     */
    REEL_SOURCE_GUARD = 1 << 0,
    /* Read with pread instead of mapping (network file systems; 32-bit processes do so for large files). */
    REEL_SOURCE_NO_MAP = 1 << 1,
};

/* A regular file, mapped read-only. The path is opened and closed here; fd stays the caller's to close. */
REEL_API int reel_source_file(const char *path, unsigned flags, reel_source **out, reel_error *err);
REEL_API int reel_source_fd(int fd, unsigned flags, reel_source **out, reel_error *err);

/*
 * Bytes from a function. Fill sizeof_io with sizeof(reel_source_io).
 *   read   puts up to n bytes from offset into buf and gives how many (fewer is allowed, 0 means the end), or
 *          REEL_E_AGAIN, REEL_E_NOMEM, REEL_E_SHRUNK or REEL_E_IO (which any other negative number means). REEL_E_AGAIN ends the running call, whose reel_error names the range that was
 *          wanted; fetch it and make the call again: nothing is lost, nothing is half done.
 *          May be called from several threads at once.
 *   size   the length now; called at the start and by reel_movie_refresh. Gives REEL_OK or a negative code.
 *   close  may be NULL; called once when the last reference is gone. Not called when creation fails.
 */
typedef struct reel_source_io {
    size_t sizeof_io;
    int64_t (*read)(void *user, uint64_t offset, void *buf, size_t n);
    int (*size)(void *user, uint64_t *size);
    void (*close)(void *user);
    void *user;
} reel_source_io;

REEL_API int reel_source_callback(const reel_source_io *io, reel_source **out, reel_error *err);

/*
 * Several sources as one, end to end: an init segment and its media segments. Takes its own reference on every
 * part; n is at least 1. Offsets of samples then count from the start of the first part; locate tells which
 * part a byte lies in and where there.
 */
REEL_API int reel_source_concat(reel_source *const *parts, size_t n, reel_source **out);
REEL_API int reel_source_locate(const reel_source *source, uint64_t offset, size_t *part, uint64_t *part_offset);

REEL_API reel_source *reel_source_ref(reel_source *source);
REEL_API void reel_source_unref(reel_source **source);

/* Its length in bytes, as of opening or the last refresh. */
REEL_API uint64_t reel_source_size(const reel_source *source);

/*
 * Copy n bytes from offset into buf. REEL_E_TRUNCATED when the source ends before (buf then holds what there
 * was), REEL_E_SHRUNK, REEL_E_IO or REEL_E_AGAIN.
 */
REEL_API int reel_source_read(reel_source *source, uint64_t offset, void *buf, size_t n, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
