/* SPDX-License-Identifier: BSD-2-Clause */
/* Sample entries, codec strings, configurations: src/codec. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reel/reel.h>

#include <cmocka.h>

/* --- films from words: hexadecimal bytes, 'text', and name{ ... } for a box --- */

typedef struct bytes {
    uint8_t p[8192];
    size_t n;
} bytes;

static void put(bytes *b, const void *data, size_t n)
{
    assert_true(b->n + n <= sizeof b->p);
    memcpy(b->p + b->n, data, n);
    b->n += n;
}

static void write32(uint8_t *p, size_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void put_hex(bytes *b, const char *s, size_t n)
{
    for (size_t i = 0; i + 1 < n; i += 2) {
        char two[3] = {s[i], s[i + 1], 0};
        uint8_t v = (uint8_t)strtoul(two, NULL, 16);
        put(b, &v, 1);
    }
}

static void assemble(bytes *b, const char *s)
{
    size_t open[16];
    int depth = 0;
    while (*(s += strspn(s, " "))) {
        size_t n = strcspn(s, " ");
        if (s[0] == '\'') {
            n = strcspn(s + 1, "'") + 2;
            put(b, s + 1, n - 2);
        } else if (s[0] == '}') {
            depth--;
            write32(b->p + open[depth], b->n - open[depth]);
        } else if (strlen(s) > 4 && s[4] == '{') {
            n = 5;
            open[depth++] = b->n;
            put(b, "\0\0\0\0", 4);
            put(b, s, 4);
        } else {
            put_hex(b, s, n);
        }
        s += n;
    }
    assert_int_equal(depth, 0);
}

#define ZEROS_4  "00000000 "
#define ZEROS_16 ZEROS_4 ZEROS_4 ZEROS_4 ZEROS_4
#define ENTRY    "000000000000 0001 "
#define VIDEO    ENTRY ZEROS_16 "0140 00f0 00480000 00480000 00000000 0001 " ZEROS_16 ZEROS_16 "0018 ffff "
#define AUDIO    ENTRY "0000 0000 00000000 0002 0010 0000 0000 ac440000 "

/* A film of one track: what stands in stsd, behind its version, flags and count. */
static void film(bytes *b, const char *handler, const char *stsd)
{
    static char s[16384];
    snprintf(s, sizeof s,
             "ftyp{ 'isom' 00000000 'isom' } moov{ mvhd{ " ZEROS_4 ZEROS_4 ZEROS_4
             "000003e8 00000000 " ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 " } "
             "trak{ tkhd{ 00000001 " ZEROS_4 ZEROS_4 "00000001 " ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_4
             " } "
             "mdia{ mdhd{ " ZEROS_4 ZEROS_4 ZEROS_4 "0000ac44 00000000 55c4 0000 } "
             "hdlr{ " ZEROS_4 ZEROS_4 "'%s' " ZEROS_4 ZEROS_4 ZEROS_4 "00 } "
             "minf{ stbl{ stts{ " ZEROS_4 ZEROS_4 "} stsc{ " ZEROS_4 ZEROS_4 "} stsz{ " ZEROS_4 ZEROS_4 ZEROS_4
             "} stco{ " ZEROS_4 ZEROS_4 "} stsd{ 00000000 00000001 %s } } } } } }",
             handler, stsd);
    b->n = 0;
    assemble(b, s);
}

static reel_movie *open_bytes(const void *p, size_t n, unsigned flags)
{
    reel_source *source = NULL;
    reel_movie *movie = NULL;
    reel_open_options options = {.sizeof_options = sizeof options, .flags = flags};
    assert_int_equal(reel_source_memory(p, n, NULL, NULL, &source), REEL_OK);
    reel_open(source, &options, &movie, NULL);
    reel_source_unref(&source);
    return movie;
}

static bytes file;

/* The first description of a film whose stsd holds that; the movie stays open. */
static reel_movie *describe(const char *handler, const char *stsd, reel_description *d)
{
    reel_error err;
    film(&file, handler, stsd);
    reel_movie *movie = open_bytes(file.p, file.n, 0);
    assert_non_null(movie);
    assert_int_equal(reel_track_description(reel_movie_track(movie, 0), 1, d, &err), REEL_OK);
    return movie;
}

static void warned(const reel_movie *movie, const char *path, const char *text)
{
    reel_error w;
    assert_int_equal(reel_movie_warning(movie, 0, &w), REEL_OK);
    assert_int_equal(w.code, REEL_E_CONFIG);
    assert_string_equal(w.path, path);
    assert_string_equal(w.text, text);
}

/* --- strings --- */

#define SPS_8                "6764000d acd94141fb016e020202800000030080000019078a14cb "
#define AVCC                 "avcC{ 01 64000d ff e1 001b " SPS_8 "01 0006 68ebe3cb22c0 fdf8f800 } "
#define HVCC(profile, level) "hvcC{ 01 " profile " " level " f000 fc fd fa fa 0000 0f 00 } "
#define DSI(oti, asc_size, es_size, dc_size, asc)                                                              \
    "esds{ 00000000 03 " es_size " 0001 00 04 " dc_size " " oti " 15 000000 0001f400 0001f400 05 " asc_size    \
    " " asc " } "
#define ESDS_2(oti, asc) DSI(oti, "02", "16", "11", asc)

#define AUDIO_8      ENTRY "0000 0000 00000000 0002 0008 0000 0000 ac440000 "
#define HIDDEN(was)  "sinf{ frma{ '" was "' } schm{ 00000000 'cenc' 00010000 } schi{ } } "
#define DDTS         "ddts{ 0000bb80 00177000 00177000 10 40000000 000f 00 } "
/* 44101 Hz, 3 channels, 2048 a frame; the fields of AudioSpecificConfig say 44.1 kHz and stereo */
#define ALS          DSI("40", "1a", "2e", "29", "f8880000 414c5300 0000ac45 000186a0 0002 28 07ff 00000000 0000 ")

static const struct sample {
    const char *handler, *stsd, *codec, *words;
} samples[] = {
    {"vide", "avc1{ " VIDEO AVCC "}", "avc1.64000d", "H.264 High, level 1.3"},
    {"vide", "avc3{ " VIDEO "avcC{ 01 4d401f ff e0 00 } }", "avc3.4d401f", "H.264 Main, level 3.1"},
    {"vide", "avc1{ " VIDEO "avcC{ 01 42f00b ff e0 00 } }", "avc1.42f00b", "H.264 Constrained Baseline, level 1b"},
    {"vide", "hvc1{ " VIDEO HVCC("01 60000000 b00000000000", "5d") "}", "hvc1.1.6.L93.B0",
     "HEVC Main, level 3.1"},
    {"vide", "hev1{ " VIDEO HVCC("62 20000000 900000000008", "99") "}", "hev1.A2.4.H153.90.0.0.0.0.8",
     "HEVC Main 10, level 5.1 high tier"},
    {"vide", "hvc1{ " VIDEO HVCC("02 20000000 000000000000", "99") "}", "hvc1.2.4.L153",
     "HEVC Main 10, level 5.1"},
    {"vide", "dvh1{ " VIDEO HVCC("02 20000000 900000000000", "99") "dvcC{ 01 00 0a35 00 " ZEROS_16 "000000 } }",
     "dvh1.05.06", "HEVC Main 10, level 5.1, Dolby Vision 5"},
    {"vide", "hvc1{ " VIDEO HVCC("02 20000000 900000000000", "99") "dvvC{ 01 00 1035 40 " ZEROS_16 "000000 } }",
     "hvc1.2.4.L153.90", "HEVC Main 10, level 5.1, Dolby Vision 8.4"},
    {"vide", "vvc1{ " VIDEO "vvcC{ 00000000 ff 0011 5f 01 02 33 80 00 0140 00f0 0000 00 } }", "vvc1.1.L51.CQA",
     "VVC Main 10, level 3.1"},
    {"vide", "av01{ " VIDEO "av1C{ 81 04 0c 00 } }", "av01.0.04M.08", "AV1 Main, level 3.0, 8-bit"},
    {"vide", "av01{ " VIDEO "av1C{ 81 0d cc 00 } }", "av01.0.13H.10", "AV1 Main, level 5.1 high tier, 10-bit"},
    {"vide", "av01{ " VIDEO "av1C{ 81 0d 4d 00 } colr{ 'nclx' 0009 0010 0009 00 } }",
     "av01.0.13M.10.0.111.09.16.09.0", "AV1 Main, level 5.1, 10-bit"},
    {"vide", "av01{ " VIDEO "av1C{ 81 28 00 00 } }", "av01.1.08M.08.0.000.01.01.01.0", "AV1 High, level 4.0, 8-bit"},
    {"vide", "vp09{ " VIDEO "vpcC{ 01000000 00 29 82 01 01 01 0000 } }", "vp09.00.41.08",
     "VP9 profile 0, level 4.1, 8-bit"},
    {"vide", "vp09{ " VIDEO "vpcC{ 01000000 02 0a a2 09 10 09 0000 } }", "vp09.02.10.10.01.09.16.09.00",
     "VP9 profile 2, level 1.0, 10-bit"},
    {"vide", "mp4v{ " VIDEO DSI("20", "05", "19", "14", "000001b0f3") "}", "mp4v.20.243",
     "MPEG-4 Visual Advanced Simple, level 3"},
    {"vide", "mp4v{ " VIDEO DSI("6c", "00", "14", "0f", "") "}", "mp4v.6C", "JPEG"},
    {"vide", "apch{ " VIDEO "}", "apch", "ProRes 422 HQ"},
    {"vide", "raw { " VIDEO "}", "raw", NULL},
    {"soun", "mp4a{ " AUDIO ESDS_2("40", "1210") "}", "mp4a.40.2", "AAC-LC"},
    {"soun", "mp4a{ " AUDIO DSI("40", "05", "19", "14", "139056e5a0") "}", "mp4a.40.2", "HE-AAC"},
    {"soun", "mp4a{ " AUDIO DSI("40", "04", "18", "13", "2b8a0800") "}", "mp4a.40.5", "HE-AAC"},
    {"soun", "mp4a{ " AUDIO DSI("40", "04", "18", "13", "eb8a0800") "}", "mp4a.40.29", "HE-AAC v2"},
    {"soun", "mp4a{ " AUDIO DSI("40", "04", "18", "13", "f9482421") "}", "mp4a.40.42", "xHE-AAC"},
    {"soun", "mp4a{ " AUDIO DSI("6b", "00", "14", "0f", "") "}", "mp4a.6B", "MPEG-1 audio (MP3)"},
    {"soun", "mp4a{ " AUDIO DSI("69", "00", "14", "0f", "") "}", "mp4a.69", "MPEG-2 audio (MP3)"},
    {"soun", "mp4a{ " AUDIO ESDS_2("67", "1210") "}", "mp4a.67", "MPEG-2 AAC-LC"},
    {"soun", "ac-3{ " AUDIO "dac3{ 103dc0 } }", "ac-3", "Dolby Digital"},
    {"soun", "ec-3{ " AUDIO "dec3{ 1400 200f00 } }", "ec-3", "Dolby Digital Plus"},
    {"soun", "ec-3{ " AUDIO "dec3{ 1800 200f00 0110 } }", "ec-3", "Dolby Digital Plus with Atmos"},
    {"soun", "ac-4{ " AUDIO "dac4{ 20a4 01 40000000 1fffffff e0 01 05 0b 00000000 } }", "ac-4.02.01.03",
     "Dolby AC-4"},
    {"soun", "Opus{ " AUDIO "dOps{ 00 02 0138 0000bb80 0000 00 } }", "opus", "Opus"},
    {"soun", "fLaC{ " AUDIO "dfLa{ 00000000 80000022 1000 1000 00000e 0010c4 17700370 " ZEROS_16 ZEROS_4 "} }",
     "flac", "FLAC 24-bit"},
    {"soun", "alac{ " AUDIO "alac{ 00000000 00001000 00 18 28 0a 0e 02 00ff 00000000 00000000 0000bb80 } }",
     "alac", "Apple Lossless 24-bit"},
    {"soun", "ipcm{ " AUDIO "pcmC{ 00000000 01 18 } }", "ipcm", "PCM 24-bit little-endian"},
    {"soun", "fpcm{ " AUDIO "pcmC{ 00000000 00 20 } }", "fpcm", "PCM 32-bit float big-endian"},
    {"soun", "twos{ " AUDIO "}", "twos", "PCM 16-bit big-endian"},
    {"soun", "samr{ " AUDIO "damr{ 'ffmp' 00 0000 00 05 } }", "samr", "AMR"},
    {"soun", ".mp3{ " AUDIO "}", "mp3", "MP3"},
    {"soun", "mhm1{ " AUDIO "mhaC{ 01 0d 06 0000 } }", "mhm1.0x0D", "MPEG-H 3D Audio"},
    {"soun", "iamf{ " AUDIO "iacb{ 01 13 f8 06 'iamf' 00 01 00 09 00 'Opus' c007 0004 } }", "iamf.000.001.Opus",
     "IAMF"},
    {"subt",
     "stpp{ " ENTRY "'http://www.w3.org/ns/ttml' 00 'http://www.w3.org/ns/ttml/profile/imsc1/text' 00 00 }",
     "stpp.ttml.im1t", "TTML"},
    {"subt", "stpp{ " ENTRY "'http://www.w3.org/ns/ttml' 00 00 00 }", "stpp", "TTML"},
    {"text", "wvtt{ " ENTRY "vttC{ 'WEBVTT' } }", "wvtt", "WebVTT"},
    {"meta", "mett{ " ENTRY "00 'text/plain' 00 }", "mett", "text metadata"},
    {"vide", "zz\xff {", "zz\\xff", "zz\\xff "},

    {"vide", "avc2{ " VIDEO "avcC{ 01 42c01e ff e0 00 } }", "avc2.42c01e", "H.264 Constrained Baseline, level 3.0"},
    {"vide", "avc4{ " VIDEO "avcC{ 01 7a1029 ff e0 00 } }", "avc4.7a1029", "H.264 High 4:2:2, level 4.1"},
    {"vide", "hev1{ " VIDEO HVCC("04 08000000 9e0800000000", "7b") "}", "hev1.4.10.L123.9E.8",
     "HEVC Range Extensions, level 4.1"},
    {"vide", "dvhe{ " VIDEO HVCC("02 20000000 900000000000", "99") "dvcC{ 01 00 0e45 00 " ZEROS_16 "000000 } }",
     "dvhe.07.08", "HEVC Main 10, level 5.1, Dolby Vision 7"},
    {"vide", "dva1{ " VIDEO "avcC{ 01 64001f ff e0 00 } dvcC{ 01 00 122d 20 " ZEROS_16 "000000 } }", "dva1.09.05",
     "H.264 High, level 3.1, Dolby Vision 9.2"},
    {"vide", "dvav{ " VIDEO "avcC{ 01 64001f ff e0 00 } dvcC{ 01 00 122d 20 " ZEROS_16 "000000 } }", "dvav.09.05",
     "H.264 High, level 3.1, Dolby Vision 9.2"},
    {"vide", "dav1{ " VIDEO "av1C{ 81 0d 4d 00 } dvvC{ 01 00 1435 00 " ZEROS_16 "000000 } }", "dav1.10.06",
     "AV1 Main, level 5.1, 10-bit, Dolby Vision 10"},
    {"vide", "av01{ " VIDEO "av1C{ 81 0d 4c 00 } dvwC{ 01 00 1435 40 " ZEROS_16 "000000 } }",
     "av01.0.13M.10", "AV1 Main, level 5.1, 10-bit, Dolby Vision 10.4"},
    {"vide", "vp08{ " VIDEO "vpcC{ 01000000 00 0a 82 01 01 01 0000 } }", "vp08.00.10.08",
     "VP8 profile 0, level 1.0, 8-bit"},
    {"vide", "vvi1{ " VIDEO "vvcC{ 00000000 ff 0011 5f 01 82 53 00 00 0140 00f0 0000 00 } }", "vvi1.65.L83",
     "VVC Main 10 Still, level 5.1"},
    {"vide", "vvc1{ " VIDEO "vvcC{ 00000000 fe } }", "vvc1", "VVC"},
    {"vide", "mp4v{ " VIDEO DSI("61", "00", "14", "0f", "") "}", "mp4v.61", "MPEG-2 Main"},
    {"vide", "jpeg{ " VIDEO "}", "jpeg", "JPEG"},
    {"vide", "mjpa{ " VIDEO "}", "mjpa", "Motion JPEG A"},
    {"vide", "mjpb{ " VIDEO "}", "mjpb", "Motion JPEG B"},
    {"vide", "apcn{ " VIDEO "}", "apcn", "ProRes 422"},
    {"vide", "apcs{ " VIDEO "}", "apcs", "ProRes 422 LT"},
    {"vide", "apco{ " VIDEO "}", "apco", "ProRes 422 Proxy"},
    {"vide", "ap4h{ " VIDEO "}", "ap4h", "ProRes 4444"},
    {"vide", "ap4x{ " VIDEO "}", "ap4x", "ProRes 4444 XQ"},
    {"vide", "s263{ " VIDEO "d263{ 'ffmp' 00 0a 00 } }", "s263", "H.263"},
    {"vide", "h263{ " VIDEO "}", "h263", "H.263"},

    {"soun", "mp4a{ " AUDIO DSI("40", "04", "18", "13", "8a108000") "}", "mp4a.40.17", "ER AAC-LC"},
    {"soun", "mp4a{ " AUDIO DSI("40", "03", "17", "12", "ba1000") "}", "mp4a.40.23", "AAC-LD"},
    {"soun", "mp4a{ " AUDIO DSI("40", "04", "18", "13", "f8e62000") "}", "mp4a.40.39", "AAC-ELD"},
    {"soun", "mp4a{ " AUDIO ALS "}", "mp4a.40.36", "MPEG-4 ALS"},
    {"soun", "mp4a{ " AUDIO ESDS_2("66", "0a10") "}", "mp4a.66", "MPEG-2 AAC Main"},
    {"soun", "mp4a{ " AUDIO ESDS_2("68", "1a10") "}", "mp4a.68", "MPEG-2 AAC-SSR"},
    {"soun", "mp4a{ " AUDIO DSI("dd", "00", "14", "0f", "") "}", "mp4a.DD", "Vorbis"},
    {"soun", "ec-3{ " AUDIO "dec3{ 1800 200f02 02 01 10 } }", "ec-3", "Dolby Digital Plus with Atmos"},
    {"soun", "ac-4{ " AUDIO "dac4{ 40a4 } }", "ac-4", "Dolby AC-4"},
    {"soun", "sowt{ " AUDIO "}", "sowt", "PCM 16-bit little-endian"},
    {"soun", "lpcm{ " AUDIO "}", "lpcm", "PCM 16-bit big-endian"},
    {"soun", "in24{ " AUDIO "}", "in24", "PCM 24-bit big-endian"},
    {"soun", "in32{ " AUDIO "wave{ enda{ 0001 } } }", "in32", "PCM 32-bit little-endian"},
    {"soun", "fl32{ " AUDIO "}", "fl32", "PCM 32-bit float big-endian"},
    {"soun", "fl64{ " AUDIO "}", "fl64", "PCM 64-bit float big-endian"},
    {"soun", "raw { " AUDIO_8 "}", "raw", "PCM 8-bit unsigned"},
    {"soun", "NONE{ " AUDIO_8 "}", "NONE", "PCM 8-bit unsigned"},
    {"soun", "ulaw{ " AUDIO "}", "ulaw", "G.711 mu-law"},
    {"soun", "alaw{ " AUDIO "}", "alaw", "G.711 A-law"},
    {"soun", "sawb{ " AUDIO "damr{ 'ffmp' 00 0000 00 01 } }", "sawb", "AMR wide-band"},
    {"soun", "sawp{ " AUDIO "}", "sawp", "AMR wide-band plus"},
    {"soun", "dtsc{ " AUDIO DDTS "}", "dtsc", "DTS"},
    {"soun", "dtsh{ " AUDIO DDTS "}", "dtsh", "DTS-HD"},
    {"soun", "dtsl{ " AUDIO DDTS "}", "dtsl", "DTS-HD lossless"},
    {"soun", "dtse{ " AUDIO DDTS "}", "dtse", "DTS Express"},
    {"soun", "dtsx{ " AUDIO "udts{ 0500 0000003f 80 } }", "dtsx", "DTS:X"},
    {"soun", "mlpa{ " AUDIO "dmlp{ 00000000 0bb8 00000000 } }", "mlpa", "Dolby TrueHD"},
    {"soun", "mha1{ " AUDIO "mhaC{ 01 0c 06 0000 } }", "mha1.0x0C", "MPEG-H 3D Audio"},
    {"soun", "iamf{ " AUDIO "iacb{ 01 13 f8 06 'iamf' 00 00 00 09 00 'mp4a' c007 0004 } }",
     "iamf.000.000.mp4a.40.2", "IAMF"},

    {"text", "tx3g{ " ENTRY "00000000 01 ff 00000000 " ZEROS_4 ZEROS_4 "0000 0000 0001 00 12 ffffffff "
             "ftab{ 0001 0001 05 'Serif' } }",
     "tx3g", "3GPP timed text"},
    {"subt", "sbtt{ " ENTRY "00 'text/vtt' 00 }", "sbtt", "subtitle text"},
    {"text", "stxt{ " ENTRY "00 'text/plain' 00 txtC{ 00000000 'x' 00 } }", "stxt", "plain text"},
    {"subt", "stpp{ " ENTRY "'http://www.w3.org/ns/ttml' 00 00 'image/png' 00 mime{ 00000000 "
             "'application/ttml+xml;codecs=im2i' 00 } }",
     "stpp.ttml.im2i", "TTML"},
    {"clcp", "c608{ " ENTRY "}", "c608", "CEA-608 captions"},
    {"clcp", "c708{ " ENTRY "}", "c708", "CEA-708 captions"},
    {"tmcd", "tmcd{ " ENTRY "00000000 00000001 00007530 000003e9 1e 00 }", "tmcd", "timecode"},
    {"meta", "metx{ " ENTRY "00 'urn:x' 00 00 }", "metx", "XML metadata"},
    {"meta", "mebx{ " ENTRY "keys{ } }", "mebx", "boxed metadata"},
    {"meta", "urim{ " ENTRY "uri { 00000000 'urn:x' 00 } }", "urim", "URI metadata"},
    {"meta", "gpmd{ " ENTRY "00000000 }", "gpmd", "GoPro metadata"},
    {"sdsm", "mp4s{ " ENTRY DSI("01", "00", "14", "0f", "") "}", "mp4s.01", "MPEG-4 systems"},

    {"soun", "enca{ " AUDIO ESDS_2("40", "1210") HIDDEN("mp4a") "}", "mp4a.40.2", "AAC-LC"},
    {"soun", "drms{ " AUDIO ESDS_2("40", "1210") HIDDEN("mp4a") "}", "mp4a.40.2", "AAC-LC"},
    {"vide", "drmi{ " VIDEO AVCC HIDDEN("avc1") "}", "avc1.64000d", "H.264 High, level 1.3"},
    {"subt", "encu{ " ENTRY "'http://www.w3.org/ns/ttml' 00 'http://www.w3.org/ns/ttml/profile/imsc1/text' 00 00 "
             HIDDEN("stpp") "}",
     "stpp.ttml.im1t", "TTML"},
    {"text", "enct{ " ENTRY "00000000 01 ff 00000000 " ZEROS_4 ZEROS_4 "0000 0000 0001 00 12 ffffffff "
             "ftab{ 0001 0001 05 'Serif' } " HIDDEN("tx3g") "}",
     "tx3g", "3GPP timed text"},
    {"meta", "encm{ " ENTRY "00 'text/plain' 00 " HIDDEN("mett") "}", "mett", "text metadata"},
    {"meta", "encm{ " ENTRY "uri { 00000000 'urn:x' 00 } " HIDDEN("urim") "}", "urim", "URI metadata"},
    {"sdsm", "encs{ " ENTRY DSI("01", "00", "14", "0f", "") HIDDEN("mp4s") "}", "mp4s.01", "MPEG-4 systems"},
    {"clcp", "p608{ " ENTRY HIDDEN("c608") "}", "c608", "CEA-608 captions"},
};

static void codec_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        char stsd[2048], words[128];
        reel_description d;
        snprintf(stsd, sizeof stsd, "%s%s", samples[i].stsd, strchr(samples[i].stsd, '}') ? "" : VIDEO "}");
        reel_movie *movie = describe(samples[i].handler, stsd, &d);
        reel_error w;
        if (reel_movie_warning(movie, 0, &w) == REEL_OK)
            fail_msg("%s: warning: %s at %s", samples[i].codec, w.text, w.path);
        assert_string_equal(d.codec, samples[i].codec);
        int n = reel_codec_describe(&d, words, sizeof words);
        assert_int_equal(n, (int)strlen(words));
        if (samples[i].words)
            assert_string_equal(words, samples[i].words);
        reel_close(&movie);
    }
}

