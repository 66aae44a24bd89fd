/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor.c: reel doctor: prints what reel_doctor finds. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 4 };

static const struct {
    const char *name;
    enum style style;
} severities[] = {{"note", GREEN}, {"warning", YELLOW}, {"problem", RED}};

struct visit {
    struct cli *cli;
    const char *name; /* of the film */
    char *quoted;     /* the same for a shell; NULL: it has no name */
    size_t count[3];
    uint32_t worst;
};

/* ---- commands with the film's name in them ---- */

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("_@%+=:,./-", c));
}

/* Does it hold what a terminal would obey, or bytes that are no text? */
static bool is_unspeakable(const char *name)
{
    reel_text t;
    uint32_t point;
    reel_text_init(&t, (reel_span){(const uint8_t *)name, strlen(name)}, REEL_UTF8);
    while (reel_text_next(&t, &point))
        if (reel_text_is_command(point) || point == 0xfffd)
            return true;
    return false;
}

/* $'...', with all but ASCII that can be printed in octal. Room for 4 bytes each. */
static char *put_octal(char *to, const char *name)
{
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        if (c >= ' ' && c < 0x7f && c != '\'' && c != '\\') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        *to++ = (char)('0' + (c >> 6));
        *to++ = (char)('0' + (c >> 3 & 7));
        *to++ = (char)('0' + (c & 7));
    }
    return to;
}

static char *put_quoted(char *to, const char *name)
{
    for (; *name; name++) {
        if (*name == '\'') {
            to = stpcpy(to, "'\\'"); /* and the quote itself: 4 bytes */
        }
        *to++ = *name;
    }
    return to;
}

/* One word of a shell. What looks like an option, or to ffmpeg like a protocol, is told as a path. To be freed. */
static char *quote(const char *name)
{
    char *word = malloc(4 * strlen(name) + 8), *to = word;
    bool bare = *name != '\0', path = name[0] == '-' || strchr(name, ':'), odd = is_unspeakable(name);
    for (const char *c = name; *c; c++)
        bare &= is_bare(*c);
    if (!word)
        return NULL;
    to = stpcpy(to, odd ? "$'" : bare ? "" : "'");
    if (path && name[0] != '/' && name[0] != '.')
        to = put_quoted(to, "./");
    to = odd ? put_octal(to, name) : put_quoted(to, name);
    if (!bare)
        *to++ = '\'';
    *to = '\0';
    return word;
}

/* The fix with the film's name in place of in.mp4; a film that is called out.mp4 does not become itself. To be freed. */
static char *name_film(const char *fix, const struct visit *v)
{
    static const char in[] = "in.mp4", out[] = "out.mp4";
    const char *slash = strrchr(v->name, '/');
    bool is_out = !strcmp(slash ? slash + 1 : v->name, out);
    size_t size = strlen(fix) + 1;
    for (const char *at = fix; (at = strstr(at, in)) != NULL; at += sizeof in - 1)
        size += strlen(v->quoted);
    char *line = malloc(size), *to = line;
    while (line && *fix) {
        if (!strncmp(fix, in, sizeof in - 1)) {
            to = stpcpy(to, v->quoted);
            fix += sizeof in - 1;
        } else if (is_out && !strncmp(fix, out, sizeof out - 1)) {
            to = stpcpy(to, "new.mp4");
            fix += sizeof out - 1;
        } else {
            *to++ = *fix++;
        }
    }
    if (line)
        *to = '\0';
    return line;
}

/* ---- findings ---- */

static void put_name(struct out *o, const char *name)
{
    out_spaces(o, INDENT);
    out_style(o, DIM);
    out_f(o, "%-5s", name);
    out_style(o, PLAIN);
}

static void put_part(struct out *o, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    put_name(o, name);
    out_wrapped(o, text, INDENT + 5, INDENT + 5);
    out_str(o, "\n");
}

/* Where the command begins: the first that looks like one, since the film's name in it may look like another. */
static const char *command_in(const char *fix)
{
    const char *a = fix ? strstr(fix, "ffmpeg -i ") : NULL, *b = fix ? strstr(fix, "reel ") : NULL;
    return a && (!b || a < b) ? a : b;
}

/* A command ends the fix, and stands on a line of its own, unbroken: it is there to be copied. */
static void put_fix(struct out *o, const char *fix)
{
    const char *command = command_in(fix);
    if (!command) {
        put_part(o, "fix", fix);
        return;
    }
    char before[224];
    snprintf(before, sizeof before, "%.*s", (int)(command - fix), fix);
    put_part(o, "fix", before);
    if (*before)
        out_spaces(o, INDENT + 5);
    else
        put_name(o, "fix");
    out_name(o, command);
    out_str(o, "\n");
}

