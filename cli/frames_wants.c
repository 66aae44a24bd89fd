/* SPDX-License-Identifier: BSD-2-Clause */
/* frames_wants.c: from --at, --every and the others to samples, before anything is decoded. */
#include "frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NANO = 1000000000, MOST_WANTS = 10000000 };

static int complain_call(const struct cli *cli, const char *option, const char *value, const char *wanted)
{
    complain(cli->command->name, "--%s %s: %s is wanted", option, *value ? value : "\"\"", wanted);
    return EXIT_CALL;
}

/* ---- lists on the command line ---- */

struct list {
    const char *option, *text, *wanted;
    uint32_t kind; /* reel_want_kind */
};

/* A time, or numbers from first to last. */
struct item {
    char word[64];
    bool fine;
    struct when when;
    int64_t first, last;
};

static bool read_number(const char *s, size_t n, int64_t *out)
{
    struct when w;
    char text[72] = {'#'};
    if (n > sizeof text - 2)
        return false;
    memcpy(text + 1, s, n);
    bool fine = when_parse(text, &w);
    *out = fine ? w.value : 0;
    return fine;
}

static bool read_numbers(struct item *i)
{
    size_t n = strcspn(i->word, "-");
    bool fine = read_number(i->word, n, &i->first);
    i->last = i->first;
    if (fine && i->word[n])
        fine = read_number(i->word + n + 1, strlen(i->word + n + 1), &i->last);
    return fine && i->last >= i->first;
}

/* The next of "1.5, 20" or "3,10-20"; false at the end. */
static bool next_item(const struct list *list, const char **at, struct item *out)
{
    if (!*at)
        return false;
    const char *s = *at + strspn(*at, " ");
    size_t n = strcspn(s, ","), kept = n;
    *at = s[n] ? s + n + 1 : NULL;
    while (kept && s[kept - 1] == ' ')
        kept--;
    *out = (struct item){.first = 0};
    bool whole = kept < sizeof out->word;
    kept = whole ? kept : sizeof out->word - 1;
    memcpy(out->word, s, kept);
    out->fine = whole && (list->kind == REEL_WANT_TIME ? when_parse(out->word, &out->when) : read_numbers(out));
    return true;
}

static bool given(const struct cli *cli, struct list *out)
{
    const struct settings *set = &cli->set;
    *out = (struct list){NULL, NULL, NULL, 0};
    if (set->at)
        *out = (struct list){"at", set->at, "a time such as 12.5, 1:02:03.5, 90% or #250", REEL_WANT_TIME};
    if (set->index)
        *out = (struct list){"index", set->index, "a number such as 7, or 10-20", REEL_WANT_PICTURE};
    if (set->samples)
        *out = (struct list){"sample", set->samples, "a number such as 7, or 10-20", REEL_WANT_SAMPLE};
    return out->text != NULL;
}

static int check_list(const struct cli *cli, const struct list *list, size_t *n)
{
    struct item item;
    *n = 0;
    for (const char *at = list->text; next_item(list, &at, &item);) {
        if (!item.fine)
            return complain_call(cli, list->option, item.word, list->wanted);
        if (*n <= MOST_WANTS) /* more is too much already */
            *n += (size_t)(item.last - item.first) + 1;
    }
    return EXIT_FINE;
}

int wants_check(const struct cli *cli)
{
    const struct settings *set = &cli->set;
    struct list list;
    size_t n;
    int ways = (set->at != NULL) + (set->index != NULL) + (set->samples != NULL) + set->keys +
               (set->every.kind != WHEN_UNSET) + (set->count != NO_ITEM);
    if (ways != 1) {
        complain(cli->command->name, "%s --at, --every, --count, --keyframes, --index or --sample, one of them",
                 ways ? "several ways to say which frames:" : "which frames?");
        return EXIT_CALL;
    }
    if (set->every.kind != WHEN_UNSET && (set->every.kind != WHEN_TIME || set->every.value < 1)) {
        complain(cli->command->name, "--every: a time such as 10 or 0.5 is wanted");
        return EXIT_CALL;
    }
    if (set->count != NO_ITEM && (set->count < 1 || set->count > MOST_WANTS))
        return frames_complain_number(cli, "count", set->count, "a number from 1 to 10000000");
    return given(cli, &list) ? check_list(cli, &list, &n) : EXIT_FINE;
}

/* ---- the track ---- */

int frames_track(const struct cli *cli, const struct film *film, const reel_track **out)
{
    reel_track_info info;
    int status = film_track(&cli->set, film, out);
    if (status != EXIT_FINE)
        return status;
    reel_track_get_info(*out, &info);
    if (info.type == REEL_TRACK_VIDEO)
        return EXIT_FINE;
    if (cli->set.track_count)
        complain(film->name, "track %u is %s, and has no frames", (unsigned)info.id, reel_track_type_name(info.type));
    else
        complain(film->name, "there is no video track in it");
    return EXIT_INPUT;
}

/* ---- wants ---- */

static int to_want(const reel_track *track, const struct when *w, reel_want *out, reel_error *err)
{
    int64_t t;
    if (w->kind == WHEN_TIME) {
        *out = (reel_want){w->value, NANO, REEL_WANT_TIME};
        return REEL_OK;
    }
    if (w->kind == WHEN_SAMPLE) {
        *out = (reel_want){w->value, 0, REEL_WANT_SAMPLE};
        return REEL_OK;
    }
    int result = when_ticks(w, track, &t, err);
    *out = (reel_want){t, reel_track_timescale(track), REEL_WANT_TIME};
    return result;
}

