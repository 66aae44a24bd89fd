/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/codec.h: what a track's samples are: sample entries (ISO/IEC 14496-12 8.5.2), codec strings (RFC 6381),
 * decoder configurations as they lie in the file, colour, HDR, protection.
 */
#ifndef REEL_CODEC_H
#define REEL_CODEC_H

#include <reel/movie.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the bytes of a sample are cut into units; see reel/bitstream.h. */
typedef enum reel_framing {
    REEL_FRAMING_NONE = 0, /* a sample is one unit */
    REEL_FRAMING_NAL,      /* NAL units behind nal_length_size bytes of length: AVC, HEVC, VVC */
    REEL_FRAMING_OBU,      /* AV1 */
    REEL_FRAMING_AAC,      /* raw AAC access units: an ADTS header can be made */
} reel_framing;

enum {
    REEL_PCM_LITTLE_ENDIAN = 1 << 0,
    REEL_PCM_FLOAT = 1 << 1,
    REEL_PCM_UNSIGNED = 1 << 2,
};

/* What vexu says of the eyes, as the bits of its stri have it. */
enum {
    REEL_EYE_LEFT = 1 << 0,
    REEL_EYE_RIGHT = 1 << 1,
    REEL_EYE_MORE = 1 << 2,     /* views beyond those of the two eyes */
    REEL_EYE_REVERSED = 1 << 3, /* the right eye's view comes first */
};

typedef struct reel_protection {
    uint32_t scheme;            /* schm: cenc, cens, cbc1, cbcs, piff, itun, adkm...; 0: none */
    uint32_t scheme_version;
    uint32_t original_format;   /* frma; 0: not said, or not protected */
    /* of tenc; without one (has_tenc 0: FairPlay's itun, Adobe's adkm) all of it is 0 and means nothing */
    uint8_t is_protected;
    uint8_t iv_size;            /* 0: constant_iv */
    uint8_t crypt_blocks, skip_blocks;
    uint8_t kid[16];
    uint8_t constant_iv[16];
    uint8_t constant_iv_size;
    uint8_t has_tenc;           /* 1: there is one, at least up to its kid */
    uint8_t reserved[6];
} reel_protection;

