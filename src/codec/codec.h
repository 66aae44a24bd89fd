/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the readers of sample entries.
 *
 *   entry.c       finds the entry, reads its fixed part, walks its boxes, finishes
 *   formats.c     the table of formats and the table of boxes
 *   video.c audio.c colour.c protection.c esds.c    what stands in a box
 *   asc.c sps.c obu.c                               what stands in a bitstream's own header
 *   names.c text.c                                  RFC 6381 strings, from all that was read
 *   describe.c                                      words for people
 *   config.c                                        parameter sets
 *   light.c                                         HDR in boxes and in messages of the bitstream
 *   stereo.c                                        views, eyes, projection
 */
#ifndef REEL_CODEC_CODEC_H
#define REEL_CODEC_CODEC_H

#include <reel/codec.h>

#include "movie/movie.h"

/* One sample entry, or one coded image item, while it is read. */
typedef struct reel__reading {
    const reel_track *track; /* NULL for an item: then nothing is warned of */
    reel_description *d;
    reel_error *err;
    const reel__part *entry;
    bool little_endian; /* enda */
    bool colr, nclx;    /* the colour comes from a colr; from one of kind nclx */
    bool esds;          /* one was read */
    bool mdcv, clli, amve; /* a box has said it: messages in the bitstream count less */
} reel__reading;

/* How the codec string and the words for people are made. */
typedef enum reel__family {
    REEL__PLAIN = 0, /* the fourcc; the name of the format */
    REEL__AVC,
    REEL__HEVC,
    REEL__VVC,
    REEL__AV1,
    REEL__VP,
    REEL__MP4V,
    REEL__MP4A,
    REEL__MP4S,
    REEL__AC3,
    REEL__EC3,
    REEL__AC4,
    REEL__OPUS,
    REEL__FLAC,
    REEL__ALAC,
    REEL__MP3,
    REEL__AMR,
    REEL__MPEGH,
    REEL__IAMF,
    REEL__PCM,
    REEL__TTML,
    REEL__FAMILIES,
} reel__family;

/* One row a sample entry format. No pointers, so that the table needs no relocation. */
typedef struct reel__format {
    uint32_t fourcc;
    uint8_t type, framing, family;
    uint32_t config; /* the box without which it cannot be decoded; 0: none */
    char name[24];   /* for people */
} reel__format;

/* Of several that go by one fourcc the one of that type (a reel_track_type); NULL when reel knows none. */
const reel__format *reel__format_find(uint32_t fourcc, uint32_t type);

/* A format that stands for another, which frma names: encv, drms, ... */
bool reel__is_protected(uint32_t format);

/*
 * A box of a sample entry, or an image property. box was found without a table: its body is behind the plain
 * header, version and flags included.
 */
int reel__entry_box(reel__reading *g, const reel__part *box);

/* When all boxes are read: codec_format, framing, the codec string and what else follows from the whole. */
int reel__entry_finish(reel__reading *g);

