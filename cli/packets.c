/* SPDX-License-Identifier: BSD-2-Clause */
/* packets.c: reel packets: one line a sample, fast enough that the reader is what takes time. */
#include "lanes.h"

#include <stdlib.h>
#include <string.h>

enum { PROGRESS_EVERY = 1 << 14 };

struct packets {
    struct cli *cli;
    const struct film *film;
    struct lane *lanes;
    reel_cursor *cursors;
    reel_merge_slot *slots;
    size_t n;        /* lanes that have something to show */
    size_t over;     /* lanes that are past their range */
    size_t last;     /* the lane of the sample before */
    uint64_t shown;  /* samples printed */
    uint64_t seen, most, total; /* most: see lanes.h */
    bool filtered, keys;
};

static const char header[] = "track    index           dts           pts  duration      size        offset  key\n";

/* One number and what stands in front of it. */
static char *member(char *at, const char *key, size_t n, uint64_t v)
{
    char buf[20], *end = buf + sizeof buf, *s = end;
    memcpy(at, key, n);
    at += n;
    do
        *--s = (char)('0' + v % 10);
    while (v /= 10);
    memcpy(at, s, (size_t)(end - s));
    return at + (end - s);
}

static char *signed_member(char *at, const char *key, size_t n, int64_t v)
{
    if (v >= 0)
        return member(at, key, n, (uint64_t)v);
    memcpy(at, key, n);
    at[n] = '-';
    return member(at + n + 1, "", 0, 0 - (uint64_t)v);
}

#define KEY(s) s, sizeof s - 1

static void put_object(struct out *o, const struct lane *lane, const reel_sample *s)
{
    char line[400], *at = line;
    int64_t t;
    at = member(at, KEY("{\"track\":"), s->track_id);
    if (s->index == REEL_NO_INDEX) {
        memcpy(at, KEY(",\"index\":null"));
        at += sizeof ",\"index\":null" - 1;
    } else {
        at = member(at, KEY(",\"index\":"), s->index);
    }
    at = signed_member(at, KEY(",\"dts\":"), s->dts);
    at = signed_member(at, KEY(",\"pts\":"), s->pts);
    at = member(at, KEY(",\"duration\":"), s->duration);
    at = member(at, KEY(",\"size\":"), s->size);
    at = member(at, KEY(",\"offset\":"), s->offset);
    if (s->flags & REEL_SAMPLE_SYNC) {
        memcpy(at, KEY(",\"key\":true"));
        at += sizeof ",\"key\":true" - 1;
    } else {
        memcpy(at, KEY(",\"key\":false"));
        at += sizeof ",\"key\":false" - 1;
    }
    if (reel_track_presentation_time(lane->track, s->pts, 0, &t) == REEL_OK) {
        memcpy(at, KEY(",\"time\":"));
        at = seconds_format(t, lane->timescale, at + sizeof ",\"time\":" - 1);
    }
    *at++ = '}';
    out_bytes(o, line, (size_t)(at - line));
}

static void put_row(struct out *o, const reel_sample *s)
{
    out_u64_right(o, s->track_id, 5);
    if (s->index == REEL_NO_INDEX)
        out_str(o, "        ?");
    else
        out_u64_right(o, s->index, 9);
    out_i64_right(o, s->dts, 14);
    out_i64_right(o, s->pts, 14);
    out_u64_right(o, s->duration, 10);
    out_u64_right(o, s->size, 10);
    out_u64_right(o, s->offset, 14);
    out_str(o, s->flags & REEL_SAMPLE_SYNC ? "  K\n" : "\n");
}

/* The lane that s comes from; mostly the one of the sample before. */
static struct lane *lane_of(struct packets *p, const reel_sample *s)
{
    for (size_t i = 0; p->lanes[p->last].id != s->track_id && i < p->n; i++)
        p->last = p->last + 1 < p->n ? p->last + 1 : 0;
    return &p->lanes[p->last];
}

static void put_sample(struct packets *p, const reel_sample *s)
{
    struct out *o = &p->cli->out;
    int format = p->cli->set.format;
    if (format == FORMAT_TEXT) {
        put_row(o, s);
    } else {
        if (format == FORMAT_JSON)
            out_str(o, p->shown ? ",\n" : "[\n");
        put_object(o, lane_of(p, s), s);
        if (format == FORMAT_JSONL)
            out_str(o, "\n");
    }
    p->shown++;
}

static bool wanted(struct packets *p, const reel_sample *s)
{
    bool wanted = !p->keys || s->flags & REEL_SAMPLE_SYNC;
    if (!p->filtered)
        return wanted;
    struct lane *lane = lane_of(p, s);
    if (lane->over)
        return false;
    bool has = lane_has(lane, s);
    p->over += lane->over;
    return has && wanted;
}

