/* SPDX-License-Identifier: BSD-2-Clause */
/* Units of a sample, Annex B and ADTS as spans: src/bitstream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <reel/bitstream.h>

#include <cmocka.h>

#define SPAN(...) ((reel_span){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
#define AVC1      REEL_4CC('a', 'v', 'c', '1')
#define HVC1      REEL_4CC('h', 'v', 'c', '1')
#define VVC1      REEL_4CC('v', 'v', 'c', '1')
#define AV01      REEL_4CC('a', 'v', '0', '1')
#define MP4A      REEL_4CC('m', 'p', '4', 'a')

static reel_description nal_description(uint32_t format, uint8_t length_size)
{
    reel_description d;
    memset(&d, 0, sizeof d);
    d.codec_format = format;
    d.type = REEL_TRACK_VIDEO;
    d.framing = REEL_FRAMING_NAL;
    d.nal_length_size = length_size;
    return d;
}

/* An avcC with one SPS of three bytes and one PPS of two. */
static const uint8_t avcc[] = {1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 3, 0x67, 0x64, 0, 1, 0, 2, 0x68, 0xee};

static reel_description avc_description(void)
{
    reel_description d = nal_description(AVC1, 4);
    d.config_type = REEL_4CC('a', 'v', 'c', 'C');
    d.config = d.decoder_specific = (reel_span){avcc, sizeof avcc};
    return d;
}

static void check_units(const reel_description *d, reel_span sample, const uint32_t *types,
                        const uint32_t *sizes, size_t n)
{
    reel_unit_iter it;
    reel_unit u;
    assert_int_equal(reel_unit_iter_init(&it, d, sample), REEL_OK);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(reel_unit_next(&it, d, &u, NULL), REEL_OK);
        assert_int_equal(u.type, types[i]);
        assert_int_equal(u.span.size, sizes[i]);
        assert_ptr_equal(u.span.data, sample.data + u.offset);
        assert_true(u.payload.data >= u.span.data);
        assert_ptr_equal(u.payload.data + u.payload.size, u.span.data + u.span.size);
    }
    assert_int_equal(reel_unit_next(&it, d, &u, NULL), REEL_END);
    assert_int_equal(reel_unit_next(&it, d, &u, NULL), REEL_END);
}

/* An IDR slice, an empty unit and an SEI behind lengths of 1, 2, 3 and 4 bytes. */
static void every_length_size(void **state)
{
    (void)state;
    static const uint32_t types[] = {5, 0, 6}, sizes[] = {3, 0, 2};
    for (uint8_t length = 1; length <= 4; length++) {
        uint8_t sample[32] = {0};
        size_t n = 0;
        reel_description d = nal_description(AVC1, length);
        static const uint8_t units[] = {3, 0x65, 0x88, 0x84, 0, 2, 0x06, 0x80};
        for (size_t i = 0; i < sizeof units; i += 1u + units[i]) {
            n += length - 1u;
            memcpy(sample + n, units + i, 1u + units[i]);
            n += 1u + units[i];
        }
        check_units(&d, (reel_span){sample, n}, types, sizes, 3);
    }
}

static void unknown_length_size(void **state)
{
    (void)state;
    reel_unit_iter it;
    reel_description d = nal_description(AVC1, 0);
    assert_int_equal(reel_unit_iter_init(&it, &d, SPAN(0)), REEL_E_CONFIG);
    assert_int_equal(reel_unit_iter_init(&it, NULL, SPAN(0)), REEL_E_ARG);
    d.nal_length_size = 5;
    assert_int_equal(reel_unit_iter_init(&it, &d, SPAN(0)), REEL_E_CONFIG);
}

