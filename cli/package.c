/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * package.c: reel package: the tree of files that a static server needs for HLS and DASH. What the origin would
 * answer, each answer in a file of the name that it has in the playlists:
 *
 *     FOLDER/  master.m3u8  manifest.mpd
 *       [N/]   tID/  index.m3u8  iframes.m3u8  init.mp4  TIME.m4s  iTIME.m4s  TIME.vtt  file.vtt
 *
 * Playlists come behind what they name, so that whoever reads the tree meanwhile finds it.
 */
#include "write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEGMENT_MS = 4000, MOST_SEGMENT_MS = 3600000, NANO_PER_MS = 1000000, PREFIX_ROOM = 24 };

/* One film of the title. */
struct rendition {
    struct film film;
    reel_segmenter segmenter;
    char prefix[PREFIX_ROOM]; /* "", or "2/" */
    int fd;
};

struct package {
    struct cli *cli;
    struct rendition *rendition;
    size_t renditions;
    struct rendition *now;
    char *path; /* of the file that is written */
    size_t path_room;
    uint64_t files, bytes;
    reel_error err;
};

/* ---- files ---- */

static int make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return EXIT_FINE;
    complain(path, "%s", strerror(errno));
    return EXIT_INPUT;
}

/* FOLDER/[N/][tID/]NAME into p->path; track 0: none. */
static void set_path(struct package *p, const char *prefix, uint32_t track, const char *name)
{
    char folder[PREFIX_ROOM] = "";
    if (track)
        snprintf(folder, sizeof folder, "t%u/", (unsigned)track);
    snprintf(p->path, p->path_room, "%s/%s%s%s", p->cli->set.output, prefix, folder, name);
}

/* Writes the plan to p->path and closes it; result is what came of making it. */
static int put(struct package *p, int result, reel_plan *plan)
{
    struct film *film = &p->now->film;
    struct save *save;
    struct progress none = {.on = false};
    if (result != REEL_OK)
        return film_complain(film, &p->err);
    int status = p->cli->set.dry_run ? EXIT_FINE : save_open(film, p->path, &save);
    if (status == EXIT_FINE && !p->cli->set.dry_run) {
        const int fds[] = {p->now->fd};
        status = save_plan(save, plan, reel_plan_source(plan, 0) && !reel_plan_source(plan, 1) ? fds : NULL, &none);
        int saved = save_close(&save, status == EXIT_FINE);
        status = saved > status ? saved : status;
    }
    p->files++;
    p->bytes += reel_plan_size(plan);
    reel_plan_close(&plan);
    return status;
}

/* ---- what a playlist names ---- */

static int put_segment(struct package *p, const reel_track *track, int64_t time)
{
    reel_segment segment;
    reel_plan *plan = NULL;
    int result = reel_segment_named(&p->now->segmenter, track, time, &segment, &p->err);
    if (result == REEL_OK)
        result = reel_stream_segment(&p->now->segmenter, &segment, &track, 1, NULL, &plan, &p->err);
    return put(p, result, plan);
}

static int put_cues(struct package *p, const reel_track *track, int64_t time)
{
    reel_segment segment;
    reel_plan *plan = NULL;
    int result = reel_segmenter_at(&p->now->segmenter, time, &segment, &p->err);
    if (result == REEL_OK)
        result = reel_stream_webvtt(&p->now->segmenter, &segment, track, true, NULL, &plan, &p->err);
    return put(p, result, plan);
}

static int put_picture(struct package *p, const reel_track *track, int64_t time)
{
    uint64_t i;
    reel_plan *plan = NULL;
    int result = reel_track_find_pts(track, time - reel_track_stream_shift(track), &i, &p->err);
    if (result == REEL_OK)
        result = reel_stream_samples(track, i, i + 1, (uint32_t)(i + 1), NULL, &plan, &p->err);
    return put(p, result, plan);
}

/* One name of a playlist: TIME.m4s, iTIME.m4s, TIME.vtt. */
static int put_named(struct package *p, const reel_track *track, const char *name)
{
    bool picture = *name == 'i';
    char *end;
    int64_t time = strtoll(name + picture, &end, 10);
    set_path(p, p->now->prefix, reel_track_id(track), name);
    if (!strcmp(end, ".vtt"))
        return put_cues(p, track, time);
    int status = picture ? put_picture(p, track, time) : put_segment(p, track, time);
    if (status != EXIT_FINE || picture || time >= 0)
        return status;
    /* In DASH no time is negative: sound that begins before 0 is named 0 there. */
    set_path(p, p->now->prefix, reel_track_id(track), "0.m4s");
    return put_segment(p, track, 0);
}

/* The text of a plan that is all made, ending with NUL; NULL: no memory. */
static char *text_of(const reel_plan *plan)
{
    size_t n = (size_t)reel_plan_size(plan);
    char *text = malloc(n + 1);
    if (text && reel_plan_read(plan, 0, text, n, NULL) != REEL_OK)
        n = 0;
    if (text)
        text[n] = 0;
    return text;
}

