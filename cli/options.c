/* SPDX-License-Identifier: BSD-2-Clause */
/* options.c: one parser for all commands, driven by their tables. */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* argv while it is read; what is no option is moved to the front of the part already read. */
struct reader {
    const struct command *command;
    struct settings *set;
    char **argv;
    int argc, at;
};

static void *field_of(struct settings *set, const struct option *option)
{
    return (char *)set + option->at;
}

static int bad_value(const struct reader *r, const struct option *option, const char *value, const char *wanted)
{
    complain(r->command->name, "--%s %s: %s is wanted", option->name, *value ? value : "\"\"", wanted);
    return EXIT_CALL;
}

static bool among(const char *choices, const char *value)
{
    size_t n = strlen(value), len;
    for (const char *s = choices;; s += len + 1) {
        len = strcspn(s, "|");
        if (len == n && !memcmp(s, value, n))
            return true;
        if (!s[len])
            return false;
    }
}

/* "--format png" may mean "--as png". */
static int bad_choice(const struct reader *r, const struct option *option, const char *value)
{
    for (const struct option *o = r->command->options; o->name; o++)
        if (o->kind == OPTION_CHOICE && o != option && among(o->value, value)) {
            complain(r->command->name, "--%s %s: %s is wanted; did you mean --%s %s?", option->name, value, option->value,
                     o->name, value);
            return EXIT_CALL;
        }
    return bad_value(r, option, value, option->value);
}

static bool parse_number(const char *s, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(s, &end, 10);
    *out = v;
    return *s >= '0' && *s <= '9' && !*end && !errno;
}

static int set_choice(struct reader *r, const struct option *option, const char *value)
{
    int place = 0;
    size_t n = strlen(value);
    for (const char *s = option->value;; place++) {
        size_t len = strcspn(s, "|");
        if (len == n && !memcmp(s, value, n)) {
            *(int *)field_of(r->set, option) = place;
            return EXIT_FINE;
        }
        if (!s[len])
            return bad_choice(r, option, value);
        s += len + 1;
    }
}

static int set_track(struct reader *r, const struct option *option, const char *value)
{
    uint64_t id;
    if (!parse_number(value, &id) || id > UINT32_MAX)
        return bad_value(r, option, value, "a track_ID");
    r->set->tracks[r->set->track_count++] = (uint32_t)id;
    return EXIT_FINE;
}

static int set_value(struct reader *r, const struct option *option, const char *value)
{
    void *field = field_of(r->set, option);
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return EXIT_FINE;
    case OPTION_TEXT:
        *(const char **)field = value;
        return EXIT_FINE;
    case OPTION_NUMBER:
        return parse_number(value, field) ? EXIT_FINE : bad_value(r, option, value, "a number");
    case OPTION_TRACK:
        return set_track(r, option, value);
    case OPTION_WHEN:
        return when_parse(value, field)
                   ? EXIT_FINE
                   : bad_value(r, option, value, "a time such as 12.5, 1:02:03.5, 90% or #250");
    default:
        return set_choice(r, option, value);
    }
}

static const struct option *find_long(const struct command *command, const char *name, size_t n)
{
    for (const struct option *o = command->options; o->name; o++)
        if (strlen(o->name) == n && !memcmp(o->name, name, n))
            return o;
    return NULL;
}

static int unknown_long(const struct reader *r, const char *name, size_t n)
{
    char word[64];
    const struct option *best = NULL;
    unsigned least = 3;
    snprintf(word, sizeof word, "%.*s", (int)(n < 63 ? n : 63), name);
    for (const struct option *o = r->command->options; o->name; o++) {
        unsigned far = text_distance(word, o->name);
        if (far < least) {
            least = far;
            best = o;
        }
    }
    if (best)
        complain(r->command->name, "unknown option --%s; did you mean --%s?", word, best->name);
    else
        complain(r->command->name, "unknown option --%s; see reel help %s", word, r->command->name);
    return EXIT_CALL;
}