static int fill_list(const struct list *list, const reel_track *track, reel_want *out, reel_error *err)
{
    struct item item;
    int result = REEL_OK;
    for (const char *at = list->text; result == REEL_OK && next_item(list, &at, &item);) {
        if (list->kind == REEL_WANT_TIME)
            result = to_want(track, &item.when, out++, err);
        for (int64_t v = item.first; list->kind != REEL_WANT_TIME && v <= item.last; v++)
            *out++ = (reel_want){.value = v, .kind = list->kind};
    }
    return result;
}

static int fill(const struct settings *set, const reel_track *track, reel_want *out, size_t max, size_t *n,
                reel_error *err)
{
    if (set->keys)
        return reel_wants_keyframes(track, out, max, n, err);
    if (set->count != NO_ITEM)
        return reel_wants_spread(track, (size_t)set->count, out, max, n, err);
    return reel_wants_every(track, set->every.value, NANO, out, max, n, err);
}

static int complain_memory(const struct film *film)
{
    complain(film->name, "%s", reel_code_text(REEL_E_NOMEM));
    return EXIT_INPUT;
}

static int take_room(struct wants *w, const struct film *film)
{
    if (w->n > MOST_WANTS) {
        complain(film->name, "%zu frames: these are more than %d", w->n, MOST_WANTS);
        return EXIT_INPUT;
    }
    w->want = calloc(w->n + 1, sizeof *w->want);
    w->found = calloc(w->n + 1, sizeof *w->found);
    return w->want && w->found ? EXIT_FINE : complain_memory(film);
}

/* What was written for the i-th want. */
static void word_of(const struct list *list, const struct wants *w, size_t i, char *out, size_t room)
{
    struct item item = {.word = ""};
    const char *at = list->text;
    if (list->kind != REEL_WANT_TIME) {
        snprintf(out, room, "%lld", (long long)w->want[i].value);
        return;
    }
    while (next_item(list, &at, &item) && i-- > 0)
        ;
    snprintf(out, room, "%s", item.word);
}

/* Of numbers past the end one behind the other the first is enough. */
static bool told_before(const struct wants *w, size_t i)
{
    return i > 0 && w->found[i - 1].code != REEL_OK && w->want[i].kind != REEL_WANT_TIME &&
           w->want[i].kind == w->want[i - 1].kind && w->want[i].value == w->want[i - 1].value + 1;
}

static int complain_outside(const struct cli *cli, const struct film *film, const struct wants *w, size_t i)
{
    char word[64] = "", length[32] = "?";
    int64_t duration;
    uint64_t count = 0;
    struct list list;
    unsigned id = (unsigned)reel_track_id(w->track);
    if (given(cli, &list))
        word_of(&list, w, i, word, sizeof word);
    reel_track_sample_count(w->track, &count, NULL);
    if (reel_track_presentation_duration(w->track, &duration, NULL) == REEL_OK)
        clock_format(duration, reel_track_timescale(w->track), length);
    if (w->want[i].kind == REEL_WANT_TIME)
        complain(film->name, "%s: track %u shows nothing there; it is %s long", word, id, length);
    else
        complain(film->name, "%s: track %u has %llu frames, numbered from 0", word, id, (unsigned long long)count);
    return EXIT_INPUT;
}

int wants_find(struct wants *w, const struct cli *cli, const struct film *film)
{
    struct list list;
    reel_error err = {0};
    size_t found;
    const bool listed = given(cli, &list);
    *w = (struct wants){.n = 0};
    int result = REEL_OK, status = frames_track(cli, film, &w->track);
    if (status == EXIT_FINE && listed)
        status = check_list(cli, &list, &w->n);
    else if (status == EXIT_FINE)
        result = fill(&cli->set, w->track, NULL, 0, &w->n, &err);
    if (status == EXIT_FINE && result == REEL_OK)
        status = take_room(w, film);
    if (status != EXIT_FINE)
        return status;
    if (result == REEL_OK)
        result = listed ? fill_list(&list, w->track, w->want, &err)
                        : fill(&cli->set, w->track, w->want, w->n, &w->n, &err);
    if (result == REEL_OK)
        result = reel_frames_find(w->track, w->want, w->n, w->found, &found, &err);
    if (result != REEL_OK)
        return film_complain(film, &err);
    for (size_t i = 0; i < w->n; i++)
        if (w->found[i].code != REEL_OK)
            status = told_before(w, i) ? EXIT_INPUT : complain_outside(cli, film, w, i);
    if (w->n == 0) {
        complain(film->name, "track %u has no frames", (unsigned)reel_track_id(w->track));
        status = EXIT_INPUT;
    }
    return status;
}

void wants_free(struct wants *w)
{
    free(w->want);
    free(w->found);
    *w = (struct wants){.n = 0};
}

int64_t wants_shown(const struct wants *w, size_t i)
{
    int64_t start, end;
    const reel_found *f = &w->found[i];
    return reel_track_presentation_span(w->track, f->pts, f->duration, &start, &end) == REEL_OK ? start : f->pts;
}

uint64_t wants_group(const struct wants *w, size_t i)
{
    uint64_t sync;
    if (reel_track_find_sync(w->track, w->found[i].sample, REEL_SEEK_PREVIOUS, &sync, NULL) != REEL_OK)
        sync = 0;
    return sync;
}