static int walk(struct packets *p, reel_error *err)
{
    uint64_t limit = p->cli->set.limit;
    reel_order order = p->cli->set.order ? REEL_ORDER_DTS : REEL_ORDER_FILE;
    reel_merge merge;
    reel_sample s;
    int result = reel_merge_init(&merge, p->cursors, p->slots, p->n, order, false, err);
    while (result == REEL_OK && p->shown < limit && p->over < p->n && !p->cli->out.error) {
        result = reel_merge_next(&merge, &s, err);
        if (result == REEL_OK && p->seen == p->most)
            return lanes_refuse(p->film->movie, err);
        if (result == REEL_OK && wanted(p, &s))
            put_sample(p, &s);
        if (++p->seen % PROGRESS_EVERY == 0)
            progress_step(&p->cli->progress, p->seen, p->total);
    }
    return result;
}

/* Counting is for the progress bar alone, and only done where somebody sees it. */
static void count_total(struct packets *p)
{
    for (size_t i = 0; p->cli->progress.on && i < p->n; i++) {
        uint64_t n;
        if (reel_track_sample_count(p->lanes[i].track, &n, NULL) == REEL_OK)
            p->total += n;
    }
}

/* A track that cannot be walked is told about; the others are shown all the same. */
static int open_lanes(struct packets *p, const reel_track *const *tracks, size_t n)
{
    int status = EXIT_FINE;
    for (size_t i = 0; i < n; i++) {
        reel_error err = {0};
        /* What is only built on need has its warnings too. */
        (void)reel_track_prepare(tracks[i], false, NULL);
        int result = lane_init(&p->lanes[p->n], &p->cli->set, tracks[i], &p->cursors[p->n], &err);
        if (result == REEL_OK)
            p->n++;
        else if (result != REEL_END)
            status = film_complain(p->film, &err);
    }
    return status;
}

static int print_all(struct packets *p)
{
    reel_error err = {0};
    struct out *o = &p->cli->out;
    int format = p->cli->set.format, status = EXIT_FINE;
    if (format == FORMAT_TEXT)
        out_str(o, header);
    count_total(p);
    if (p->n > 0 && walk(p, &err) < 0)
        status = EXIT_INPUT;
    if (format == FORMAT_JSON)
        out_str(o, p->shown ? "\n]\n" : "[]\n");
    progress_end(&p->cli->progress);
    out_flush(o);
    return status == EXIT_FINE ? status : film_complain(p->film, &err);
}

static int run_film(struct cli *cli, struct film *film)
{
    struct packets p = {.cli = cli, .film = film};
    const reel_track **tracks = NULL;
    size_t n;
    int status = film_tracks(&cli->set, film, &tracks, &n);
    if (status != EXIT_FINE)
        return status;
    p.most = lanes_most_samples(film->movie);
    p.filtered = cli->set.from.kind != WHEN_UNSET || cli->set.to.kind != WHEN_UNSET;
    p.keys = cli->set.keys;
    p.lanes = calloc(n + 1, sizeof *p.lanes);
    p.cursors = calloc(n + 1, sizeof *p.cursors);
    p.slots = calloc(n + 1, sizeof *p.slots);
    progress_start(&cli->progress, true);
    if (p.lanes && p.cursors && p.slots) {
        status = open_lanes(&p, tracks, n);
        int printed = print_all(&p);
        status = printed > status ? printed : status;
    } else {
        complain(film->name, "%s", reel_code_text(REEL_E_NOMEM));
        status = EXIT_INPUT;
    }
    free(p.lanes);
    free(p.cursors);
    free(p.slots);
    free(tracks);
    return status;
}

static int run(struct cli *cli)
{
    if (cli->set.arg_count > 1 && !cli->set.init) {
        complain("packets", "one FILE at a time; several are one film behind --init FILE");
        return EXIT_CALL;
    }
    if (lane_check("packets", &cli->set) != EXIT_FINE)
        return EXIT_CALL;
    return film_each(cli, run_film);
}

static const struct option options[] = {
    OPTION_FORMAT,
    OPTION_TRACKS,
    OPTION("from", 0, OPTION_WHEN, "TIME", from, "from what is shown at TIME on"),
    OPTION("to", 0, OPTION_WHEN, "TIME", to, "up to what is shown before TIME"),
    OPTION("keys", 'k', OPTION_FLAG, NULL, keys, "only sync samples"),
    OPTION("order", 0, OPTION_CHOICE, "file|dts", order, "as they lie in the file, or as they are decoded"),
    OPTION("limit", 'n', OPTION_NUMBER, "N", limit, "no more than N"),
    OPTIONS_READING,
    OPTIONS_LAST};

const struct command command_packets = {
    "packets", "list the samples: times, sizes, places", "packets [OPTION...] FILE...",
    "TIME is in the presentation: 12.5, 1:02:03.5, 90%; or #250, a sample number.\n"
    "dts, pts and duration are in the track's timescale; pts with the composition offset, before the\n"
    "edit list. json has time too: seconds of the presentation, where the edit list shows the sample.\n"
    "Several FILEs are the media segments of one film behind --init.\n",
    options, run};
