/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/base.h: what every other header speaks in: errors, spans, memory, references.
 *
 * Conventions of the whole library
 *   Results     Functions that can fail return an int: REEL_OK (0), REEL_END (1, there is no more), or a
 *               negative reel_code. Results come back through out-parameters, which are written on REEL_OK
 *               only, unless the function says otherwise.
 *   Errors      A trailing `reel_error *err` may be NULL. On failure it is filled with the code, one
 *               sentence, the box path and the byte offset. It holds no memory of its own.
 *   Ownership   `open` makes an object with one reference, `ref` adds one, `unref`/`close` takes a pointer
 *               to your pointer, gives the reference back and sets your pointer to NULL. NULL is allowed.
 *   Threads     A movie is immutable once open: any number of threads may ask it anything at once without
 *               locks. A cursor, a merge or an iterator belongs to one thread at a time.
 *   Times       Exact integers in the track's timescale. Seconds appear in no header.
 *   Numbers     Samples count from 0. Sample descriptions, chunks and table entries in messages count from 1,
 *               as in ISO/IEC 14496-12.
 */
#ifndef REEL_BASE_H
#define REEL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define REEL_API
#elif defined(__GNUC__)
#define REEL_API __attribute__((visibility("default")))
#else
#define REEL_API
#endif

#define REEL_VERSION_MAJOR 0
#define REEL_VERSION_MINOR 1
#define REEL_VERSION_PATCH 0

/*
 * Structs of options begin with their size, so that they can grow: one that is smaller than this version's is refused with
 * REEL_E_ARG, where its header does not say otherwise; of a larger one, of a later version, the rest is not looked at, and
 * neither are bits of flags that have no name here.
 */

/* The version of the library that is linked, as "0.1.0". */
REEL_API const char *reel_version(void);

/* Every code with its name and its sentence, born together. X(NAME, value, sentence) */
#define REEL_CODES(X)                                                                                         \
    X(OK, 0, "no error")                                                                                      \
    X(END, 1, "there is no more")                                                                             \
    X(E_ARG, -1, "the call is wrong")                                                                         \
    X(E_NOMEM, -2, "out of memory")                                                                           \
    X(E_IO, -3, "the bytes could not be read")                                                                \
    X(E_AGAIN, -4, "the bytes are not here yet")                                                              \
    X(E_SHRUNK, -5, "the file became shorter while it was open")                                              \
    X(E_NOT_MP4, -6, "this is not an ISO base media file")                                                    \
    X(E_TRUNCATED, -7, "the file ends too early")                                                             \
    X(E_BOX_SIZE, -8, "a box has an impossible size")                                                         \
    X(E_BOX_LIMIT, -9, "there are more boxes, or deeper ones, than any film has")                             \
    X(E_BOX_MISSING, -10, "a mandatory box is missing")                                                       \
    X(E_BOX_DUPLICATE, -11, "a box is there twice")                                                           \
    X(E_BOX_VERSION, -12, "a box has an unknown version")                                                     \
    X(E_BOX_FIELD, -13, "a field has an impossible value")                                                    \
    X(E_TABLE, -14, "a sample table contradicts itself")                                                      \
    X(E_TIME, -15, "the times of the samples overflow")                                                       \
    X(E_RANGE, -16, "the sample, item or time does not exist")                                                \
    X(E_CONFIG, -17, "a decoder configuration is missing or damaged")                                         \
    X(E_COMPRESSED, -18, "a compressed movie box could not be inflated")                                      \
    X(E_LOOP, -19, "an index points back at itself")                                                          \
    X(E_NOT_FOUND, -20, "it is not in this file")                                                             \
    X(E_UNSUPPORTED, -21, "reel was built without this, or does not know it")                                 \
    X(E_FULL, -22, "there is no room left")                                                                   \
    X(E_CANCELLED, -23, "it was cancelled or closed")                                                         \
    X(E_DECODE, -24, "a sample could not be decoded")

typedef enum reel_code {
#define REEL_CODE_ENUM(name, value, sentence) REEL_##name = (value),
    REEL_CODES(REEL_CODE_ENUM)
#undef REEL_CODE_ENUM
} reel_code;

