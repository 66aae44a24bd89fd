/* SPDX-License-Identifier: BSD-2-Clause */
/* film.c: from file names to an open film, and what is said when that fails. */
#include "cli.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WARNINGS_SHOWN = 8, OUTPUT_FACTOR = 4, OUTPUT_SLACK = 64 << 20 };

static unsigned source_flags(const struct settings *set)
{
    return REEL_SOURCE_GUARD | (set->no_map ? (unsigned)REEL_SOURCE_NO_MAP : 0);
}

static int complain_error(const char *name, const char *before, const reel_error *err)
{
    char line[512];
    reel_error_format(err, line, sizeof line);
    complain(name, "%s%s", before, line);
    return EXIT_INPUT;
}

static struct file_id id_of(const struct stat *st)
{
    return (struct file_id){(uint64_t)st->st_dev, (uint64_t)st->st_ino};
}

static bool same_file(struct file_id a, struct file_id b)
{
    return a.device == b.device && a.inode == b.inode;
}

/* Whatever is printed would be written over what is read: reel packets film.mp4 1<>film.mp4 */
static int check_output(const char *name, const struct stat *in)
{
    struct stat out;
    if (!S_ISREG(in->st_mode) || fstat(STDOUT_FILENO, &out) < 0 || !same_file(id_of(in), id_of(&out)))
        return EXIT_FINE;
    complain(name, "standard output is this file itself, which would be lost");
    return EXIT_CALL;
}

static int identify(const char *name, struct file_id *id)
{
    struct stat st;
    if ((strcmp(name, "-") != 0 ? stat(name, &st) : fstat(STDIN_FILENO, &st)) < 0)
        return EXIT_FINE;
    if (id)
        *id = id_of(&st);
    return check_output(name, &st);
}

int film_open_source(const struct settings *set, const char *name, reel_source **out, struct file_id *id)
{
    reel_error err = {0};
    struct stat st;
    int result;
    if (strcmp(name, "-") != 0) {
        result = reel_source_file(name, source_flags(set), out, &err);
    } else if (fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode)) {
        complain(name, "standard input is no regular file; reel goes back and forth in a film, so give it one");
        return EXIT_INPUT;
    } else {
        result = reel_source_fd(STDIN_FILENO, source_flags(set), out, &err);
    }
    if (result != REEL_OK)
        return complain_error(name, "", &err);
    int status = reel_source_size(*out) > 0 ? identify(name, id) : EXIT_INPUT;
    if (status == EXIT_INPUT)
        complain(name, "the file is empty");
    if (status != EXIT_FINE)
        reel_source_unref(out);
    return status;
}

const char *film_part(const struct film *film, size_t part)
{
    if (film->init && part == 0)
        return film->init;
    return film->names[part - (film->init != NULL)];
}

int film_fd(const struct film *film)
{
    struct stat st;
    const char *name = film->init ? film->init : film->names[0];
    if (film->parts != 1)
        return -1;
    int fd = strcmp(name, "-") != 0 ? open(name, O_RDONLY | O_CLOEXEC) : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (fd >= 0 && (fstat(fd, &st) < 0 || !same_file(id_of(&st), film->ids[0]))) {
        close(fd);
        return -1;
    }
    return fd;
}

bool film_is_at(const struct film *film, const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return false;
    for (size_t i = 0; i < film->parts; i++)
        if (same_file(id_of(&st), film->ids[i]))
            return true;
    return false;
}

/* In a film of several files an offset is told in the file that it lies in. */
static int tell(const struct film *film, const char *before, const reel_error *err)
{
    reel_error local = *err;
    const char *name = film->name;
    if (film->quiet)
        return EXIT_INPUT;
    size_t part;
    uint64_t offset;
    if (film->parts > 1 && film->source && err->offset != REEL_NO_OFFSET &&
        reel_source_locate(film->source, err->offset, &part, &offset) == REEL_OK && part < film->parts) {
        local.offset = offset;
        name = film_part(film, part);
    }
    return complain_error(name, before, &local);
}

int film_complain(const struct film *film, const reel_error *err)
{
    return tell(film, "", err);
}