/* --- what else a description says --- */

static void video_entry(void **state)
{
    (void)state;
    reel_description d;
    reel_movie *movie =
        describe("vide",
                 "avc1{ " VIDEO AVCC "pasp{ 00000004 00000003 } colr{ 'prof' 01020304 } "
                 "colr{ 'nclc' 0001 0001 0001 } colr{ 'nclx' 0009 0010 0009 80 } "
                 "colr{ 'nclx' 0001 0001 0001 00 } "
                 "clap{ 00000140 00000001 000000b4 00000001 00000000 00000001 fffffffe 00000001 } "
                 "fiel{ 02 06 } btrt{ 00000400 000f4240 0007a120 } "
                 "mdcv{ 33c2 86c4 1d4c 0bb8 84d0 3e80 3d13 4042 00989680 00000032 } "
                 "clli{ 03e8 0190 } }",
                 &d);
    assert_int_equal(d.width, 320);
    assert_int_equal(d.height, 240);
    assert_int_equal(d.depth, 24);
    assert_int_equal(d.bit_depth, 8);
    assert_int_equal(d.framing, REEL_FRAMING_NAL);
    assert_int_equal(d.nal_length_size, 4);
    assert_int_equal(d.self_contained, 1);
    assert_int_equal(d.pixel_aspect.num, 4);
    assert_int_equal(d.pixel_aspect.den, 3);
    assert_int_equal(d.icc.size, 4);
    assert_int_equal(d.colour_primaries, 9);
    assert_int_equal(d.transfer, 16);
    assert_int_equal(d.full_range, 1);
    assert_int_equal(d.clap[2], 180);
    assert_int_equal((int32_t)d.clap[6], -2);
    assert_int_equal(d.field_count, 2);
    assert_int_equal(d.average_bitrate, 500000);
    assert_int_equal(d.mdcv_primaries[0], 13250);
    assert_int_equal(d.mdcv_max, 10000000);
    assert_int_equal(d.max_cll, 1000);
    assert_int_equal(d.config_type, REEL_4CC('a', 'v', 'c', 'C'));
    assert_ptr_equal(d.config.data, file.p + d.config_range.offset);
    assert_int_equal(d.config.size, d.config_range.size);
    assert_memory_equal(d.entry.data + 4, "avc1", 4);
    reel_close(&movie);
}

