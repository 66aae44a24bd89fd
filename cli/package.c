/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * package.c: reel package: the tree of files that a static server needs for HLS and DASH. Each track is one file, and
 * playlists name ranges of it; or, with --copy, what the origin would answer, each answer in a file of the name that it
 * has in the playlists:
 *
 *     FOLDER/  master.m3u8  manifest.mpd  sub/NAME/  index.m3u8  file.vtt
 *       [N/]   tID/  index.m3u8  media.mp4  iframes.m3u8  iframes.mp4  file.vtt
 *     --copy   tID/  index.m3u8  init.mp4  TIME.m4s  iframes.m3u8  iTIME.m4s  TIME.vtt  file.vtt
 *
 * Playlists come behind what they name, so that whoever reads the tree meanwhile finds it.
 */
#include "beside.h"
#include "lanes.h"
#include "tree.h"
#include "write.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEGMENT_MS = 6000, MOST_SEGMENT_MS = 3600000, NANO_PER_MS = 1000000 };
enum { PREFIX_ROOM = 24, NAME_ROOM = 64, MOST_WARNINGS = 16 };

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
    struct tree tree;
    struct beside beside;
    reel_stream_file **file; /* of the tracks that are one each; none with --copy */
    size_t files;
    reel_sidecar *sidecar;
    reel_playlist_options options; /* of all playlists */
    char warning[MOST_WARNINGS][224]; /* for JSON */
    size_t warnings;
    reel_error err;
};

/* ---- files ---- */

/* "[N/][tID/]NAME"; track NULL: none. */
static void path_of(char out[NAME_ROOM], const char *prefix, const reel_track *track, const char *name)
{
    char folder[PREFIX_ROOM] = "";
    if (track)
        snprintf(folder, sizeof folder, "t%u/", (unsigned)reel_track_id(track));
    snprintf(out, NAME_ROOM, "%s%s%s", prefix, folder, name);
}

/* Is the file that comes to stand at path one that subtitles are read from? */
static bool is_beside(const struct beside *b, const char *path)
{
    struct stat there, st;
    bool is = false;
    if (stat(path, &there) < 0)
        return false;
    for (size_t i = 0; i < b->n && !is; i++)
        is = stat(b->file[i].path, &st) == 0 && st.st_dev == there.st_dev && st.st_ino == there.st_ino;
    return is;
}

/* Nothing that is read may lie where the file comes to stand. */
static int check_path(const struct package *p, const char *path)
{
    size_t n = strlen(p->tree.folder) + strlen(path) + 2;
    char *full = malloc(n);
    int status = full ? EXIT_FINE : EXIT_INPUT;
    if (full)
        snprintf(full, n, "%s/%s", p->tree.folder, path);
    for (size_t i = 0; status == EXIT_FINE && i < p->renditions; i++)
        if (film_is_at(&p->rendition[i].film, full)) {
            complain(full, "this is one of the films themselves, and would be lost");
            status = EXIT_CALL;
        }
    if (status == EXIT_FINE && is_beside(&p->beside, full)) {
        complain(full, "this is one of the subtitle files themselves, and would be lost (--no-subtitles leaves them "
                       "out)");
        status = EXIT_CALL;
    }
    free(full);
    return status;
}

/*
 * Bytes of the film's that are now made of it. Samples were added up before the first file; but a cue is written again
 * in each segment that it lasts into.
 */
static int charge(struct film *film, uint64_t bytes, const char *refusal)
{
    if (bytes > film->writable) {
        complain(film->name, "%s", refusal);
        return EXIT_INPUT;
    }
    film->writable -= bytes;
    return EXIT_FINE;
}

static uint64_t copied_bytes(const reel_plan *plan)
{
    reel_piece piece;
    uint64_t n = 0;
    for (uint64_t at = 0; reel_plan_piece(plan, at, UINT64_MAX, &piece) == REEL_OK; at += piece.size)
        n += piece.data ? 0 : piece.size;
    return n;
}

static int put_at(struct package *p, const char *path, const reel_plan *plan)
{
    int status = check_path(p, path);
    if (status == EXIT_FINE)
        status = charge(&p->now->film, copied_bytes(plan), FILM_OVERLAPS);
    return status == EXIT_FINE ? tree_put(&p->tree, &p->now->film, p->now->fd, path, plan) : status;
}

