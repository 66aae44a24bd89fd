/* SPDX-License-Identifier: BSD-2-Clause */
/* remake.c: reel fragment, concat, repair. */
#include "lanes.h"
#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENT_MS = 6000, MOST_SEGMENT_MS = 3600000, NANO_PER_MS = 1000000 };

/* ---- fragment ---- */

/* The tracks that fragments can hold; of those that a user did not choose the others are left out aloud. */
static size_t keep_streams(const struct cli *cli, const struct film *film, const reel_track **tracks, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (reel_track_streams(tracks[i]))
            tracks[kept++] = tracks[i];
        else
            film_leave_out(film, tracks[i], !cli->set.track_count, "it cannot be a part of a stream");
    }
    return kept;
}

static int fragment_plan(const struct cli *cli, const struct film *film, const reel_track *const *tracks, size_t n,
                         reel_plan **out, reel_error *err)
{
    reel_segmenter s;
    uint64_t ms = cli->set.segment.kind == WHEN_UNSET ? SEGMENT_MS : (uint64_t)cli->set.segment.value / NANO_PER_MS;
    int result = lanes_check_output(film, tracks, n, false, err);
    if (result == REEL_OK)
        result = reel_segmenter_init(&s, film->movie, (uint32_t)ms, err);
    return result == REEL_OK ? reel_stream_fragmented(&s, tracks, n, NULL, out, err) : result;
}

static int fragment_film(struct cli *cli, struct film *film)
{
    const reel_track **tracks = NULL;
    reel_plan *plan = NULL;
    reel_error err = {0};
    size_t n;
    int status = film_tracks(&cli->set, film, &tracks, &n);
    size_t kept = status == EXIT_FINE ? keep_streams(cli, film, tracks, n) : 0;
    if (status == EXIT_FINE && (kept == 0 || (cli->set.track_count && kept < n))) {
        if (kept == 0)
            complain(film->name, "there is no track in it that can be a part of a stream");
        status = EXIT_INPUT;
    }
    if (status == EXIT_FINE) {
        int result = fragment_plan(cli, film, tracks, kept, &plan, &err);
        status = write_plan(cli, film, NULL, result, plan, NULL, &err);
    }
    free(tracks);
    return status;
}

static int run_fragment(struct cli *cli)
{
    const struct when *w = &cli->set.segment;
    int status = write_check(cli, false);
    if (status != EXIT_FINE)
        return status;
    if (w->kind != WHEN_UNSET && (w->kind != WHEN_TIME || w->value < NANO_PER_MS ||
                                  w->value / NANO_PER_MS > MOST_SEGMENT_MS)) {
        complain("fragment", "--segment: a time such as 4 or 0.5 is wanted, up to an hour");
        return EXIT_CALL;
    }
    return film_each_or(cli, fragment_film, write_unopened);
}

/* ---- concat ---- */

static int open_all(struct cli *cli, struct film *films, const reel_movie **movies)
{
    const struct settings *set = &cli->set;
    int status = EXIT_FINE;
    for (size_t i = 0; i < set->arg_count && status == EXIT_FINE; i++) {
        status = film_open_or(cli, set->args + i, 1, &films[i], write_unopened);
        if (status != EXIT_FINE)
            films[i].name = NULL;
        else
            movies[i] = films[i].movie;
    }
    return status;
}

/* The film that a sentence is about is told by its number: it stands behind "film ". */
static int concat_films(struct cli *cli, struct film *films, const reel_movie *const *movies)
{
    reel_plan *plan = NULL;
    reel_error err = {0};
    unsigned number = 0;
    int result = reel_write_concat(movies, cli->set.arg_count, NULL, &plan, &err);
    const char *at = strstr(err.text, "film ");
    if (result == REEL_E_CONFIG && at)
        number = (unsigned)strtoul(at + 5, NULL, 10);
    if (number > 0 && number <= cli->set.arg_count)
        return write_refuse(&films[number - 1], &err);
    return write_plan(cli, films, films + 1, result, plan, NULL, &err);
}

static int run_concat(struct cli *cli)
{
    size_t n = cli->set.arg_count;
    int status = write_check(cli, true);
    if (status != EXIT_FINE)
        return status;
    if (n < 2) {
        complain("concat", "two films at least");
        return EXIT_CALL;
    }
    struct film *films = calloc(n + 1, sizeof *films);
    const reel_movie **movies = calloc(n, sizeof(const reel_movie *));
    if (!films || !movies) {
        complain("concat", "%s", reel_code_text(REEL_E_NOMEM));
        status = EXIT_INPUT;
    }
    if (status == EXIT_FINE)
        status = open_all(cli, films, movies);
    if (status == EXIT_FINE)
        status = concat_films(cli, films, movies);
    for (size_t i = 0; films && i < n && films[i].name; i++)
        status = film_close(&cli->set, &films[i], status);
    free(films);
    free(movies);
    return status;
}

/* ---- repair ---- */

static void put_repair(struct json *j, const void *what)
{
    const reel_repair *r = what;
    json_object(j, "repair");
    json_bool(j, "changed", r->changed);
    json_str(j, "what", r->what);
    json_u64(j, "fragments", r->fragments);
    json_u64(j, "lost_bytes", r->lost_bytes);
    json_u64(j, "lost_samples", r->lost_samples);
    json_u64(j, "checked_samples", r->checked_samples);
    json_u64(j, "foreign_samples", r->foreign_samples);
    if (r->doubt[0])
        json_str(j, "doubt", r->doubt);
    json_close(j, '}');
}

