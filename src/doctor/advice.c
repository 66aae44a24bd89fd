/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a finding is to be mended with. What reel does itself is tried: the plan is made, opened and examined, and a
 * command is advised for what is gone then. What ffmpeg does is put together of what it can copy into MP4, and decode.
 *
 *     finding ── by anew ──► reel_write_progressive ──► opened, examined ──► is it there still?
 */
#include <stdio.h>

#include <reel/write.h>

#include "doctor/exam.h"
#include "movie/movie.h"
#include "write/salvage.h"

/* One way to mend the film. */
typedef struct trial {
    bool tried;
    int code;           /* of making it */
    char reason[160];   /* why that failed */
    reel__exam *after;  /* NULL: it was not made, or not examined */
    reel_movie *movie;
    reel_source *source;
    reel_plan *plan;
} trial;

typedef struct advice {
    reel__exam *x;
    trial way[REEL__WAYS];
} advice;

/* ---- what reel does ---- */

static int make_choice(const reel__exam *x, reel_plan **out, reel_error *err)
{
    const reel_track *tracks[2];
    reel_write_options o = {.sizeof_options = sizeof o, .tracks = tracks, .alloc = &x->movie->alloc};
    for (uint32_t id = 1; id <= 2; id++) {
        tracks[o.track_count] = reel_movie_track_by_id(x->movie, id);
        o.track_count += tracks[o.track_count] != NULL;
    }
    if (o.track_count < 2)
        return reel__fail(err, REEL_E_NOT_FOUND, REEL_NO_OFFSET, NULL, "it has no tracks 1 and 2");
    return reel_write_progressive(x->movie, &o, out, err);
}

static int make_cut(const reel__exam *x, double to, reel_plan **out, reel_error *err)
{
    const reel_write_options o = {.sizeof_options = sizeof o, .alloc = &x->movie->alloc};
    const reel_cut cut = {.sizeof_cut = sizeof cut, .to = (int64_t)(to * 1000 + 0.5), .timescale = 1000};
    return reel_write_cut(x->movie, &cut, &o, out, err);
}

static int make(const reel__exam *x, const struct reel__finding *k, reel_plan **out, reel_error *err)
{
    const reel_write_options o = {.sizeof_options = sizeof o, .alloc = &x->movie->alloc};
    switch (k->by) {
    case REEL__BY_FASTSTART:
        return reel_write_faststart(x->movie, &o, out, err);
    case REEL__BY_CHOICE:
        return make_choice(x, out, err);
    case REEL__BY_CUT:
        return make_cut(x, k->to, out, err);
    case REEL__BY_REPAIR:
        return reel_write_repair(x->movie->source, NULL, &o, NULL, out, err);
    default:
        return reel_write_progressive(x->movie, &o, out, err);
    }
}

static int examine_made(trial *t, const reel_allocator *alloc, reel_error *err)
{
    const reel_open_options open = {.sizeof_options = sizeof open, .allocator = alloc};
    int code = reel__plan_as_source(t->plan, &t->source, err);
    if (code == REEL_OK)
        code = reel_open(t->source, &open, &t->movie, err);
    if (code == REEL_OK)
        code = reel__examine(t->movie, &t->after, err);
    return code;
}

/* Once for each way: of a film there is one finding at most that asks for a cut or a choice. */
static trial *attempt(advice *a, const struct reel__finding *k)
{
    trial *t = &a->way[k->by];
    reel_error err = {0};
    if (t->tried)
        return t;
    t->tried = true;
    t->code = make(a->x, k, &t->plan, &err);
    if (t->code == REEL_OK)
        t->code = examine_made(t, &a->x->movie->alloc, &err);
    snprintf(t->reason, sizeof t->reason, "%s", err.text);
    return t;
}

static void forget(trial *t)
{
    reel__exam_end(t->after);
    reel_close(&t->movie);
    reel_source_unref(&t->source);
    reel_plan_close(&t->plan);
}

static bool is_gone(const struct reel__finding *k, const trial *t)
{
    for (uint32_t i = 0; i < t->after->found; i++)
        if (!strcmp(t->after->finding[i].id, k->id) && t->after->finding[i].track_id == k->track_id)
            return false;
    return true;
}

