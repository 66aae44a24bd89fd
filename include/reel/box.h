/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/box.h: the tree of boxes, ISO/IEC 14496-12 4.2. For inspection; to read a film use reel/movie.h.
 */
#ifndef REEL_BOX_H
#define REEL_BOX_H

#include <reel/source.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REEL_BOX_DEPTH 24 /* deeper than any film; a box below is reported as REEL_E_BOX_LIMIT */

enum {
    REEL_BOX_KNOWN = 1 << 0,     /* the registry has a row for it in this container */
    REEL_BOX_FULL = 1 << 1,      /* version and flags are there */
    REEL_BOX_CONTAINER = 1 << 2, /* it holds boxes, and the walk goes into it */
    REEL_BOX_TO_END = 1 << 3,    /* its size field was 0: it runs to the end of its parent */
    REEL_BOX_CUT = 1 << 4,       /* its size field goes past its parent; size is what really lies there */
    REEL_BOX_INFLATED = 1 << 5,  /* it lies in an inflated cmov: offset counts from the start of that */
};

typedef struct reel_box {
    uint64_t offset;        /* of its first byte in the source */
    uint64_t size;          /* header and body, never beyond the parent */
    uint32_t header_size;   /* 8, 16, 24 or 32, and 4 more for a full box */
    uint32_t type;          /* fourcc; REEL_4CC('u','u','i','d') with uuid filled */
    uint32_t parent;        /* fourcc of the container, 0 at the top */
    uint32_t depth;         /* 0 at the top */
    uint32_t number;        /* from 1, among its siblings of this type */
    uint32_t flags;         /* REEL_BOX_* */
    uint32_t full_flags;    /* the 24 bits of a full box */
    uint8_t version;
    uint8_t parent_version; /* of the container, 0 when that is not a full box */
    uint8_t reserved[2];
    uint8_t uuid[16];
} reel_box;

/*
 * A walk through all boxes, parents before children, without recursion and without memory. Fields are private.
 * At the top a box whose size is below its header is an error; inside a container it is given as a leaf with
 * REEL_BOX_CUT that takes the rest of the container, and the walk goes on behind that. Zeros at the end of a
 * container, and fewer than 8 bytes at the end of anything, are no box. What an inflated cmov holds is not walked.
 * `number` is exact for the first 15 types of a container, and for runs of one type beyond those.
 */
typedef struct reel_box_walk {
    reel_source *source;
    uint64_t left;     /* boxes before the limit */
    uint64_t error_at;
    uint32_t depth;    /* of the box that came last: levels above this one in stack */
    int32_t sticky;
    struct reel_box_level {
        uint64_t at, end;
        const void *table;
        uint32_t type, number, kinds;
        uint8_t version, zero_end, show_number, reserved;
        uint32_t kind[16], count[16];
    } stack[REEL_BOX_DEPTH];
    /* The box that came last, and where its children would lie: entered by the next call. */
    struct {
        uint64_t at, end;
        const void *table;
        uint32_t type, number;
        uint8_t version, zero_end, show_number, enter;
    } last;
} reel_box_walk;

/* Start at the top of source. The walk borrows source: keep it alive. */
REEL_API int reel_box_walk_init(reel_box_walk *walk, reel_source *source);
/* Next box, or REEL_END. After an error the walk stays at that error, but for REEL_E_AGAIN: then ask again. */
REEL_API int reel_box_walk_next(reel_box_walk *walk, reel_box *box, reel_error *err);
/* Do not go into the box that came last. */
REEL_API void reel_box_walk_skip(reel_box_walk *walk);
/*
 * The path of the box that came last: "moov/trak[2]/mdia". Containers that repeat have their number, other boxes from
 * the second of their type on. Gives the length, as snprintf does.
 */
REEL_API int reel_box_walk_path(const reel_box_walk *walk, char *buf, size_t size);

/* What the registry knows of a box. The texts are static memory. */
typedef struct reel_box_info {
    uint32_t type;       /* REEL_4CC('*', '*', '*', '*'): any type that has no row of its own there */
    int32_t max_version; /* -1 when it is not a full box */
    const char *name;    /* "SampleToChunkBox" */
    const char *clause;  /* "ISO/IEC 14496-12:2022 8.7.4" */
    const char *parents; /* "stbl", "-" for the top, "*" for everywhere, or a class such as VisualSampleEntry */
    const char *holds;   /* the children's parents text; "" for a leaf */
    const char *fields;  /* what reel_box_fields goes by; "" when the body is not described */
} reel_box_info;

/* What is known of type inside parent (0: the top): REEL_OK or REEL_E_NOT_FOUND. */
REEL_API int reel_box_lookup(uint32_t parent, uint32_t type, reel_box_info *out);
/* Row i of all, for documents and dictionaries: REEL_OK, or REEL_END past the last. */
REEL_API int reel_box_row(size_t i, reel_box_info *out);

/*
 * The fields of one box, decoded by the registry's description of it. field is called for each, in file order;
 * a non-zero return stops the walk and is given back. Tables give one call per cell with row counting from 1,
 * at most max_rows rows (0: all); row is 0 outside tables. In a table within a table, row is that of the outer one,
 * and the inner one is held to max_rows too. What follows a table is still given, but nothing is read behind the
 * last row that is wanted when nothing follows. A box that ends too early is REEL_E_BOX_FIELD, after all fields that
 * are there; a box without description has no fields and is REEL_OK.
 * All pointers of a reel_field are good during the call only. bytes holds at most 4096 bytes; value.u is how many
 * there are in the file.
 */
typedef enum reel_field_kind {
    REEL_FIELD_UINT,   /* value.u */
    REEL_FIELD_INT,    /* value.i */
    REEL_FIELD_FIXED,  /* value.d: 16.16, 8.8, 2.30 or floating point */
    REEL_FIELD_4CC,    /* value.u */
    REEL_FIELD_TIME,   /* value.u: seconds since 1904-01-01 UTC */
    REEL_FIELD_TEXT,   /* bytes: UTF-8, not terminated, not checked */
    REEL_FIELD_BYTES,  /* bytes */
} reel_field_kind;

typedef struct reel_field {
    const char *name;
    reel_field_kind kind;
    uint32_t row;
    uint64_t offset;
    union {
        uint64_t u;
        int64_t i;
        double d;
    } value;
    reel_span bytes;
} reel_field;

REEL_API int reel_box_fields(reel_source *source, const reel_box *box, uint32_t max_rows,
                             int (*field)(void *user, const reel_field *f), void *user, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
