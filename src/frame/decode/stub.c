/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder of a reel that was built without libavcodec. */
#include <string.h>

#include <reel/decode.h>

#include "frame/base/fail.h"

static int missing(reel_error *err) { return reel__frame_fail(err, REEL_E_UNSUPPORTED, "built without libavcodec"); }

int reel_decoder_open(const reel_track *track, const reel_decoder_options *options, reel_decoder **out, reel_error *err)
{
    (void)track;
    (void)options;
    if (out)
        *out = NULL;
    return missing(err);
}

void reel_decoder_close(reel_decoder **dec)
{
    if (dec)
        *dec = NULL;
}

int reel_decoder_seek(reel_decoder *dec, uint64_t index, reel_error *err)
{
    (void)dec;
    (void)index;
    return missing(err);
}

int reel_decoder_only(reel_decoder *dec, const uint64_t *samples, size_t n, reel_error *err)
{
    (void)dec;
    (void)samples;
    (void)n;
    return missing(err);
}

int reel_decoder_next(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    (void)dec;
    if (out)
        *out = NULL;
    return missing(err);
}

int reel_decoder_set_discard(reel_decoder *dec, uint32_t discard)
{
    (void)dec;
    (void)discard;
    return REEL_E_UNSUPPORTED;
}

int reel_decoder_send(reel_decoder *dec, const reel_packet *packet, reel_error *err)
{
    (void)dec;
    (void)packet;
    return missing(err);
}

int reel_decoder_receive(reel_decoder *dec, reel_frame **out, reel_error *err)
{
    return reel_decoder_next(dec, out, err);
}

void reel_decoder_flush(reel_decoder *dec) { (void)dec; }
void reel_decoder_interrupt(reel_decoder *dec) { (void)dec; }

int reel_decoder_sample(const reel_decoder *dec, reel_sample *out)
{
    (void)dec;
    (void)out;
    return REEL_E_UNSUPPORTED;
}

int reel_decoder_format(const reel_decoder *dec, reel_format *out)
{
    (void)dec;
    (void)out;
    return REEL_E_UNSUPPORTED;
}

int reel_decoder_format_of(uint32_t format, reel_format *out)
{
    (void)format;
    (void)out;
    return REEL_E_UNSUPPORTED;
}

const char *reel_decoder_format_name(uint32_t format)
{
    (void)format;
    return "?";
}

const char *reel_decoder_codec(const reel_decoder *dec)
{
    (void)dec;
    return "none";
}

void reel_decoder_get_stats(const reel_decoder *dec, reel_decoder_stats *out)
{
    (void)dec;
    if (out)
        memset(out, 0, sizeof *out);
}