/* value: what stood behind '=' or the letter; NULL: the next argument, where the option wants one. */
static int take(struct reader *r, const struct option *option, const char *value)
{
    if (option->kind == OPTION_FLAG && value) {
        complain(r->command->name, "--%s takes no value", option->name);
        return EXIT_CALL;
    }
    if (option->kind != OPTION_FLAG && !value) {
        if (r->at + 1 >= r->argc) {
            complain(r->command->name, "--%s wants %s behind it", option->name, option->value);
            return EXIT_CALL;
        }
        value = r->argv[++r->at];
    }
    return set_value(r, option, value);
}

static int take_long(struct reader *r, const char *name)
{
    size_t n = strcspn(name, "=");
    const struct option *option = find_long(r->command, name, n);
    if (!option)
        return unknown_long(r, name, n);
    return take(r, option, name[n] ? name + n + 1 : NULL);
}

/* A letter may take several bytes. */
static int unknown_letter(const struct reader *r, const char *letter)
{
    const char *arg = r->argv[r->at];
    int n = 1;
    while (((unsigned char)letter[n] & 0xc0) == 0x80)
        n++;
    bool alone = !arg[1 + n];
    complain(r->command->name, "unknown option -%.*s%s%s; see reel help %s", n, letter, alone ? "" : " in ",
             alone ? "" : arg, r->command->name);
    return EXIT_CALL;
}

/* -x, -xVALUE and -xyz of flags */
static int take_letters(struct reader *r, const char *letters)
{
    for (; *letters; letters++) {
        const struct option *o = r->command->options;
        while (o->name && o->letter != *letters)
            o++;
        if (!o->name)
            return unknown_letter(r, letters);
        if (o->kind != OPTION_FLAG)
            return take(r, o, letters[1] ? letters + 1 : NULL);
        int status = take(r, o, NULL);
        if (status != EXIT_FINE)
            return status;
    }
    return EXIT_FINE;
}

int options_parse(const struct command *command, int argc, char **argv, struct settings *set)
{
    struct reader r = {.command = command, .set = set, .argv = argv, .argc = argc};
    bool over = false;
    int status = EXIT_FINE;
    set->args = argv;
    for (; r.at < argc && status == EXIT_FINE; r.at++) {
        char *arg = argv[r.at];
        if (over || arg[0] != '-' || !arg[1])
            set->args[set->arg_count++] = arg;
        else if (!strcmp(arg, "--"))
            over = true;
        else
            status = arg[1] == '-' ? take_long(&r, arg + 2) : take_letters(&r, arg + 1);
    }
    bool optional = command->usage[strlen(command->usage) - 1] == ']'; /* "serve [DIR]" */
    if (status == EXIT_FINE && !set->help && set->arg_count == 0 && !optional) {
        complain(command->name, "which file? usage: reel %s", command->usage);
        status = EXIT_CALL;
    }
    return status;
}

void options_help(const struct command *command, struct out *o)
{
    out_f(o, "reel %s\n    %s\n\n", command->usage, command->line);
    for (const struct option *option = command->options; option->name; option++) {
        char left[64];
        int n = snprintf(left, sizeof left, "--%s%s%s", option->name, option->value ? " " : "",
                         option->value ? option->value : "");
        if (option->letter)
            out_f(o, "  -%c, ", option->letter);
        else
            out_str(o, "      ");
        out_f(o, "%-34s", left);
        out_str(o, n < 34 ? " " : "\n                                         ");
        out_wrapped(o, option->help, 41, 41);
        out_str(o, "\n");
    }
    if (command->more)
        out_f(o, "\n%s", command->more);
}

bool option_wants_track(const struct settings *set, uint32_t id)
{
    for (size_t i = 0; i < set->track_count; i++)
        if (set->tracks[i] == id)
            return true;
    return set->track_count == 0;
}