static int put_all_named(struct package *p, const reel_track *track, char *text)
{
    int status = EXIT_FINE;
    char *rest = text, *line;
    while (status == EXIT_FINE && (line = strsep(&rest, "\n")))
        if (*line && *line != '#')
            status = put_named(p, track, line);
    return status;
}

/* A media playlist, behind the files that it names. */
static int put_playlist(struct package *p, const reel_track *track, const char *name, int result, reel_plan *plan)
{
    char *text = result == REEL_OK ? text_of(plan) : NULL;
    int status = text ? put_all_named(p, track, text) : EXIT_FINE;
    free(text);
    if (status != EXIT_FINE) {
        reel_plan_close(&plan);
        return status;
    }
    set_path(p, p->now->prefix, reel_track_id(track), name);
    return put(p, result, plan);
}

/* ---- tracks ---- */

static int put_init(struct package *p, const reel_track *track)
{
    reel_plan *plan = NULL;
    set_path(p, p->now->prefix, reel_track_id(track), "init.mp4");
    int result = reel_stream_init(&track, 1, NULL, &plan, &p->err);
    return put(p, result, plan);
}

static int put_whole_text(struct package *p, const reel_track *track)
{
    reel_plan *plan = NULL;
    set_path(p, p->now->prefix, reel_track_id(track), "file.vtt");
    int result = reel_stream_webvtt(&p->now->segmenter, NULL, track, false, NULL, &plan, &p->err);
    return put(p, result, plan);
}

/* Does the text name that file of that track? */
static bool names(const struct package *p, const char *text, const reel_track *track, const char *name)
{
    char uri[64];
    snprintf(uri, sizeof uri, "%st%u/%s", p->now->prefix, (unsigned)reel_track_id(track), name);
    size_t n = strlen(uri);
    for (const char *at = text; (at = strstr(at, uri)); at += n) {
        char before = at == text ? '\n' : at[-1], behind = at[n];
        if ((before == '\n' || before == '"' || before == '>') && (behind == 0 || strchr("\n\"<", behind)))
            return true;
    }
    return false;
}

static int put_track(struct package *p, const reel_track *track, const char *master, const char *manifest)
{
    reel_plan *plan = NULL;
    int status = EXIT_FINE;
    bool index = names(p, master, track, "index.m3u8") || names(p, manifest, track, "");
    bool pictures = names(p, master, track, "iframes.m3u8"), text = names(p, manifest, track, "file.vtt");
    if (!index && !pictures && !text)
        return EXIT_FINE;
    set_path(p, p->now->prefix, reel_track_id(track), "");
    if (!p->cli->set.dry_run)
        status = make_folder(p->path);
    reel_track_info info;
    reel_track_get_info(track, &info);
    if (status == EXIT_FINE && info.type != REEL_TRACK_TEXT)
        status = put_init(p, track);
    if (status == EXIT_FINE && text)
        status = put_whole_text(p, track);
    if (status == EXIT_FINE && index) {
        int result = reel_hls_media(&p->now->segmenter, &track, 1, NULL, &plan, &p->err);
        status = put_playlist(p, track, "index.m3u8", result, plan);
    }
    plan = NULL;
    if (status == EXIT_FINE && pictures) {
        int result = reel_hls_iframes(&p->now->segmenter, track, NULL, &plan, &p->err);
        status = put_playlist(p, track, "iframes.m3u8", result, plan);
    }
    return status;
}

static int put_tracks(struct package *p, const char *master, const char *manifest)
{
    int status = EXIT_FINE;
    for (size_t i = 0; i < p->renditions && status == EXIT_FINE; i++) {
        p->now = &p->rendition[i];
        set_path(p, p->now->prefix, 0, "");
        if (!p->cli->set.dry_run)
            status = make_folder(p->path);
        for (size_t k = 0; k < reel_movie_track_count(p->now->film.movie) && status == EXIT_FINE; k++) {
            status = put_track(p, reel_movie_track(p->now->film.movie, k), master, manifest);
            progress_step(&p->cli->progress, i * 100 + k, p->renditions * 100);
        }
    }
    return status;
}

/* ---- the title ---- */

static int put_title(struct package *p, reel_plan *master, reel_plan *manifest)
{
    char *m = text_of(master), *d = text_of(manifest);
    int status = m && d ? EXIT_FINE : EXIT_INPUT;
    if (status == EXIT_FINE && !p->cli->set.dry_run)
        status = make_folder(p->cli->set.output);
    if (status == EXIT_FINE)
        status = put_tracks(p, m, d);
    free(m);
    free(d);
    p->now = &p->rendition[0];
    set_path(p, "", 0, "master.m3u8");
    if (status == EXIT_FINE)
        status = put(p, REEL_OK, master);
    else
        reel_plan_close(&master);
    set_path(p, "", 0, "manifest.mpd");
    if (status == EXIT_FINE)
        status = put(p, REEL_OK, manifest);
    else
        reel_plan_close(&manifest);
    return status;
}