#define REEL_NO_OFFSET UINT64_MAX

/* What went wrong, and where. Plain memory: copy it, keep it, throw it away. */
typedef struct reel_error {
    int32_t code;      /* a negative reel_code; REEL_OK while nothing is wrong */
    uint32_t reserved;
    uint64_t offset;   /* byte in the source, or REEL_NO_OFFSET; with REEL_E_AGAIN: the first byte wanted */
    uint64_t length;   /* with REEL_E_AGAIN: how many bytes are wanted; else 0 */
    char path[96];     /* "moov/trak[2]/mdia/minf/stbl/stsc", or "" */
    char text[160];    /* "entry 7: first_chunk 3 is not above 9" */
} reel_error;

/* The name ("E_TABLE") and the sentence of a code; never NULL. */
REEL_API const char *reel_code_name(int code);
REEL_API const char *reel_code_text(int code);

/*
 * Write "what (where at 0x...)" into buf; a text that begins with "it" names the last box of the path there instead.
 * Always NUL-terminated when size > 0; gives the length that the whole line has, as snprintf does.
 */
REEL_API int reel_error_format(const reel_error *err, char *buf, size_t size);

/* A piece of memory that somebody else keeps alive. data may be NULL when size is 0. */
typedef struct reel_span {
    const uint8_t *data;
    size_t size;
} reel_span;

/*
 * Text in files as code points. Nothing in a file can make this give, or write, what is no Unicode character. Where a byte
 * order mark stands it is stepped over, and decides between UTF-8 and the two of UTF-16; the others have none.
 */
typedef enum reel_encoding {
    REEL_UTF8 = 0, /* 0 to 2: reel_tag.encoding */
    REEL_UTF16BE = 1,
    REEL_MACROMAN = 2,
    REEL_UTF16LE = 3,
    REEL_WINDOWS_1252 = 4,
} reel_encoding;

typedef struct reel_text {
    const uint8_t *at, *end; /* what is left; borrowed */
    uint32_t encoding;       /* reel_encoding */
} reel_text;

REEL_API void reel_text_init(reel_text *text, reel_span span, uint32_t encoding);
/* The next character, U+FFFD for what is none; false at the end. Takes at least one byte. */
REEL_API bool reel_text_next(reel_text *text, uint32_t *point);
/* The UTF-8 of a character that reel_text_next gave; gives how many bytes. */
REEL_API size_t reel_text_utf8(uint32_t point, char buf[4]);
/* Does it tell a terminal to do something, instead of being something to read? Controls, ends of lines, direction marks. */
REEL_API bool reel_text_is_command(uint32_t point);

/* A range of the source: absolute offset and length. */
typedef struct reel_range {
    uint64_t offset;
    uint64_t size;
} reel_range;

typedef struct reel_rational {
    uint32_t num, den;
} reel_rational;

/*
 * Where reel takes its memory from. One function, as in Lua: (NULL, n) allocates, (p, n) resizes, (p, 0) frees
 * and gives NULL. It may be called from any thread that uses the movie, and may fail by returning NULL.
 */
typedef struct reel_allocator {
    void *(*resize)(void *user, void *p, size_t n);
    void *user;
} reel_allocator;

/*
 * Shared lifetime. Everything that reel hands out and that outlives the call is kept alive by one of these;
 * counts are atomic, and any thread may give one back (a finalizer thread, say).
 */
typedef struct reel_ref reel_ref;
REEL_API reel_ref *reel_ref_get(reel_ref *ref);  /* one more; gives ref back; NULL stays NULL */
REEL_API void reel_ref_drop(reel_ref *ref);      /* one less; the last frees; NULL allowed */

/* "avc1" as a number, and back (buf gets 4 characters, bytes that cannot be printed as \xNN, and NUL). */
#define REEL_4CC(a, b, c, d)                                                                                  \
    ((uint32_t)(uint8_t)(a) << 24 | (uint32_t)(uint8_t)(b) << 16 | (uint32_t)(uint8_t)(c) << 8 |              \
     (uint32_t)(uint8_t)(d))
REEL_API const char *reel_4cc_text(uint32_t fourcc, char buf[17]);

#ifdef __cplusplus
}
#endif
#endif