/* A configuration that is damaged: warn, or fail in strict mode. box may be NULL: the entry itself. */
int reel__config_damaged(const reel__reading *g, const reel__part *box, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The reader found less than it wanted: say so. */
int reel__config_done(const reel__reading *g, const reel__part *box, const reel__reader *r);

/* The configuration, when it is of that type and has at least so many bytes behind full of version and flags.
 */
static inline const uint8_t *reel__config_bytes(const reel_description *d, uint32_t type, size_t full,
                                                size_t least)
{
    return d->config_type == type && d->config.size >= full + least ? d->config.data + full : NULL;
}

/* Boxes: each gets its body behind version and flags. */
int reel__read_esds(reel__reading *g, const reel__part *box);
int reel__read_sinf(reel__reading *g, const reel__part *box);
int reel__read_colr(reel__reading *g, const reel__part *box);
int reel__read_pasp(reel__reading *g, const reel__part *box);
int reel__read_clap(reel__reading *g, const reel__part *box);
int reel__read_fiel(reel__reading *g, const reel__part *box);
int reel__read_mdcv(reel__reading *g, const reel__part *box);
int reel__read_clli(reel__reading *g, const reel__part *box);
int reel__read_smdm(reel__reading *g, const reel__part *box);
int reel__read_amve(reel__reading *g, const reel__part *box);
int reel__read_vexu(reel__reading *g, const reel__part *box);
int reel__read_st3d(reel__reading *g, const reel__part *box);
int reel__read_hfov(reel__reading *g, const reel__part *box);
int reel__read_dovi(reel__reading *g, const reel__part *box);
int reel__read_btrt(reel__reading *g, const reel__part *box);
int reel__read_bitr(reel__reading *g, const reel__part *box);
int reel__read_avcc(reel__reading *g, const reel__part *box);
int reel__read_hvcc(reel__reading *g, const reel__part *box);
int reel__read_lhvc(reel__reading *g, const reel__part *box);
int reel__read_vvcc(reel__reading *g, const reel__part *box);
int reel__read_vvnc(reel__reading *g, const reel__part *box);
int reel__read_av1c(reel__reading *g, const reel__part *box);
int reel__read_vpcc(reel__reading *g, const reel__part *box);
int reel__read_dac3(reel__reading *g, const reel__part *box);
int reel__read_dec3(reel__reading *g, const reel__part *box);
int reel__read_dac4(reel__reading *g, const reel__part *box);
int reel__read_dops(reel__reading *g, const reel__part *box);
int reel__read_dfla(reel__reading *g, const reel__part *box);
int reel__read_alac(reel__reading *g, const reel__part *box);
int reel__read_pcmc(reel__reading *g, const reel__part *box);
int reel__read_enda(reel__reading *g, const reel__part *box);
int reel__read_srat(reel__reading *g, const reel__part *box);
int reel__read_damr(reel__reading *g, const reel__part *box);
int reel__read_ddts(reel__reading *g, const reel__part *box);
int reel__read_dmlp(reel__reading *g, const reel__part *box);
int reel__read_mhac(reel__reading *g, const reel__part *box);
int reel__read_iacb(reel__reading *g, const reel__part *box);

/* VvcDecoderConfigurationRecord up to num_of_arrays; width and height, which may be NULL, get its largest picture. */
void reel__skip_vvc_header(reel__reader *r, uint32_t *width, uint32_t *height);
/* VVC's OPI and DCI stand in their arrays alone, without a count. ISO/IEC 14496-15:2022 11.2.4.2.2 */
static inline bool reel__vvc_alone(uint8_t type) { return type == 12 || type == 13; }

/* Finishing: the codec string (names.c, text.c), and numbers that only the format says (audio.c). */
void reel__name_codec(reel__reading *g, const reel__format *f);
void reel__name_ttml(reel_description *d);
void reel__finish_audio(reel__reading *g, const reel__format *f);

/* ISO/IEC 14496-3 1.6: an AudioSpecificConfig as far as it was there. */
typedef struct reel__asc {
    uint8_t type, core_type; /* audio object types: the first one, and that of the core under SBR */
    uint8_t rate_index;      /* of the core; 15: explicit */
    uint8_t configuration;   /* channelConfiguration */
    uint8_t sbr, ps;
    uint16_t frame;           /* samples of the core; 0: unknown */
    uint32_t core_rate, rate; /* rate: of the output */
    uint32_t channels;        /* of the output; 0: unknown */
} reel__asc;

/* False when not even its first fields are there. */
bool reel__asc_read(reel_span data, reel__asc *asc);
/* Its index among the sampling frequencies, or 15. */
uint8_t reel__asc_rate_index(uint32_t rate);

/* Colour, bit depth and size as the bitstream's own header says. */
typedef struct reel__picture {
    uint16_t primaries, transfer, matrix;
    uint8_t full_range, told; /* told: anything but the defaults is said about colour */
    uint8_t depth;
    uint32_t width, height;   /* cropped; 0: not known */
} reel__picture;

bool reel__avc_sps(reel_span nal, reel__picture *p);
bool reel__hevc_sps(reel_span nal, reel__picture *p);
bool reel__av1_sequence(reel_span obus, reel__picture *p);
/* Mastering display, content light, ambient light and alternative transfer of a SEI NAL unit of HEVC or VVC, or of the
 * metadata among obus: where no box has said it. */
void reel__take_sei(reel__reading *g, reel_span nal);
void reel__take_metadata(reel__reading *g, reel_span obus);
/* The next OBU: its type, and its payload; data is NULL where it runs past the end. */
reel_span reel__next_obu(reel__reader *r, uint8_t *type);
/* For the configuration's own header: a sample entry that says 0x0 gets this size. */
void reel__take_size(reel_description *d, uint32_t width, uint32_t height);
/* Does each of these OBUs end before they do? */
bool reel__obus_fit(reel_span obus);

/* Bits from the left, bounded: past the end 0, and bad. Configurations are short: more than 64 KiB is not
 * looked at. */
typedef struct reel__bits {
    const uint8_t *data;
    size_t size, at; /* in bits */
    bool bad;
} reel__bits;

static inline reel__bits reel__bits_of(reel_span s)
{
    return (reel__bits){s.data, 8 * REEL__MIN(s.size, (size_t)65536), 0, false};
}

/* n up to 32. */
static inline uint32_t reel__bits_get(reel__bits *b, unsigned n)
{
    uint32_t v = 0;
    if (n > b->size - b->at) {
        b->at = b->size;
        b->bad = true;
        return 0;
    }
    for (; n; n--, b->at++)
        v = v << 1 | (b->data[b->at / 8] >> (7 - b->at % 8) & 1u);
    return v;
}

/* ue(v), ISO/IEC 14496-10 9.1 */
static inline uint32_t reel__bits_ue(reel__bits *b)
{
    unsigned zeros = 0;
    while (zeros < 32 && !b->bad && !reel__bits_get(b, 1))
        zeros++;
    if (zeros >= 32 || b->bad) {
        b->bad = true;
        return 0;
    }
    return (1u << zeros) - 1 + reel__bits_get(b, zeros);
}

/* The bits of a NAL unit without its emulation prevention, and without its header. A VUI lies in the first hundred
 * bytes or two; what is longer than room is cut. */
enum { REEL__NAL_BYTES = 512 };
reel__bits reel__nal_bits(reel_span nal, size_t header, uint8_t room[REEL__NAL_BYTES]);

static inline void reel__bits_skip(reel__bits *b, size_t n)
{
    b->bad = b->bad || n > b->size - b->at;
    b->at += REEL__MIN(n, b->size - b->at);
}

static inline void reel__bits_align(reel__bits *b)
{
    b->at = REEL__MIN((b->at + 7) & ~(size_t)7, b->size);
}

static inline size_t reel__bits_left(const reel__bits *b)
{
    return b->size - b->at;
}

/* leb128, AV1 specification 4.10.5: at most eight bytes, at most 32 bits of value */
static inline uint32_t reel__leb128(reel__reader *r)
{
    uint64_t v = 0;
    for (int i = 0; i < 8; i++) {
        uint8_t byte = reel__u8(r);
        v |= (uint64_t)(byte & 127) << 7 * i;
        if (!(byte & 128)) {
            r->bad = r->bad || v > UINT32_MAX;
            return (uint32_t)v;
        }
    }
    r->bad = true;
    return 0;
}

#endif
