/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c: from a command's name to the command, and help. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; commands[i]; i++)
        if (!strcmp(commands[i]->name, name))
            return commands[i];
    return NULL;
}

static void print_help(struct out *o)
{
    out_str(o, "reel: look into MP4, QuickTime, HEIF and AVIF files, and make films of them, without copying\n\n");
    out_str(o, "usage: reel COMMAND [OPTION...] FILE...\n\n");
    for (size_t i = 0; commands[i]; i++)
        out_f(o, "  %-12s%s\n", commands[i]->name, commands[i]->line);
    out_str(o, "  help        what a command does and takes: reel help COMMAND\n\n");
    out_str(o, "reel --version tells the version. Exit status: 0 fine, 1 the input is bad or has not\n");
    out_str(o, "what was asked for (a time, a track), 2 the call is bad.\n");
}

static int unknown_command(const char *name)
{
    const char *best = NULL;
    unsigned least = 3;
    for (size_t i = 0; commands[i]; i++)
        if (text_distance(name, commands[i]->name) < least) {
            least = text_distance(name, commands[i]->name);
            best = commands[i]->name;
        }
    if (best)
        complain(name, "no such command; did you mean reel %s?", best);
    else if (*name == '-')
        complain(name, "the command comes first; see reel help");
    else if (access(name, R_OK) == 0)
        complain(name, "this is a file, and the command comes first: reel info %s", name);
    else
        complain(name, "no such command; see reel help");
    return EXIT_CALL;
}

static int run_help(struct cli *cli, int argc, char **argv)
{
    const struct command *command = argc > 0 ? find_command(argv[0]) : NULL;
    if (argc > 0 && !command && strcmp(argv[0], "help") != 0)
        return unknown_command(argv[0]);
    if (command)
        options_help(command, &cli->out);
    else
        print_help(&cli->out);
    return EXIT_FINE;
}

static int run_command(struct cli *cli, int argc, char **argv)
{
    cli->command = find_command(argv[0]);
    if (!cli->command)
        return unknown_command(argv[0]);
    cli->set.tracks = calloc((size_t)argc, sizeof *cli->set.tracks);
    cli->argv = calloc((size_t)argc + 1, sizeof *cli->argv);
    if (!cli->set.tracks || !cli->argv) {
        complain(argv[0], "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    memcpy(cli->argv, argv, (size_t)argc * sizeof *argv);
    int status = options_parse(cli->command, argc - 1, argv + 1, &cli->set);
    if (status == EXIT_FINE) {
        out_init(&cli->out, STDOUT_FILENO, cli->set.color);
        json_init(&cli->json, &cli->out, cli->set.format == FORMAT_JSON);
        if (cli->set.help)
            options_help(cli->command, &cli->out);
        else
            status = cli->command->run(cli);
    }
    free(cli->set.tracks);
    free(cli->argv);
    return status;
}

static bool is_any(const char *s, const char *a, const char *b, const char *c)
{
    return !strcmp(s, a) || !strcmp(s, b) || !strcmp(s, c);
}

static int dispatch(struct cli *cli, int argc, char **argv)
{
    if (argc < 2) {
        complain("usage", "reel COMMAND [OPTION...] FILE...; see reel help");
        return EXIT_CALL;
    }
    if (is_any(argv[1], "help", "--help", "-h"))
        return run_help(cli, argc - 2, argv + 2);
    if (is_any(argv[1], "version", "--version", "-V")) {
        out_f(&cli->out, "reel %s\n", reel_version());
        return EXIT_FINE;
    }
    return run_command(cli, argc - 1, argv + 1);
}

/* A reader that went away (head, a pager that was left) is no news; a full disk is. */
static int finish(struct out *o, int status)
{
    out_flush(o);
    if (!o->error)
        return status;
    if (o->error != EPIPE)
        complain("standard output", "%s", strerror(o->error));
    return status > EXIT_INPUT ? status : EXIT_INPUT;
}

/* A stream that is closed would lend its number to the film or the output, and complaints would end up in there. */
static void keep_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    struct cli cli;
    cli.command = NULL;
    memset(&cli.set, 0, sizeof cli.set);
    memset(&cli.progress, 0, sizeof cli.progress);
    cli.quiet = false;
    cli.set.rows = 8;
    cli.set.limit = cli.set.depth = UINT64_MAX;
    cli.set.item = cli.set.port = cli.set.count = cli.set.quality = NO_ITEM;
    cli.set.streams = cli.set.load = cli.set.seconds = cli.set.ahead = NO_ITEM;
    cli.set.mode = SEEK_PREVIOUS;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* the write fails instead, and is cleaned up behind */
    keep_streams();
    out_init(&cli.out, STDOUT_FILENO, COLOR_AUTO);
    return finish(&cli.out, dispatch(&cli, argc, argv));
}