/* Something that repair puts right, and does: the rest is for what comes of that. */
static bool is_repaired(advice *a)
{
    for (uint32_t i = 0; i < a->x->found; i++)
        if (a->x->finding[i].by == REEL__BY_REPAIR && a->x->finding[i].command[0])
            return true;
    return false;
}

/* Nothing can be had of it: why. NULL: something can. */
static const char *hopeless(const advice *a)
{
    const trial *t = &a->way[REEL__BY_REPAIR];
    return t->tried && t->code == REEL_E_TRUNCATED ? t->reason : NULL;
}

static bool is_damaged(const advice *a)
{
    for (uint32_t i = 0; i < a->x->found; i++)
        if (a->x->finding[i].by == REEL__BY_REPAIR || !strcmp(a->x->finding[i].id, "damaged"))
            return true;
    return false;
}

static void say_source(struct reel__finding *k, const char *reason)
{
    snprintf(k->fix, sizeof k->fix, "get the file again, or make it again from its source%s%s", reason[0] ? ": " : "",
             reason);
}

static void say_repair_first(struct reel__finding *k)
{
    snprintf(k->fix, sizeof k->fix, "mend the film first, with reel repair, and ask again about what comes of it");
}

static void put_command(struct reel__finding *k)
{
    static const char *const verb[REEL__WAYS] = {[REEL__BY_FASTSTART] = "faststart", [REEL__BY_ANEW] = "defragment",
                                                 [REEL__BY_CHOICE] = "defragment", [REEL__BY_CUT] = "cut",
                                                 [REEL__BY_REPAIR] = "repair"};
    char to[40] = "";
    if (k->by == REEL__BY_CUT)
        snprintf(to, sizeof to, "--to %.3f ", k->to);
    snprintf(k->command, sizeof k->command, "reel %s %s%s%s-o out.mp4 in.mp4", verb[k->by], to, k->options,
             k->options[0] ? " " : "");
}

static void advise_reel(advice *a, struct reel__finding *k)
{
    if (k->by != REEL__BY_REPAIR && hopeless(a)) {
        say_source(k, hopeless(a));
        return;
    }
    const trial *t = attempt(a, k);
    if (t->code == REEL_OK && is_gone(k, t))
        put_command(k);
    else if (k->by != REEL__BY_REPAIR && is_repaired(a))
        say_repair_first(k);
    else
        say_source(k, t->reason);
}

/* ---- what ffmpeg does ---- */

/* Since FFmpeg 4.4, in one row, four letters each: what it copies into MP4 and can decode; what it can only decode. */
static const char copied[] = "avc1avc3dva1dvavhvc1hev1dvh1dvheav01dav1vp09mp4vXVIDDIVX3IV2vc-1mpg1mp1vm1v1mpg2mp2vm2v1"
                             "hdv1hdv2hdv3xdvbxd5bjpegmjpamjp2png mp4aac-3ec-3alacfLaCOpus.mp2.mp3dtscdtshdtsldtse"
                             "tx3gtext";
static const char decoded[] = "vp08s263h263H263mjpbgif apcnapchapcsapcoap4hap4xAVdnAVdhCFHDraw 2vuyyuv2v210rle SVQ1SVQ3"
                              "cviddvc dvcpsamrsawbsowttwoslpcmNONEin24in32fl32fl64ulawalawima4QDM2MAC3MAC6";

static bool is_among(const char *row, uint32_t format)
{
    for (; *row; row += 4)
        if (REEL_4CC(row[0], row[1], row[2], row[3]) == format)
            return true;
    return false;
}

static bool is_encrypted(const reel__figures *f) { return f->description.format != f->description.codec_format; }

