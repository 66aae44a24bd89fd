/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor.c: reel doctor: prints what reel_doctor finds. */
#include "report.h"

enum { INDENT = 4 };

static const struct {
    const char *name;
    enum style style;
} severities[] = {{"note", GREEN}, {"warning", YELLOW}, {"problem", RED}};

struct visit {
    struct cli *cli;
    const char *name; /* of the film */
    size_t count[3];
    uint32_t worst;
};

static void put_part(struct out *o, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    out_spaces(o, INDENT);
    out_style(o, DIM);
    out_f(o, "%-5s", name);
    out_style(o, PLAIN);
    out_wrapped(o, text, INDENT + 5, INDENT + 5);
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
    put_part(o, "fix", f->fix);
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
    if (v->cli->set.format == FORMAT_TEXT)
        put_text(&v->cli->out, f, severity);
    else
        put_json(&v->cli->json, v->name, f, severity);
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
    "With json all findings are one array, with jsonl one stands on a line; each names its file.\n", options, run};