/* SmDm has red first and other units; it is put in mdcv's. */
static void mastering_of_vp9(void **state)
{
    (void)state;
    reel_description d;
    reel_movie *movie = describe("vide",
                                 "vp09{ " VIDEO "vpcC{ 01000000 02 0a a2 09 10 09 0000 } "
                                 "SmDm{ 00000000 ae14 51ec 43d7 b0a4 2666 0f5c 5013 543a 0003e800 00000052 } "
                                 "CoLL{ 00000000 03e8 0190 } }",
                                 &d);
    assert_int_equal(d.mdcv_primaries[4], 34000); /* red x */
    assert_int_equal(d.mdcv_primaries[0], 13250); /* green x */
    assert_int_equal(d.mdcv_primaries[3], 3000);  /* blue y */
    assert_int_equal(d.mdcv_max, 10000000);
    assert_int_equal(d.mdcv_min, 50);
    assert_int_equal(d.max_fall, 400);
    assert_int_equal(d.transfer, 16); /* of vpcC */
    reel_close(&movie);
}

/* Colour that only the bitstream's own header tells: encoders' own, none with colr. */
static void colour_from_headers(void **state)
{
    (void)state;
    static const struct {
        const char *stsd;
        unsigned depth, primaries, transfer, matrix, full;
    } streams[] = {
        {"avc1{ " VIDEO AVCC "}", 8, 1, 1, 1, 1},
        {"avc1{ " VIDEO "avcC{ 01f4000d ff e1 0019 67f4000d919b28283f6022000003000200000300641e28532c "
         "01 0008 68ebe3c44c000440 fff8f800 } }",
         8, 2, 2, 2, 0}, /* with scaling matrices */
        {"hvc1{ " VIDEO "hvcC{ 0102200000009000000000003cf000fcfdfafa00000f 01 a1 0001 002d "
         "42010102200000030090000003000003003ca00a080f1365959a4932bc05a84880482000000300200000030321 } }",
         10, 9, 16, 9, 0},
        {"hev1{ " VIDEO "hvcC{ 0104080000009808000000003cf000fcfffcfc000013 01 a1 0001 0032 "
         "420102040800000300980800000300003c000090014101e2294b3b14762a49395e02dc040404100000030010000003019080 "
         "} }",
         12, 1, 1, 1, 1},
        {"av01{ " VIDEO "av1C{ 81004c00 0a0e000000043cffbcdaf95091209040 } }", 10, 9, 18, 9, 0},
    };
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        reel_description d;
        reel_movie *movie = describe("vide", streams[i].stsd, &d);
        assert_int_equal(d.bit_depth, streams[i].depth);
        assert_int_equal(d.colour_primaries, streams[i].primaries);
        assert_int_equal(d.transfer, streams[i].transfer);
        assert_int_equal(d.matrix, streams[i].matrix);
        assert_int_equal(d.full_range, streams[i].full);
        assert_int_equal(d.colour_known, streams[i].primaries != 2);
        reel_close(&movie);
    }
}

