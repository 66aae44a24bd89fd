/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptions are our own text, checked by tests/box.c: nothing here guards against a wrong one. */
#include "box/description.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/checked.h"

enum { LITERAL = 64 };

typedef reel__word word;
typedef reel__description description;

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

word reel__description_name(description *d)
{
    word w = {d->p, 0};
    while (in_name(w.p[w.n]))
        w.n++;
    d->p += w.n;
    return w;
}

uint64_t reel__word_number(word w)
{
    char text[LITERAL] = "";
    memcpy(text, w.p, REEL__MIN(w.n, sizeof text - 1));
    if (w.n == 4 && !(text[0] >= '0' && text[0] <= '9'))
        return reel__be32((const uint8_t *)w.p);
    return strtoull(text, NULL, 0);
}

static const uint64_t *value_of(const description *d, word name)
{
    for (size_t i = 0; i < d->value_count; i++)
        if (reel__same(d->values[i].name, name))
            return &d->values[i].value;
    return NULL;
}

void reel__description_keep(description *d, word name, uint64_t value)
{
    size_t i = 0;
    while (i < d->value_count && !reel__same(d->values[i].name, name))
        i++;
    if (i == REEL__VALUES)
        return;
    d->values[i].name = name;
    d->values[i].value = value;
    if (i == d->value_count)
        d->value_count++;
}

bool reel__description_value(description *d, uint64_t *out)
{
    word w = reel__description_name(d);
    bool literal = w.n && w.p[0] >= '0' && w.p[0] <= '9';
    const uint64_t *known = literal ? NULL : value_of(d, w);
    bool good = literal || known;
    *out = literal ? reel__word_number(w) : known ? *known : 0;
    while (*d->p == '+' || *d->p == '-' || *d->p == '*') {
        char op = *d->p++;
        uint64_t by = reel__word_number(reel__description_name(d));
        if (op == '+')
            good = good && reel__add(*out, by, out);
        else if (op == '-')
            good = good && reel__sub(*out, by, out);
        else
            good = good && reel__mul(*out, by, out);
    }
    return good;
}

const char *reel__description_behind(const char *p)
{
    for (unsigned depth = 0; *p; p++) {
        if (*p == '[' || *p == '{') {
            depth++;
        } else if (*p == ']' || *p == '}') {
            if (depth == 0)
                return p;
            if (--depth == 0)
                return p + 1;
        } else if (*p == ' ' && depth == 0) {
            return p;
        }
    }
    return p;
}

bool reel__description_holds(description *d)
{
    char kind = *d->p++, relation = 0;
    uint64_t left = kind == '@' ? d->box->version : kind == '^' ? d->box->parent_version : d->box->full_flags;
    if (kind == '?' || kind == '!') {
        char *end;
        uint64_t mask = strtoul(d->p, &end, 16);
        d->p = end + 1;
        return ((left & mask) != 0) == (kind == '?');
    }
    bool known = kind != '<' || reel__description_value(d, &left);
    if (*d->p == '=' || *d->p == '>' || *d->p == '<')
        relation = *d->p++;
    uint64_t right = reel__word_number(reel__description_name(d));
    d->p++;
    if (!known)
        return false;
    return relation == '=' ? left == right : relation == '>' ? left > right : relation == '<' ? left < right
                                                                                             : left >= right;
}
