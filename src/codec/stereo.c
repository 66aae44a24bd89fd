/* SPDX-License-Identifier: BSD-2-Clause */
/* Two eyes and whole spheres: Apple HEVC Stereo Video, ISO Base Media File Format Additions; Spherical Video V2. */
#include "codec/codec.h"

enum { MOST_BOXES = 64, DEPTH = 3 };

/* Version and flags are part of box here. */
static void read_one(reel_description *d, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    reel__skip(&r, 4);
    uint32_t byte = reel__left(&r) ? *r.p : 0, word = reel__u32(&r);
    switch (box->type) {
    case REEL_4CC('s', 't', 'r', 'i'):
        d->eyes = byte & 15;
        d->views = (uint8_t)((byte & 1) + (byte >> 1 & 1));
        break;
    case REEL_4CC('h', 'e', 'r', 'o'):
        d->hero_eye = (uint8_t)byte;
        break;
    case REEL_4CC('b', 'l', 'i', 'n'):
        d->baseline = word;
        break;
    case REEL_4CC('d', 'a', 'd', 'j'):
        d->disparity = (int32_t)word;
        break;
    case REEL_4CC('p', 'r', 'j', 'i'):
        d->projection = word;
        break;
    case REEL_4CC('p', 'k', 'i', 'n'):
        d->view_packing = word;
        break;
    case REEL_4CC('e', 'q', 'u', 'i'):
    case REEL_4CC('c', 'b', 'm', 'p'):
    case REEL_4CC('m', 's', 'h', 'p'):
        d->projection = box->type;
        break;
    default:
        break;
    }
}

static bool holds_boxes(uint32_t type)
{
    return type == REEL_4CC('e', 'y', 'e', 's') || type == REEL_4CC('c', 'a', 'm', 's') ||
           type == REEL_4CC('c', 'm', 'f', 'y') || type == REEL_4CC('p', 'r', 'o', 'j') ||
           type == REEL_4CC('p', 'a', 'c', 'k');
}

/* vexu and sv3d: eyes with cams and cmfy in it, proj, pack. What is in them is optional, and so is each. */
int reel__read_vexu(reel__reading *g, const reel__part *vexu)
{
    reel__children level[DEPTH];
    reel__part box;
    int depth = 0, n = 0;
    level[0] = reel__children_of(vexu->body, vexu->size, vexu->offset + vexu->header, NULL);
    for (; depth >= 0 && n < MOST_BOXES; n++) {
        if (!reel__children_next(&level[depth], &box, NULL))
            depth--;
        else if (holds_boxes(box.type) && depth + 1 < DEPTH)
            level[++depth] = reel__children_of(box.body, box.size, box.offset + box.header, NULL);
        else
            read_one(g->d, &box);
    }
    return REEL_OK;
}

/* Spherical Video V2, st3d: 1 is the left eye above the right, 2 beside it */
int reel__read_st3d(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    uint8_t mode = reel__u8(&r);
    if (mode == 1)
        g->d->view_packing = REEL_4CC('o', 'v', 'e', 'r');
    else if (mode == 2)
        g->d->view_packing = REEL_4CC('s', 'i', 'd', 'e');
    return reel__config_done(g, box, &r);
}

int reel__read_hfov(reel__reading *g, const reel__part *box)
{
    reel__reader r = reel__part_reader(box);
    g->d->field_of_view = reel__u32(&r);
    return reel__config_done(g, box, &r);
}