/* The plan as a file of the track, and closes it; result is what came of making it. */
static int put(struct package *p, const reel_track *track, const char *name, int result, reel_plan *plan)
{
    char path[NAME_ROOM];
    if (result != REEL_OK)
        return write_refuse(&p->now->film, &p->err);
    path_of(path, p->now->prefix, track, name);
    int status = put_at(p, path, plan);
    reel_plan_close(&plan);
    return status;
}

/* The same for text that was made of samples. */
static int put_text(struct package *p, const reel_track *track, const char *name, int result, reel_plan *plan)
{
    static const char refusal[] = "its texts, each in all segments that it lasts into, would be far more than the file";
    int status = result == REEL_OK ? charge(&p->now->film, reel_plan_size(plan), refusal) : EXIT_FINE;
    if (status == EXIT_FINE)
        return put(p, track, name, result, plan);
    reel_plan_close(&plan);
    return status;
}

/* ---- what a playlist names ---- */

static int put_segment(struct package *p, const reel_track *track, int64_t time, const char *name)
{
    reel_segment segment;
    reel_plan *plan = NULL;
    int result = reel_segment_named(&p->now->segmenter, track, time, &segment, &p->err);
    if (result == REEL_OK)
        result = reel_stream_segment(&p->now->segmenter, &segment, &track, 1, NULL, &plan, &p->err);
    return put(p, track, name, result, plan);
}

static int put_cues(struct package *p, const reel_track *track, int64_t time, const char *name)
{
    reel_segment segment;
    reel_plan *plan = NULL;
    int result = reel_segmenter_at(&p->now->segmenter, time, &segment, &p->err);
    if (result == REEL_OK)
        result = reel_stream_webvtt(&p->now->segmenter, &segment, track, true, NULL, &plan, &p->err);
    return put_text(p, track, name, result, plan);
}

static int put_picture(struct package *p, const reel_track *track, int64_t time, const char *name)
{
    reel_plan *plan = NULL;
    int result = reel_stream_picture(track, time, NULL, &plan, &p->err);
    return put(p, track, name, result, plan);
}