static void put_text(struct out *o, const reel_finding *f, uint32_t severity)
{
    out_style(o, severities[severity].style);
    out_str(o, severities[severity].name);
    out_style(o, PLAIN);
    out_str(o, "  ");
    out_style(o, BOLD);
    out_str(o, f->id);
    out_style(o, PLAIN);
    if (f->track_id)
        out_f(o, "  track %u", (unsigned)f->track_id);
    out_str(o, "\n");
    put_part(o, "what", f->what);
    put_part(o, "why", f->why);
    put_fix(o, f->fix);
    out_str(o, "\n");
}

static void put_json(struct json *j, const char *name, const reel_finding *f, uint32_t severity)
{
    json_object(j, NULL);
    json_str(j, "file", name);
    json_str(j, "id", f->id);
    json_str(j, "severity", severities[severity].name);
    if (f->track_id)
        json_u64(j, "track", f->track_id);
    json_str(j, "what", f->what ? f->what : "");
    json_str(j, "why", f->why ? f->why : "");
    json_str(j, "fix", f->fix ? f->fix : "");
    json_close(j, '}');
}

static int found(void *user, const reel_finding *f)
{
    struct visit *v = user;
    uint32_t severity = f->severity < 3 ? f->severity : 2;
    v->count[severity]++;
    v->worst = severity > v->worst ? severity : v->worst;
    reel_finding told = *f;
    char *fix = v->quoted && f->fix ? name_film(f->fix, v) : NULL;
    if (fix)
        told.fix = fix;
    if (v->cli->set.format == FORMAT_TEXT)
        put_text(&v->cli->out, &told, severity);
    else
        put_json(&v->cli->json, v->name, &told, severity);
    free(fix);
    return 0;
}

static void put_sum(struct out *o, const struct visit *v)
{
    const char *comma = "";
    for (size_t i = 3; i-- > 0;)
        if (v->count[i]) {
            out_f(o, "%s%zu %s%s", comma, v->count[i], severities[i].name, v->count[i] > 1 ? "s" : "");
            comma = ", ";
        }
    out_str(o, *comma ? "\n" : "nothing odd about it\n");
}

int doctor_film(struct cli *cli, struct film *film)
{
    struct visit v = {.cli = cli, .name = film->name};
    /* Standard input, and a film of several files, have no name that a command could be given. */
    if (film->parts == 1 && strcmp(film->name, "-") != 0)
        v.quoted = quote(film->name);
    reel_error err = {0};
    int format = cli->set.format;
    bool array = format == FORMAT_JSON && !film_several(&cli->set); /* of several film_each has made one */
    if (format == FORMAT_TEXT && film_several(&cli->set)) {
        out_name(&cli->out, film->name);
        out_str(&cli->out, "\n");
    }
    if (array)
        json_array(&cli->json, NULL);
    /* What is only built on need has its warnings too. */
    for (size_t i = 0; i < reel_movie_track_count(film->movie); i++)
        (void)reel_track_prepare(reel_movie_track(film->movie, i), false, NULL);
    int result = reel_doctor(film->movie, found, &v, &err);
    free(v.quoted);
    if (array)
        json_close(&cli->json, ']');
    if (format == FORMAT_TEXT && result >= 0)
        put_sum(&cli->out, &v);
    out_flush(&cli->out);
    if (result < 0)
        return film_complain(film, &err);
    /* The choices of --fail-on stand in the order of reel_severity, with never in the place of notes. */
    bool fails = cli->set.fail_on && v.worst >= (uint32_t)cli->set.fail_on;
    return fails ? EXIT_INPUT : EXIT_FINE;
}

static int run(struct cli *cli)
{
    cli->set.warned = true;
    return film_each(cli, doctor_film);
}

static const struct option options[] = {
    OPTION_FORMAT,
    OPTION("fail-on", 0, OPTION_CHOICE, "never|warning|problem", fail_on,
           "findings that make the exit status 1: none (default), or these and worse"),
    OPTIONS_READING,
    OPTIONS_LAST};

const struct command command_doctor = {
    "doctor", "say what is odd about a film, why it matters, and what to do", "doctor [OPTION...] FILE...",
    "With json all findings are one array, with jsonl one stands on a line; each names its file. A command that mends\n"
    "one is made for the film: its name is quoted for a shell.\n",
    options, run};
