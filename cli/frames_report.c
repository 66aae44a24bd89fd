/* SPDX-License-Identifier: BSD-2-Clause */
/* frames_report.c: what was written, or would be. */
#include "frames.h"

#include <string.h>

static void put_row(struct put *p, size_t i, bool dry)
{
    struct out *o = &p->cli->out;
    char name[FRAME_NAME_ROOM], at[32];
    clock_format(wants_shown(p->wants, i), reel_track_timescale(p->wants->track), at);
    out_f(o, "%7zu%14s%10llu%10llu", i + 1, at, (unsigned long long)p->wants->found[i].sample,
          (unsigned long long)wants_group(p->wants, i));
    if (dry && p->folder) {
        put_file_name(p, i, name);
        out_f(o, "  %s", name);
    }
    out_str(o, "\n");
}

static void text_of(struct put *p, bool dry)
{
    struct out *o = &p->cli->out;
    char shape[SHAPE_ROOM];
    if (dry) {
        out_style(o, BOLD);
        out_str(o, "  frame      shown at    sample     group");
        out_str(o, p->folder ? "  file" : "");
        out_style(o, PLAIN);
        out_str(o, "\n");
        for (size_t i = 0; i < p->wants->n; i++)
            put_row(p, i, dry);
        return;
    }
    if (!p->name) {
        if (p->form.decoded) /* nothing else tells it */
            complain(p->film->name, "%llu %s, %ux%u %s", (unsigned long long)p->stats.delivered,
                     p->stats.delivered == 1 ? "frame" : "frames", p->shape.width, p->shape.height,
                     shape_text(&p->shape, shape));
        return;
    }
    out_f(o, "%llu %s, %ux%u %s, as %s in ", (unsigned long long)p->stats.delivered,
          p->stats.delivered == 1 ? "frame" : "frames", p->shape.width, p->shape.height,
          p->form.form == FORM_RAW ? shape_text(&p->shape, shape) : p->shape.pixel, form_suffix(&p->form));
    out_name(o, p->name);
    out_str(o, "\n");
}

static void frame_of(struct put *p, size_t i, bool dry)
{
    struct json *j = &p->cli->json;
    char name[FRAME_NAME_ROOM];
    uint32_t timescale = reel_track_timescale(p->wants->track);
    json_object(j, NULL);
    if (p->folder && (dry || p->codes[i] == REEL_OK)) {
        put_file_name(p, i, name);
        json_str(j, "name", name);
    }
    json_u64(j, "sample", p->wants->found[i].sample);
    json_i64(j, "pts", p->wants->found[i].pts);
    json_i64(j, "shown_at", wants_shown(p->wants, i));
    json_seconds(j, "seconds", wants_shown(p->wants, i), timescale);
    json_u64(j, "group", wants_group(p->wants, i));
    if (!dry && p->codes[i] != REEL_OK)
        json_str(j, "error", reel_code_text(p->codes[i]));
    json_close(j, '}');
}

static void json_of(struct put *p, bool dry)
{
    struct json *j = &p->cli->json;
    json_object(j, NULL);
    json_str(j, "file", p->film->name);
    json_u64(j, "track", reel_track_id(p->wants->track));
    json_u64(j, "timescale", reel_track_timescale(p->wants->track));
    json_str(j, "output", p->name ? p->name : "-");
    json_str(j, "as", form_suffix(&p->form));
    if (!dry && p->shape.pixel) {
        json_str(j, "pix", p->shape.pixel);
        json_u64(j, "width", p->shape.width);
        json_u64(j, "height", p->shape.height);
        if (p->shape.coded) {
            json_u64(j, "matrix", p->shape.matrix);
            json_bool(j, "full_range", p->shape.full_range);
        }
    }
    if (!dry) {
        json_u64(j, "written", p->stats.delivered);
        json_u64(j, "failed", p->stats.failed);
        json_u64(j, "damaged", p->stats.damaged);
        json_u64(j, "groups", p->stats.groups);
        json_u64(j, "decoded", p->stats.decoded);
        json_u64(j, "skipped", p->stats.skipped);
    }
    json_array(j, "frames");
    for (size_t i = 0; i < p->wants->n; i++)
        frame_of(p, i, dry);
    json_close(j, ']');
    json_close(j, '}');
}

void report_frames(struct put *p, bool dry)
{
    if (p->cli->set.format == FORMAT_TEXT)
        text_of(p, dry);
    else
        json_of(p, dry);
}