static int open_parts(const struct settings *set, struct film *film, size_t files)
{
    reel_source **parts = calloc(film->parts, sizeof(reel_source *));
    film->ids = calloc(film->parts, sizeof *film->ids);
    int status = parts && film->ids ? EXIT_FINE : EXIT_INPUT;
    size_t n = 0;
    if (status != EXIT_FINE)
        complain(film->name, "%s", reel_code_text(REEL_E_NOMEM));
    else if (film->init)
        status = film_open_source(set, film->init, &parts[n], &film->ids[n]);
    n += film->init && status == EXIT_FINE;
    for (size_t i = 0; i < files && status == EXIT_FINE; i++) {
        status = film_open_source(set, film->names[i], &parts[n], &film->ids[n]);
        n += status == EXIT_FINE;
    }
    if (status == EXIT_FINE && n == 1) {
        film->source = reel_source_ref(parts[0]);
    } else if (status == EXIT_FINE && reel_source_concat(parts, n, &film->source) != REEL_OK) {
        complain(film->name, "%s", reel_code_text(REEL_E_NOMEM));
        status = EXIT_INPUT;
    }
    while (n > 0)
        reel_source_unref(&parts[--n]);
    free(parts);
    return status;
}

/* A moof and no moov: then it is a media segment, whatever else is said about it. */
static bool is_media_segment(reel_source *source)
{
    reel_box_walk walk;
    reel_box box;
    bool moof = false;
    if (reel_box_walk_init(&walk, source) != REEL_OK)
        return false;
    for (int i = 0; i < 1000 && reel_box_walk_next(&walk, &box, NULL) == REEL_OK; i++) {
        if (box.type == REEL_4CC('m', 'o', 'o', 'v'))
            return false;
        moof |= box.type == REEL_4CC('m', 'o', 'o', 'f');
        reel_box_walk_skip(&walk);
    }
    return moof;
}

static int complain_segment(const struct film *film)
{
    complain(film->name, "a media segment without its movie box; give its init segment: --init FILE");
    return EXIT_INPUT;
}

static int open_movie(const struct settings *set, struct film *film)
{
    reel_open_options options = {.sizeof_options = sizeof options, .flags = set->strict ? REEL_OPEN_STRICT : 0};
    reel_error err = {0};
    int result = reel_open(film->source, &options, &film->movie, &err);
    bool empty = result != REEL_OK ||
                 (reel_movie_track_count(film->movie) == 0 && reel_movie_item_count(film->movie) == 0);
    if (empty && is_media_segment(film->source))
        return complain_segment(film);
    return result == REEL_OK ? EXIT_FINE : tell(film, "", &err);
}

static void let_go(struct film *film)
{
    reel_close(&film->movie);
    reel_source_unref(&film->source);
    free(film->ids);
    film->ids = NULL;
}

static uint64_t most_output(uint64_t size)
{
    return size < UINT64_MAX / 8 ? OUTPUT_FACTOR * size + OUTPUT_SLACK : UINT64_MAX;
}

int film_open_bytes(const struct settings *set, char **names, size_t n, struct film *out)
{
    *out = (struct film){.name = names[0], .names = names, .init = set->init, .parts = n + (set->init != NULL)};
    int status = open_parts(set, out, n);
    if (status == EXIT_FINE)
        out->writable = most_output(reel_source_size(out->source));
    else
        let_go(out);
    return status;
}

static int open_film(struct cli *cli, const struct settings *set, char **names, size_t n, struct film *out,
                     void (*otherwise)(struct cli *cli, struct film *film))
{
    int status = film_open_bytes(set, names, n, out);
    if (status != EXIT_FINE)
        return status;
    status = open_movie(set, out);
    if (status != EXIT_FINE && otherwise)
        otherwise(cli, out);
    if (status != EXIT_FINE)
        let_go(out);
    return status;
}

int film_open(const struct settings *set, char **names, size_t n, struct film *out)
{
    return open_film(NULL, set, names, n, out, NULL);
}

int film_open_or(struct cli *cli, char **names, size_t n, struct film *out,
                 void (*otherwise)(struct cli *cli, struct film *film))
{
    return open_film(cli, &cli->set, names, n, out, otherwise);
}

