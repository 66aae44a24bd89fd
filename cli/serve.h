/* SPDX-License-Identifier: BSD-2-Clause */
/* serve.h: what the files of reel serve share. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "cli.h"

/* What a configuration of nginx names. There are no control characters in its paths, and in films and page no $. */
struct site {
    const char *scratch; /* pid, temporary files; NULL: a configuration for people, with the usual places */
    const char *module, *films, *page; /* page NULL: there is none */
    const char *user;    /* who the workers are; NULL: nobody says */
    const char *address; /* ADDR:PORT */
    uint64_t workers;    /* 0: one a core */
    uint64_t segment;    /* milliseconds */
};

/* serve_config.c */
void serve_config(struct out *o, const struct site *site);

/* serve_run.c: nginx as a child, until a signal or its own end. */
int serve_run(const char *scratch, const char *shown, const char *host, uint16_t port);

#endif