/* A length that runs past the sample, with the place where it stands; and a length that is cut itself. */
static void lengths_that_lie(void **state)
{
    (void)state;
    reel_unit_iter it;
    reel_unit u;
    reel_error err;
    reel_description d = nal_description(AVC1, 4);
    reel_span sample = SPAN(0, 0, 0, 1, 9, 0xff, 0xff, 0xff, 0xff, 0x65);
    assert_int_equal(reel_unit_iter_init(&it, &d, sample), REEL_OK);
    assert_int_equal(reel_unit_next(&it, &d, &u, &err), REEL_OK);
    assert_int_equal(reel_unit_next(&it, &d, &u, &err), REEL_E_TRUNCATED);
    assert_int_equal(err.offset, 5);
    assert_string_equal(err.text, "a NAL unit of 4294967295 bytes runs past the end of its sample");
    assert_int_equal(reel_unit_next(&it, &d, &u, &err), REEL_END);

    sample = SPAN(0, 0, 0, 1, 9, 0, 0, 0);
    assert_int_equal(reel_unit_iter_init(&it, &d, sample), REEL_OK);
    assert_int_equal(reel_unit_next(&it, &d, &u, &err), REEL_OK);
    assert_int_equal(reel_unit_next(&it, &d, &u, &err), REEL_E_TRUNCATED);
    assert_int_equal(err.offset, 5);
    assert_string_equal(err.text, "3 bytes are left where a NAL unit's length is due");
}

static reel_unit first_unit(const reel_description *d, reel_span sample)
{
    reel_unit_iter it;
    reel_unit u;
    assert_int_equal(reel_unit_iter_init(&it, d, sample), REEL_OK);
    assert_int_equal(reel_unit_next(&it, d, &u, NULL), REEL_OK);
    return u;
}

static void nal_headers(void **state)
{
    (void)state;
    reel_description d = nal_description(AVC1, 1);
    reel_unit u = first_unit(&d, SPAN(2, 0x41, 0x9a));
    assert_int_equal(u.type, 1);
    assert_int_equal(u.ref_idc, 2);
    assert_int_equal(u.payload.size, 1);
    u = first_unit(
        &d, SPAN(5, 0x6e, 0xc0, 0x10, 0x60, 0)); /* a prefix unit of SVC: dependency 1, temporal layer 3 */
    assert_int_equal(u.type, 14);
    assert_int_equal(u.temporal_id, 3);
    assert_int_equal(u.layer_id, 1);
    assert_int_equal(u.payload.size, 1);

    d = nal_description(HVC1, 1);
    u = first_unit(&d, SPAN(3, 0x26, 0x0b, 0xaf)); /* IDR_W_RADL, layer 1, temporal_id_plus1 3 */
    assert_int_equal(u.type, 19);
    assert_int_equal(u.layer_id, 1);
    assert_int_equal(u.temporal_id, 2);
    assert_int_equal(u.payload.size, 1);
    u = first_unit(&d, SPAN(1, 0x26)); /* a header that is cut */
    assert_int_equal(u.type, 19);
    assert_int_equal(u.payload.size, 0);

    d = nal_description(VVC1, 1);
    u = first_unit(&d, SPAN(3, 0x02, 0x41, 0xc4)); /* IDR_N_LP is 8 */
    assert_int_equal(u.type, 8);
    assert_int_equal(u.layer_id, 2);
    assert_int_equal(u.temporal_id, 0);
}

static reel_description av1_description(void)
{
    reel_description d = nal_description(AV01, 0);
    d.framing = REEL_FRAMING_OBU;
    return d;
}

/* A sequence header with its size, a frame header with an extension, and a last frame without a size. */
static void obus(void **state)
{
    (void)state;
    static const uint32_t types[] = {1, 3, 6}, sizes[] = {4, 4, 3};
    reel_description d = av1_description();
    reel_span sample = SPAN(0x0a, 2, 0xaa, 0xbb, 0x1e, 0x48, 1, 0xcc, 0x30, 0xdd, 0xee);
    check_units(&d, sample, types, sizes, 3);
    reel_unit u = first_unit(&d, SPAN(0x1e, 0x48, 1, 0xcc));
    assert_int_equal(u.temporal_id, 2);
    assert_int_equal(u.layer_id, 1);
    assert_int_equal(u.payload.size, 1);
}

static void obus_that_lie(void **state)
{
    (void)state;
    reel_unit_iter it;
    reel_unit u;
    reel_error err;
    reel_description d = av1_description();
    const reel_span samples[] = {
        SPAN(0x0a, 5, 0),                                                       /* longer than the sample */
        SPAN(0x0a),                                                             /* no size */
        SPAN(0x0e),                                                             /* no extension */
        SPAN(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), /* a size without an end */
        SPAN(0x0a, 0x80, 0x80, 0x80, 0x80, 0x10, 0),                            /* 2^32 */
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        assert_int_equal(reel_unit_iter_init(&it, &d, samples[i]), REEL_OK);
        assert_int_equal(reel_unit_next(&it, &d, &u, &err), REEL_E_TRUNCATED);
        assert_int_equal(reel_unit_next(&it, &d, &u, &err), REEL_END);
    }
}