static int package(struct package *p)
{
    reel_rendition *list = calloc(p->renditions, sizeof *list);
    reel_plan *master = NULL, *manifest = NULL;
    p->path_room = strlen(p->cli->set.output) + 128;
    p->path = malloc(p->path_room);
    p->now = &p->rendition[0];
    int result = list && p->path ? REEL_OK : REEL_E_NOMEM;
    p->err = (reel_error){.code = result, .offset = REEL_NO_OFFSET, .text = "out of memory"};
    for (size_t i = 0; i < p->renditions && result == REEL_OK; i++)
        list[i] = (reel_rendition){&p->rendition[i].segmenter, p->rendition[i].prefix};
    if (result == REEL_OK)
        result = reel_hls_multivariant(list, p->renditions, NULL, &master, &p->err);
    if (result == REEL_OK)
        result = reel_dash_manifest(list, p->renditions, NULL, &manifest, &p->err);
    int status = result == REEL_OK ? put_title(p, master, manifest) : film_complain(&p->now->film, &p->err);
    if (result != REEL_OK)
        reel_plan_close(&master);
    free(list);
    free(p->path);
    return status;
}

static void tell(struct package *p)
{
    struct out *o = &p->cli->out;
    if (p->cli->set.format != FORMAT_TEXT) {
        struct json *j = &p->cli->json;
        json_object(j, NULL);
        json_str(j, "folder", p->cli->set.output);
        json_u64(j, "files", p->files);
        json_u64(j, "size", p->bytes);
        json_close(j, '}');
        return;
    }
    out_grouped(o, p->files);
    out_str(o, p->files == 1 ? " file, " : " files, ");
    out_grouped(o, p->bytes);
    out_str(o, " bytes\n");
}

static int open_rendition(struct cli *cli, struct rendition *r, size_t i, uint32_t ms)
{
    reel_error err = {0};
    r->fd = -1;
    int status = film_open(&cli->set, cli->set.args + i, 1, &r->film);
    if (status != EXIT_FINE) {
        r->film.name = NULL;
        return status;
    }
    r->fd = film_fd(&r->film);
    if (cli->set.arg_count > 1)
        snprintf(r->prefix, sizeof r->prefix, "%zu/", i + 1);
    int result = reel_segmenter_init(&r->segmenter, r->film.movie, ms, &err);
    return result == REEL_OK ? EXIT_FINE : film_complain(&r->film, &err);
}

static int run(struct cli *cli)
{
    const struct settings *set = &cli->set;
    const struct when *w = &set->segment;
    uint64_t ms = w->kind == WHEN_UNSET ? SEGMENT_MS : (uint64_t)w->value / NANO_PER_MS;
    if (!set->output || !strcmp(set->output, "-")) {
        complain("package", "where to? give a folder: -o FOLDER");
        return EXIT_CALL;
    }
    if (w->kind > WHEN_TIME || ms < 1 || ms > MOST_SEGMENT_MS) {
        complain("package", "--segment: a time such as 4 or 0.5 is wanted, up to an hour");
        return EXIT_CALL;
    }
    struct package p = {.cli = cli, .renditions = set->arg_count};
    p.rendition = calloc(p.renditions, sizeof *p.rendition);
    int status = p.rendition ? EXIT_FINE : EXIT_INPUT;
    for (size_t i = 0; i < p.renditions && status == EXIT_FINE; i++)
        status = open_rendition(cli, &p.rendition[i], i, (uint32_t)ms);
    progress_start(&cli->progress);
    if (status == EXIT_FINE)
        status = package(&p);
    progress_end(&cli->progress);
    if (status == EXIT_FINE)
        tell(&p);
    for (size_t i = 0; p.rendition && i < p.renditions && p.rendition[i].film.name; i++) {
        if (p.rendition[i].fd >= 0)
            close(p.rendition[i].fd);
        status = film_close(set, &p.rendition[i].film, status);
    }
    free(p.rendition);
    return status;
}

static const struct option options[] = {
    OPTION("output", 'o', OPTION_TEXT, "FOLDER", output, "the folder to write to; it is made if it is not there"),
    OPTION("segment", 's', OPTION_WHEN, "TIME", segment, "how long a segment is, at least; 4 by default"),
    OPTION("dry-run", 'n', OPTION_FLAG, NULL, dry_run, "write nothing, count files and bytes"),
    OPTION_FORMAT,
    OPTION("strict", 0, OPTION_FLAG, NULL, strict, "what the standard forbids is an error"),
    OPTION("no-map", 0, OPTION_FLAG, NULL, no_map, "read the file, do not map it"),
    OPTIONS_LAST};

const struct command command_package = {
    "package", "write HLS and DASH for a static server", "package [OPTION...] FILE...",
    "FOLDER/master.m3u8 and FOLDER/manifest.mpd name the same segments (CMAF), a file each, in a folder for each track.\n"
    "Several FILEs are the bit rates of one title. Nothing is encoded.\n",
    options, run};
