/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields of a box, by the description that its row in the registry carries (the language is written down in
 * box/registry.h). The description is walked, not compiled: it is our own text, and only inspection comes here.
 */
#include "base/bytes.h"
#include "base/checked.h"
#include "box/body.h"
#include "box/description.h"
#include "box/registry.h"
#include "source/source.h"

enum { TABLES = 3, NAME = 64 };

typedef reel__word word;

typedef struct table {
    const char *rows;   /* the first word of a row */
    uint64_t left;      /* rows still to come, this one included; UINT64_MAX: to the end of the box */
    uint32_t row;       /* from 1 */
    uint64_t row_at;
    unsigned row_bit;
} table;

typedef struct reading {
    reel__body body;
    reel__description text;
    uint32_t max_rows;
    table tables[TABLES];
    unsigned depth;
    int (*field)(void *user, const reel_field *f);
    void *user;
} reading;

/* --- giving fields away --- */

static bool wanted(const reading *r)
{
    for (unsigned i = 0; i < r->depth; i++)
        if (r->max_rows && r->tables[i].row > r->max_rows)
            return false;
    return true;
}

static int give(reading *r, word name, reel_field *f)
{
    char text[NAME];
    if (*name.p == '-' || !wanted(r))
        return REEL_OK;
    size_t n = REEL__MIN(name.n, sizeof text - 1);
    memcpy(text, name.p, n);
    text[n] = 0;
    f->name = text;
    f->row = r->depth ? r->tables[0].row : 0;
    return r->field(r->user, f);
}

static int too_short(const reading *r, word name)
{
    char path[17];
    int n = (int)REEL__MIN(name.n, (size_t)NAME);
    reel_4cc_text(r->text.box->type, path);
    if (r->depth)
        return reel__fail(r->body.err, REEL_E_BOX_FIELD, r->body.at, path, "row %u: the box ends inside %.*s",
                          (unsigned)r->tables[0].row, n, name.p);
    return reel__fail(r->body.err, REEL_E_BOX_FIELD, r->body.at, path, "the box ends inside %.*s", n, name.p);
}

/* Up to n bytes as text or bytes, which are then taken. */
static int give_bytes(reading *r, word name, reel_field_kind kind, uint64_t shown, uint64_t taken)
{
    reel_field f = {.kind = kind, .offset = r->body.at};
    const uint8_t *p = NULL;
    size_t n = (size_t)REEL__MIN(shown, (uint64_t)REEL__WINDOW);
    int code = n && *name.p != '-' && wanted(r) ? reel__body_peek(&r->body, n, &p) : REEL_OK;
    if (code != REEL_OK)
        return code;
    f.bytes = (reel_span){p, p ? n : 0};
    f.value.u = shown;
    code = give(r, name, &f);
    reel__body_skip(&r->body, taken);
    return code;
}

/* ISO/IEC 14496-12:2022 8.4.2.3: three letters; below 0x400 it is a language code of QuickTime. */
static int give_language(reading *r, word name, reel_field *f)
{
    char letters[3];
    for (int i = 0; i < 3; i++)
        letters[i] = (char)((f->value.u >> (10 - 5 * i) & 31) + 0x60);
    bool good = true;
    for (int i = 0; i < 3; i++)
        good = good && letters[i] >= 'a' && letters[i] <= 'z';
    if (!good)
        return give(r, name, f);
    f->kind = REEL_FIELD_TEXT;
    f->bytes = (reel_span){(const uint8_t *)letters, 3};
    f->value.u = 3;
    return give(r, name, f);
}

/* --- words --- */

static double as_float(uint64_t v, unsigned bits)
{
    if (bits == 64) {
        double d;
        memcpy(&d, &v, sizeof d);
        return d;
    }
    uint32_t u = (uint32_t)v;
    float f;
    memcpy(&f, &u, sizeof f);
    return (double)f;
}

/* What the letters before the colon say of a field of so many bits. */
typedef struct number_form {
    reel_field_kind kind;
    unsigned bits, fraction;
    bool is_signed, is_float, language;
} number_form;

static bool number_word(const reading *r, word w, number_form *out)
{
    static const struct {
        const char *text;
        number_form form;
    } fixed[] = {
        {"4cc", {REEL_FIELD_4CC, 32, 0, false, false, false}},
        {"f16.16", {REEL_FIELD_FIXED, 32, 16, true, false, false}},
        {"u16.16", {REEL_FIELD_FIXED, 32, 16, false, false, false}},
        {"f8.8", {REEL_FIELD_FIXED, 16, 8, true, false, false}},
        {"f2.30", {REEL_FIELD_FIXED, 32, 30, true, false, false}},
        {"d64", {REEL_FIELD_FIXED, 64, 0, false, true, false}},
        {"d32", {REEL_FIELD_FIXED, 32, 0, false, true, false}},
        {"langp", {REEL_FIELD_UINT, 16, 0, false, false, true}},
    };
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (reel__is(w, fixed[i].text)) {
            *out = fixed[i].form;
            return true;
        }
    *out = (number_form){.kind = REEL_FIELD_UINT};
    if (w.n && (w.p[0] == 'i' || w.p[0] == 't')) {
        out->is_signed = w.p[0] == 'i';
        out->kind = w.p[0] == 'i' ? REEL_FIELD_INT : REEL_FIELD_TIME;
        w.p++;
        w.n--;
    }
    if (reel__is(w, "v"))
        out->bits = r->text.box->version ? 64 : 32;
    else if (w.n && w.p[0] >= '1' && w.p[0] <= '9')
        out->bits = (unsigned)reel__word_number(w);
    return out->bits != 0;
}