/* Without framing the sample is the one unit; an empty sample has none. */
static void no_framing(void **state)
{
    (void)state;
    static const uint32_t types[] = {0}, sizes[] = {3};
    reel_description d;
    memset(&d, 0, sizeof d);
    d.codec_format = REEL_4CC('v', 'p', '0', '9');
    check_units(&d, SPAN(1, 2, 3), types, sizes, 1);
    check_units(&d, (reel_span){NULL, 0}, NULL, NULL, 0);
}

static void check_bytes(const reel_span *spans, size_t n, reel_span want)
{
    uint8_t got[256];
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(size + spans[i].size <= sizeof got);
        memcpy(got + size, spans[i].data, spans[i].size);
        size += spans[i].size;
    }
    assert_int_equal(size, want.size);
    assert_memory_equal(got, want.data, size);
}

static void annexb(void **state)
{
    (void)state;
    reel_description d = avc_description();
    reel_span spans[16], sample = SPAN(0, 0, 0, 2, 0x65, 0x88, 0, 0, 0, 0, 0, 0, 0, 1, 0x0c);
    size_t n = 0;
    assert_int_equal(reel_annexb_spans(&d, sample, false, NULL, 0, &n, NULL), REEL_OK);
    assert_int_equal(n, 4); /* the empty unit is left out */
    assert_int_equal(reel_annexb_spans(&d, sample, false, spans, 16, &n, NULL), REEL_OK);
    check_bytes(spans, n, SPAN(0, 0, 0, 1, 0x65, 0x88, 0, 0, 0, 1, 0x0c));
    assert_ptr_equal(spans[1].data, sample.data + 4);
    assert_int_equal(reel_annexb_spans(&d, sample, true, spans, 16, &n, NULL), REEL_OK);
    check_bytes(
        spans, n,
        SPAN(0, 0, 0, 1, 0x67, 0x64, 0, 0, 0, 0, 1, 0x68, 0xee, 0, 0, 0, 1, 0x65, 0x88, 0, 0, 0, 1, 0x0c));
    assert_ptr_equal(spans[1].data, avcc + 8);
    assert_int_equal(reel_annexb_spans(&d, sample, true, spans, 3, &n, NULL), REEL_OK);
    assert_int_equal(n, 8);
}

/* An access unit delimiter stays the first. */
static void annexb_delimiter(void **state)
{
    (void)state;
    reel_description d = avc_description();
    reel_span spans[16];
    size_t n = 0;
    assert_int_equal(
        reel_annexb_spans(&d, SPAN(0, 0, 0, 2, 9, 0xf0, 0, 0, 0, 1, 0x65), true, spans, 16, &n, NULL), REEL_OK);
    check_bytes(spans, n,
                SPAN(0, 0, 0, 1, 9, 0xf0, 0, 0, 0, 1, 0x67, 0x64, 0, 0, 0, 0, 1, 0x68, 0xee, 0, 0, 0, 1, 0x65));
    assert_int_equal(reel_annexb_spans(&d, (reel_span){NULL, 0}, true, spans, 16, &n, NULL), REEL_OK);
    assert_int_equal(n, 4);
}

static void annexb_refused(void **state)
{
    (void)state;
    reel_description d = avc_description(), av1 = av1_description();
    reel_span spans[4];
    size_t n = 7;
    reel_error err;
    assert_int_equal(reel_annexb_spans(&d, SPAN(0, 0, 0, 9, 1), true, spans, 4, &n, &err), REEL_E_TRUNCATED);
    assert_int_equal(n, 7);
    assert_int_equal(reel_annexb_spans(&av1, SPAN(0), true, spans, 4, &n, &err), REEL_E_ARG);
}

static reel_description aac_description(reel_span asc, uint8_t type)
{
    reel_description d;
    memset(&d, 0, sizeof d);
    d.codec_format = MP4A;
    d.framing = REEL_FRAMING_AAC;
    d.object_type_indication = type;
    d.decoder_specific = asc;
    strcpy(d.codec, "mp4a.40.2");
    return d;
}

