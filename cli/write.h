/* SPDX-License-Identifier: BSD-2-Clause */
/* write.h: what the commands share that make films from films. */
#ifndef CLI_WRITE_H
#define CLI_WRITE_H

#include "cli.h"

#define WRITE_OUTPUT                                                                                          \
    OPTION("output", 'o', OPTION_TEXT, "FILE", output, "where to; - is standard output")
#define WRITE_DRY                                                                                             \
    OPTION("dry-run", 'n', OPTION_FLAG, NULL, dry_run, "write nothing, show which bytes would come from where"),  \
        OPTION("format", 'f', OPTION_CHOICE, "text|json|jsonl", format, "how to tell what is written, or would be")

/* What a command has to say about a film that it makes, for programs: members of its object. put NULL: nothing. */
struct about {
    void (*put)(struct json *j, const void *what);
    const void *what;
};

/*
 * Is the call one that can be followed? several: more than one film is fine. EXIT_FINE or EXIT_CALL, after a complaint.
 */
int write_check(const struct cli *cli, bool several);
/* The tracks that --track names, else NULL for all. *chosen is to be freed. */
int write_options(const struct cli *cli, const struct film *film, reel_write_options *options,
                  const reel_track ***chosen);
/*
 * What came of making a plan of film, and of `more` films, an array that ends with a NULL name, or NULL: complains
 * about err, shows the plan or writes it. Closes plan. about: NULL, or what is told beside it as JSON.
 */
int write_plan(struct cli *cli, struct film *film, const struct film *more, int result, reel_plan *plan,
               const struct about *about, const reel_error *err);
/* Complains about err; of a torn film that can be mended it says with what. Gives EXIT_INPUT. */
int write_refuse(const struct film *film, const reel_error *err);
/* The same of one that did not open. */
void write_unopened(struct cli *cli, struct film *film);
/* One of several files that would be written of film: its path, and where its bytes would come from. */
void write_show_file(struct cli *cli, const struct film *film, const char *path, const reel_plan *plan);

#endif