/* Of x265, with two messages more: the light around, and another transfer. */
#define HVCC_SEI                                                                                               \
    "hvcC{ 0102200000009000000000003cf000fcfdfafa00000f 02 a7 0003 001e "                                      \
    "4e01891833c286c41d4c0bb884d03e803d134042009896800000030032 80 000c 4e01 93 01 12 90 04 03e8 0190 80 "     \
    "0003 4e01 80 a8 0001 000d 5001 94 08 0004ca90 3d13 4042 80 } "
#define VIDEO_0 ENTRY ZEROS_16 "0000 0000 00480000 00480000 00000000 0001 " ZEROS_16 ZEROS_16 "0018 ffff "

/* Encoders that write fragments before they know may leave 0x0 in the entry: the sequence header knows. */
static void size_from_headers(void **state)
{
    (void)state;
    static const struct {
        const char *stsd;
        unsigned width, height, told;
    } streams[] = {
        {"avc1{ " VIDEO AVCC "}", 320, 240, 0},
        {"avc1{ " VIDEO_0 AVCC "}", 320, 240, 1},
        {"encv{ " VIDEO_0 AVCC HIDDEN("avc1") "}", 320, 240, 1},
        /* cropped: fields, 4:2:2, 4:4:4 */
        {"avc1{ " VIDEO_0 "avcC{ 01 640015 ff e1 001a "
         "67640015acd94163bd446022000003000200000300283e28532c 01 0002 68ce fdf8f800 } }",
         350, 196, 1},
        {"avc1{ " VIDEO_0 "avcC{ 01 7a000c ff e1 001a "
         "677a000cbcd94161bea2b011000003000100000300140f142996 01 0006 68ebe3cb22c0 fef8f800 } }",
         350, 199, 1},
        {"avc1{ " VIDEO_0 "avcC{ 01 f4000c ff e1 001b "
         "67f4000c919b282c37d456022000000300200000030281e28532c0 01 0006 68ebe3c44844 fff8f800 } }",
         351, 199, 1},
        {"hvc1{ " VIDEO_0 "hvcC{ 0102200000009000000000003cf000fcfdfafa00000f 01 a1 0001 002e "
         "42010102200000030090000003000003003ca00b080c9d5365959a4932bc05a84880482000000300200000030141 } }",
         350, 198, 1},
        {"hvc1{ " VIDEO_0 "hvcC{ 0104080000009e08000000003cf000fcfff8f800000f 01 a1 0001 002a "
         "4201010408000003009e0800000300003c9001610193aacb2b349265780b404000000300400000030282 } }",
         351, 199, 1},
        {"av01{ " VIDEO_0 "av1C{ 81000c00 0a0b000000043d7714daf90040 } }", 350, 198, 1},
        {"vvc1{ " VIDEO_0 "vvcC{ 00000000 ff 0011 5f 01 02 33 80 00 0140 00f0 0000 00 } }", 320, 240, 1},
        /* nobody knows: vpcC has no size, the SPS is cut */
        {"vp09{ " VIDEO_0 "vpcC{ 01000000 00 29 82 01 01 01 0000 } }", 0, 0, 0},
        {"avc1{ " VIDEO_0 "avcC{ 01 64000d ff e1 0004 6764000d 00 } }", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        reel_description d;
        reel_movie *movie = describe("vide", streams[i].stsd, &d);
        if (d.width != streams[i].width || d.height != streams[i].height || d.size_from_stream != streams[i].told)
            fail_msg("%zu: %ux%u, %u", i, d.width, d.height, d.size_from_stream);
        reel_close(&movie);
    }
}

/* HDR that no box tells: x265 has it in messages, which end in hvcC; AV1 in metadata. A box counts for more. */
static void light_from_messages(void **state)
{
    (void)state;
    reel_description d;
    reel_movie *movie = describe("vide", "hvc1{ " VIDEO HVCC_SEI "}", &d);
    assert_int_equal(d.has_mdcv, 1);
    assert_int_equal(d.mdcv_primaries[0], 13250);
    assert_int_equal(d.mdcv_primaries[1], 34500);
    assert_int_equal(d.mdcv_primaries[4], 34000);
    assert_int_equal(d.mdcv_white[1], 16450);
    assert_int_equal(d.mdcv_max, 10000000);
    assert_int_equal(d.mdcv_min, 50);
    assert_int_equal(d.has_clli, 1);
    assert_int_equal(d.max_cll, 1000);
    assert_int_equal(d.max_fall, 400);
    assert_int_equal(d.preferred_transfer, 18);
    assert_int_equal(d.has_amve, 1);
    assert_int_equal(d.ambient_illuminance, 314000);
    assert_int_equal(d.ambient_x, 15635);
    reel_close(&movie);

    static const char *const with_boxes[] = {
        "hvc1{ " VIDEO HVCC_SEI "clli{ 0010 0008 } amve{ 00000001 0002 0003 } }",
        "hvc1{ " VIDEO "clli{ 0010 0008 } amve{ 00000001 0002 0003 } " HVCC_SEI "}",
    };
    for (size_t i = 0; i < 2; i++) {
        movie = describe("vide", with_boxes[i], &d);
        assert_int_equal(d.max_cll, 16);
        assert_int_equal(d.ambient_illuminance, 1);
        assert_int_equal(d.ambient_y, 3);
        assert_int_equal(d.mdcv_min, 50);
        reel_close(&movie);
    }

    movie = describe("vide",
                     "av01{ " VIDEO "av1C{ 81 0d 4c 00 2a 06 01 03e8 0190 80 "
                     "2a 1a 02 ae14 51ec 43d7 b0a4 2666 0f5c 5013 543a 0003e800 00000052 80 } }",
                     &d);
    assert_int_equal(d.max_cll, 1000);
    assert_int_equal(d.mdcv_primaries[4], 34000);
    assert_int_equal(d.mdcv_max, 10000000);
    reel_close(&movie);
}

/* Spatial video: vexu nests three deep; 360 degrees of another kind have boxes of their own. */
static void views_and_spheres(void **state)
{
    (void)state;
    reel_description d;
    reel_movie *movie =
        describe("vide",
                 "hvc1{ " VIDEO HVCC("01 60000000 b00000000000", "5d") "lhvC{ 01 f000 fc cb 00 } vexu{ "
                 "eyes{ stri{ 00000000 03 } hero{ 00000000 01 } cams{ blin{ 00000000 0000f693 } } "
                 "cmfy{ dadj{ 00000000 ffffff38 } } } proj{ prji{ 00000000 'rect' } } must{ 00000000 'eyes' } } "
                 "hfov{ 0000f7cc } }",
                 &d);
    assert_int_equal(d.config_type, REEL_4CC('h', 'v', 'c', 'C'));
    assert_int_equal(d.views, 2);
    assert_int_equal(d.eyes, REEL_EYE_LEFT | REEL_EYE_RIGHT);
    assert_int_equal(d.hero_eye, 1);
    assert_int_equal(d.baseline, 63123);
    assert_int_equal(d.disparity, -200);
    assert_int_equal(d.field_of_view, 63436);
    assert_int_equal(d.projection, REEL_4CC('r', 'e', 'c', 't'));
    assert_int_equal(d.view_packing, 0);
    reel_close(&movie);

    movie = describe("vide",
                     "hvc1{ " VIDEO HVCC("01 60000000 b00000000000", "5d") "vexu{ eyes{ stri{ 00000000 0b } } "
                     "pack{ pkin{ 00000000 'side' } } proj{ prji{ 00000000 'hequ' } } } }",
                     &d);
    assert_int_equal(d.eyes, REEL_EYE_LEFT | REEL_EYE_RIGHT | REEL_EYE_REVERSED);
    assert_int_equal(d.view_packing, REEL_4CC('s', 'i', 'd', 'e'));
    assert_int_equal(d.baseline, 0);
    reel_close(&movie);

    movie = describe("vide",
                     "avc1{ " VIDEO AVCC "st3d{ 00000000 01 } sv3d{ svhd{ 00000000 'x' 00 } proj{ "
                     "prhd{ " ZEROS_16 "} equi{ 00000000 " ZEROS_16 "} } } }",
                     &d);
    assert_int_equal(d.views, 0);
    assert_int_equal(d.view_packing, REEL_4CC('o', 'v', 'e', 'r'));
    assert_int_equal(d.projection, REEL_4CC('e', 'q', 'u', 'i'));
    reel_close(&movie);

    movie = describe("vide", "lhv1{ " VIDEO "lhvC{ 01 f000 fc c9 00 } }", &d);
    assert_int_equal(d.framing, REEL_FRAMING_NAL);
    assert_int_equal(d.nal_length_size, 2);
    reel_close(&movie);
}

static void audio_entries(void **state)
{
    (void)state;
    static const struct {
        const char *stsd;
        unsigned channels, rate, frame, type, sbr, ps;
    } entries[] = {
        {"mp4a{ " AUDIO ESDS_2("40", "1210") "}", 2, 44100, 1024, 2, 0, 0},
        {"mp4a{ " AUDIO ESDS_2("40", "1214") "}", 2, 44100, 960, 2, 0, 0},
        /* SBR said at the end, in a way that old decoders pass over */
        {"mp4a{ " AUDIO DSI("40", "05", "19", "14", "139056e5a0") "}", 2, 44100, 2048, 2, 1, 0},
        /* the same and PS: one channel becomes two */
        {"mp4a{ " AUDIO DSI("40", "07", "1b", "16", "138856e5a54880") "}", 2, 44100, 2048, 2, 1, 1},
        {"mp4a{ " AUDIO DSI("40", "04", "18", "13", "2b8a0800") "}", 1, 44100, 2048, 5, 1, 0},
        {"mp4a{ " AUDIO DSI("40", "04", "18", "13", "eb8a0800") "}", 2, 44100, 2048, 29, 1, 1},
        /* an explicit rate of 24 bits: 44101 */
        {"mp4a{ " AUDIO DSI("40", "05", "19", "14", "1780562290") "}", 2, 44101, 1024, 2, 0, 0},
        /* 7.1 by number, and 4.0 by a program configuration */
        {"mp4a{ " AUDIO ESDS_2("40", "11b8") "}", 8, 48000, 1024, 2, 0, 0},
        {"mp4a{ " AUDIO DSI("40", "0a", "1e", "19", "118004c8400020041000") "}", 4, 48000, 1024, 2, 0, 0},
        /* an escaped type: xHE-AAC, which tells the length of its frames */
        {"mp4a{ " AUDIO DSI("40", "04", "18", "13", "f9482421") "}", 1, 44100, 1024, 42, 0, 0},
        {"mp4a{ " AUDIO DSI("6b", "00", "14", "0f", "") "}", 2, 44100, 1152, 0, 0, 0},
        {"ac-3{ " AUDIO "dac3{ 103dc0 } }", 6, 48000, 1536, 0, 0, 0},
        {"ac-3{ " AUDIO "dac3{ 5250c0 } }", 2, 22050, 1536, 0, 0, 0},
        {"ec-3{ " AUDIO "dec3{ 1400 200f02 02 } }", 8, 48000, 1536, 0, 0, 0},
        {"Opus{ " AUDIO "dOps{ 00 06 0138 00005dc0 0000 01 04 02 000401020305 } }", 6, 48000, 0, 0, 0, 0},
        {"fLaC{ " AUDIO "dfLa{ 00000000 80000022 1000 1000 00000e 0010c4 17700370 " ZEROS_16 ZEROS_4 "} }", 2,
         96000, 4096, 0, 0, 0},
        {"samr{ " AUDIO "damr{ 'ffmp' 00 0000 00 05 } }", 1, 8000, 800, 0, 0, 0},
        {"mp4a{ " AUDIO ALS "}", 3, 44101, 2048, 36, 0, 0},
        {"mp4a{ " AUDIO DSI("40", "04", "18", "13", "f8484000") "}", 2, 44100, 1152, 34, 0, 0},
        {"mp4a{ " AUDIO DSI("40", "04", "18", "13", "8a108000") "}", 2, 44100, 1024, 17, 0, 0},
        {"mp4a{ " AUDIO ESDS_2("68", "1a10") "}", 2, 44100, 1024, 3, 0, 0},
        {"mha1{ " AUDIO "mhaC{ 01 0c 0c 0000 } }", 8, 44100, 0, 0, 0, 0},
        {"sawb{ " AUDIO "damr{ 'ffmp' 00 0000 00 02 } }", 1, 16000, 640, 0, 0, 0},
        {"dtsc{ " AUDIO "ddts{ 0000bb80 00177000 00177000 10 40000000 000f 00 } }", 6, 48000, 1024, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        reel_description d;
        reel_movie *movie = describe("soun", entries[i].stsd, &d);
        if (d.channels != entries[i].channels || d.sample_rate != entries[i].rate ||
            d.samples_per_frame != entries[i].frame || d.audio_object_type != entries[i].type ||
            d.sbr != entries[i].sbr || d.ps != entries[i].ps)
            fail_msg("%zu: %s: %u channels, %u Hz, %u a frame, type %u, sbr %u, ps %u", i, d.codec, d.channels,
                     d.sample_rate, d.samples_per_frame, d.audio_object_type, d.sbr, d.ps);
        assert_int_equal(d.entry_channels, 2);
        assert_int_equal(d.entry_sample_rate, 44100);
        reel_close(&movie);
    }
}

/* The versions of the sound description: ISO's and QuickTime's 1 look alike, 2 has a rate in floating point. */
static void sound_description_versions(void **state)
{
    (void)state;
    reel_description d;
    reel_movie *movie = describe(
        "soun",
        "mp4a{ " ENTRY "0001 0000 00000000 0002 0010 fffe 0000 bb800000 00000400 00000000 00000000 "
        "00000002 wave{ frma{ 'mp4a' } mp4a{ 00000000 } " ESDS_2("40", "1190") " 00000008 00000000 } }",
        &d);
    assert_string_equal(d.codec, "mp4a.40.2");
    assert_int_equal(d.sample_rate, 48000);
    assert_int_equal(d.config_type, REEL_4CC('e', 's', 'd', 's'));
    assert_int_equal(d.decoder_specific.size, 2);
    reel_close(&movie);

    movie = describe("soun",
                     "lpcm{ " ENTRY "0002 0000 00000000 0003 0010 fffe 0000 00010000 00000048 40f7700000000000 "
                     "00000006 7f000000 00000018 0000000c 00000012 00000001 }",
                     &d);
    assert_int_equal(d.sample_rate, 96000);
    assert_int_equal(d.channels, 6);
    assert_int_equal(d.bits_per_sample, 24);
    assert_int_equal(d.pcm_flags, REEL_PCM_LITTLE_ENDIAN);
    assert_int_equal(d.bytes_per_packet, 18);
    reel_close(&movie);

    movie = describe("soun", "in24{ " AUDIO "wave{ frma{ 'in24' } enda{ 0001 } 00000008 00000000 } }", &d);
    assert_int_equal(d.bits_per_sample, 24);
    assert_int_equal(d.pcm_flags, REEL_PCM_LITTLE_ENDIAN);
    reel_close(&movie);

    movie = describe("soun",
                     "ipcm{ " ENTRY "0001 0000 00000000 0002 0010 0000 0000 00010000 "
                     "srat{ 00000000 0002ee00 } pcmC{ 00000000 00 10 } }",
                     &d);
    assert_int_equal(d.sample_rate, 192000);
    reel_close(&movie);
}

#define SINF(scheme, tenc)                                                                                     \
    "sinf{ frma{ 'avc1' } schm{ 00000000 '" scheme "' 00010000 } schi{ tenc{ " tenc " } } } "
#define KID "000102030405060708090a0b0c0d0e0f "

static void protection(void **state)
{
    (void)state;
    reel_description d;
    reel_movie *movie =
        describe("vide", "encv{ " VIDEO AVCC SINF("cbcs", "01000000 00 19 01 00 " KID "10 " KID) "}", &d);
    assert_string_equal(d.codec, "avc1.64000d");
    assert_int_equal(d.format, REEL_4CC('e', 'n', 'c', 'v'));
    assert_int_equal(d.codec_format, REEL_4CC('a', 'v', 'c', '1'));
    assert_int_equal(d.protection.scheme, REEL_4CC('c', 'b', 'c', 's'));
    assert_int_equal(d.protection.crypt_blocks, 1);
    assert_int_equal(d.protection.skip_blocks, 9);
    assert_int_equal(d.protection.has_tenc, 1);
    assert_int_equal(d.protection.constant_iv_size, 16);
    assert_int_equal(d.protection.kid[15], 15);
    assert_int_equal(d.nal_length_size, 4);
    reel_close(&movie);

    /* Of several the one that says how to decrypt. */
    movie = describe("vide",
                     "encv{ " VIDEO AVCC "sinf{ frma{ 'avc1' } schm{ 00000000 'adkm' 00000000 } } " SINF(
                         "cenc", "00000000 00 00 01 08 " KID) SINF("cens", "00000000 00 00 01 08 " KID) "}",
                     &d);
    assert_int_equal(d.protection.scheme, REEL_4CC('c', 'e', 'n', 'c'));
    assert_int_equal(d.protection.iv_size, 8);
    reel_close(&movie);

    /* FairPlay has no tenc: there is no key to tell of. */
    movie = describe("soun",
                     "drms{ " AUDIO ESDS_2("40", "1210") "sinf{ frma{ 'mp4a' } schm{ 00000000 'itun' 00000000 } "
                     "schi{ user{ 0510866f } key { 00000004 } iviv{ " KID "} } } }",
                     &d);
    assert_string_equal(d.codec, "mp4a.40.2");
    assert_int_equal(d.codec_format, REEL_4CC('m', 'p', '4', 'a'));
    assert_int_equal(d.protection.scheme, REEL_4CC('i', 't', 'u', 'n'));
    assert_int_equal(d.protection.has_tenc, 0);
    assert_int_equal(d.protection.is_protected, 0);
    reel_close(&movie);

    movie = describe("vide", "encv{ " VIDEO "}", &d);
    assert_string_equal(d.codec, "encv");
    warned(movie, "moov/trak[1]/mdia/minf/stbl/stsd/encv",
           "it has no sinf with frma: what is protected is not known");
    reel_close(&movie);
}

static bool walk_meets(uint32_t type)
{
    reel_source *source = NULL;
    reel_box_walk walk;
    reel_box box;
    bool met = false;
    assert_int_equal(reel_source_memory(file.p, file.n, NULL, NULL, &source), REEL_OK);
    assert_int_equal(reel_box_walk_init(&walk, source), REEL_OK);
    while (!met && reel_box_walk_next(&walk, &box, NULL) == REEL_OK)
        met = box.type == type;
    reel_source_unref(&source);
    return met;
}

/* The walk went into no drms, and into encu and encm only where no text stood before the boxes. */
static void boxes_of_protected_entries(void **state)
{
    (void)state;
    size_t n = 0;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        if (!strstr(samples[i].stsd, "sinf{") || !strncmp(samples[i].codec, "tx3g", 4))
            continue;
        film(&file, samples[i].handler, samples[i].stsd);
        if (!walk_meets(REEL_4CC('f', 'r', 'm', 'a')))
            fail_msg("%s: %s", samples[i].codec, samples[i].stsd);
        n++;
    }
    assert_int_equal(n, 8);
}

static void joint_objects(void **state)
{
    (void)state;
    static const struct {
        const char *stsd;
        unsigned objects;
    } entries[] = {
        {"ec-3{ " AUDIO "dec3{ 1400 200f00 } }", 0},
        {"ec-3{ " AUDIO "dec3{ 1800 200f00 0110 } }", 16},
        {"ec-3{ " AUDIO "dec3{ 1800 200f02 02 01 0c } }", 12},
        {"ec-3{ " AUDIO "dec3{ 1800 200f00 010c } }", 12},
    };
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        reel_description d;
        reel_movie *movie = describe("soun", entries[i].stsd, &d);
        assert_int_equal(d.joint_objects, entries[i].objects);
        reel_close(&movie);
    }
}

