/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/doctor.h: what is odd about a film, in plain words: why it starts late, seeks badly, stutters, or will fail
 * in HLS, and what to do about it.
 */
#ifndef REEL_DOCTOR_H
#define REEL_DOCTOR_H

#include <reel/movie.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum reel_severity { REEL_NOTE = 0, REEL_WARNING = 1, REEL_PROBLEM = 2 } reel_severity;

typedef struct reel_finding {
    const char *id;       /* "moov-last", stable */
    uint32_t severity;    /* reel_severity */
    uint32_t track_id;    /* 0: the whole file */
    const char *what;     /* what was found, with its numbers */
    const char *why;      /* what it does to playback */
    const char *fix;      /* what to do, in words; above a command it may end with a colon */
    const char *command;  /* for a shell: of in.mp4, the film, it makes out.mp4; "": there is none */
} reel_finding;

/*
 * Examine movie; found is called for every finding (the strings live during the call), worst first within the
 * file, then by track. A non-zero return stops and is given back. Walks all samples.
 *
 * A command of reel has been tried, as a plan of which nothing is written: it can be followed, and in what comes of it
 * the finding is gone. Each that is advised makes that walk once more. A command of ffmpeg is one that it can follow for
 * these codecs; nothing of it was tried.
 */
REEL_API int reel_doctor(const reel_movie *movie, int (*found)(void *user, const reel_finding *f), void *user,
                         reel_error *err);

/*
 * The same of a file that may not open: then there is one finding, "unreadable", which says what reel_write_repair can
 * have of it; where it needs a film that is like it, the command has GOOD_FILE in that film's place. What is no such
 * file at all is REEL_E_NOT_MP4, and nothing is found.
 */
REEL_API int reel_doctor_source(reel_source *source, int (*found)(void *user, const reel_finding *f), void *user,
                                reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
