/* SPDX-License-Identifier: BSD-2-Clause */
/* extract.c: reel extract: a track, a cover or an item out of a film, from where it lies to the file. */
#include "extract.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROGRESS_EVERY = 256, COPY_BYTES = 1 << 16 };

/* In the order of AS_*. */
static const struct form *const forms[] = {NULL,      &form_annexb, &form_adts, &form_obu,
                                           &form_ivf, &form_raw,    &form_vtt,  &form_srt};

int extract_refuse(const struct extract *x, const char *why, reel_error *err)
{
    *err = (reel_error){.code = REEL_E_UNSUPPORTED, .offset = REEL_NO_OFFSET};
    snprintf(err->text, sizeof err->text, "track %u (%s) cannot be written so: %s", (unsigned)x->lane.id,
             x->description.codec, why);
    return REEL_E_UNSUPPORTED;
}

/*
 * Do the samples, one after the other, make a stream that can be taken apart again? These begin with a mark that is
 * searched for, or have all one size.
 */
static bool stands_alone(const reel_description *d)
{
    static const char marked[][5] = {"mp4v", "XVID", "DIVX", "3IV2", "s263", "h263", "H263", "vc-1", "mpg1", "mp1v",
                                     "m1v1", "mpg2", "mp2v", "m2v1", "jpeg", "mjpa", "mjpb", "png ", "fLaC", "samr",
                                     "sawb", ".mp3", "mp3 ", "ac-3", "ec-3", "dtsc", "dtsh", "dtsl", "mlpa", "dvc ",
                                     "dvcp", "uncv"};
    bool prores = d->codec_format >> 16 == ('a' << 8 | 'p') && d->config_type == 0;
    bool in_esds = d->object_type_indication == 0x69 || d->object_type_indication == 0x6b; /* MPEG audio */
    for (size_t i = 0; i < sizeof marked / sizeof *marked; i++)
        if (REEL_4CC(marked[i][0], marked[i][1], marked[i][2], marked[i][3]) == d->codec_format)
            return true;
    return d->samples_per_frame == 1 || in_esds || (prores && d->type == REEL_TRACK_VIDEO);
}

/* auto: what players expect of the codec; NULL: nothing does. */
static const struct form *choose_form(const struct extract *x)
{
    static const struct {
        uint32_t format;
        const struct form *form;
    } by_format[] = {
        {REEL_4CC('v', 'p', '0', '8'), &form_ivf}, {REEL_4CC('v', 'p', '0', '9'), &form_ivf},
        {REEL_4CC('w', 'v', 't', 't'), &form_vtt}, {REEL_4CC('t', 'x', '3', 'g'), &form_srt},
        {REEL_4CC('t', 'e', 'x', 't'), &form_srt},
    };
    static const struct form *const by_framing[] = {NULL, &form_annexb, &form_obu, &form_adts};
    const reel_description *d = &x->description;
    if (x->cli->set.as != AS_AUTO)
        return forms[x->cli->set.as];
    for (size_t i = 0; i < sizeof by_format / sizeof *by_format; i++)
        if (by_format[i].format == d->codec_format)
            return by_format[i].form;
    const struct form *form = by_framing[d->framing < 4 ? d->framing : 0];
    return form || !stands_alone(d) ? form : &form_raw;
}

static int describe(struct extract *x, uint32_t number, reel_error *err)
{
    if (number == x->described)
        return REEL_OK;
    int result = reel_track_description(x->track, number, &x->description, err);
    if (result == REEL_OK)
        x->described = number;
    return result;
}

/* ---- a file for the track ---- */

static int one_file(struct extract *x, reel_packet *packet, reel_error *err)
{
    int result = x->form->sample(x, packet, err);
    save_hold(x->save, packet);
    return result;
}

/* ---- a file for each sample, in a folder ---- */

static const char *suffix_of(const reel_description *d)
{
    static const struct {
        uint32_t format;
        const char *suffix;
    } suffixes[] = {{REEL_4CC('s', 't', 'p', 'p'), "xml"}, {REEL_4CC('j', 'p', 'e', 'g'), "jpg"},
                    {REEL_4CC('m', 'j', 'p', 'a'), "jpg"}, {REEL_4CC('p', 'n', 'g', ' '), "png"}};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (suffixes[i].format == d->codec_format)
            return suffixes[i].suffix;
    return "bin";
}