int film_close(const struct settings *set, struct film *film, int status)
{
    reel_error err = {0};
    size_t n = 0;
    bool tells = (set->format == FORMAT_TEXT && !set->warned) || set->strict;
    for (; tells && film->movie && reel_movie_warning(film->movie, n, &err) == REEL_OK; n++) {
        if (n < WARNINGS_SHOWN)
            tell(film, set->strict ? "" : "warning: ", &err);
        if (set->strict)
            status = status > EXIT_INPUT ? status : EXIT_INPUT;
    }
    if (n > WARNINGS_SHOWN)
        complain(film->name, "%s%zu more", set->strict ? "" : "warning: ... ", n - WARNINGS_SHOWN);
    if (film->movie && reel_movie_shrunk(film->movie)) {
        complain(film->name, "%s", reel_code_text(REEL_E_SHRUNK));
        status = EXIT_INPUT;
    }
    let_go(film);
    return status;
}

bool film_several(const struct settings *set)
{
    return set->arg_count > 1 && !set->init;
}

int film_each_or(struct cli *cli, int (*run)(struct cli *cli, struct film *film),
                 void (*otherwise)(struct cli *cli, struct film *film))
{
    const struct settings *set = &cli->set;
    size_t step = set->init ? set->arg_count : 1;
    bool array = set->format == FORMAT_JSON && film_several(set);
    int worst = EXIT_FINE;
    if (array)
        json_array(&cli->json, NULL);
    for (size_t i = 0; i < set->arg_count; i += step) {
        struct film film;
        int status = film_open_or(cli, set->args + i, step, &film, otherwise);
        if (status == EXIT_FINE) {
            status = run(cli, &film);
            out_flush(&cli->out);
            status = film_close(set, &film, status);
        }
        worst = status > worst ? status : worst;
    }
    if (array)
        json_close(&cli->json, ']');
    return worst;
}

int film_each(struct cli *cli, int (*run)(struct cli *cli, struct film *film)) { return film_each_or(cli, run, NULL); }

int film_tracks(const struct settings *set, const struct film *film, const reel_track ***out, size_t *n)
{
    size_t count = reel_movie_track_count(film->movie);
    *n = 0;
    for (size_t i = 0; i < set->track_count; i++)
        if (!reel_movie_track_by_id(film->movie, set->tracks[i])) {
            complain(film->name, "there is no track %u", (unsigned)set->tracks[i]);
            return EXIT_INPUT;
        }
    *out = calloc(count + 1, sizeof **out);
    if (!*out) {
        complain(film->name, "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    for (size_t i = 0; i < count; i++) {
        const reel_track *track = reel_movie_track(film->movie, i);
        if (option_wants_track(set, reel_track_id(track)))
            (*out)[(*n)++] = track;
    }
    return EXIT_FINE;
}

void film_leave_out(const struct film *film, const reel_track *track, bool warning, const char *why)
{
    reel_track_info info;
    reel_track_get_info(track, &info);
    complain(film->name, "%strack %u (%s) is left out: %s", warning ? "warning: " : "", (unsigned)info.id,
             reel_track_type_name(info.type), why);
}

int film_track(const struct settings *set, const struct film *film, const reel_track **out)
{
    if (set->track_count > 1) {
        complain(film->name, "one --track at a time");
        return EXIT_CALL;
    }
    if (set->track_count == 1) {
        *out = reel_movie_track_by_id(film->movie, set->tracks[0]);
        if (!*out)
            complain(film->name, "there is no track %u", (unsigned)set->tracks[0]);
        return *out ? EXIT_FINE : EXIT_INPUT;
    }
    *out = reel_movie_default_track(film->movie, REEL_TRACK_VIDEO);
    if (!*out)
        *out = reel_movie_default_track(film->movie, REEL_TRACK_AUDIO);
    if (!*out)
        *out = reel_movie_track(film->movie, 0);
    if (!*out)
        complain(film->name, "there is no track in it");
    return *out ? EXIT_FINE : EXIT_INPUT;
}