static void parameter_sets(void **state)
{
    (void)state;
    reel_description d;
    reel_span nal;
    reel_movie *movie = describe("vide", "avc1{ " VIDEO AVCC "}", &d);
    assert_int_equal(reel_description_parameter_set(&d, 0, &nal), REEL_OK);
    assert_int_equal(nal.data[0], 0x67);
    assert_int_equal(nal.size, 27);
    assert_int_equal(reel_description_parameter_set(&d, 1, &nal), REEL_OK);
    assert_int_equal(nal.data[0], 0x68);
    assert_int_equal(reel_description_parameter_set(&d, 2, &nal), REEL_END);
    assert_int_equal(reel_description_parameter_set(&d, SIZE_MAX, &nal), REEL_END);
    reel_close(&movie);

    movie = describe("vide",
                     "vvc1{ " VIDEO "vvcC{ 00000000 ff 0035 5f 01 02 33 80 80 22 01 11111111 0140 00f0 0000 "
                     "03 8d 0002 aabb 8f 0001 0003 ccddee 90 0000 } }",
                     &d);
    assert_int_equal(reel_description_parameter_set(&d, 0, &nal), REEL_OK);
    assert_int_equal(nal.size, 2);
    assert_int_equal(reel_description_parameter_set(&d, 1, &nal), REEL_OK);
    assert_int_equal(nal.data[0], 0xcc);
    assert_int_equal(reel_description_parameter_set(&d, 2, &nal), REEL_END);
    reel_close(&movie);
}

