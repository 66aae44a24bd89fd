/* SPDX-License-Identifier: BSD-2-Clause */
/* report.h: what info, boxes and doctor say of a film that somebody else has open. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli.h"

enum report { REPORT_INFO, REPORT_BOXES, REPORT_DOCTOR };

/*
 * The JSON that `reel KIND --format json` prints of this film, called name in it, to take, which gives 0 or an errno
 * that ends it. movie may be NULL for boxes. Nothing goes to standard error. 0 or the errno; ENOMEM too.
 */
int report_json(enum report kind, reel_source *source, reel_movie *movie, const char *name,
                int (*take)(void *user, const void *data, size_t n), void *user);

/* The three, for their commands and for report_json. */
int info_film(struct cli *cli, struct film *film);
int boxes_film(struct cli *cli, struct film *film);
int doctor_film(struct cli *cli, struct film *film);

#endif