/* One name of a playlist: TIME.m4s, iTIME.m4s, TIME.vtt. */
static int put_named(struct package *p, const reel_track *track, const char *name)
{
    bool picture = *name == 'i';
    char *end;
    int64_t time = strtoll(name + picture, &end, 10);
    if (!strcmp(end, ".vtt"))
        return put_cues(p, track, time, name);
    int status = picture ? put_picture(p, track, time, name) : put_segment(p, track, time, name);
    if (status != EXIT_FINE || picture || time >= 0)
        return status;
    /* In DASH no time is negative: sound that begins before 0 is named 0 there. */
    return put_segment(p, track, 0, "0.m4s");
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

static int put_init(struct package *p, const reel_track *track)
{
    reel_plan *plan = NULL;
    int result = reel_stream_init(&track, 1, NULL, &plan, &p->err);
    return put(p, track, "init.mp4", result, plan);
}

/* A media playlist, behind the files that it names. */
static int put_playlist(struct package *p, const reel_track *track, const char *name, int result, reel_plan *plan)
{
    char *text = result == REEL_OK && p->cli->set.copy ? text_of(plan) : NULL;
    int status = EXIT_FINE;
    if (text && !strcmp(name, "index.m3u8") && strstr(text, "#EXT-X-MAP"))
        status = put_init(p, track);
    if (text && status == EXIT_FINE)
        status = put_all_named(p, track, text);
    free(text);
    if (status == EXIT_FINE)
        return put(p, track, name, result, plan);
    reel_plan_close(&plan);
    return status;
}

/* ---- tracks as one file each ---- */

static const reel_stream_file *file_of(const struct package *p, const reel_track *track)
{
    for (size_t i = 0; i < p->files; i++)
        if (reel_stream_file_track(p->file[i]) == track)
            return p->file[i];
    return NULL;
}

static int make_file(struct package *p, const reel_track *track)
{
    reel_stream_file *file = NULL;
    int result = reel_stream_file_new(&p->now->segmenter, track, 0, NULL, &file, &p->err);
    if (result == REEL_OK)
        p->file[p->files++] = file;
    return result == REEL_OK || result == REEL_E_UNSUPPORTED ? EXIT_FINE : write_refuse(&p->now->film, &p->err);
}

/* They are there before the manifest, which names ranges of them. */
static int make_files(struct package *p)
{
    size_t n = 1;
    for (size_t i = 0; i < p->renditions; i++)
        n += reel_movie_track_count(p->rendition[i].film.movie);
    p->file = calloc(n, sizeof *p->file);
    int status = p->file ? EXIT_FINE : EXIT_INPUT;
    for (size_t i = 0; i < p->renditions && status == EXIT_FINE; i++) {
        p->now = &p->rendition[i];
        for (size_t k = 0; k < reel_movie_track_count(p->now->film.movie) && status == EXIT_FINE; k++) {
            const reel_track *track = reel_movie_track(p->now->film.movie, k);
            if (reel_track_streams(track))
                status = make_file(p, track);
        }
    }
    p->options.files = (const reel_stream_file *const *)p->file;
    p->options.file_count = p->files;
    return status;
}

/* The I pictures again: a range of media.mp4 would hold half a fragment, or all that stands before the picture. */
static int put_pictures(struct package *p, const reel_track *track)
{
    char path[NAME_ROOM];
    reel_stream_file *file = NULL;
    reel_plan *plan = NULL;
    int result = reel_stream_file_new(&p->now->segmenter, track, REEL_STREAM_FILE_PICTURES, NULL, &file, &p->err);
    if (result != REEL_OK)
        return write_refuse(&p->now->film, &p->err);
    const reel_stream_file *const files[] = {file};
    reel_playlist_options options = p->options;
    options.files = files;
    options.file_count = 1;
    path_of(path, p->now->prefix, track, "iframes.mp4");
    int status = put_at(p, path, reel_stream_file_plan(file));
    if (status == EXIT_FINE) {
        result = reel_hls_iframes(&p->now->segmenter, track, &options, &plan, &p->err);
        status = put(p, track, "iframes.m3u8", result, plan);
    }
    reel_stream_file_close(&file);
    return status;
}

/* ---- tracks ---- */

static int put_media(struct package *p, const reel_track *track)
{
    char path[NAME_ROOM];
    reel_plan *plan = NULL;
    const reel_stream_file *file = file_of(p, track);
    int status = EXIT_FINE, result;
    path_of(path, p->now->prefix, track, "media.mp4");
    if (file)
        status = put_at(p, path, reel_stream_file_plan(file));
    if (status != EXIT_FINE)
        return status;
    if (file || p->cli->set.copy)
        result = reel_hls_media(&p->now->segmenter, &track, 1, &p->options, &plan, &p->err);
    else
        result = reel_hls_sidecar(&p->now->segmenter, "file.vtt", &p->options, &plan, &p->err);
    return put_playlist(p, track, "index.m3u8", result, plan);
}

static int put_iframes(struct package *p, const reel_track *track)
{
    reel_plan *plan = NULL;
    if (!p->cli->set.copy)
        return put_pictures(p, track);
    int result = reel_hls_iframes(&p->now->segmenter, track, &p->options, &plan, &p->err);
    return put_playlist(p, track, "iframes.m3u8", result, plan);
}

static int put_whole_text(struct package *p, const reel_track *track)
{
    reel_plan *plan = NULL;
    int result = reel_stream_webvtt(&p->now->segmenter, NULL, track, false, NULL, &plan, &p->err);
    return put_text(p, track, "file.vtt", result, plan);
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
    int status = EXIT_FINE;
    bool media = names(p, master, track, "index.m3u8") || names(p, manifest, track, "") ||
                 names(p, manifest, track, "media.mp4");
    bool text = names(p, manifest, track, "file.vtt");
    if (!reel_track_streams(track))
        film_leave_out(&p->now->film, track, true, "it cannot be a part of a stream");
    else if (!media && !text && p->renditions == 1) /* of several films one may have the sound of all */
        film_leave_out(&p->now->film, track, true, "no playlist has a place for it");
    if (text)
        status = put_whole_text(p, track);
    if (status == EXIT_FINE && media)
        status = put_media(p, track);
    if (status == EXIT_FINE && names(p, master, track, "iframes.m3u8"))
        status = put_iframes(p, track);
    return status;
}

static int put_tracks(struct package *p, const char *master, const char *manifest)
{
    int status = EXIT_FINE;
    for (size_t i = 0; i < p->renditions && status == EXIT_FINE; i++) {
        p->now = &p->rendition[i];
        for (size_t k = 0; k < reel_movie_track_count(p->now->film.movie) && status == EXIT_FINE; k++)
            status = put_track(p, reel_movie_track(p->now->film.movie, k), master, manifest);
    }
    p->now = &p->rendition[0];
    return status;
}

/* ---- subtitle files ---- */

static int find_subtitles(struct package *p)
{
    int status = EXIT_FINE;
    for (size_t i = 0; i < p->renditions && status == EXIT_FINE && !p->cli->set.no_subtitles; i++)
        status = beside_find(&p->beside, p->rendition[i].film.name);
    p->sidecar = calloc(p->beside.n + 1, sizeof *p->sidecar);
    if (!p->sidecar)
        return EXIT_INPUT;
    for (size_t i = 0; i < p->beside.n; i++)
        p->sidecar[i] = beside_sidecar(&p->beside.file[i]);
    p->options.sidecars = p->sidecar;
    p->options.sidecar_count = p->beside.n;
    return status;
}

static int put_leaf(struct package *p, const struct beside_file *f, const char *leaf, reel_plan *plan)
{
    size_t n = strlen(f->name) + strlen(leaf) + 6;
    char *path = malloc(n);
    if (path)
        snprintf(path, n, "sub/%s/%s", f->name, leaf);
    int status = path ? put_at(p, path, plan) : EXIT_INPUT;
    free(path);
    reel_plan_close(&plan);
    return status;
}

static int put_subtitles(struct package *p, const struct beside_file *f)
{
    reel_plan *plan = NULL;
    int status = beside_read(f, &plan);
    if (status == EXIT_FINE)
        status = put_leaf(p, f, "file.vtt", plan);
    if (status != EXIT_FINE)
        return status;
    plan = NULL;
    int result = reel_hls_sidecar(&p->now->segmenter, "file.vtt", &p->options, &plan, &p->err);
    return result == REEL_OK ? put_leaf(p, f, "index.m3u8", plan) : write_refuse(&p->now->film, &p->err);
}

/* ---- the title ---- */

static int put_all(struct package *p, const reel_plan *master, const reel_plan *manifest)
{
    char *m = text_of(master), *d = text_of(manifest);
    int status = m && d ? put_tracks(p, m, d) : EXIT_INPUT;
    free(m);
    free(d);
    for (size_t i = 0; i < p->beside.n && status == EXIT_FINE; i++)
        status = put_subtitles(p, &p->beside.file[i]);
    if (status == EXIT_FINE)
        status = put_at(p, "master.m3u8", master);
    return status == EXIT_FINE ? put_at(p, "manifest.mpd", manifest) : status;
}

static int put_title(struct package *p)
{
    reel_rendition *list = calloc(p->renditions, sizeof *list);
    reel_plan *master = NULL, *manifest = NULL;
    int result = list ? REEL_OK : REEL_E_NOMEM;
    p->now = &p->rendition[0];
    p->err = (reel_error){.code = result, .offset = REEL_NO_OFFSET, .text = "out of memory"};
    for (size_t i = 0; i < p->renditions && result == REEL_OK; i++)
        list[i] = (reel_rendition){&p->rendition[i].segmenter, p->rendition[i].prefix};
    if (result == REEL_OK)
        result = reel_hls_multivariant(list, p->renditions, &p->options, &master, &p->err);
    if (result == REEL_OK)
        result = reel_dash_manifest(list, p->renditions, &p->options, &manifest, &p->err);
    int status = result == REEL_OK ? put_all(p, master, manifest) : write_refuse(&p->now->film, &p->err);
    reel_plan_close(&master);
    reel_plan_close(&manifest);
    free(list);
    return status;
}

static void tell_first(struct package *p)
{
    struct json *j = &p->cli->json;
    json_object(j, NULL);
    json_str(j, "folder", p->cli->set.output);
    if (p->warnings)
        json_array(j, "warnings");
    for (size_t i = 0; i < p->warnings; i++)
        json_str(j, NULL, p->warning[i]);
    if (p->warnings)
        json_close(j, ']');
    if (p->cli->set.dry_run)
        json_array(j, "plan");
}

static void tell_last(struct package *p)
{
    struct json *j = &p->cli->json;
    if (p->cli->set.dry_run)
        json_close(j, ']');
    json_u64(j, "files", p->tree.files);
    json_u64(j, "size", p->tree.bytes);
    json_close(j, '}');
}

static void tell(struct package *p)
{
    struct out *o = &p->cli->out;
    out_grouped(o, p->tree.files);
    out_str(o, p->tree.files == 1 ? " file, " : " files, ");
    out_grouped(o, p->tree.bytes);
    out_str(o, " bytes\n");
}

/* What --dry-run shows as JSON is a whole document also when it ends early. */
static int put_title_and_tell(struct package *p)
{
    const bool json = p->cli->set.format != FORMAT_TEXT, shown = p->cli->set.dry_run;
    if (json && shown)
        tell_first(p);
    int status = tree_close(&p->tree, put_title(p));
    if (json && !shown && status == EXIT_FINE)
        tell_first(p);
    if (json && (shown || status == EXIT_FINE))
        tell_last(p);
    else if (status == EXIT_FINE)
        tell(p);
    return status;
}

/* What lies over each other is refused before anything is made of it. */
static int check_films(struct package *p)
{
    int status = EXIT_FINE;
    for (size_t i = 0; i < p->renditions && status == EXIT_FINE; i++) {
        const struct film *film = &p->rendition[i].film;
        size_t n = 0, all = reel_movie_track_count(film->movie);
        const reel_track **tracks = calloc(all + 1, sizeof *tracks);
        if (!tracks)
            return EXIT_INPUT;
        for (size_t k = 0; k < all; k++)
            if (reel_track_streams(reel_movie_track(film->movie, k)))
                tracks[n++] = reel_movie_track(film->movie, k);
        if (lanes_check_output(film, tracks, n, !p->cli->set.no_iframes, &p->err) != REEL_OK)
            status = write_refuse(film, &p->err);
        free(tracks);
    }
    return status;
}

/* ---- are they one title? ---- */

static void warn(struct package *p, const struct rendition *r, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void warn(struct package *p, const struct rendition *r, const char *format, ...)
{
    char text[160];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (p->cli->set.format == FORMAT_TEXT)
        complain(r->film.name, "warning: %s", text);
    else if (p->warnings < MOST_WARNINGS)
        snprintf(p->warning[p->warnings++], sizeof p->warning[0], "%.48s: %s", r->film.name, text);
}

static const reel_track *picture(const struct rendition *r)
{
    return reel_movie_default_track(r->film.movie, REEL_TRACK_VIDEO);
}

static double seconds_of(const struct rendition *r)
{
    int64_t ticks = 0;
    const reel_track *t = picture(r);
    t = t ? t : reel_movie_default_track(r->film.movie, REEL_TRACK_AUDIO);
    if (!t || reel_track_presentation_duration(t, &ticks, NULL) != REEL_OK)
        return 0;
    return (double)ticks / reel_track_timescale(t);
}

/* Width to height as it is shown; 0: not known. */
static double aspect_of(const reel_track *t)
{
    reel_description d;
    if (reel_track_description(t, 1, &d, NULL) != REEL_OK || !d.width || !d.height)
        return 0;
    double pixel = d.pixel_aspect.num && d.pixel_aspect.den ? (double)d.pixel_aspect.num / d.pixel_aspect.den : 1;
    return pixel * d.width / d.height;
}

static double begin_of(const struct rendition *r, const reel_segment *s)
{
    return (double)s->time / reel_track_timescale(picture(r));
}

/* Players change over between segments, which have to begin at the same times. */
static void compare_segments(struct package *p, const struct rendition *a, const struct rendition *b)
{
    enum { APART_MS = 50 };
    reel_segment x, y;
    int more_x = reel_segmenter_at(&a->segmenter, INT64_MIN, &x, NULL);
    int more_y = reel_segmenter_at(&b->segmenter, INT64_MIN, &y, NULL);
    while (more_x == REEL_OK && more_y == REEL_OK) {
        double at = begin_of(a, &x), other = begin_of(b, &y);
        if ((at - other) * 1000 > APART_MS || (other - at) * 1000 > APART_MS) {
            warn(p, b, "a segment begins at %.3f s, in the first film at %.3f s: players cannot change over there "
                 "(key pictures have to come at the same times)", other, at);
            return;
        }
        more_x = reel_segmenter_next(&a->segmenter, &x, &x, NULL);
        more_y = reel_segmenter_next(&b->segmenter, &y, &y, NULL);
    }
}

/* Renditions are the same title at other bit rates. Whoever gives others is told, and gets them. */
static void compare(struct package *p, const struct rendition *r)
{
    const struct rendition *first = &p->rendition[0];
    const struct when *w = &p->cli->set.segment;
    const double segment = w->kind == WHEN_UNSET ? SEGMENT_MS / 1e3 : (double)w->value / 1e9;
    double a = seconds_of(first), b = seconds_of(r);
    if (a - b > segment || b - a > segment)
        warn(p, r, "it lasts %.3f s, the first film %.3f s: are they one title?", b, a);
    if (!picture(first) || !picture(r))
        return;
    double wide = aspect_of(picture(first)), other = aspect_of(picture(r));
    if (wide > 0 && other > 0 && (wide > other * 1.02 || other > wide * 1.02))
        warn(p, r, "its pictures are %.3f times as wide as high, those of the first film %.3f times", other, wide);
    compare_segments(p, first, r);
}

static uint64_t bytes_of_films(const struct package *p)
{
    uint64_t n = 0;
    for (size_t i = 0; i < p->renditions; i++)
        n += reel_source_size(p->rendition[i].film.source);
    return n;
}

static int package(struct package *p)
{
    p->options.sizeof_options = sizeof p->options;
    p->options.flags = p->cli->set.no_iframes ? REEL_STREAM_NO_PICTURES : 0;
    int status = check_films(p);
    for (size_t i = 1; i < p->renditions && status == EXIT_FINE; i++)
        compare(p, &p->rendition[i]);
    if (status == EXIT_FINE)
        status = find_subtitles(p);
    if (status == EXIT_FINE && !p->cli->set.copy)
        status = make_files(p);
    if (status == EXIT_FINE)
        status = tree_open(&p->tree, p->cli, p->cli->set.output, bytes_of_films(p));
    if (status == EXIT_FINE)
        status = put_title_and_tell(p);
    else
        tree_close(&p->tree, status);
    for (size_t i = 0; i < p->files; i++)
        reel_stream_file_close(&p->file[i]);
    free(p->file);
    free(p->sidecar);
    beside_free(&p->beside);
    return status;
}

static int open_rendition(struct cli *cli, struct rendition *r, size_t i, uint32_t ms)
{
    reel_error err = {0};
    r->fd = -1;
    int status = film_open_or(cli, cli->set.args + i, 1, &r->film, write_unopened);
    if (status != EXIT_FINE) {
        r->film.name = NULL;
        return status;
    }
    r->fd = film_fd(&r->film);
    if (cli->set.arg_count > 1)
        snprintf(r->prefix, sizeof r->prefix, "%zu/", i + 1);
    int result = reel_segmenter_init(&r->segmenter, r->film.movie, ms, &err);
    return result == REEL_OK ? EXIT_FINE : write_refuse(&r->film, &err);
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
    progress_start(&cli->progress, false);
    if (status == EXIT_FINE)
        status = package(&p);
    progress_end(&cli->progress);
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
    OPTION("segment", 's', OPTION_WHEN, "TIME", segment, "how long a segment is, at least; 6 by default"),
    OPTION("copy", 'c', OPTION_FLAG, NULL, copy, "each segment as a file of its own, not as a range of one"),
    OPTION("no-iframes", 0, OPTION_FLAG, NULL, no_iframes, "without the key pictures once more, for fast forward"),
    OPTION("no-subtitles", 0, OPTION_FLAG, NULL, no_subtitles, "without the subtitle files that lie beside the film"),
    OPTION("dry-run", 'n', OPTION_FLAG, NULL, dry_run, "write nothing; show which bytes would come from where"),
    OPTION_FORMAT,
    OPTION("strict", 0, OPTION_FLAG, NULL, strict, "what the standard forbids is an error"),
    OPTION("no-map", 0, OPTION_FLAG, NULL, no_map, "read the file, do not map it"),
    OPTIONS_LAST};

const struct command command_package = {
    "package", "write HLS and DASH for a static server", "package [OPTION...] FILE...",
    "FOLDER/master.m3u8 and FOLDER/manifest.mpd name the same segments (CMAF): ranges of one fragmented MP4 for each\n"
    "track, or with --copy a file each. Several FILEs are the bit rates of one title. Nothing is encoded. Subtitle files\n"
    "beside a film come along: film.vtt, film.en.vtt, film.de.srt.\n",
    options, run};
