/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree.h: files below one folder that appear there together, when all of them are written, or not at all.
 *
 *     FOLDER/.reel-XXXXXX/t1/media.mp4  ->  FOLDER/t1/media.mp4
 */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include "cli.h"

struct tree {
    struct cli *cli;
    const char *folder;
    char *stage;         /* where files are until all are there; NULL: nothing is written (--dry-run) */
    struct doomed *made; /* what is in there, the newest first */
    uint64_t files, bytes;
    uint64_t expected;   /* bytes, about: for the progress bar */
};

/* Makes the folder, if it is not there. Complains. total: about how many bytes will come. */
int tree_open(struct tree *t, struct cli *cli, const char *folder, uint64_t expected);
/*
 * A file, with / between folders, which are made: all of plan, which is made of film and stays the caller's. fd is one of
 * film's file, or -1. The order of calls is that in which files appear. With --dry-run it is shown instead.
 */
int tree_put(struct tree *t, struct film *film, int fd, const char *path, const reel_plan *plan);
/* Everything gets its name when status is EXIT_FINE, else nothing stays. Gives status, or what came of it. */
int tree_close(struct tree *t, int status);

#endif
