/* SPDX-License-Identifier: BSD-2-Clause */
/* Codecs in words, for people. */
#include <stdio.h>

#include "codec/codec.h"

typedef struct numbered {
    uint32_t number;
    char text[20];
} numbered;

static const char *find(const numbered *names, size_t n, uint32_t number)
{
    for (size_t i = 0; i < n; i++)
        if (names[i].number == number)
            return names[i].text;
    return NULL;
}
#define FIND(names, number) find(names, sizeof(names) / sizeof *(names), number)

static const numbered avc_profiles[] = {
    {66, "Baseline"},          {77, "Main"},          {88, "Extended"},        {100, "High"},
    {110, "High 10"},          {122, "High 4:2:2"},   {244, "High 4:4:4"},     {44, "CAVLC 4:4:4"},
    {83, "Scalable Baseline"}, {86, "Scalable High"}, {118, "Multiview High"}, {128, "Stereo High"},
};
static const numbered hevc_profiles[] = {
    {1, "Main"},
    {2, "Main 10"},
    {3, "Main Still Picture"},
    {4, "Range Extensions"},
    {5, "High Throughput"},
    {6, "Multiview Main"},
    {7, "Scalable Main"},
    {8, "3D Main"},
    {9, "Screen Content"},
    {10, "Scalable Range"},
    {11, "Screen Content HT"},
};
static const numbered vvc_profiles[] = {
    {1, "Main 10"},        {65, "Main 10 Still"},       {17, "Multilayer Main 10"},
    {33, "Main 10 4:4:4"}, {97, "Main 10 4:4:4 Still"}, {2, "Main 12"},
};
static const numbered av1_profiles[] = {{0, "Main"}, {1, "High"}, {2, "Professional"}};
static const numbered aac_types[] = {
    {1, "AAC Main"}, {2, "AAC-LC"},       {3, "AAC-SSR"},     {4, "AAC-LTP"},
    {5, "HE-AAC"},   {6, "AAC Scalable"}, {7, "TwinVQ"},      {8, "CELP"},
    {9, "HVXC"},     {17, "ER AAC-LC"},   {19, "ER AAC-LTP"}, {20, "ER AAC Scalable"},
    {22, "ER BSAC"}, {23, "AAC-LD"},      {29, "HE-AAC v2"},  {32, "MP1"},
    {33, "MP2"},     {34, "MP3"},         {36, "MPEG-4 ALS"}, {37, "MPEG-4 SLS"},
    {39, "AAC-ELD"}, {42, "xHE-AAC"},
};
/* objectTypeIndication, ISO/IEC 14496-1 and its registration authority */
static const numbered object_types[] = {
    {0x01, "MPEG-4 systems"},
    {0x02, "MPEG-4 systems"},
    {0x08, "timed text"},
    {0x20, "MPEG-4 Visual"},
    {0x21, "H.264"},
    {0x23, "HEVC"},
    {0x60, "MPEG-2 Simple"},
    {0x61, "MPEG-2 Main"},
    {0x62, "MPEG-2 SNR"},
    {0x63, "MPEG-2 Spatial"},
    {0x64, "MPEG-2 High"},
    {0x65, "MPEG-2 4:2:2"},
    {0x66, "MPEG-2 AAC Main"},
    {0x67, "MPEG-2 AAC-LC"},
    {0x68, "MPEG-2 AAC-SSR"},
    {0x69, "MPEG-2 audio (MP3)"},
    {0x6a, "MPEG-1 video"},
    {0x6b, "MPEG-1 audio (MP3)"},
    {0x6c, "JPEG"},
    {0x6d, "PNG"},
    {0x6e, "JPEG 2000"},
    {0xa0, "EVRC"},
    {0xa1, "SMV"},
    {0xa3, "VC-1"},
    {0xa4, "Dirac"},
    {0xa5, "Dolby Digital"},
    {0xa6, "Dolby Digital Plus"},
    {0xa9, "DTS"},
    {0xaa, "DTS-HD"},
    {0xab, "DTS-HD lossless"},
    {0xac, "DTS Express"},
    {0xad, "Opus"},
    {0xae, "Dolby AC-4"},
    {0xb1, "VP9"},
    {0xdd, "Vorbis"},
    {0xe0, "DVD subtitles"},
    {0xe1, "QCELP"},
};