typedef struct reel_description {
    uint32_t format;            /* the sample entry's fourcc as written: avc1, encv, mp4a */
    uint32_t codec_format;      /* the same with protection looked through: avc1 for encv */
    uint32_t type;              /* reel_track_type */
    uint32_t framing;           /* reel_framing */
    uint16_t data_reference_index;
    uint16_t self_contained;    /* 0: the samples lie in another file (dref) */
    uint8_t nal_length_size;    /* 1, 2, 3 or 4 with REEL_FRAMING_NAL */
    uint8_t reserved0[3];
    char codec[64];             /* RFC 6381: "avc1.64001f"; the bare fourcc where no more is defined */

    /* video; 0 elsewhere */
    uint32_t width, height;     /* the sample entry's; with size_from_stream those of the sequence header */
    uint32_t depth;             /* bits a pixel as the sample entry says; 24 mostly */
    uint32_t bit_depth;         /* of a component, from the configuration; 0: unknown */
    reel_rational pixel_aspect; /* pasp; 0/0: not said, taken as 1/1 */
    uint32_t clap[8];           /* width, height, horizOff, vertOff: numerator and denominator; all 0 without */
    uint16_t colour_primaries, transfer, matrix; /* colr nclx/nclc or the configuration; 2: unspecified */
    uint8_t full_range, colour_known;
    reel_span icc;              /* colr prof/rICC */
    uint32_t has_mdcv, has_clli; /* 1: a box says so (mdcv, SmDm; clli, CoLL), or a message in the configuration */
    uint16_t mdcv_primaries[6]; /* G, B, R: x, y in 0.00002 */
    uint16_t mdcv_white[2];
    uint32_t mdcv_max, mdcv_min; /* luminance in 0.0001 cd/m2 */
    uint16_t max_cll, max_fall; /* cd/m2 */
    uint8_t dovi_profile, dovi_level, dovi_compatibility, dovi_flags; /* dvcC/dvvC; flags: rpu 1, el 2, bl 4 */
    uint8_t field_count, field_order; /* fiel */
    uint8_t size_from_stream;   /* 1: the sample entry says 0 for one or both; the configuration's header fills in */
    uint8_t reserved1;
    uint16_t preferred_transfer; /* of an alternative transfer SEI: 18 for HLG that old players take for SDR; 0: none */
    uint16_t ambient_x, ambient_y; /* amve: the light around the screen, in 0.00002 */
    uint16_t has_amve;
    uint32_t ambient_illuminance; /* 0.0001 lux */

    /* stereo and spatial video: vexu, hfov, st3d, sv3d; 0 elsewhere */
    uint8_t views;              /* how many eyes stri says are there: 1 or 2; 0: not said */
    uint8_t eyes;               /* REEL_EYE_* */
    uint8_t hero_eye;           /* hero: 1 left, 2 right; 0: none */
    uint8_t reserved2;
    uint32_t baseline;          /* blin: between the centres of the lenses, in micrometres; 0: not said */
    uint32_t field_of_view;     /* hfov: horizontally, in 0.001 degrees; 0: not said */
    int32_t disparity;          /* dadj: shift of the views in 0.0001 of the width */
    uint32_t projection;        /* fourcc: rect, equi, hequ, fish, ... of prji; equi, cbmp, mshp of sv3d */
    uint32_t view_packing;      /* fourcc: side, over; both views in one picture (pkin, st3d) */

    /* audio; 0 elsewhere */
    uint32_t channels, sample_rate; /* what comes out of a decoder as far as the configuration says, SBR and PS
                                       included when they are signalled */
    uint32_t entry_channels, entry_sample_rate; /* as the sample entry says */
    uint32_t bits_per_sample;
    uint32_t pcm_flags;
    uint32_t samples_per_frame; /* PCM samples one access unit decodes to; 0: varies or unknown */
    uint32_t bytes_per_packet;  /* QuickTime sound description v1/v2; 0 elsewhere */
    uint8_t audio_object_type, object_type_indication; /* MPEG-4 Audio; esds */
    uint8_t sbr, ps;
    uint32_t joint_objects;     /* ec-3 with Dolby Atmos: its complexity index, 1 to 16; 0: none */

    uint32_t max_bitrate, average_bitrate, buffer_size; /* btrt, esds; 0: not said */

    uint32_t config_type;       /* fourcc of the configuration box: avcC, hvcC, av1C, esds, dOps, ... */
    reel_range config_range;    /* its body in the source */
    reel_span config;           /* the same bytes: avcC stays avcC; version and flags of vpcC included */
    reel_span decoder_specific; /* what a decoder wants: the ASC of an esds; the body of the box elsewhere */
    reel_span entry;            /* the whole sample entry with its header */

    reel_protection protection;
} reel_description;

/*
 * Read the i-th sample description of track, i from 1. Spans live as long as the movie. Unknown formats are not
 * errors: codec is the fourcc then. A damaged configuration is REEL_E_CONFIG in strict mode, else a warning,
 * and what could be read is filled.
 */
REEL_API int reel_track_description(const reel_track *track, uint32_t i, reel_description *out, reel_error *err);

/* "AAC-LC", "H.264 High 3.1", ... for people; gives the length as snprintf does. */
REEL_API int reel_codec_describe(const reel_description *d, char *buf, size_t size);

/* Parameter sets of avcC, hvcC, vvcC in order (VPS, SPS, PPS, SEI), 1024 at most: REEL_END past the last. O(i). */
REEL_API int reel_description_parameter_set(const reel_description *d, size_t i, reel_span *nal);

#ifdef __cplusplus
}
#endif
#endif
