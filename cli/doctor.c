/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor.c: reel doctor: prints what reel_doctor finds. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INDENT = 4, MOST_FIXES = 64 };

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
    struct advised {
        char id[32], fix[320], command[320];
        uint32_t track_id;
    } fix[MOST_FIXES]; /* what was told, without the film's name */
    size_t said;
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

/* The command with the film's name in place of in.mp4; a film that is called out.mp4 becomes new.mp4. To be freed. */
static char *name_film(const char *command, const struct visit *v)
{
    static const char in[] = "in.mp4", out[] = "out.mp4";
    const char *slash = strrchr(v->name, '/');
    bool is_out = !strcmp(slash ? slash + 1 : v->name, out);
    size_t size = strlen(command) + 1;
    for (const char *at = command; (at = strstr(at, in)) != NULL; at += sizeof in - 1)
        size += strlen(v->quoted);
    char *line = malloc(size), *to = line;
    while (line && *command) {
        if (!strncmp(command, in, sizeof in - 1)) {
            to = stpcpy(to, v->quoted);
            command += sizeof in - 1;
        } else if (is_out && !strncmp(command, out, sizeof out - 1)) {
            to = stpcpy(to, "new.mp4");
            command += sizeof out - 1;
        } else {
            *to++ = *command++;
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

/* A command stands on a line of its own, unbroken: it is there to be copied. */
static void put_command(struct out *o, const char *command)
{
    if (!*command)
        return;
    out_spaces(o, INDENT + 5);
    out_name(o, command);
    out_str(o, "\n");
}

/* What was advised before is not said again, but where. */
static void put_fix(struct visit *v, const reel_finding *f, const char *command)
{
    struct out *o = &v->cli->out;
    for (size_t i = 0; i < v->said; i++)
        if (!strcmp(v->fix[i].fix, f->fix) && !strcmp(v->fix[i].command, f->command)) {
            put_name(o, "fix");
            out_f(o, "as above: %s", v->fix[i].id);
            if (v->fix[i].track_id)
                out_f(o, ", track %u", (unsigned)v->fix[i].track_id);
            out_str(o, "\n");
            return;
        }
    put_part(o, "fix", f->fix);
    put_command(o, command);
    if (v->said == MOST_FIXES)
        return;
    struct advised *a = &v->fix[v->said++];
    a->track_id = f->track_id;
    snprintf(a->id, sizeof a->id, "%s", f->id);
    snprintf(a->fix, sizeof a->fix, "%s", f->fix);
    snprintf(a->command, sizeof a->command, "%s", f->command);
}

static void put_text(struct visit *v, const reel_finding *f, const char *command, uint32_t severity)
{
    struct out *o = &v->cli->out;
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
    put_fix(v, f, command);
    out_str(o, "\n");
}

static void put_json(struct json *j, const char *name, const reel_finding *f, const char *command, uint32_t severity)
{
    json_object(j, NULL);
    json_str(j, "file", name);
    json_str(j, "id", f->id);
    json_str(j, "severity", severities[severity].name);
    if (f->track_id)
        json_u64(j, "track", f->track_id);
    json_str(j, "what", f->what);
    json_str(j, "why", f->why);
    json_str(j, "fix", f->fix);
    if (*command)
        json_str(j, "command", command);
    json_close(j, '}');
}

static int found(void *user, const reel_finding *f)
{
    struct visit *v = user;
    uint32_t severity = f->severity < 3 ? f->severity : 2;
    v->count[severity]++;
    v->worst = severity > v->worst ? severity : v->worst;
    char *named = v->quoted ? name_film(f->command, v) : NULL;
    const char *command = named ? named : f->command;
    if (v->cli->set.format == FORMAT_TEXT)
        put_text(v, f, command, severity);
    else
        put_json(&v->cli->json, v->name, f, command, severity);
    free(named);
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

/* Of several films film_each has made an array. */
static bool is_array(const struct cli *cli) { return cli->set.format == FORMAT_JSON && !film_several(&cli->set); }

static void begin(struct cli *cli, const struct film *film, struct visit *v)
{
    *v = (struct visit){.cli = cli, .name = film->name};
    /* Standard input, and a film of several files, have no name that a command could be given. */
    if (film->parts == 1 && strcmp(film->name, "-") != 0)
        v->quoted = quote(film->name);
    if (cli->set.format == FORMAT_TEXT && film_several(&cli->set)) {
        out_name(&cli->out, film->name);
        out_str(&cli->out, "\n");
    }
    if (is_array(cli))
        json_array(&cli->json, NULL);
}

static void end(struct visit *v, int result)
{
    struct cli *cli = v->cli;
    free(v->quoted);
    if (is_array(cli))
        json_close(&cli->json, ']');
    if (cli->set.format == FORMAT_TEXT && result >= 0)
        put_sum(&cli->out, v);
    out_flush(&cli->out);
}

int doctor_film(struct cli *cli, struct film *film)
{
    struct visit v;
    reel_error err = {0};
    begin(cli, film, &v);
    /* What is only built on need has its warnings too. */
    for (size_t i = 0; i < reel_movie_track_count(film->movie); i++)
        (void)reel_track_prepare(reel_movie_track(film->movie, i), false, NULL);
    int result = reel_doctor(film->movie, found, &v, &err);
    end(&v, result);
    if (result < 0)
        return film_complain(film, &err);
    /* The choices of --fail-on stand in the order of reel_severity, with never in the place of notes. */
    bool fails = cli->set.fail_on && v.worst >= (uint32_t)cli->set.fail_on;
    return fails ? EXIT_INPUT : EXIT_FINE;
}

struct unopened {
    struct cli *cli;
    const struct film *film;
};

static int tell_unopened(void *user, const reel_finding *f)
{
    const struct unopened *u = user;
    struct visit v;
    begin(u->cli, u->film, &v);
    (void)found(&v, f);
    end(&v, REEL_OK);
    return 0;
}

/* The sentence that says why it does not open has been told. */
static void doctor_unopened(struct cli *cli, struct film *film)
{
    struct unopened u = {cli, film};
    (void)reel_doctor_source(film->source, tell_unopened, &u, NULL);
}

static int run(struct cli *cli)
{
    cli->set.warned = true;
    return film_each_or(cli, doctor_film, cli->set.strict ? NULL : doctor_unopened);
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