static int64_t sign(uint64_t v, unsigned bits)
{
    uint64_t top = UINT64_C(1) << (bits - 1);
    return (int64_t)((v ^ top) - top);
}

/* Reserved bits may be more than a number holds. */
static int skip_bits(reading *r, word name, unsigned bits)
{
    uint64_t value;
    for (int code; bits > 64; bits -= 64)
        if ((code = reel__body_bits(&r->body, 64, &value)) != REEL_OK)
            return code == REEL_END ? too_short(r, name) : code;
    int code = reel__body_bits(&r->body, bits, &value);
    return code == REEL_END ? too_short(r, name) : code;
}

static int read_number(reading *r, word name, number_form form)
{
    reel_field f = {.kind = form.kind, .offset = r->body.at};
    uint64_t v;
    if (*name.p == '-')
        return skip_bits(r, name, form.bits);
    int code = reel__body_bits(&r->body, form.bits, &v);
    if (code != REEL_OK)
        return code == REEL_END ? too_short(r, name) : code;
    f.value.u = v;
    if (form.kind == REEL_FIELD_UINT || form.kind == REEL_FIELD_4CC)
        reel__description_keep(&r->text, name, v);
    if (form.language)
        return give_language(r, name, &f);
    if (form.is_float)
        f.value.d = as_float(v, form.bits);
    else if (form.fraction)
        f.value.d = (form.is_signed ? (double)sign(v, form.bits) : (double)v) / (double)(UINT64_C(1) << form.fraction);
    else if (form.is_signed)
        f.value.i = sign(v, form.bits);
    return give(r, name, &f);
}

/* Text behind its length, in a space of that many bytes (0: as long as it says). */
static int read_counted(reading *r, word name, uint64_t space)
{
    const uint8_t *p;
    uint64_t left = reel__body_left(&r->body);
    if (left == 0 || left < space)
        return too_short(r, name);
    int code = reel__body_peek(&r->body, 1, &p);
    if (code != REEL_OK)
        return code;
    uint64_t n = p[0];
    if (space)
        n = REEL__MIN(n, space - 1);
    else if (n > left - 1)
        return too_short(r, name);
    reel__body_skip(&r->body, 1);
    return give_bytes(r, name, REEL_FIELD_TEXT, n, space ? space - 1 : n);
}

static int read_text(reading *r, word name)
{
    uint64_t n;
    int code = reel__body_text(&r->body, &n);
    return code == REEL_OK ? give_bytes(r, name, REEL_FIELD_TEXT, n, n + 1) : code;
}

/* QuickTime writes names with a length before, ISO with a NUL behind. */
static int read_either(reading *r, word name)
{
    const uint8_t *p;
    if (reel__body_left(&r->body) < 2)
        return read_text(r, name);
    int code = reel__body_peek(&r->body, 1, &p);
    if (code != REEL_OK)
        return code;
    return p[0] == reel__body_left(&r->body) - 1 ? read_counted(r, name, 0) : read_text(r, name);
}

static int read_sized(reading *r, word name, reel_field_kind kind, uint64_t n)
{
    if (n > reel__body_left(&r->body))
        return too_short(r, name);
    return give_bytes(r, name, kind, n, n);
}

static int read_rest(reading *r, word name, reel_field_kind kind)
{
    return read_sized(r, name, kind, reel__body_left(&r->body));
}

/* A word whose form is letters: the bytes and texts. */
static int read_bytes(reading *r, word name, word form)
{
    reel__body_align(&r->body);
    if (reel__is(form, "rest"))
        return read_rest(r, name, REEL_FIELD_BYTES);
    if (reel__is(form, "text"))
        return read_rest(r, name, REEL_FIELD_TEXT);
    if (reel__is(form, "b16"))
        return read_sized(r, name, REEL_FIELD_BYTES, 16);
    if (reel__is(form, "z"))
        return read_text(r, name);
    if (reel__is(form, "p"))
        return read_counted(r, name, 0);
    if (reel__is(form, "q"))
        return read_either(r, name);
    return read_counted(r, name, reel__word_number((word){form.p + 1, form.n - 1}));
}

