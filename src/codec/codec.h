/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of sample entries share. */
#ifndef REEL_CODEC_CODEC_H
#define REEL_CODEC_CODEC_H

#include <reel/codec.h>

#include "movie/movie.h"

typedef struct entry {
    const reel_track *track; /* NULL when an image item is read */
    reel_description *d;
    reel_error *err;
    uint64_t offset;         /* of the sample entry */
    bool has_config;
    bool little_endian;      /* enda */
    uint8_t esds_profile;    /* visual profile of an MPEG-4 stream */
} entry;

/* One row a sample entry format. */
typedef struct reel__format {
    uint32_t fourcc;
    uint8_t type, framing;
    uint32_t config;             /* the box that it cannot be decoded without; 0: none */
    void (*finish)(entry *e);    /* codec string and what follows from the whole entry; NULL: the fourcc */
    const char *name;            /* for people; NULL: the fourcc */
} reel__format;

const reel__format *reel__format_find(uint32_t fourcc);

/* A box inside a sample entry, or an image property. The body is behind the 8 byte header. */
int reel__config_read(entry *e, const reel__part *box);

/* A configuration that is damaged: warn, or fail in strict mode. */
int reel__config_damaged(entry *e, const reel__part *box, const char *what);

/* esds.c */
int reel__read_esds(entry *e, const reel__part *box);
void reel__read_asc(reel_description *d, reel_span asc);
/* protection.c */
int reel__read_sinf(entry *e, const reel__part *box);
/* colour.c */
int reel__read_colr(entry *e, const reel__part *box);
int reel__read_pasp(entry *e, const reel__part *box);
int reel__read_clap(entry *e, const reel__part *box);
int reel__read_fiel(entry *e, const reel__part *box);
int reel__read_mdcv(entry *e, const reel__part *box);
int reel__read_clli(entry *e, const reel__part *box);
int reel__read_smdm(entry *e, const reel__part *box);
int reel__read_coll(entry *e, const reel__part *box);
int reel__read_dovi(entry *e, const reel__part *box);
/* video.c: finishing, and configurations */
int reel__read_avcc(entry *e, const reel__part *box);
int reel__read_hvcc(entry *e, const reel__part *box);
int reel__read_vvcc(entry *e, const reel__part *box);
int reel__read_av1c(entry *e, const reel__part *box);
int reel__read_vpcc(entry *e, const reel__part *box);
void reel__finish_avc(entry *e);
void reel__finish_hevc(entry *e);
void reel__finish_vvc(entry *e);
void reel__finish_av1(entry *e);
void reel__finish_vp9(entry *e);
void reel__finish_mp4v(entry *e);
/* audio.c */
int reel__read_dac3(entry *e, const reel__part *box);
int reel__read_dec3(entry *e, const reel__part *box);
int reel__read_dac4(entry *e, const reel__part *box);
int reel__read_dops(entry *e, const reel__part *box);
int reel__read_dfla(entry *e, const reel__part *box);
int reel__read_alac(entry *e, const reel__part *box);
int reel__read_pcmc(entry *e, const reel__part *box);
int reel__read_enda(entry *e, const reel__part *box);
int reel__read_srat(entry *e, const reel__part *box);
int reel__read_btrt(entry *e, const reel__part *box);
void reel__finish_mp4a(entry *e);
void reel__finish_pcm(entry *e);
void reel__finish_ac4(entry *e);
void reel__finish_opus(entry *e);
void reel__finish_flac(entry *e);
void reel__finish_mp3(entry *e);
/* text.c */
void reel__finish_stpp(entry *e);
void reel__finish_mp4s(entry *e);

/* Bits from the left, bounded: 0 and bad past the end. n <= 32. */
typedef struct reel__bits {
    const uint8_t *data;
    size_t size, at; /* at in bits */
    bool bad;
} reel__bits;

static inline uint32_t reel__bits_get(reel__bits *b, unsigned n)
{
    uint32_t v = 0;
    if (n > b->size * 8 - b->at) {
        b->at = b->size * 8;
        b->bad = true;
        return 0;
    }
    for (; n; n--, b->at++)
        v = v << 1 | (b->data[b->at / 8] >> (7 - b->at % 8) & 1);
    return v;
}

#endif