/* A name that ends with a slash is a folder that may still have to be made. */
static int make_folder(const char *path)
{
    if (path[strlen(path) - 1] != '/' || mkdir(path, 0777) == 0 || errno == EEXIST)
        return EXIT_FINE;
    complain(path, "%s", strerror(errno));
    return EXIT_INPUT;
}

static int file_each(struct extract *x, reel_packet *packet, reel_error *err)
{
    size_t room = strlen(x->cli->set.output) + 64;
    char *path = malloc(room);
    int status = path ? EXIT_FINE : EXIT_INPUT;
    if (path && x->count == 0)
        status = make_folder(x->cli->set.output);
    if (path && status == EXIT_FINE) {
        uint64_t number = packet->sample.index != REEL_NO_INDEX ? packet->sample.index : x->count;
        snprintf(path, room, "%s/track%u-%06llu.%s", x->cli->set.output, (unsigned)x->lane.id,
                 (unsigned long long)number, suffix_of(&x->description));
        status = save_open(x->film, path, &x->save);
    }
    free(path);
    if (status == EXIT_FINE) {
        save_span(x->save, (reel_span){packet->data, packet->sample.size});
        save_hold(x->save, packet);
        status = save_close(&x->save, true);
    }
    reel_packet_unref(packet);
    x->status = status;
    *err = (reel_error){.code = REEL_E_IO, .offset = REEL_NO_OFFSET};
    return status == EXIT_FINE ? REEL_OK : REEL_E_IO;
}

/* ---- the walk ---- */

static int walk(struct extract *x, int (*put)(struct extract *, reel_packet *, reel_error *), reel_error *err)
{
    struct progress *progress = &x->cli->progress;
    uint64_t total = 0, left = lanes_most_samples(x->film->movie);
    if (progress->on)
        reel_track_sample_count(x->track, &total, NULL);
    while (!x->lane.over && !(x->save && save_failed(x->save))) {
        reel_sample sample;
        reel_packet packet;
        int result = reel_cursor_next(&x->cursor, &sample, err);
        if (result != REEL_OK)
            return result;
        if (left-- == 0)
            return lanes_refuse(x->film->movie, err);
        if (!lane_has(&x->lane, &sample))
            continue;
        result = reel_packet_get(x->track, &sample, &packet, err);
        if (result == REEL_OK)
            result = describe(x, sample.description, err);
        if (result == REEL_OK)
            result = put(x, &packet, err);
        else
            reel_packet_unref(&packet);
        if (result != REEL_OK)
            return result;
        if (++x->count % PROGRESS_EVERY == 0)
            progress_step(progress, x->count, total);
    }
    return REEL_END;
}

static int complain_nothing(const struct extract *x)
{
    bool whole = x->cli->set.from.kind == WHEN_UNSET && x->cli->set.to.kind == WHEN_UNSET;
    complain(x->film->name, "track %u %s", (unsigned)x->lane.id,
             whole ? "has no samples" : "shows nothing in that range");
    return EXIT_INPUT;
}

static bool is_folder(const char *path)
{
    struct stat st;
    size_t n = path ? strlen(path) : 0;
    return n > 0 && (path[n - 1] == '/' || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)));
}

static int to_folder(struct extract *x, reel_error *err)
{
    if (x->form != &form_raw) {
        complain(x->cli->set.output, "this is a folder: a file a sample is for --as raw");
        return EXIT_CALL;
    }
    int result = walk(x, file_each, err);
    if (result >= 0)
        return x->count > 0 ? EXIT_FINE : complain_nothing(x);
    return x->status != EXIT_FINE ? x->status : film_complain(x->film, err);
}

static int to_file(struct extract *x, reel_error *err)
{
    int status = save_open(x->film, x->cli->set.output, &x->save);
    if (status != EXIT_FINE)
        return status;
    int result = x->form->begin ? x->form->begin(x, err) : REEL_OK;
    if (result == REEL_OK)
        result = walk(x, one_file, err);
    if (result == REEL_END && x->form->end)
        result = x->form->end(x, err);
    progress_end(&x->cli->progress);
    bool failed = save_failed(x->save);
    int saved = save_close(&x->save, result >= 0 && x->count > 0);
    if (result >= 0 && x->count == 0 && !failed)
        return complain_nothing(x);
    return result >= 0 ? saved : film_complain(x->film, err);
}

