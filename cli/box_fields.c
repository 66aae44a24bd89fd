/* SPDX-License-Identifier: BSD-2-Clause */
/* box_fields.c: --fields: what the registry decodes of a box, as lines and as members. */
#include "boxes.h"

static void put_time(struct out *o, uint64_t since_1904)
{
    const uint64_t to_1970 = UINT64_C(2082844800);
    time_t when = (time_t)(since_1904 - to_1970);
    struct tm parts;
    char date[32];
    out_u64(o, since_1904);
    if (since_1904 > to_1970 && since_1904 < (UINT64_C(1) << 36) && gmtime_r(&when, &parts) &&
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &parts))
        out_f(o, " (%s)", date);
}

static void put_hex(struct out *o, reel_span bytes)
{
    size_t n = bytes.size < 32 ? bytes.size : 32;
    for (size_t i = 0; i < n; i++)
        out_f(o, "%02x", bytes.data[i]);
    if (bytes.size > n)
        out_f(o, "... (%zu bytes)", bytes.size);
}

static void put_value(struct out *o, const reel_field *f)
{
    char buf[17];
    reel_span text = f->bytes;
    switch (f->kind) {
    case REEL_FIELD_UINT:
        out_u64(o, f->value.u);
        break;
    case REEL_FIELD_INT:
        out_i64(o, f->value.i);
        break;
    case REEL_FIELD_FIXED:
        out_f(o, "%.9g", f->value.d);
        break;
    case REEL_FIELD_4CC:
        out_str(o, reel_4cc_text((uint32_t)f->value.u, buf));
        break;
    case REEL_FIELD_TIME:
        put_time(o, f->value.u);
        break;
    case REEL_FIELD_TEXT:
        text.size = text.size < 200 ? text.size : 200;
        out_str(o, "\"");
        out_text(o, text, REEL_UTF8);
        out_str(o, text.size < f->bytes.size ? "\"..." : "\"");
        break;
    case REEL_FIELD_BYTES:
        put_hex(o, f->bytes);
        break;
    }
}

static int text_field(void *user, const reel_field *f)
{
    struct printer *p = user;
    if (f->row && p->rows && f->row > p->rows) {
        p->more = true;
        return 1;
    }
    if (!f->row || f->row != p->row) {
        if (p->any)
            out_str(p->out, "\n");
        out_spaces(p->out, p->indent);
        out_style(p->out, DIM);
        if (f->row)
            out_f(p->out, "%5u  ", (unsigned)f->row);
    } else {
        out_str(p->out, "  ");
        out_style(p->out, DIM);
    }
    out_f(p->out, "%s ", f->name);
    out_style(p->out, PLAIN);
    put_value(p->out, f);
    p->row = f->row;
    p->any = true;
    return 0;
}

void box_fields_text(struct printer *p, const reel_box *box, uint32_t indent)
{
    reel_error err = {0};
    p->indent = indent;
    p->row = 0;
    p->any = p->more = false;
    int result = reel_box_fields(p->source, box, p->rows ? p->rows + 1 : 0, text_field, p, &err);
    if (p->any)
        out_str(p->out, "\n");
    if (p->more) {
        out_spaces(p->out, indent);
        out_str(p->out, "  ...\n");
    }
    if (result < 0 && result != REEL_E_NOT_FOUND && result != REEL_E_UNSUPPORTED) {
        out_spaces(p->out, indent);
        out_style(p->out, RED);
        out_f(p->out, "%s\n", err.text[0] ? err.text : reel_code_text(result));
        out_style(p->out, PLAIN);
    }
}

static void json_value(struct json *j, const reel_field *f)
{
    switch (f->kind) {
    case REEL_FIELD_UINT:
    case REEL_FIELD_TIME:
        json_u64(j, f->name, f->value.u);
        break;
    case REEL_FIELD_INT:
        json_i64(j, f->name, f->value.i);
        break;
    case REEL_FIELD_FIXED:
        json_real(j, f->name, f->value.d);
        break;
    case REEL_FIELD_4CC:
        json_4cc(j, f->name, (uint32_t)f->value.u);
        break;
    case REEL_FIELD_TEXT:
        json_text(j, f->name, f->bytes, REEL_UTF8);
        break;
    case REEL_FIELD_BYTES:
        json_hex(j, f->name, f->bytes.data, f->bytes.size < 64 ? f->bytes.size : 64);
        break;
    }
}

static int json_field(void *user, const reel_field *f)
{
    struct printer *p = user;
    struct json *j = p->json;
    if (f->row && p->rows && f->row > p->rows) {
        p->more = true;
        return 1;
    }
    if (p->in_row && f->row != p->row) {
        json_close(j, '}');
        p->in_row = false;
    }
    if (p->in_table && !f->row) {
        json_close(j, ']');
        p->in_table = false;
    }
    if (f->row && !p->in_table) {
        json_array(j, p->any ? "more_rows" : "rows");
        p->in_table = p->any = true;
    }
    if (f->row && !p->in_row) {
        json_object(j, NULL);
        p->in_row = true;
    }
    p->row = f->row;
    json_value(j, f);
    return 0;
}

void box_fields_json(struct printer *p, const reel_box *box)
{
    reel_error err = {0};
    p->row = 0;
    p->any = p->in_table = p->in_row = p->more = false;
    json_object(p->json, "fields");
    int result = reel_box_fields(p->source, box, p->rows ? p->rows + 1 : 0, json_field, p, &err);
    if (p->in_row)
        json_close(p->json, '}');
    if (p->in_table)
        json_close(p->json, ']');
    if (p->more)
        json_bool(p->json, "cut", true);
    json_close(p->json, '}');
    if (result < 0 && result != REEL_E_NOT_FOUND && result != REEL_E_UNSUPPORTED)
        json_str(p->json, "error", err.text[0] ? err.text : reel_code_text(result));
}

