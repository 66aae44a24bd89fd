/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/packet.h: the bytes of a sample, without copying them.
 */
#ifndef REEL_PACKET_H
#define REEL_PACKET_H

#include <reel/sample.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A sample and its bytes. From memory and mapped sources data points into them; from a callback source into a
 * buffer of its own. ref keeps either alive, on any thread, also after the movie is closed.
 */
typedef struct reel_packet {
    reel_sample sample;
    const uint8_t *data; /* sample.size bytes; not NULL even when size is 0 */
    size_t padding;      /* bytes behind data + size that may be read too (they belong to somebody else); own
                            buffers have 64 zeroed ones */
    reel_ref *ref;
} reel_packet;

/*
 * The bytes of sample. On REEL_OK out owns one reference: give it back with reel_packet_unref.
 * REEL_E_TRUNCATED when the sample ends past the end of the source, REEL_E_SHRUNK, REEL_E_IO, REEL_E_AGAIN,
 * REEL_E_NOT_FOUND when its bytes lie in another file (dref). On failure out is emptied.
 */
REEL_API int reel_packet_get(const reel_track *track, const reel_sample *sample, reel_packet *out, reel_error *err);
/* Another holder of the same bytes. */
REEL_API void reel_packet_ref(reel_packet *dst, const reel_packet *src);
/* Give the reference back and empty the packet; an empty one and NULL are allowed. */
REEL_API void reel_packet_unref(reel_packet *packet);

/*
 * A free callback in the shape that av_buffer_create, Go and numpy capsules want: opaque is packet.ref, data is
 * not looked at. Hand ref over (do not also unref the packet).
 */
REEL_API void reel_packet_free(void *opaque, uint8_t *data);

/* Has the mapping lost bytes under a guarded source since it was opened? Then what packets show may be zeros. */
REEL_API bool reel_movie_shrunk(const reel_movie *movie);

#ifdef __cplusplus
}
#endif
#endif