/* What stands in the way of ffmpeg; NULL: nothing. *encode gets what it cannot copy. */
static const char *obstacle(const reel__figures *f, uint32_t *encode)
{
    const uint32_t format = f->description.codec_format, type = f->info.type;
    const uint32_t kind = type == REEL_TRACK_VIDEO ? REEL__NEW_VIDEO : type == REEL_TRACK_AUDIO ? REEL__NEW_AUDIO : 0;
    if (!kind && type != REEL_TRACK_TEXT)
        return NULL; /* left out, or nothing that it minds */
    if (!f->described || is_encrypted(f))
        return f->described ? "it is encrypted" : "nothing says what its samples are";
    if (!is_among(copied, format) && (!kind || !is_among(decoded, format)))
        return "neither reel nor ffmpeg can do that for its codecs";
    if (*encode & kind && f->samples && f->zero_sized == f->samples)
        return "its samples have no bytes";
    if (*encode & kind && f->description.audio_object_type == 42)
        return "ffmpeg cannot decode its sound";
    *encode |= is_among(copied, format) ? 0 : kind;
    return NULL;
}

static const char *any_obstacle(const reel__exam *x, uint32_t *encode)
{
    const char *why = NULL;
    for (size_t i = 0; i < x->count && !why; i++)
        why = obstacle(&x->tracks[i], encode);
    return why;
}

/* An encoder of 4:2:0 wants whole pairs. */
static bool is_odd(const reel__exam *x)
{
    for (size_t i = 0; i < x->count; i++)
        if (x->tracks[i].info.type == REEL_TRACK_VIDEO &&
            ((x->tracks[i].description.width | x->tracks[i].description.height) & 1))
            return true;
    return false;
}

/* Of a track whose edit list plays nothing FFmpeg keeps no sample. */
static bool plays_nothing(const reel__figures *f)
{
    reel_edit e;
    size_t i = 0;
    while (reel_track_edit(f->track, i, &e) == REEL_OK && e.kind == REEL_EDIT_EMPTY)
        i++;
    return i && i == reel_track_edit_count(f->track);
}

static bool any_plays_nothing(const reel__exam *x)
{
    for (size_t i = 0; i < x->count; i++)
        if (plays_nothing(&x->tracks[i]))
            return true;
    return false;
}

/* All tracks, but those that it mostly cannot copy (timecode, telemetry): without -map it keeps one of a kind. */
static void put_ffmpeg(const reel__exam *x, struct reel__finding *k, uint32_t encode)
{
    bool video = encode & REEL__NEW_VIDEO, fragments = strstr(k->options, "-movflags") != NULL;
    snprintf(k->command, sizeof k->command, "ffmpeg %s-i in.mp4 -map 0 -map -0:d -c copy %s%s%s%s%s%s out.mp4",
             any_plays_nothing(x) ? "-ignore_editlist 1 " : "",
             video ? "-c:v libx264 -force_key_frames 'expr:gte(t,n_forced*2)' " : "",
             video && is_odd(x) ? "-vf 'pad=ceil(iw/2)*2:ceil(ih/2)*2' " : "",
             encode & REEL__NEW_AUDIO ? "-c:a aac " : "", k->options, k->options[0] && !fragments ? " " : "",
             fragments ? "" : "-movflags +faststart");
}

static void advise_ffmpeg(advice *a, struct reel__finding *k)
{
    uint32_t encode = k->encode;
    const char *why = any_obstacle(a->x, &encode);
    if (is_repaired(a))
        say_repair_first(k);
    else if (is_damaged(a))
        say_source(k, hopeless(a) ? hopeless(a) : "");
    else if (why)
        say_source(k, why);
    else
        put_ffmpeg(a->x, k, encode);
}

/* Repair comes first: what it puts right the others need not. */
void reel__advise(reel__exam *x)
{
    advice a = {.x = x};
    for (uint32_t i = 0; i < x->found; i++)
        if (x->finding[i].by == REEL__BY_REPAIR)
            advise_reel(&a, &x->finding[i]);
    for (uint32_t i = 0; i < x->found; i++) {
        struct reel__finding *k = &x->finding[i];
        if (k->by == REEL__BY_FFMPEG)
            advise_ffmpeg(&a, k);
        else if (k->by != REEL__BY_HAND && k->by != REEL__BY_REPAIR)
            advise_reel(&a, k);
    }
    for (int i = 0; i < REEL__WAYS; i++)
        forget(&a.way[i]);
}
