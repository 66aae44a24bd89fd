/* SPDX-License-Identifier: BSD-2-Clause */
/* Codecs for people. */
#include <stdio.h>

#include "codec/codec.h"

typedef struct number_name {
    uint32_t number;
    const char *name;
} number_name;

static const char *name_of(const number_name *table, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        if (table[i].number == number)
            return table[i].name;
    return NULL;
}
#define NAME(table, number) name_of(table, sizeof(table) / sizeof *(table), number)

static const number_name avc_profiles[] = {
    {66, "Baseline"}, {77, "Main"},         {88, "Extended"},  {100, "High"},
    {110, "High 10"}, {122, "High 4:2:2"}, {244, "High 4:4:4"}, {44, "CAVLC 4:4:4"},
};
static const number_name hevc_profiles[] = {
    {1, "Main"}, {2, "Main 10"}, {3, "Main Still Picture"}, {4, "Range Extensions"}, {6, "Multiview Main"}, {9, "SCC"},
};
static const number_name av1_profiles[] = {{0, "Main"}, {1, "High"}, {2, "Professional"}};
static const number_name aac_types[] = {
    {1, "AAC Main"},     {2, "AAC-LC"},   {3, "AAC SSR"},  {4, "AAC LTP"}, {5, "HE-AAC"},   {17, "ER AAC-LC"},
    {22, "ER BSAC"},     {23, "AAC-LD"},  {29, "HE-AAC v2"}, {34, "MP3"},  {36, "MPEG-4 ALS"}, {39, "AAC-ELD"},
    {42, "xHE-AAC"},
};
static const number_name object_types[] = {
    {0x60, "MPEG-2 video"}, {0x61, "MPEG-2 video"}, {0x66, "MPEG-2 AAC Main"}, {0x67, "MPEG-2 AAC-LC"},
    {0x68, "MPEG-2 AAC SSR"}, {0x69, "MP3"},        {0x6a, "MPEG-1 video"},     {0x6b, "MP3"},
    {0x6c, "JPEG"},         {0xa5, "Dolby Digital"}, {0xa6, "Dolby Digital Plus"}, {0xa9, "DTS"},
    {0xdd, "Vorbis"},       {0xe1, "QCELP"},
};

static int describe_avc(const reel_description *d, char *buf, size_t size)
{
    const uint8_t *p = d->config.data;
    const char *profile = d->config.size >= 4 ? NAME(avc_profiles, p[1]) : NULL;
    if (!profile)
        return snprintf(buf, size, "H.264");
    if (p[1] == 66 && (p[2] & 0x40))
        profile = "Constrained Baseline";
    return snprintf(buf, size, "H.264 %s %u.%u", profile, p[3] / 10, p[3] % 10);
}

static int describe_hevc(const reel_description *d, char *buf, size_t size)
{
    const uint8_t *p = d->config.data;
    const char *profile = d->config.size >= 13 ? NAME(hevc_profiles, p[1] & 31) : NULL;
    if (!profile)
        return snprintf(buf, size, "HEVC");
    return snprintf(buf, size, "HEVC %s %u.%u%s", profile, p[12] / 30, p[12] % 30 / 3, p[1] & 32 ? " High" : "");
}

static int describe_av1(const reel_description *d, char *buf, size_t size)
{
    const uint8_t *p = d->config.data;
    const char *profile = d->config.size >= 3 ? NAME(av1_profiles, p[1] >> 5) : NULL;
    if (!profile)
        return snprintf(buf, size, "AV1");
    return snprintf(buf, size, "AV1 %s %u-bit %u.%u", profile, d->bit_depth, 2 + (p[1] >> 2 & 7), p[1] & 3);
}

static int describe_mp4a(const reel_description *d, char *buf, size_t size)
{
    const char *name = NULL;
    uint32_t type = d->audio_object_type;
    if (d->object_type_indication == 0x40)
        name = NAME(aac_types, d->ps ? 29 : d->sbr && type == 2 ? 5 : type);
    else
        name = NAME(object_types, d->object_type_indication);
    return snprintf(buf, size, "%s", name ? name : "MPEG-4 audio");
}

static int describe_pcm(const reel_description *d, char *buf, size_t size)
{
    return snprintf(buf, size, "PCM %s%u-bit%s", d->pcm_flags & REEL_PCM_FLOAT ? "float " : "", d->bits_per_sample,
                    d->bits_per_sample <= 8 ? "" : d->pcm_flags & REEL_PCM_LITTLE_ENDIAN ? " little-endian" : " big-endian");
}

static const struct {
    void (*finish)(entry *);
    int (*describe)(const reel_description *, char *, size_t);
} families[] = {
    {reel__finish_avc, describe_avc},   {reel__finish_hevc, describe_hevc}, {reel__finish_av1, describe_av1},
    {reel__finish_mp4a, describe_mp4a}, {reel__finish_pcm, describe_pcm},
};

int reel_codec_describe(const reel_description *d, char *buf, size_t size)
{
    const reel__format *f = reel__format_find(d->codec_format);
    char text[17];
    if (!f)
        return snprintf(buf, size, "%s", reel_4cc_text(d->codec_format, text));
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (f->finish == families[i].finish)
            return families[i].describe(d, buf, size);
    return snprintf(buf, size, "%s", f->name ? f->name : d->codec);
}
