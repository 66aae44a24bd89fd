/* SPDX-License-Identifier: BSD-2-Clause */
/* write.c: reel cut, faststart, defragment: films made from films, written from where their media lies. */
#include "write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECES_SHOWN = 16 };

/* ---- a plan, shown ---- */

static const char *name_of(const struct film *film, const struct film *more, const reel_source *source)
{
    if (source == film->source)
        return film->name;
    for (size_t i = 0; more && more[i].name; i++)
        if (more[i].source == source)
            return more[i].name;
    return "?";
}

static uint64_t made_bytes(const reel_plan *plan)
{
    reel_piece p;
    uint64_t made = 0;
    for (uint64_t at = 0; reel_plan_piece(plan, at, UINT64_MAX, &p) == REEL_OK; at += p.size)
        made += p.data ? p.size : 0;
    return made;
}

static void show_text(struct out *o, const struct film *film, const struct film *more, const reel_plan *plan)
{
    reel_piece p;
    size_t n = 0;
    uint64_t made = made_bytes(plan);
    out_grouped(o, reel_plan_size(plan));
    out_str(o, " bytes in ");
    out_grouped(o, reel_plan_count(plan));
    out_str(o, reel_plan_count(plan) == 1 ? " piece: " : " pieces: ");
    out_grouped(o, made);
    out_str(o, " made, ");
    out_grouped(o, reel_plan_size(plan) - made);
    out_str(o, " copied\n");
    for (uint64_t at = 0; n < PIECES_SHOWN && reel_plan_piece(plan, at, UINT64_MAX, &p) == REEL_OK; at += p.size, n++) {
        out_u64_right(o, p.at, 14);
        out_u64_right(o, p.size, 14);
        if (p.data) {
            out_str(o, "  made\n");
            continue;
        }
        out_str(o, "  ");
        out_name(o, name_of(film, more, reel_plan_source(plan, p.source)));
        out_f(o, " from %llu\n", (unsigned long long)p.offset);
    }
    if (reel_plan_count(plan) > n)
        out_f(o, "  ... %llu more\n", (unsigned long long)(reel_plan_count(plan) - n));
}

static void show_sizes(struct json *j, const reel_plan *plan)
{
    uint64_t made = made_bytes(plan);
    json_u64(j, "size", reel_plan_size(plan));
    json_u64(j, "made", made);
    json_u64(j, "copied", reel_plan_size(plan) - made);
}