static void warn_protected(const struct extract *x)
{
    if (x->description.protection.scheme && !x->cli->set.strict)
        complain(x->film->name, "warning: track %u is encrypted, and is written as it is", (unsigned)x->lane.id);
}

/* The samples from the one that decoding has to start with, so that what is written can be played. */
static void start_at_sync(struct extract *x)
{
    if (x->cli->set.from.kind != WHEN_SAMPLE)
        x->lane.from = INT64_MIN;
}

static int complain_formless(const struct extract *x)
{
    complain(x->film->name, "track %u (%s) has no stream form of its own: one after the other its samples could not be "
             "told apart; --as raw writes them all the same", (unsigned)x->lane.id,
             x->description.codec);
    return EXIT_INPUT;
}

/* "track 1 is avc1.64001e, track 2 mp4a.40.2": what there is instead. */
static int complain_unfit(const struct film *film, int as)
{
    static const char *const names[] = {"auto", "annexb", "adts", "obu", "ivf", "raw", "vtt", "srt"};
    char list[512] = "";
    size_t at = 0, count = reel_movie_track_count(film->movie);
    for (size_t i = 0; i < count && at + 128 < sizeof list; i++) {
        reel_description d;
        const reel_track *track = reel_movie_track(film->movie, i);
        bool known = reel_track_description(track, 1, &d, NULL) == REEL_OK;
        at += (size_t)snprintf(list + at, sizeof list - at, "%strack %u%s %s", i ? ", " : "",
                               (unsigned)reel_track_id(track), i ? "" : " is", known ? d.codec : "unknown");
    }
    complain(film->name, "no track fits --as %s: %s%s", names[as], list, at + 128 < sizeof list ? "" : ", ...");
    return EXIT_INPUT;
}

/* The track that a player would show, if the form that was asked for fits it, else the first that it fits. */
static int choose_track(const struct cli *cli, const struct film *film, const reel_track **out)
{
    const struct form *form = forms[cli->set.as];
    reel_description d;
    int status = film_track(&cli->set, film, out);
    if (status != EXIT_FINE || cli->set.track_count > 0 || !form || !form->fits)
        return status;
    if (reel_track_description(*out, 1, &d, NULL) == REEL_OK && form->fits(&d))
        return EXIT_FINE;
    for (size_t i = 0; (*out = reel_movie_track(film->movie, i)); i++)
        if (reel_track_description(*out, 1, &d, NULL) == REEL_OK && form->fits(&d))
            return EXIT_FINE;
    return complain_unfit(film, cli->set.as);
}

static int extract_track(struct cli *cli, struct film *film)
{
    struct extract x = {.cli = cli, .film = film};
    reel_error err = {0};
    int status = choose_track(cli, film, &x.track);
    if (status != EXIT_FINE)
        return status;
    int result = lane_init(&x.lane, &cli->set, x.track, &x.cursor, &err);
    if (result == REEL_OK)
        result = describe(&x, 1, &err);
    if (result == REEL_END)
        return complain_nothing(&x);
    if (result != REEL_OK)
        return film_complain(film, &err);
    x.form = choose_form(&x);
    if (!x.form)
        return complain_formless(&x);
    start_at_sync(&x);
    warn_protected(&x);
    progress_start(&cli->progress, !cli->set.output);
    status = is_folder(cli->set.output) ? to_folder(&x, &err) : to_file(&x, &err);
    progress_end(&cli->progress);
    free(x.spans);
    return status;
}

/* ---- covers and items ---- */

static int extract_cover(struct cli *cli, struct film *film)
{
    reel_tag_iter it;
    reel_tag tag;
    struct save *save;
    reel_tag_iter_init(&it, film->movie, NULL);
    while (reel_tag_next(&it, &tag) == REEL_OK) {
        if (tag.kind != REEL_VALUE_IMAGE)
            continue;
        int status = save_open(film, cli->set.output, &save);
        if (status != EXIT_FINE)
            return status;
        save_span(save, tag.value);
        return save_close(&save, true);
    }
    complain(film->name, "there is no cover art in it");
    return EXIT_INPUT;
}

