/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * box_path.c: --path. The pattern is followed as a set of places that may come next, one set a level, so that a walk
 * in file order needs no more than the sets above the box it stands at.
 */
#include "boxes.h"

#include <stdlib.h>
#include <string.h>

static bool read_part(const char *s, size_t n, struct part *part)
{
    const char *bracket = memchr(s, '[', n);
    size_t len = bracket ? (size_t)(bracket - s) : n;
    char *close = NULL;
    unsigned long long number = bracket ? strtoull(bracket + 1, &close, 10) : 0;
    if (len == 0 || len > 16)
        return false;
    memcpy(part->type, s, len);
    part->type[len] = 0;
    part->any = !strcmp(part->type, "*");
    part->deep = !strcmp(part->type, "**");
    if (bracket && (bracket[1] < '0' || bracket[1] > '9' || *close != ']' || close + 1 != s + n))
        return false;
    if (bracket && (number == 0 || number > UINT32_MAX))
        return false;
    part->number = (uint32_t)number;
    return true;
}

static void set_alive(struct pattern *p, uint32_t depth, uint64_t set)
{
    for (uint32_t i = 0; i < p->n; i++)
        if ((set >> i & 1) && p->part[i].deep)
            set |= UINT64_C(1) << (i + 1);
    p->alive[depth] = set;
}

bool pattern_parse(struct pattern *p, const char *s)
{
    memset(p, 0, sizeof *p);
    p->below[0] = s == NULL;
    while (s) {
        size_t n = strcspn(s, "/");
        if (p->n == PATTERN_PARTS || !read_part(s, n, &p->part[p->n++]))
            return false;
        s = s[n] ? s + n + 1 : NULL;
    }
    set_alive(p, 0, 1);
    return true;
}

static bool part_fits(const struct part *part, const reel_box *box)
{
    char type[17];
    if (part->number && part->number != box->number)
        return false;
    return part->any || !strcmp(part->type, reel_4cc_text(box->type, type));
}

bool pattern_matches(struct pattern *p, const reel_box *box)
{
    uint64_t now = p->alive[box->depth], next = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!(now >> i & 1))
            continue;
        if (p->part[i].deep)
            next |= UINT64_C(1) << i;
        else if (part_fits(&p->part[i], box))
            next |= UINT64_C(1) << (i + 1);
    }
    set_alive(p, box->depth + 1, next);
    bool matched = p->below[box->depth] || (p->alive[box->depth + 1] >> p->n & 1);
    p->below[box->depth + 1] = matched;
    return matched;
}