static void adts(void **state)
{
    (void)state;
    static const struct {
        uint8_t asc[8], size, type;
        uint8_t header[7];
    } streams[] = {
        /* AAC-LC, 44100, stereo; 5 bytes */
        {{0x12, 0x10}, 2, 0x40, {0xff, 0xf1, 0x50, 0x80, 0x01, 0x9f, 0xfc}},
        /* HE-AAC said first: the header is that of the core, 22050 mono */
        {{0x2b, 0x8a, 0x08, 0x00}, 4, 0x40, {0xff, 0xf1, 0x5c, 0x40, 0x01, 0x9f, 0xfc}},
        /* HE-AAC v2 */
        {{0xeb, 0x8a, 0x08, 0x00}, 4, 0x40, {0xff, 0xf1, 0x5c, 0x40, 0x01, 0x9f, 0xfc}},
        /* 48000 written out in 24 bits, 5.1 */
        {{0x17, 0x80, 0x5d, 0xc0, 0x30}, 5, 0x40, {0xff, 0xf1, 0x4d, 0x80, 0x01, 0x9f, 0xfc}},
        /* MPEG-2 AAC-LC */
        {{0x11, 0x90}, 2, 0x67, {0xff, 0xf9, 0x4c, 0x80, 0x01, 0x9f, 0xfc}},
    };
    reel_span sample = SPAN(1, 2, 3, 4, 5), spans[2];
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        reel_description d = aac_description((reel_span){streams[i].asc, streams[i].size}, streams[i].type);
        reel_head head;
        size_t n = 0;
        assert_int_equal(reel_adts_spans(&d, sample, &head, spans, 2, &n, NULL), REEL_OK);
        assert_int_equal(n, 2);
        assert_int_equal(spans[0].size, 7);
        assert_memory_equal(spans[0].data, streams[i].header, 7);
        assert_ptr_equal(spans[1].data, sample.data);
    }
}

static void adts_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t asc[8], size;
    } streams[] = {
        {{0xf9, 0x48, 0x24, 0x21}, 4},       /* xHE-AAC */
        {{0x11, 0x80, 0x04, 0xc8}, 4},       /* a program configuration */
        {{0x11, 0xe0}, 2},                   /* channel configuration 12 */
        {{0x17, 0x80, 0x56, 0x22, 0x90}, 5}, /* 44101 Hz */
        {{0x12}, 1},                         /* cut */
    };
    reel_head head;
    reel_span spans[2];
    reel_error err;
    size_t n;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        reel_description d = aac_description((reel_span){streams[i].asc, streams[i].size}, 0x40);
        assert_int_equal(reel_adts_spans(&d, SPAN(0), &head, spans, 2, &n, &err), REEL_E_UNSUPPORTED);
    }
    static const uint8_t large[8185];
    reel_description d = aac_description(SPAN(0x12, 0x10), 0x40);
    assert_int_equal(reel_adts_spans(&d, (reel_span){large, 8184}, &head, spans, 2, &n, &err), REEL_OK);
    assert_int_equal(reel_adts_spans(&d, (reel_span){large, 8185}, &head, spans, 2, &n, &err), REEL_E_RANGE);
    assert_int_equal(reel_adts_spans(&d, SPAN(0), NULL, spans, 2, &n, &err), REEL_E_ARG);
}

/* Whatever the bytes, units lie in the sample and come to an end. */
static void any_bytes(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 20000; round++) {
        uint8_t *sample = malloc(24);
        assert_non_null(sample);
        for (int i = 0; i < 24; i++) {
            seed = seed * 1664525u + 1013904223u;
            sample[i] = (uint8_t)(seed >> 24) >> (round % 3 * 3);
        }
        static const uint32_t formats[] = {AVC1, HVC1, VVC1, AV01};
        reel_description d = nal_description(formats[round % 4], (uint8_t)(round / 4 % 4 + 1));
        if (formats[round % 4] == AV01)
            d = av1_description();
        reel_unit_iter it;
        reel_unit u;
        size_t units = 0;
        assert_int_equal(reel_unit_iter_init(&it, &d, (reel_span){sample, 24}), REEL_OK);
        while (reel_unit_next(&it, &d, &u, NULL) == REEL_OK) {
            assert_true(u.span.data >= sample && u.span.data + u.span.size <= sample + 24);
            assert_true(++units <= 24);
        }
        assert_true(reel_sample_entry(&d, (reel_span){sample, 24}) <= REEL_ENTRY_NO);
        free(sample);
    }
}