/* --- damage --- */

static const struct {
    const char *handler, *stsd, *path, *text;
} damaged[] = {
    {"vide", "avc1{ " VIDEO "}", "avc1", "it has no avcC: a decoder cannot start"},
    {"vide", "avc1{ " VIDEO "avcC{ 01 64 } }", "avc1/avcC", "it ends too early, after 2 bytes"},
    {"vide", "avc1{ " VIDEO "avcC{ 01 64001f ff ff 0002 6764 ffff } }", "avc1/avcC",
     "its parameter sets run past its end"},
    {"vide", "hvc1{ " VIDEO "hvcC{ 01 01 60000000 900000000000 5d f000 fc fd f8 f8 0000 0f ff a0 ffff } }",
     "hvc1/hvcC", "its parameter sets run past its end"},
    {"soun", "mp4a{ " AUDIO "}", "mp4a", "it has no esds: a decoder cannot start"},
    {"soun", "mp4a{ " AUDIO "esds{ 00000000 } }", "mp4a/esds",
     "there is no elementary stream descriptor in it"},
    {"soun", "mp4a{ " AUDIO "esds{ 00000000 03 ffffff7f 0001 00 06 01 00 } }", "mp4a/esds",
     "there is no decoder configuration in it"},
    {"soun",
     "mp4a{ " AUDIO "esds{ 00000000 03 16 0001 00 04 11 40 15 000000 0001f400 0001f400 05 ffffff7f 1210 } }",
     "mp4a/esds", "a descriptor is longer than what it lies in"},
    {"vide", "encv{ " VIDEO AVCC SINF("cbcs", "01000000 00 19 01 00 " KID "11 " KID) "}", "encv/tenc",
     "a constant IV of 17 bytes"},
    {"vide", "avc1{ " VIDEO AVCC "colr{ 'nclx' 0001 } }", "avc1/colr", "it ends too early, after 6 bytes"},
    {"soun", "fLaC{ " AUDIO "dfLa{ 00000000 84000022 " ZEROS_16 ZEROS_16 "0000 } }", "fLaC/dfLa",
     "its first block is no STREAMINFO"},
};

