/* SPDX-License-Identifier: BSD-2-Clause */
/* boxes.h: what the files of reel boxes share. */
#ifndef CLI_BOXES_H
#define CLI_BOXES_H

#include "cli.h"

enum { PATTERN_PARTS = 32 };

/* --path: "moov/trak[2]/mdia", with * for any box and ** for any number of them. */
struct part {
    char type[17];
    uint32_t number; /* 0: any */
    bool any, deep;
};

struct pattern {
    struct part part[PATTERN_PARTS];
    uint32_t n;
    uint64_t alive[REEL_BOX_DEPTH + 1]; /* alive[d]: which parts may match a box of depth d */
    bool below[REEL_BOX_DEPTH + 1];     /* a box of depth d lies in one that matched */
};

struct printer {
    struct cli *cli;
    struct out *out;
    struct json *json;
    struct pattern pattern;
    const char *name;
    reel_source *source;
    uint32_t open;   /* json: levels of children that are open */
    uint32_t top;    /* json: depth of the box at the top */
    uint32_t indent; /* text: of fields */
    uint32_t rows;   /* how many of a table are shown, 0: all */
    uint32_t row;    /* the one that is printed */
    bool any, in_table, in_row, more;
};

/* box_path.c */
bool pattern_parse(struct pattern *p, const char *s); /* s NULL: everything matches */
/* Does box lie in what the pattern names? Boxes have to come in file order: it remembers for their children. */
bool pattern_matches(struct pattern *p, const reel_box *box);

/* box_fields.c */
void box_fields_text(struct printer *p, const reel_box *box, uint32_t indent);
void box_fields_json(struct printer *p, const reel_box *box);

#endif
