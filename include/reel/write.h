/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reel/write.h: films made from films, as plans: media stays where it is until the plan is executed.
 *
 * All of these give a plan (reel/plan.h) that names ranges of the films' sources, and some bytes of its own: movie
 * boxes, made anew or moved. Close it with reel_plan_close. It keeps the sources alive, not the movies: those may be
 * closed before. Nothing is decoded, and no media is read.
 *
 * A film whose tables are damaged gives an error that says where, or a film of what they say: what comes out can always
 * be opened. Samples that claim bytes behind the end of the file are REEL_E_TRUNCATED; reel_write_repair leaves them
 * out.
 *
 * What a new movie box has (reel_write_cut, _progressive, _concat): all boxes of the old one, as they are, but for
 * durations, edit lists and tables, which are made anew; sample groups and encryption (senc, saiz, saio) follow their
 * samples. Left out are cslg, stsh, padb, stdp, subs, and groups that only fragments describe. The movie's timescale
 * becomes a finer one where an edit would not be a whole number in it. REEL_E_UNSUPPORTED, with a sentence: media in
 * another file (dref), keys that change from fragment to fragment, other data beside each sample, items of a meta box
 * that lie at places of the file.
 *
 * Threads: any number of them may make plans of one movie at once.
 */
#ifndef REEL_WRITE_H
#define REEL_WRITE_H

#include <reel/movie.h>
#include <reel/plan.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct reel_write_options {
    size_t sizeof_options;       /* sizeof(reel_write_options) */
    const reel_track *const *tracks; /* which ones, in this order; NULL: all that have samples */
    size_t track_count;
    const reel_allocator *alloc; /* NULL: malloc; for the plan and while it is made */
} reel_write_options;

/* In all functions: options may be NULL; err too; on failure *out is left as it was. */

/*
 * The film with moov in front of its media, the same boxes and bytes otherwise. What is in front already, what has
 * no media, and a fragmented film whose moov comes first come out as they are: one piece, the source. Chunk offsets
 * become co64 where they have to. Where free space in front of the media is large enough, moov goes there and no
 * offset changes. A free box of at most 64 KiB behind moov keeps large media where it was within its pages (so do those
 * of all films that are written here): it is copied faster then, and file systems that share blocks share it. Cheap enough to be made for each request of a server: only chunk offsets (stco, co64, and saio of
 * encrypted tracks) are made anew, the rest of moov are ranges of the source. Memory and time: O(chunks).
 * options->tracks has to be NULL. REEL_E_UNSUPPORTED where something that is not moved too names places in the file:
 * items of a meta box, a segment index or fragments in front of moov.
 */
REEL_API int reel_write_faststart(const reel_movie *movie, const reel_write_options *options, reel_plan **out,
                                  reel_error *err);

/*
 * The film as a progressive one: ftyp, moov, mdat; for a fragmented film (or any other). Chunks of half a second of
 * each track, in the order in which the media lies where that is interleaved. What was shown when is the same, with one
 * exception: a fragmented film all of whose tracks begin behind time 0 (a part of a live recording) begins with its
 * first sample. A film without tracks that have samples is REEL_E_NOT_FOUND. REEL_E_TIME where decode times go
 * backwards.
 */
REEL_API int reel_write_progressive(const reel_movie *movie, const reel_write_options *options, reel_plan **out,
                                    reel_error *err);

#define REEL_CUT_TO_END INT64_MAX

enum {
    REEL_CUT_EXACT = 1 << 0, /* begin at `from` itself; else at the sync sample at or before it, as players seek */
};

typedef struct reel_cut {
    size_t sizeof_cut;  /* sizeof(reel_cut) */
    int64_t from, to;   /* presentation times, from <= t < to; to may be REEL_CUT_TO_END */
    uint32_t timescale; /* of both; at least 1 */
    uint32_t flags;     /* REEL_CUT_* */
} reel_cut;