static void damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        reel_description d;
        reel_error err;
        char path[128];
        snprintf(path, sizeof path, "moov/trak[1]/mdia/minf/stbl/stsd/%s", damaged[i].path);
        reel_movie *movie = describe(damaged[i].handler, damaged[i].stsd, &d);
        warned(movie, path, damaged[i].text);
        reel_close(&movie);
        movie = open_bytes(file.p, file.n, REEL_OPEN_STRICT);
        assert_non_null(movie);
        assert_int_equal(reel_track_description(reel_movie_track(movie, 0), 1, &d, &err), REEL_E_CONFIG);
        assert_string_equal(err.path, path);
        assert_string_equal(err.text, damaged[i].text);
        assert_true(err.offset < file.n);
        reel_close(&movie);
    }
}

/* A box inside an entry that claims more than the entry has. */
static void box_past_entry(void **state)
{
    (void)state;
    reel_description d;
    reel_error w;
    film(&file, "vide", "avc1{ " VIDEO AVCC "}");
    uint8_t *at = NULL;
    for (size_t i = 4; i + 4 <= file.n; i++)
        if (!memcmp(file.p + i, "avcC", 4))
            at = file.p + i;
    assert_non_null(at);
    write32(at - 4, 0x80000000);
    reel_movie *movie = open_bytes(file.p, file.n, 0);
    assert_int_equal(reel_track_description(reel_movie_track(movie, 0), 1, &d, NULL), REEL_OK);
    assert_string_equal(d.codec, "avc1.64000d");
    assert_int_equal(reel_movie_warning(movie, 0, &w), REEL_OK);
    assert_string_equal(w.text, "it goes past the end of its parent");
    reel_close(&movie);
}