static void show_pieces(struct json *j, const struct film *film, const struct film *more, const reel_plan *plan)
{
    reel_piece p;
    show_sizes(j, plan);
    json_array(j, "pieces");
    for (uint64_t at = 0; reel_plan_piece(plan, at, UINT64_MAX, &p) == REEL_OK; at += p.size) {
        json_object(j, NULL);
        json_u64(j, "at", p.at);
        json_u64(j, "size", p.size);
        if (!p.data) {
            json_str(j, "file", name_of(film, more, reel_plan_source(plan, p.source)));
            json_u64(j, "offset", p.offset);
        }
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void show_json(struct cli *cli, const struct film *film, const struct film *more, const reel_plan *plan,
                      const struct about *about)
{
    struct json *j = &cli->json;
    json_object(j, NULL);
    json_str(j, "file", film->name);
    if (!cli->set.dry_run)
        json_str(j, "output", cli->set.output);
    if (about && about->put)
        about->put(j, about->what);
    if (cli->set.dry_run)
        show_pieces(j, film, more, plan);
    else
        show_sizes(j, plan);
    json_close(j, '}');
}

void write_show_file(struct cli *cli, const struct film *film, const char *path, const reel_plan *plan)
{
    struct out *o = &cli->out;
    uint64_t made = made_bytes(plan);
    if (cli->set.format != FORMAT_TEXT) {
        json_object(&cli->json, NULL);
        json_str(&cli->json, "path", path);
        show_pieces(&cli->json, film, NULL, plan);
        json_close(&cli->json, '}');
        return;
    }
    out_u64_right(o, reel_plan_size(plan), 14);
    out_str(o, "  ");
    out_name(o, path);
    if (reel_plan_size(plan) > made) {
        out_str(o, ", ");
        out_grouped(o, reel_plan_size(plan) - made);
        out_str(o, " of them from ");
        out_name(o, film->name);
    }
    out_str(o, "\n");
}

/* ---- a plan, executed ---- */

static int *open_fds(const struct film *film, const struct film *more, const reel_plan *plan)
{
    size_t n = 0;
    while (reel_plan_source(plan, n))
        n++;
    int *fds = calloc(n + 1, sizeof *fds);
    for (size_t i = 0; fds && i < n; i++) {
        const reel_source *source = reel_plan_source(plan, i);
        fds[i] = source == film->source ? film_fd(film) : -1;
        for (size_t k = 0; more && more[k].name && fds[i] < 0; k++)
            if (more[k].source == source)
                fds[i] = film_fd(&more[k]);
    }
    return fds;
}

static void close_fds(int *fds, const reel_plan *plan)
{
    for (size_t i = 0; fds && reel_plan_source(plan, i); i++)
        if (fds[i] >= 0)
            close(fds[i]);
    free(fds);
}

static int execute(struct cli *cli, struct film *film, const struct film *more, const reel_plan *plan)
{
    struct save *save;
    for (size_t i = 0; more && more[i].name; i++)
        if (cli->set.output && film_is_at(&more[i], cli->set.output)) {
            complain(cli->set.output, "this is one of the films themselves, and would be lost");
            return EXIT_CALL;
        }
    int status = save_open(film, cli->set.output, &save);
    if (status != EXIT_FINE)
        return status;
    int *fds = open_fds(film, more, plan);
    status = save_plan(save, plan, fds, &cli->progress);
    close_fds(fds, plan);
    int saved = save_close(&save, status == EXIT_FINE);
    return saved > status ? saved : status;
}

int write_plan(struct cli *cli, struct film *film, const struct film *more, int result, reel_plan *plan,
               const struct about *about, const reel_error *err)
{
    const bool text = cli->set.format == FORMAT_TEXT, shown = cli->set.dry_run;
    if (result != REEL_OK)
        return write_refuse(film, err);
    int status = shown ? EXIT_FINE : execute(cli, film, more, plan);
    if (shown && text)
        show_text(&cli->out, film, more, plan);
    else if (!text && status == EXIT_FINE)
        show_json(cli, film, more, plan, about);
    reel_plan_close(&plan);
    return status;
}

/* ---- what the commands share ---- */

/* What would repair say? */
static int try_repair(const struct film *film, reel_repair *report)
{
    reel_plan *plan = NULL;
    int result = film->source ? reel_write_repair(film->source, NULL, NULL, report, &plan, NULL) : REEL_E_ARG;
    reel_plan_close(&plan);
    return result;
}

int write_refuse(const struct film *film, const reel_error *err)
{
    reel_error torn = *err;
    if (err->code == REEL_E_TRUNCATED && try_repair(film, NULL) == REEL_OK)
        snprintf(torn.text, sizeof torn.text, "%.112s; reel repair makes a film of what is there", err->text);
    return film_complain(film, &torn);
}

void write_unopened(struct cli *cli, struct film *film)
{
    reel_repair report = {0};
    int result = try_repair(film, &report);
    (void)cli;
    if (result == REEL_OK)
        complain(film->name, "reel repair makes a film of what is there");
    else if (result == REEL_E_BOX_MISSING && report.fragments)
        complain(film->name, "where its init segment is lost, reel repair --like GOOD_FILE makes a film of it");
}

int write_check(const struct cli *cli, bool several)
{
    const struct settings *set = &cli->set;
    if (!several && set->arg_count > 1 && !set->init) {
        complain(cli->command->name, "one FILE at a time; several are one film behind --init FILE");
        return EXIT_CALL;
    }
    if (!set->output && !set->dry_run && isatty(STDOUT_FILENO)) {
        complain(cli->command->name, "this would go to the terminal; give -o FILE, or -o - if you mean it");
        return EXIT_CALL;
    }
    if (set->format != FORMAT_TEXT && !set->dry_run && (!set->output || !strcmp(set->output, "-"))) {
        complain(cli->command->name, "--format is for --dry-run and -o FILE: what goes to standard output is a film");
        return EXIT_CALL;
    }
    return EXIT_FINE;
}

/* Room for the tracks that are named in chosen, which is to be freed. */
int write_options(const struct cli *cli, const struct film *film, reel_write_options *options,
                  const reel_track ***chosen)
{
    *options = (reel_write_options){.sizeof_options = sizeof *options};
    *chosen = NULL;
    if (cli->set.track_count == 0)
        return EXIT_FINE;
    int status = film_tracks(&cli->set, film, chosen, &options->track_count);
    options->tracks = *chosen;
    return status;
}

/* ---- faststart, defragment ---- */

static int faststart_film(struct cli *cli, struct film *film)
{
    reel_plan *plan = NULL;
    reel_error err = {0};
    int result = reel_write_faststart(film->movie, NULL, &plan, &err);
    return write_plan(cli, film, NULL, result, plan, NULL, &err);
}

static int run_faststart(struct cli *cli)
{
    int status = write_check(cli, false);
    return status == EXIT_FINE ? film_each_or(cli, faststart_film, write_unopened) : status;
}

static int defragment_film(struct cli *cli, struct film *film)
{
    reel_plan *plan = NULL;
    reel_error err = {0};
    reel_write_options options;
    const reel_track **chosen;
    int status = write_options(cli, film, &options, &chosen);
    if (status == EXIT_FINE) {
        int result = reel_write_progressive(film->movie, &options, &plan, &err);
        status = write_plan(cli, film, NULL, result, plan, NULL, &err);
    }
    free(chosen);
    return status;
}

static int run_defragment(struct cli *cli)
{
    int status = write_check(cli, false);
    return status == EXIT_FINE ? film_each_or(cli, defragment_film, write_unopened) : status;
}

/* ---- cut ---- */

struct start {
    const reel_cut *cut;
    int64_t at;
    uint32_t timescale;
};

static void put_start(struct json *j, const void *what)
{
    const struct start *s = what;
    json_seconds(j, "from", s->cut->from, s->cut->timescale);
    json_seconds(j, "begins", s->at, s->timescale);
}

/* Where a picture stands on its own is rarely where one wanted to begin. */
static void tell_start(struct cli *cli, const struct film *film, const struct start *s)
{
    char at[32], from[32];
    if (cli->set.format != FORMAT_TEXT)
        return;
    if (cli->set.dry_run) {
        out_str(&cli->out, "begins at ");
        out_clock(&cli->out, s->at, s->timescale);
        out_str(&cli->out, s->cut->flags & REEL_CUT_EXACT ? "\n" : ", where a picture stands on its own\n");
        return;
    }
    clock_format(s->at, s->timescale, at);
    clock_format(s->cut->from, s->cut->timescale, from);
    if (strcmp(at, from) != 0)
        complain(film->name, "begins at %s, with the key picture before %s (--exact begins there)", at, from);
}

static int64_t read_plan(void *user, uint64_t offset, void *buf, size_t n)
{
    uint64_t size = reel_plan_size(user);
    uint64_t left = offset < size ? size - offset : 0;
    n = n < left ? n : (size_t)left;
    int result = reel_plan_read(user, offset, buf, n, NULL);
    return result == REEL_OK ? (int64_t)n : result;
}

static int size_plan(void *user, uint64_t *size)
{
    *size = reel_plan_size(user);
    return REEL_OK;
}

/* Which tracks came along the film that was made says best. What cannot be opened is told when it is written. */
static void tell_left_out(const struct film *film, const reel_track *const *chosen, size_t n, reel_plan *plan)
{
    reel_source *source = NULL;
    reel_movie *part = NULL;
    const reel_source_io io = {.sizeof_io = sizeof io, .user = plan, .size = size_plan, .read = read_plan};
    int result = reel_source_callback(&io, &source, NULL);
    if (result == REEL_OK)
        result = reel_open(source, NULL, &part, NULL);
    size_t count = chosen ? n : reel_movie_track_count(film->movie);
    for (size_t i = 0; result == REEL_OK && i < count; i++) {
        uint64_t samples = 0;
        const reel_track *track = chosen ? chosen[i] : reel_movie_track(film->movie, i);
        if (reel_movie_track_by_id(part, reel_track_id(track)))
            continue;
        (void)reel_track_sample_count(track, &samples, NULL);
        film_leave_out(film, track, true, samples ? "it shows nothing in that time" : "there is nothing in it");
    }
    reel_close(&part);
    reel_source_unref(&source);
}

static int cut_film(struct cli *cli, struct film *film)
{
    const struct settings *set = &cli->set;
    const reel_track *track = reel_movie_default_track(film->movie, REEL_TRACK_VIDEO), **chosen = NULL;
    reel_write_options options;
    reel_plan *plan = NULL;
    reel_error err = {0};
    if (!track)
        track = reel_movie_default_track(film->movie, REEL_TRACK_AUDIO);
    if (!track)
        track = reel_movie_track(film->movie, 0);
    if (!track) {
        complain(film->name, "there is no track in it");
        return EXIT_INPUT;
    }
    reel_cut cut = {.sizeof_cut = sizeof cut, .to = REEL_CUT_TO_END, .timescale = reel_track_timescale(track),
                    .flags = set->exact ? REEL_CUT_EXACT : 0};
    int result = REEL_OK;
    if (set->from.kind != WHEN_UNSET)
        result = when_ticks(&set->from, track, &cut.from, &err);
    if (result == REEL_OK && set->to.kind != WHEN_UNSET)
        result = when_ticks(&set->to, track, &cut.to, &err);
    if (result != REEL_OK)
        return film_complain(film, &err);
    int status = write_options(cli, film, &options, &chosen);
    if (status == EXIT_FINE) {
        result = reel_write_cut(film->movie, &cut, &options, &plan, &err);
        if (result == REEL_OK)
            tell_left_out(film, chosen, options.track_count, plan);
        struct start start = {.cut = &cut};
        const struct about about = {put_start, &start};
        if (result == REEL_OK)
            result = reel_write_cut_start(film->movie, &cut, &start.at, &start.timescale, &err);
        if (result == REEL_OK)
            tell_start(cli, film, &start);
        status = write_plan(cli, film, NULL, result, plan, &about, &err);
    }
    free(chosen);
    return status;
}

static int run_cut(struct cli *cli)
{
    const struct settings *set = &cli->set;
    int status = write_check(cli, false);
    if (status != EXIT_FINE)
        return status;
    if (set->from.kind == WHEN_UNSET && set->to.kind == WHEN_UNSET) {
        complain("cut", "from when to when? give --from TIME, --to TIME or both");
        return EXIT_CALL;
    }
    if (when_empty(&set->from, &set->to)) {
        complain("cut", "nothing lies between --from and --to");
        return EXIT_CALL;
    }
    return film_each_or(cli, cut_film, write_unopened);
}

/* ---- the tables ---- */

static const struct option options_faststart[] = {WRITE_OUTPUT, WRITE_DRY, OPTIONS_READING, OPTIONS_LAST};
static const struct option options_defragment[] = {OPTION_TRACKS, WRITE_OUTPUT, WRITE_DRY, OPTIONS_READING,
                                                   OPTIONS_LAST};
static const struct option options_cut[] = {
    OPTION("from", 0, OPTION_WHEN, "TIME", from, "from the key picture at or before TIME on"),
    OPTION("to", 0, OPTION_WHEN, "TIME", to, "up to what is shown before TIME"),
    OPTION("exact", 'e', OPTION_FLAG, NULL, exact, "begin at TIME itself; what decoding needs before it is hidden"),
    OPTION_TRACKS,
    WRITE_OUTPUT,
    WRITE_DRY,
    OPTIONS_READING,
    OPTIONS_LAST};

const struct command command_faststart = {
    "faststart", "put the movie box in front, so that playing starts at once", "faststart [OPTION...] FILE",
    "The same boxes and bytes; only where chunks lie is told anew. What is in front already comes out as it is.\n",
    options_faststart, run_faststart};

const struct command command_defragment = {
    "defragment", "make a progressive film of a fragmented one", "defragment [OPTION...] FILE...",
    "Movie box in front, half a second of each track after the other. Nothing is decoded.\n"
    "Several FILEs are the media segments of one film behind --init.\n",
    options_defragment, run_defragment};

const struct command command_cut = {
    "cut", "write a part of a film as a film", "cut [OPTION...] FILE...",
    "Nothing is decoded: the part begins at a key picture, or with --exact at TIME, with an edit list that hides\n"
    "the pictures before it.\n"
    "TIME: 12.5, 1:02:03.5, 90%, or #250, a sample number.\n"
    "Several FILEs are the media segments of one film behind --init.\n",
    options_cut, run_cut};