/* ISO/IEC 14496-10 A.3: level 1b is 9, or 11 with constraint_set3 in the old profiles */
static int describe_avc(const reel_description *d, const char *name, char *buf, size_t size)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('a', 'v', 'c', 'C'), 0, 4);
    const char *profile = p ? FIND(avc_profiles, p[1]) : NULL;
    if (!profile)
        return snprintf(buf, size, "%s", name);
    if (p[1] == 66 && (p[2] & 0x40))
        profile = "Constrained Baseline";
    if (p[3] == 9 || (p[3] == 11 && (p[2] & 0x10) && p[1] < 100))
        return snprintf(buf, size, "%s %s, level 1b", name, profile);
    return snprintf(buf, size, "%s %s, level %u.%u", name, profile, p[3] / 10u, p[3] % 10u);
}

static int describe_hevc(const reel_description *d, const char *name, char *buf, size_t size)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('h', 'v', 'c', 'C'), 0, 13);
    const char *profile = p ? FIND(hevc_profiles, p[1] & 31u) : NULL;
    if (!profile)
        return snprintf(buf, size, "%s", name);
    return snprintf(buf, size, "%s %s, level %u.%u%s", name, profile, p[12] / 30u, p[12] % 30u / 3u,
                    p[1] & 32 ? " high tier" : "");
}

static int describe_vvc(const reel_description *d, const char *name, char *buf, size_t size)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('v', 'v', 'c', 'C'), 4, 7);
    const char *profile = p && (p[0] & 1) ? FIND(vvc_profiles, p[5] >> 1) : NULL;
    if (!profile)
        return snprintf(buf, size, "%s", name);
    return snprintf(buf, size, "%s %s, level %u.%u%s", name, profile, p[6] / 16u, p[6] % 16u / 3u,
                    p[5] & 1 ? " high tier" : "");
}

static int describe_av1(const reel_description *d, const char *name, char *buf, size_t size)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('a', 'v', '1', 'C'), 0, 3);
    const char *profile = p ? FIND(av1_profiles, p[1] >> 5) : NULL;
    if (!profile)
        return snprintf(buf, size, "%s", name);
    if ((p[1] & 31) == 31) /* 31: the maximum parameters */
        return snprintf(buf, size, "%s %s, %u-bit", name, profile, (unsigned)d->bit_depth);
    return snprintf(buf, size, "%s %s, level %u.%u%s, %u-bit", name, profile, 2 + (p[1] >> 2 & 7u), p[1] & 3u,
                    p[2] >> 7 ? " high tier" : "", (unsigned)d->bit_depth);
}

static int describe_vp(const reel_description *d, const char *name, char *buf, size_t size)
{
    const uint8_t *p = reel__config_bytes(d, REEL_4CC('v', 'p', 'c', 'C'), 0, 10);
    if (!p || p[0] != 1)
        return snprintf(buf, size, "%s", name);
    if (p[5] < 10)
        return snprintf(buf, size, "%s profile %u, %u-bit", name, p[4], (unsigned)p[6] >> 4);
    return snprintf(buf, size, "%s profile %u, level %u.%u, %u-bit", name, p[4], p[5] / 10u, p[5] % 10u,
                    (unsigned)p[6] >> 4);
}