static word field_name(reading *r)
{
    r->text.p++; /* the colon */
    if (*r->text.p != '-')
        return reel__description_name(&r->text);
    return (word){r->text.p++, 1};
}

/* $E: =E: "E: */
static int read_measured(reading *r)
{
    char kind = *r->text.p++;
    uint64_t n;
    bool good = reel__description_value(&r->text, &n);
    word name = field_name(r);
    if (!good || (kind == '$' && n > 64))
        return reel__fail(r->body.err, REEL_E_BOX_FIELD, r->body.at, NULL, "the length of %.*s makes no sense",
                          (int)REEL__MIN(name.n, (size_t)NAME), name.p);
    if (kind == '$' && n == 0)
        return REEL_OK;
    if (kind == '$')
        return read_number(r, name, (number_form){.kind = REEL_FIELD_UINT, .bits = (unsigned)n});
    reel__body_align(&r->body);
    return read_sized(r, name, kind == '=' ? REEL_FIELD_BYTES : REEL_FIELD_TEXT, n);
}

static int read_word(reading *r)
{
    number_form form;
    if (*r->text.p == '$' || *r->text.p == '=' || *r->text.p == '"')
        return read_measured(r);
    word w = {r->text.p, strcspn(r->text.p, ": ]}")};
    r->text.p += w.n;
    word name = field_name(r);
    if (number_word(r, w, &form))
        return read_number(r, name, form);
    return read_bytes(r, name, w);
}

/* --- tables --- */

/* A table that is the last word and has given what was asked for ends the reading. */
static bool enough(const reading *r, const char *end)
{
    return r->depth == 1 && r->max_rows && r->tables[0].row > r->max_rows && end[strspn(end, " }")] == 0;
}

/* The next row, if there is one; else on behind the table. True: the whole reading is done. */
static bool next_row(reading *r)
{
    table *t = &r->tables[r->depth - 1];
    const char *end = r->text.p + 1;
    bool moved = r->body.at != t->row_at || r->body.bit != t->row_bit;
    bool more = t->left == UINT64_MAX ? reel__body_left(&r->body) > 0 : --t->left > 0;
    t->row++;
    if (moved && more && t->row) {
        if (enough(r, end))
            return true;
        t->row_at = r->body.at;
        t->row_bit = r->body.bit;
        r->text.p = t->rows;
        return false;
    }
    r->text.p = end;
    r->depth--;
    return false;
}

static int start_table(reading *r)
{
    const char *start = r->text.p++;
    uint64_t rows = UINT64_MAX;
    bool good = true;
    if (*r->text.p == '*')
        r->text.p++;
    else
        good = reel__description_value(&r->text, &rows);
    if (!good)
        rows = 0;
    if (rows == UINT64_MAX && reel__body_left(&r->body) == 0)
        rows = 0;
    if (rows == 0 || r->depth == TABLES) {
        r->text.p = reel__description_behind(start);
        return REEL_OK;
    }
    r->tables[r->depth++] = (table){r->text.p, rows, 1, r->body.at, r->body.bit};
    return REEL_OK;
}

static int read_fields(reading *r)
{
    int code = REEL_OK;
    while (code == REEL_OK && *r->text.p) {
        char c = *r->text.p;
        if (c == ' ' || c == '{' || c == '}') {
            r->text.p++;
        } else if (c == ']') {
            if (next_row(r))
                break;
        } else if (strchr("?!@^<", c)) {
            if (!reel__description_holds(&r->text))
                r->text.p = reel__description_behind(r->text.p);
        } else if (c == '[') {
            code = start_table(r);
        } else if (r->depth == 0 && r->body.bit == 0 && reel__body_left(&r->body) == 0) {
            break;
        } else {
            code = read_word(r);
        }
    }
    return code;
}

int reel_box_fields(reel_source *source, const reel_box *box, uint32_t max_rows,
                    int (*field)(void *user, const reel_field *f), void *user, reel_error *err)
{
    if (!source || !box || !field || box->header_size > box->size || box->offset > UINT64_MAX - box->size)
        return reel__fail(err, REEL_E_ARG, REEL_NO_OFFSET, NULL, "no source, no box or nobody to give fields to");
    const reel__row *row = NULL;
    if (box->type == REEL_4CC('u', 'u', 'i', 'd'))
        row = reel__row_uuid(box->uuid);
    if (!row)
        row = reel__row_under(box->parent, box->type);
    if (!row || ((row->form & REEL__FULL) && !(box->flags & REEL_BOX_FULL)))
        return REEL_OK;
    reading r;
    reel__body_init(&r.body, source, box->offset + box->header_size, box->offset + box->size, err);
    r.text.p = reel__row_fields(row);
    r.text.box = box;
    r.text.value_count = 0;
    r.max_rows = max_rows;
    r.depth = 0;
    r.field = field;
    r.user = user;
    return read_fields(&r);
}