/* ---- entries ---- */

#define F(a, b, c, d) REEL_4CC(a, b, c, d)

/* The first bits of pictures, by the standards' tables; and what leaves it open. */
static void entries(void **state)
{
    (void)state;
    const struct {
        uint32_t format, object_type, entry;
        reel_span sample;
    } cases[] = {
        {F('s', '2', '6', '3'), 0, REEL_ENTRY_YES, SPAN(0, 0, 0x80, 2, 0x08, 0)},
        {F('s', '2', '6', '3'), 0, REEL_ENTRY_NO, SPAN(0, 0, 0x80, 2, 0x0a, 0)},
        {F('s', '2', '6', '3'), 0, REEL_ENTRY_YES, SPAN(0, 0, 0x80, 2, 0x1c, 0x80, 0, 0, 0)}, /* PLUSPTYPE, UFEP 1 */
        {F('s', '2', '6', '3'), 0, REEL_ENTRY_NO, SPAN(0, 0, 0x80, 2, 0x1c, 0x80, 0, 0x04, 0)},
        {F('s', '2', '6', '3'), 0, REEL_ENTRY_UNKNOWN, SPAN(0, 0, 1, 2, 0x0a, 0)},
        {F('s', '2', '6', '3'), 0, REEL_ENTRY_UNKNOWN, SPAN(0, 0, 0x80, 2)},
        {F('m', 'p', '4', 'v'), 0x20, REEL_ENTRY_YES, SPAN(0, 0, 1, 0xb0, 1, 0, 0, 1, 0xb6, 0x10)},
        {F('m', 'p', '4', 'v'), 0x20, REEL_ENTRY_NO, SPAN(0, 0, 1, 0xb6, 0x50)},
        {F('m', 'p', '4', 'v'), 0x20, REEL_ENTRY_NO, SPAN(0, 0, 0x80, 2, 0x0a, 0)}, /* short header */
        {F('m', 'p', '4', 'v'), 0x20, REEL_ENTRY_UNKNOWN, SPAN(0, 0, 1, 0xb6)},
        {F('X', 'V', 'I', 'D'), 0, REEL_ENTRY_NO, SPAN(0, 0, 1, 0xb6, 0x90)},
        {F('m', 'p', '4', 'v'), 0x61, REEL_ENTRY_YES, SPAN(0, 0, 1, 0xb3, 0, 0, 0, 1, 0, 0, 0x0f, 0xff)},
        {F('m', 'p', '4', 'v'), 0x6a, REEL_ENTRY_NO, SPAN(0, 0, 1, 0, 0, 0x50)},
        {F('m', '2', 'v', '1'), 0, REEL_ENTRY_NO, SPAN(0, 0, 1, 0, 0, 0x58)},
        {F('m', 'p', '4', 'v'), 0x6c, REEL_ENTRY_UNKNOWN, SPAN(0xff, 0xd8)},
        {F('v', 'p', '0', '8'), 0, REEL_ENTRY_YES, SPAN(0x10)},
        {F('v', 'p', '0', '8'), 0, REEL_ENTRY_NO, SPAN(0x11)},
        {F('v', 'p', '0', '9'), 0, REEL_ENTRY_YES, SPAN(0x82)},
        {F('v', 'p', '0', '9'), 0, REEL_ENTRY_NO, SPAN(0x86)},
        {F('v', 'p', '0', '9'), 0, REEL_ENTRY_NO, SPAN(0x88)},
        {F('v', 'p', '0', '9'), 0, REEL_ENTRY_YES, SPAN(0xb0, 0)},
        {F('v', 'p', '0', '9'), 0, REEL_ENTRY_UNKNOWN, SPAN(0x02)},
        {AV01, 0, REEL_ENTRY_YES, SPAN(0x12, 0, 0x32, 1, 0x10)},
        {AV01, 0, REEL_ENTRY_UNKNOWN, SPAN(0x12, 0, 0x32, 9, 0x30)}, /* its end is not there */
        {AV01, 0, REEL_ENTRY_NO, SPAN(0x1a, 1, 0x80)},
        {AV01, 0, REEL_ENTRY_YES, SPAN(0x0a, 1, 0x18, 0x32, 1, 0x30)},
        {AV01, 0, REEL_ENTRY_UNKNOWN, SPAN(0x12, 0)},
        {AVC1, 0, REEL_ENTRY_YES, SPAN(2, 0x09, 0xf0, 2, 0x65, 0x88)},
        {AVC1, 0, REEL_ENTRY_NO, SPAN(2, 0x41, 0xc0)},                              /* P: ue 0, ue 0 */
        {AVC1, 0, REEL_ENTRY_UNKNOWN, SPAN(90, 0x41, 0x9a)},                        /* P: 5; its end is not there */
        {AVC1, 0, REEL_ENTRY_UNKNOWN, SPAN(2, 0x41, 0x88)},                         /* I: 7 */
        {AVC1, 0, REEL_ENTRY_UNKNOWN, SPAN(5, 6, 6, 1, 0x84, 0x80, 2, 0x41, 0xc0)}, /* a recovery point */
        {AVC1, 0, REEL_ENTRY_NO, SPAN(5, 6, 5, 1, 6, 0x80, 2, 0x41, 0xc0)},         /* another message */
        {AVC1, 0, REEL_ENTRY_UNKNOWN, SPAN(1, 0x41)},
        {AVC1, 0, REEL_ENTRY_UNKNOWN, SPAN(0, 0, 0)},
        {HVC1, 0, REEL_ENTRY_YES, SPAN(3, 0x46, 1, 0x50, 3, 0x2a, 1, 0x80)},
        {HVC1, 0, REEL_ENTRY_NO, SPAN(3, 2, 1, 0x80)},
        {HVC1, 0, REEL_ENTRY_UNKNOWN, SPAN(6, 0x4e, 1, 6, 1, 0x80, 0x80, 3, 2, 1, 0x80)},
        {VVC1, 0, REEL_ENTRY_YES, SPAN(3, 0, 0x39, 0x80)},
        {VVC1, 0, REEL_ENTRY_NO, SPAN(3, 0, 0x01, 0x80)},
        {VVC1, 0, REEL_ENTRY_UNKNOWN, SPAN(3, 0, 0x51, 0x80)},
        {F('a', 'p', 'c', 'n'), 0, REEL_ENTRY_UNKNOWN, SPAN(0, 0, 0, 9)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reel_description d = nal_description(cases[i].format, 1);
        uint8_t *own = malloc(cases[i].sample.size); /* so that reading past its end shows */
        assert_non_null(own);
        memcpy(own, cases[i].sample.data, cases[i].sample.size);
        d.object_type_indication = (uint8_t)cases[i].object_type;
        d.framing = cases[i].format == AV01 ? REEL_FRAMING_OBU : d.framing;
        uint32_t said = reel_sample_entry(&d, (reel_span){own, cases[i].sample.size});
        if (said != cases[i].entry)
            fail_msg("case %zu: %u, not %u", i, said, cases[i].entry);
        d.protection.scheme = F('c', 'e', 'n', 'c');
        assert_int_equal(reel_sample_entry(&d, (reel_span){own, cases[i].sample.size}), REEL_ENTRY_UNKNOWN);
        free(own);
    }
    static const uint8_t large[REEL_ENTRY_HEAD] = {0, 1, 0, 0, 0x41, 0x9a}; /* the beginning of a slice of 64 KiB */
    reel_description d = nal_description(AVC1, 4);
    assert_int_equal(reel_sample_entry(&d, (reel_span){large, sizeof large}), REEL_ENTRY_NO);
    assert_int_equal(reel_sample_entry(&d, (reel_span){NULL, 0}), REEL_ENTRY_UNKNOWN);
    assert_int_equal(reel_sample_entry(NULL, SPAN(1, 0x65)), REEL_ENTRY_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_size),
        cmocka_unit_test(unknown_length_size),
        cmocka_unit_test(lengths_that_lie),
        cmocka_unit_test(nal_headers),
        cmocka_unit_test(obus),
        cmocka_unit_test(obus_that_lie),
        cmocka_unit_test(no_framing),
        cmocka_unit_test(annexb),
        cmocka_unit_test(annexb_delimiter),
        cmocka_unit_test(annexb_refused),
        cmocka_unit_test(adts),
        cmocka_unit_test(adts_refused),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