/* ISO/IEC 14496-2 G: the first four bits of the indication are the profile */
static int describe_mp4v(const reel_description *d, const char *name, char *buf, size_t size)
{
    reel_span s = d->decoder_specific;
    const char *type = FIND(object_types, d->object_type_indication);
    if (d->object_type_indication != 0x20 || s.size < 5 || reel__be32(s.data) != 0x1b0)
        return snprintf(buf, size, "%s", type ? type : name);
    unsigned level = s.data[4];
    if (level >= 0xf0 && level <= 0xf7)
        return snprintf(buf, size, "%s Advanced Simple, level %u", name, level == 0xf7 ? 3u : level & 15u);
    if (level >= 1 && level <= 8)
        return snprintf(buf, size, "%s Simple, level %u", name, level & 7u);
    return snprintf(buf, size, "%s", name);
}

static int describe_mp4a(const reel_description *d, const char *name, char *buf, size_t size)
{
    uint32_t type = d->audio_object_type;
    const char *text = FIND(object_types, d->object_type_indication);
    if (d->object_type_indication == 0x40)
        text = FIND(aac_types, d->ps ? 29 : d->sbr && type == 2 ? 5 : type);
    return snprintf(buf, size, "%s", text ? text : name);
}

static int describe_mp4s(const reel_description *d, const char *name, char *buf, size_t size)
{
    const char *text = FIND(object_types, d->object_type_indication);
    return snprintf(buf, size, "%s", text ? text : name);
}

static int describe_ec3(const reel_description *d, const char *name, char *buf, size_t size)
{
    return snprintf(buf, size, "%s%s", name, d->joint_objects ? " with Atmos" : "");
}

static int describe_pcm(const reel_description *d, const char *name, char *buf, size_t size)
{
    const char *order = d->bits_per_sample <= 8                 ? ""
                        : d->pcm_flags & REEL_PCM_LITTLE_ENDIAN ? " little-endian"
                                                                : " big-endian";
    return snprintf(buf, size, "%s %u-bit%s%s", name, (unsigned)d->bits_per_sample,
                    d->pcm_flags & REEL_PCM_FLOAT      ? " float"
                    : d->pcm_flags & REEL_PCM_UNSIGNED ? " unsigned"
                                                       : "",
                    order);
}

static int describe_depth(const reel_description *d, const char *name, char *buf, size_t size)
{
    if (!d->bits_per_sample || !d->config_type)
        return snprintf(buf, size, "%s", name);
    return snprintf(buf, size, "%s %u-bit", name, (unsigned)d->bits_per_sample);
}

typedef int describer(const reel_description *d, const char *name, char *buf, size_t size);

static describer *const by_family[REEL__FAMILIES] = {
    [REEL__AVC] = describe_avc,   [REEL__HEVC] = describe_hevc,  [REEL__VVC] = describe_vvc,
    [REEL__AV1] = describe_av1,   [REEL__VP] = describe_vp,      [REEL__MP4V] = describe_mp4v,
    [REEL__MP4A] = describe_mp4a, [REEL__MP4S] = describe_mp4s,  [REEL__EC3] = describe_ec3,
    [REEL__PCM] = describe_pcm,   [REEL__FLAC] = describe_depth, [REEL__ALAC] = describe_depth,
};

int reel_codec_describe(const reel_description *d, char *buf, size_t size)
{
    char text[17], line[96];
    if (!d || (!buf && size))
        return REEL_E_ARG;
    const reel__format *f = reel__format_find(d->codec_format, d->type);
    if (!f)
        return snprintf(buf, size, "%s", d->codec_format ? reel_4cc_text(d->codec_format, text) : "");
    if (by_family[f->family])
        by_family[f->family](d, f->name, line, sizeof line);
    else
        snprintf(line, sizeof line, "%s", f->name);
    if (!d->dovi_level)
        return snprintf(buf, size, "%s", line);
    if (d->dovi_compatibility)
        return snprintf(buf, size, "%s, Dolby Vision %u.%u", line, d->dovi_profile, d->dovi_compatibility);
    return snprintf(buf, size, "%s, Dolby Vision %u", line, d->dovi_profile);
}