/*
 * What is shown from `from` on and before `to`, as a progressive film that begins at 0. Of each track: the samples
 * shown in that time, those that they need to be decoded (from the sync sample on; of sound one frame more, 80 ms of
 * Opus), and an edit list that hides these. Edits in the film, several too, are cut likewise: gaps, dwells and rates
 * stay. Without REEL_CUT_EXACT the film begins where reel_write_cut_start says: the video then has nothing to hide. Of
 * video both have the same samples. Chapters in chpl move along. Tracks that show nothing in that time are left out.
 * REEL_E_RANGE: no track shows anything in that time; REEL_E_ARG: to is not above from.
 */
REEL_API int reel_write_cut(const reel_movie *movie, const reel_cut *cut, const reel_write_options *options,
                            reel_plan **out, reel_error *err);
/*
 * Where that film begins: with REEL_CUT_EXACT, and without a video track, at `from`; else at the time when the sync
 * sample at or before the picture at `from` is shown. In *timescale (of that video track, or of the cut).
 */
REEL_API int reel_write_cut_start(const reel_movie *movie, const reel_cut *cut, int64_t *start, uint32_t *timescale,
                                  reel_error *err);

/*
 * n films one behind the other, as one progressive film with the movie box of the first. The i-th track of each type
 * of the first goes on with the i-th of that type in the others; each film begins when the longest track of the one
 * before it ends; until then the last picture of a shorter video stands (it lasts longer), and others show nothing.
 * REEL_E_CONFIG, with a sentence that says which track of which
 * film differs and in what: the sample descriptions (stsd) have to be the same bytes, but for measured
 * bit rates (btrt, esds), timescales and the number of tracks the same. options->tracks has to be NULL.
 */
REEL_API int reel_write_concat(const reel_movie *const *movies, size_t n, const reel_write_options *options,
                               reel_plan **out, reel_error *err);

/* What reel_write_repair found. */
typedef struct reel_repair {
    uint32_t changed;      /* 0: nothing was wrong, the plan is the source */
    uint32_t reserved;
    uint64_t fragments;    /* whole ones that were found; also filled when there is an error */
    uint64_t lost_bytes;   /* of the file that are not in the plan */
    uint64_t lost_samples; /* that tables or the torn fragment claim and the file does not have, as far as that is known */
    uint64_t checked_samples; /* in the plan, of codecs whose samples can be told from other bytes: H.264, HEVC, VVC, AV1,
                                 AC-3, FLAC, PCM; not encrypted */
    uint64_t foreign_samples; /* of these, those that are none: something else lies over them. They are in the plan */
    char what[160];        /* what was wrong, and what was done: a sentence */
    char doubt[160];       /* why `like` may not be like it: a sentence; "": nothing speaks against it */
} reel_repair;

/*
 * What can be had of a damaged film. Takes a source, since such a film may not open.
 *
 * Of a fragmented one: its whole fragments, behind its movie box, wherever these stand in the file and whatever stands
 * between. Of one that the file ends in, the samples of each of its tracks up to the first that is not whole. Where the movie box is missing or damaged, `like`
 * is a film of the same recorder or encoder (NULL: none; its init segment is enough): its tracks that the fragments name
 * by their IDs take the place of those that were lost. With like the movie box in the file is not looked at.
 *
 * Of a progressive one: samples that are not there any more are left out, from the first of each track on, and its movie
 * box is made anew; a media box whose size was never written, with the movie box behind it, gets its size; what stands
 * behind the last box is left out.
 *
 * What comes out is looked through when there is a report or a film that is like it: of media the heads of units are read.
 * A film that is not like it is refused where that can be told: its index (sidx) counts in another timescale, its fragments
 * name a sample description or leave durations to a movie box that this one does not have, or no sample of a track is of
 * the codec; where something is odd only, report->doubt says it.
 *
 * Work and memory are linear in the file. REEL_E_BOX_MISSING: there is no movie box in it, nothing says where samples are,
 * or what they are (report->fragments is not 0 then); REEL_E_TRUNCATED: not one of its samples is there; REEL_E_CONFIG:
 * like has none of the tracks, or is not like it. report may be NULL.
 */
REEL_API int reel_write_repair(reel_source *source, const reel_movie *like, const reel_write_options *options,
                               reel_repair *report, reel_plan **out, reel_error *err);

#ifdef __cplusplus
}
#endif
#endif
