/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "longfile.h"

static const char usage[] =
    "longfile [--minutes N | --samples N] [--worst runs1|onechunk|chunkpersample|stscruns]\n"
    "         [--fragmented [--sidx]] [--thin] [--percent N] FILE\n"
    "Writes 60 fps H.264 and 48 kHz AAC as tables over a sparse mdat: 600 minutes unless told.\n";

static longfile_shape shape_of(const char *name)
{
    for (int i = 1; i < LONGFILE_SHAPES; i++)
        if (!strcmp(longfile_shape_name((longfile_shape)i), name))
            return (longfile_shape)i;
    return LONGFILE_SHAPES;
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {{"minutes", 1, NULL, 'm'},    {"samples", 1, NULL, 'n'},
                                          {"worst", 1, NULL, 'w'},      {"fragmented", 0, NULL, 'f'},
                                          {"sidx", 0, NULL, 's'},       {"thin", 0, NULL, 't'},
                                          {"percent", 1, NULL, 'p'},
                                          {"help", 0, NULL, 'h'},       {NULL, 0, NULL, 0}};
    longfile_options o = {0};
    for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        if (c == 'm')
            o.minutes = strtod(optarg, NULL);
        else if (c == 'n')
            o.samples = strtoull(optarg, NULL, 10);
        else if (c == 'w')
            o.shape = shape_of(optarg);
        else if (c == 'f')
            o.fragmented = true;
        else if (c == 's')
            o.sidx = true;
        else if (c == 't')
            o.thin = true;
        else if (c == 'p')
            o.percent = (unsigned)strtoul(optarg, NULL, 10);
        else
            return fputs(usage, c == 'h' ? stdout : stderr), c == 'h' ? 0 : 2;
    }
    if (optind + 1 != argc || o.shape == LONGFILE_SHAPES || (o.fragmented && o.shape))
        return fputs(usage, stderr), 2;
    if (o.sidx && longfile_video_samples(&o) > 65535u * LONGFILE_GOP)
        return fputs("longfile: a sidx holds 65535 segments at most\n", stderr), 2;
    if (longfile_write(argv[optind], &o) < 0)
        return fprintf(stderr, "longfile: %s: %s\n", argv[optind], strerror(errno)), 1;
    return 0;
}
