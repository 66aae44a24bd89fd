/* SPDX-License-Identifier: BSD-2-Clause */
/* facts.h: what info tells of a track beyond what the headers hand out, gathered in one walk. */
#ifndef CLI_FACTS_H
#define CLI_FACTS_H

#include "cli.h"

struct facts {
    reel_track_info info;
    reel_description description; /* the first; format 0 when it could not be read */
    uint64_t samples;
    int64_t first_dts, end_dts; /* media time from the first sample to the end of the last */
    int64_t shown;              /* duration of the presentation, what is empty at its start included */
    int64_t first_pts;          /* the least that is not negative; of the first sample when it was not walked */
    int64_t starts;             /* when the presentation begins to show something */
    bool walked;                /* the rest is known: the track is not too long to be walked for it */
    uint64_t bytes, largest, sync, leading, outside; /* outside: samples that end past the end of the file */
    int64_t inside_end;         /* when what lies in the file is over, on the presentation's time line */
    uint64_t shortest_gop, longest_gop;
    uint32_t shortest, longest; /* sample durations, the last one left out */
    int result;                 /* negative: what stopped us */
    reel_error err;
};

/* budget: samples that may still be walked through in this film, facts_budget to begin with. */
void facts_gather(const reel_track *track, struct facts *f, uint64_t *budget);
uint64_t facts_budget(const reel_movie *movie);
/* Ticks of the media: from the samples, else from the header. */
uint64_t facts_duration(const struct facts *f);
/* Frames a second, exact when all durations are alike; 0/0 when there is none. */
reel_rational facts_exact_rate(const struct facts *f);
double facts_average_rate(const struct facts *f);
double facts_bit_rate(const struct facts *f);

/* names.c: words for numbers; NULL when there is none. */
const char *name_of_primaries(unsigned v);
const char *name_of_transfer(unsigned v);
const char *name_of_matrix(unsigned v);
const char *name_of_system(const uint8_t id[16]);
const char *name_of_image(const reel_tag *tag);
const char *name_of_edit(uint32_t kind);
const char *name_of_scheme(uint32_t scheme);     /* of protection, where its fourcc does not tell */
const char *name_of_auxiliary(reel_span type);   /* of auxC: "alpha", "depth", "gain map" */
const char *name_of_light(const reel_description *d); /* "HDR10", "PQ", "HLG" */

void info_json(struct cli *cli, const struct film *film, struct facts *facts, size_t n);
void info_text(struct cli *cli, const struct film *film, struct facts *facts, size_t n);
void info_text_track(struct out *o, const reel_track *track, const struct facts *f);
/* " / " between the names of primaries, transfer and matrix. */
void info_text_colour(struct out *o, unsigned primaries, unsigned transfer, unsigned matrix, bool full_range);
void info_text_items(struct out *o, const reel_movie *movie);
void info_text_meta(struct out *o, const reel_movie *movie);
void info_json_track(struct json *j, const reel_track *track, const struct facts *f);
void info_json_colour(struct json *j, unsigned primaries, unsigned transfer, unsigned matrix, bool full_range);
void info_json_light(struct json *j, unsigned max_cll, unsigned max_fall);
void info_json_items(struct json *j, const reel_movie *movie);
void info_json_meta(struct json *j, const reel_movie *movie);
void info_json_tags(struct json *j, const reel_movie *movie, const reel_track *track);

/* Seconds since 1904 as "2024-05-01T12:00:00Z", buf of at least 32 bytes; false for 0 and what no calendar has. */
bool info_date(uint64_t since_1904, char *buf, size_t size);
/* What a time value such as language "und" says to nobody. */
bool info_says(const char *language);

/* The next pssh that can be read, from number *i on, which is moved behind it; false: there are no more. */
bool next_pssh(const reel_movie *movie, size_t *i, reel_pssh *out);

#endif