static int copy_range(const struct film *film, reel_range range, struct save *save, reel_error *err)
{
    uint8_t buf[COPY_BYTES];
    while (range.size > 0 && !save_failed(save)) {
        size_t n = range.size < sizeof buf ? (size_t)range.size : sizeof buf;
        int result = reel_source_read(film->source, range.offset, buf, n, err);
        if (result != REEL_OK)
            return result;
        save_copy(save, buf, n);
        range.offset += n;
        range.size -= n;
    }
    return REEL_OK;
}

static int extract_item(struct cli *cli, struct film *film)
{
    reel_error err = {0};
    reel_item item;
    reel_range range;
    struct save *save;
    if (cli->set.item > UINT32_MAX ||
        reel_movie_item_by_id(film->movie, (uint32_t)cli->set.item, &item, &err) != REEL_OK) {
        complain(film->name, "there is no item %llu", (unsigned long long)cli->set.item);
        return EXIT_INPUT;
    }
    int status = save_open(film, cli->set.output, &save);
    if (status != EXIT_FINE)
        return status;
    int result = REEL_OK;
    for (size_t n = 0; result == REEL_OK; n++) {
        result = reel_item_extent(film->movie, item.id, n, &range, &err);
        if (result == REEL_OK)
            result = copy_range(film, range, save, &err);
    }
    status = save_close(&save, result == REEL_END);
    return result == REEL_END ? status : film_complain(film, &err);
}

static int run_film(struct cli *cli, struct film *film)
{
    if (cli->set.cover)
        return extract_cover(cli, film);
    if (cli->set.item != NO_ITEM)
        return extract_item(cli, film);
    return extract_track(cli, film);
}

static int run(struct cli *cli)
{
    const struct settings *set = &cli->set;
    if (set->arg_count > 1 && !set->init) {
        complain("extract", "one FILE at a time; several are one film behind --init FILE");
        return EXIT_CALL;
    }
    if (lane_check("extract", set) != EXIT_FINE)
        return EXIT_CALL;
    if ((set->cover != 0) + (set->item != NO_ITEM) + (set->track_count != 0) > 1) {
        complain("extract", "--track, --item and --cover: one of them at a time");
        return EXIT_CALL;
    }
    if (!set->output && isatty(STDOUT_FILENO)) {
        complain("extract", "this would go to the terminal; give -o FILE, or -o - if you mean it");
        return EXIT_CALL;
    }
    return film_each(cli, run_film);
}

static const struct option options[] = {
    OPTION("track", 't', OPTION_TRACK, "ID", track_count,
           "this track; else the video, else the audio, or the first that --as fits"),
    OPTION("output", 'o', OPTION_TEXT, "FILE", output,
           "where to; - is standard output; with --as raw a folder (FOLDER/ makes it) gets a file a sample"),
    OPTION("as", 'a', OPTION_CHOICE, "auto|annexb|adts|obu|ivf|raw|vtt|srt", as, "in which form"),
    OPTION("from", 0, OPTION_WHEN, "TIME", from, "from the sync sample at or before TIME on"),
    OPTION("to", 0, OPTION_WHEN, "TIME", to, "up to what is shown before TIME"),
    OPTION("cover", 0, OPTION_FLAG, NULL, cover, "the cover art"),
    OPTION("item", 0, OPTION_NUMBER, "ID", item, "the data of a still image's item"),
    OPTIONS_READING,
    OPTIONS_LAST};

const struct command command_extract = {
    "extract", "write a track as an elementary stream or subtitles", "extract [OPTION...] FILE...",
    "annexb: H.264, HEVC and VVC with start codes, parameter sets before each sync sample. adts: AAC.\n"
    "obu, ivf: AV1; ivf also VP8 and VP9. vtt, srt: text. raw: the samples one after the other.\n"
    "auto takes what fits the codec, and refuses where nothing does.\n"
    "TIME: 12.5, 1:02:03.5, 90%, or #250, a sample number.\n"
    "Several FILEs are the media segments of one film behind --init.\n",
    options, run};