/* What is put together well may be no media all the same. */
static void tell_doubts(const struct film *film, const reel_repair *report)
{
    if (report->foreign_samples)
        complain(film->name, "warning: %llu of the %llu samples whose codec can be checked are no such samples: other "
                 "bytes lie over them, and a decoder will stumble there", (unsigned long long)report->foreign_samples,
                 (unsigned long long)report->checked_samples);
    if (report->doubt[0])
        complain(film->name, "warning: --like may name another kind of film: %s", report->doubt);
}

static void tell_repair(const struct film *film, const reel_repair *report)
{
    if (!report->changed) {
        complain(film->name, "nothing is wrong with it that could be repaired; it is written as it is");
        return;
    }
    char lost[96] = "";
    if (report->lost_bytes)
        snprintf(lost, sizeof lost, "; %llu %s lost", (unsigned long long)report->lost_bytes,
                 report->lost_bytes == 1 ? "byte is" : "bytes are");
    if (report->lost_samples)
        snprintf(lost, sizeof lost, "; %llu %s lost", (unsigned long long)report->lost_samples,
                 report->lost_samples == 1 ? "sample is" : "samples are");
    complain(film->name, "%s%s", report->what, lost);
}

/* The film that --like names, or NULL without. */
static int open_like(const struct cli *cli, struct film *like)
{
    char *name = (char *)(uintptr_t)cli->set.like;
    struct settings set = cli->set;
    set.init = NULL;
    *like = (struct film){0};
    return name ? film_open(&set, &name, 1, like) : EXIT_FINE;
}

/* like: a list of one, or of none. */
static int repair_film(struct cli *cli, struct film *film, const struct film *like)
{
    reel_plan *plan = NULL;
    reel_error err = {0};
    reel_repair report = {0};
    int result = reel_write_repair(film->source, like->movie, NULL, &report, &plan, &err);
    if (result == REEL_E_BOX_MISSING && report.fragments) {
        char line[512];
        reel_error_format(&err, line, sizeof line);
        complain(film->name, "%s: --like FILE", line);
        return EXIT_INPUT;
    }
    if (result == REEL_OK && cli->set.format == FORMAT_TEXT) {
        tell_repair(film, &report);
        tell_doubts(film, &report);
    }
    const struct about about = {put_repair, &report};
    return write_plan(cli, film, like, result, plan, &about, &err);
}

static int run_repair(struct cli *cli)
{
    struct film film, like[2] = {{0}, {0}};
    int status = write_check(cli, false);
    if (status == EXIT_FINE)
        status = film_open_bytes(&cli->set, cli->set.args, cli->set.arg_count, &film);
    if (status != EXIT_FINE)
        return status;
    status = open_like(cli, like);
    if (status == EXIT_FINE)
        status = repair_film(cli, &film, like);
    out_flush(&cli->out);
    if (like->movie)
        status = film_close(&cli->set, like, status);
    return film_close(&cli->set, &film, status);
}

/* ---- the tables ---- */

static const struct option options_fragment[] = {
    OPTION("segment", 's', OPTION_WHEN, "TIME", segment, "how long a fragment is, at least; 6 by default"),
    OPTION_TRACKS,
    WRITE_OUTPUT,
    WRITE_DRY,
    OPTIONS_READING,
    OPTIONS_LAST};
static const struct option options_concat[] = {
    WRITE_OUTPUT, WRITE_DRY, OPTION("strict", 0, OPTION_FLAG, NULL, strict, "what the standard forbids is an error"),
    OPTION("no-map", 0, OPTION_FLAG, NULL, no_map, "read the file, do not map it"), OPTIONS_LAST};
static const struct option options_repair[] = {
    OPTION("like", 'l', OPTION_TEXT, "FILE", like, "a good film of the same recorder, for a movie box that is lost"),
    WRITE_OUTPUT,
    WRITE_DRY,
    OPTION_INIT,
    OPTION("no-map", 0, OPTION_FLAG, NULL, no_map, "read the file, do not map it"),
    OPTIONS_LAST};

const struct command command_fragment = {
    "fragment", "make a fragmented film (CMAF) of any", "fragment [OPTION...] FILE...",
    "A fragment begins with a key picture and holds all tracks. Nothing is decoded.\n"
    "Several FILEs are the media segments of one film behind --init.\n",
    options_fragment, run_fragment};

const struct command command_concat = {
    "concat", "put films one behind the other", "concat [OPTION...] FILE FILE...",
    "They need the same tracks, codecs and parameters; a sentence says what differs. Nothing is decoded.\n",
    options_concat, run_concat};

const struct command command_repair = {
    "repair", "get what can be had of a damaged film", "repair [OPTION...] FILE...",
    "Of a recording in fragments those that are whole are kept, wherever its movie box stands; of a torn download the\n"
    "samples that are there; a media box whose size was never written gets it. What was lost is told.\n"
    "Fragments whose movie box is lost need that of another film of the same recorder or encoder: --like FILE.\n",
    options_repair, run_repair};
