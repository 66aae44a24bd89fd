/* SPDX-License-Identifier: BSD-2-Clause */
/* bench [--topic NAME] [--format text|jsonl]: reel and its peers in one run, in turn, each answer compared. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "peer.h"

static const struct {
    const char *name;
    void (*run)(void);
} topics[] = {
    {"open", topic_open},     {"first-seek", topic_first_seek}, {"seek", topic_seek},   {"walk", topic_walk},
    {"memory", topic_memory}, {"length", topic_length},         {"worst", topic_worst}, {"fragments", topic_fragments},
    {"size", topic_size},     {"write", topic_write},           {"pool", topic_pool},   {"sched", topic_sched},
    {"picture", topic_picture},
    {"decode", topic_decode}, {"pipeline", topic_pipeline},
};

static int usage(FILE *to, int status)
{
    fputs("bench [--topic", to);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        fprintf(to, "%c%s", i ? '|' : ' ', topics[i].name);
    fputs("] [--format text|jsonl]\nInputs are written to $TMPDIR (sparse: gigabytes long, megabytes on disk).\n", to);
    return status;
}

static void say_machine(void)
{
    struct utsname u;
    char line[256], cpu[128] = "";
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "model name : %127[^\n]", cpu) == 1)
            break;
    if (f)
        fclose(f);
    if (uname(&u) == 0)
        report_note("%s, %s %s %s", cpu, u.sysname, u.release, u.machine);
    report_note("reel %s; %s; one run, in turn; timer cost %.0f ns", reel_version(), peer_version(), timer_cost_ns());
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"topic", 1, NULL, 't'}, {"format", 1, NULL, 'f'}, {"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *topic = "", *format = "text";
    bool ran = false;
    for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (c == 't')
            topic = optarg;
        else if (c == 'f')
            format = optarg;
        else
            return usage(c == 'h' ? stdout : stderr, c == 'h' ? 0 : 2);
    }
    if (optind != argc || (strcmp(format, "text") != 0 && strcmp(format, "jsonl") != 0))
        return usage(stderr, 2);
    clock_start();
    report_start(strcmp(format, "jsonl") == 0);
    say_machine();
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (!*topic || strcmp(topic, topics[i].name) == 0) {
            topics[i].run();
            ran = true;
        }
    inputs_remove();
    if (!ran)
        return usage(stderr, 2);
    return report_end() ? 1 : 0;
}