static void ranges_of_descriptions(void **state)
{
    (void)state;
    reel_description d;
    reel_error err;
    film(&file, "vide", "avc1{ " VIDEO AVCC "}");
    reel_movie *movie = open_bytes(file.p, file.n, 0);
    const reel_track *track = reel_movie_track(movie, 0);
    assert_int_equal(reel_track_description(track, 0, &d, &err), REEL_E_RANGE);
    assert_int_equal(reel_track_description(track, 2, &d, &err), REEL_E_RANGE);
    assert_int_equal(reel_track_description(track, UINT32_MAX, &d, &err), REEL_E_RANGE);
    assert_string_equal(err.path, "moov/trak[1]/mdia/minf/stbl/stsd");
    assert_int_equal(reel_track_description(NULL, 1, &d, &err), REEL_E_ARG);
    assert_int_equal(reel_codec_describe(NULL, NULL, 0), REEL_E_ARG);
    assert_int_equal(reel_track_description(track, 1, &d, &err), REEL_OK);
    assert_int_equal(reel_codec_describe(&d, NULL, 0), 21); /* as snprintf */
    reel_close(&movie);
}

/* Everything there is to ask of a description. */
static void ask(const uint8_t *p, size_t n)
{
    reel_description d;
    reel_span nal, spans[8];
    reel_head head;
    size_t count;
    char words[64];
    static const uint8_t sample[] = {0, 0, 0, 2, 0x65, 0x88, 0, 0, 0, 1, 9};
    reel_movie *movie = open_bytes(p, n, 0);
    if (!movie)
        return;
    const reel_track *track = reel_movie_track(movie, 0);
    if (track && reel_track_description(track, 1, &d, NULL) == REEL_OK) {
        assert_true(strnlen(d.codec, sizeof d.codec) < sizeof d.codec);
        assert_true(d.framing != REEL_FRAMING_NAL || (d.nal_length_size >= 1 && d.nal_length_size <= 4));
        reel_codec_describe(&d, words, sizeof words);
        for (size_t i = 0; i < 100 && reel_description_parameter_set(&d, i, &nal) == REEL_OK; i++)
            assert_true(nal.data >= p && nal.data + nal.size <= p + n);
        reel_annexb_spans(&d, (reel_span){sample, sizeof sample}, true, spans, 8, &count, NULL);
        reel_adts_spans(&d, (reel_span){sample, sizeof sample}, &head, spans, 8, &count, NULL);
    }
    reel_close(&movie);
}

/* Each sample cut at every byte of its entry, in memory that ends there; and each byte changed. */
static void hostile_entries(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0xff, 0x80, 0x7f};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        if (!strchr(samples[i].stsd, '}'))
            continue;
        film(&file, samples[i].handler, samples[i].stsd);
        size_t from = 0;
        while (memcmp(file.p + from, "stsd", 4))
            from++;
        for (size_t n = from; n <= file.n; n++) {
            uint8_t *copy = malloc(n);
            assert_non_null(copy);
            memcpy(copy, file.p, n);
            ask(copy, n);
            free(copy);
        }
        for (size_t at = from; at < file.n; at++) {
            uint8_t was = file.p[at];
            for (size_t k = 0; k < sizeof values; k++) {
                file.p[at] = values[k];
                ask(file.p, file.n);
            }
            file.p[at] = was;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codec_strings),
        cmocka_unit_test(video_entry),
        cmocka_unit_test(mastering_of_vp9),
        cmocka_unit_test(colour_from_headers),
        cmocka_unit_test(size_from_headers),
        cmocka_unit_test(light_from_messages),
        cmocka_unit_test(views_and_spheres),
        cmocka_unit_test(audio_entries),
        cmocka_unit_test(sound_description_versions),
        cmocka_unit_test(protection),
        cmocka_unit_test(boxes_of_protected_entries),
        cmocka_unit_test(joint_objects),
        cmocka_unit_test(parameter_sets),
        cmocka_unit_test(damage),
        cmocka_unit_test(box_past_entry),
        cmocka_unit_test(ranges_of_descriptions),
        cmocka_unit_test(hostile_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
