/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli.h: what the files of the command share. Only <reel/...> below this line: whatever the command needs of the
 * library, everybody else gets too.
 */
#ifndef CLI_H
#define CLI_H

#include <reel/reel.h>
#include <signal.h>
#include <time.h>

enum { EXIT_FINE = 0, EXIT_INPUT = 1, EXIT_CALL = 2 };

/* ---- out.c: a buffered writer over a file descriptor, and everything that goes to a terminal ---- */

struct out {
    int fd;
    int error; /* errno of the first write that failed; nothing is written after it */
    /* Where it goes instead of fd, when not NULL; gives 0 or an errno. */
    int (*take)(void *user, const void *data, size_t n);
    void *user;
    bool color;
    size_t n;
    char buf[1 << 16];
};

enum style { PLAIN, BOLD, DIM, RED, YELLOW, GREEN };

void out_init(struct out *o, int fd, int color);
/* Into a function, without colours. */
void out_init_take(struct out *o, int (*take)(void *user, const void *data, size_t n), void *user);
void out_flush(struct out *o);
void out_bytes(struct out *o, const void *data, size_t n);
void out_str(struct out *o, const char *s);
void out_f(struct out *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
void out_u64(struct out *o, uint64_t v);
void out_i64(struct out *o, int64_t v);
void out_u64_right(struct out *o, uint64_t v, size_t width);
void out_i64_right(struct out *o, int64_t v, size_t width);
void out_spaces(struct out *o, size_t n);
void out_style(struct out *o, enum style style);
/* Words of text, broken before column 100, lines after the first indented by indent. column: where we stand. */
void out_wrapped(struct out *o, const char *text, size_t column, size_t indent);
void out_size(struct out *o, uint64_t bytes); /* "1.2 MB" */
void out_grouped(struct out *o, uint64_t v);  /* "1,234,567" */
void out_uuid(struct out *o, const uint8_t id[16]); /* with dashes: RFC 9562 */

/* Writes text so that nothing in it can command a terminal. encoding as in reel_tag. */
void out_text(struct out *o, reel_span text, uint32_t encoding);
void out_name(struct out *o, const char *name); /* the same for a string */

/* "reel: NAME: ..." on stderr, one line whatever the text holds. */
void complain(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct progress {
    bool on, shown;
    struct timespec start, last;
    uint64_t before, total; /* of a work of several plans: what was done before this one, of how much; 0: there is one */
};
/* printing: to standard output meanwhile; on a terminal a bar would stand among that. */
void progress_start(struct progress *p, bool printing);
void progress_step(struct progress *p, uint64_t done, uint64_t total);
void progress_end(struct progress *p);

/* ---- text.c ---- */

/* Letters to change to make a from b: for "did you mean". */
unsigned text_distance(const char *a, const char *b);

/* ---- json.c: a streaming writer ---- */

struct json {
    struct out *out;
    bool pretty;
    uint32_t depth;
    uint64_t some, inlined; /* a bit for each depth: has a member; is written on one line */
};

void json_init(struct json *j, struct out *out, bool pretty);
void json_object(struct json *j, const char *key); /* key NULL inside arrays and at the top */
void json_array(struct json *j, const char *key);
void json_list(struct json *j, const char *key); /* an array on one line */
void json_close(struct json *j, char bracket);   /* '}' or ']' */
void json_u64(struct json *j, const char *key, uint64_t v);
void json_seconds(struct json *j, const char *key, int64_t ticks, uint32_t timescale);
void json_i64(struct json *j, const char *key, int64_t v);
void json_real(struct json *j, const char *key, double v);
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);
void json_str(struct json *j, const char *key, const char *s);
void json_text(struct json *j, const char *key, reel_span text, uint32_t encoding);
void json_4cc(struct json *j, const char *key, uint32_t fourcc);
void json_hex(struct json *j, const char *key, const uint8_t *data, size_t n);
void json_uuid(struct json *j, const char *key, const uint8_t id[16]);

/* ---- when.c: times ---- */

enum when_kind { WHEN_UNSET, WHEN_TIME, WHEN_PERCENT, WHEN_SAMPLE };

struct when {
    enum when_kind kind;
    int64_t value; /* nanoseconds, millionths of a percent, or a sample number */
};

bool when_parse(const char *s, struct when *out);
/* Is there nothing between the two, whatever the film? */
bool when_empty(const struct when *from, const struct when *to);
enum { SECONDS_ROOM = 32 };
/* "12.5", to the nanosecond; gives where it ends. Writes no NUL. */
char *seconds_format(int64_t ticks, uint32_t timescale, char buf[SECONDS_ROOM]);
void out_clock(struct out *o, int64_t ticks, uint32_t timescale); /* h:mm:ss.mmm */
void clock_format(int64_t ticks, uint32_t timescale, char buf[32]);
/* The presentation time that w means on track, in its timescale. */
int when_ticks(const struct when *w, const reel_track *track, int64_t *t, reel_error *err);
/* What is shown at t, or, in an empty edit, what comes first after it. REEL_END: nothing. */
int when_moment(const reel_track *track, int64_t t, reel_moment *out);
/* Is t behind the end of a track without edits, where `shown`, its last sample, would stand for ever? */
bool when_over(const reel_track *track, int64_t t, const reel_sample *shown, int64_t media_time);

/* ---- options.c ---- */

enum { FORMAT_TEXT, FORMAT_JSON, FORMAT_JSONL };
enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum { SEEK_EXACT, SEEK_PREVIOUS, SEEK_NEXT, SEEK_NEAREST }; /* the values of reel_seek_mode */
#define NO_ITEM UINT64_MAX
enum { AS_AUTO, AS_ANNEXB, AS_ADTS, AS_OBU, AS_IVF, AS_RAW, AS_VTT, AS_SRT };

struct settings {
    int format, color, order, mode, as, fail_on;
    bool help, strict, no_map, explain, fields, cover, keys, exact, dry_run, copy, no_subtitles, no_iframes;
    bool warned; /* warnings are printed as something else, and not when the film is closed */
    const char *init, *like, *output, *path;
    struct when from, to;
    const char *listen, *page; /* of serve, and what follows */
    struct when segment;
    uint64_t port, workers;
    bool print_config;
    uint64_t limit, depth, rows, item;
    const char *at, *index, *samples, *size, *pad; /* of frames and sprite, and what follows */
    struct when every;
    int fit, filter, pix, form;
    uint64_t count, quality, threads, columns; /* NO_ITEM: not said; threads and columns 0 */
    bool headless, naive, loop, keep; /* of play, and what follows */
    const char *fps, *rate;
    int late;
    uint64_t streams, load, seconds, ahead; /* NO_ITEM: not said */
    uint32_t *tracks; /* room for argc of them */
    size_t track_count;
    char **args;
    size_t arg_count;
};

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_NUMBER, OPTION_CHOICE, OPTION_TRACK, OPTION_WHEN };

struct option {
    const char *name;
    char letter;
    unsigned char kind;
    const char *value; /* what follows it; of a choice the choices, separated by '|', and each is worth its place */
    const char *help;
    size_t at; /* of its field in struct settings */
};

#define OPTION(name, letter, kind, value, field, help)                                                        \
    {                                                                                                         \
        name, letter, kind, value, help, offsetof(struct settings, field)                                     \
    }
#define OPTION_FORMAT OPTION("format", 'f', OPTION_CHOICE, "text|json|jsonl", format, "how to print")
#define OPTION_TRACKS OPTION("track", 't', OPTION_TRACK, "ID", track_count, "only this track (may be repeated)")
#define OPTION_INIT OPTION("init", 'i', OPTION_TEXT, "FILE", init, "the init segment of the media segments given")
#define OPTIONS_READING                                                                                       \
    OPTION_INIT,                                                                                              \
        OPTION("strict", 0, OPTION_FLAG, NULL, strict, "what the standard forbids is an error"),              \
        OPTION("no-map", 0, OPTION_FLAG, NULL, no_map, "read the file, do not map it")
#define OPTIONS_LAST                                                                                          \
    OPTION("color", 0, OPTION_CHOICE, "auto|always|never", color, "colours"),                                 \
        OPTION("help", 'h', OPTION_FLAG, NULL, help, "say this"), { NULL, 0, 0, NULL, NULL, 0 }

struct cli;

struct command {
    const char *name, *line, *usage, *more; /* more: paragraphs below the options, or NULL */
    const struct option *options;           /* ends with a NULL name */
    int (*run)(struct cli *cli);
};

struct cli {
    const struct command *command;
    struct settings set;
    struct progress progress;
    char **argv;      /* as it came, from the command's name on, for a command that lives in another program */
    bool quiet;       /* what is wrong goes to the caller of report_json, not to standard error */
    struct json json; /* what goes to out as JSON: one document, whatever the number of films */
    struct out out;   /* standard output */
};

extern const struct command command_info, command_boxes, command_packets, command_seek, command_extract,
    command_doctor, command_cut, command_faststart, command_fragment, command_defragment, command_concat,
    command_repair, command_package, command_serve, command_frames, command_sprite,
    command_play;

/* Those of this program, ending with NULL: commands.c, commands_frames.c. */
extern const struct command *const commands[];

/* Reads argv behind the command's name into set; EXIT_FINE or, after a complaint, EXIT_CALL. */
int options_parse(const struct command *command, int argc, char **argv, struct settings *set);
void options_help(const struct command *command, struct out *o);
bool option_wants_track(const struct settings *set, uint32_t id);

/* ---- film.c: from file names to an open film ---- */

#define FILM_OVERLAPS "its samples lie over each other: written out they would be far more than the file"

/* Which file it is, whatever it is called. */
struct file_id {
    uint64_t device, inode;
};

struct film {
    const char *name;   /* for messages */
    char **names;       /* of the parts */
    const char *init;   /* the first part, or NULL */
    size_t parts;
    struct file_id *ids; /* of the parts, as they were opened */
    bool quiet;          /* nothing is told: whoever has it looks at the results */
    uint64_t writable;   /* bytes that may still be made of it: what is more comes of samples that lie over each other */
    reel_source *source;
    reel_movie *movie;
};

/* Opens one file alone, without looking into it; complains. id may be NULL. */
int film_open_source(const struct settings *set, const char *name, reel_source **out, struct file_id *id);
/* Opens names[0..n) as one film behind --init, or names[0]; complains. EXIT_FINE or EXIT_INPUT. */
int film_open(const struct settings *set, char **names, size_t n, struct film *out);
/* The same; `otherwise` gets what does not open, its movie NULL, after the complaint. NULL: nobody does. */
int film_open_or(struct cli *cli, char **names, size_t n, struct film *out,
                 void (*otherwise)(struct cli *cli, struct film *film));
/* The same without looking into it: movie stays NULL. */
int film_open_bytes(const struct settings *set, char **names, size_t n, struct film *out);
/* A descriptor of the one file that film is read from, to be closed; -1: there are several, or it is another by now. */
int film_fd(const struct film *film);
/* The name of the part's file. */
const char *film_part(const struct film *film, size_t part);
/* Is the file at path one of those that film is read from? */
bool film_is_at(const struct film *film, const char *path);
/* Prints the warnings that piled up (text formats), counts them as errors with --strict, and closes. */
int film_close(const struct settings *set, struct film *film, int status);
/* Complains about err, naming the part it lies in; gives EXIT_INPUT. */
int film_complain(const struct film *film, const reel_error *err);
/* Are the arguments films of their own, and more than one? */
bool film_several(const struct settings *set);
/* Each film among the arguments: all of them as one with --init. Several are a JSON array. The worst status of all. */
int film_each(struct cli *cli, int (*run)(struct cli *cli, struct film *film));
/* The same; `otherwise` as in film_open_or. */
int film_each_or(struct cli *cli, int (*run)(struct cli *cli, struct film *film),
                 void (*otherwise)(struct cli *cli, struct film *film));
/* The tracks that --track names, else all. *out is malloc'ed. Complains about a track that is not there. */
int film_tracks(const struct settings *set, const struct film *film, const reel_track ***out, size_t *n);
/* Says that the track does not come along, and why; as a warning, or as what was asked for and cannot be had. */
void film_leave_out(const struct film *film, const reel_track *track, bool warning, const char *why);
/* The one track of --track, else the video track a player would show, else the audio, else the first. */
int film_track(const struct settings *set, const struct film *film, const reel_track **out);

/* ---- save.c: output that is there as a whole or not at all, written from where it lies ---- */

struct save;
/*
 * What is made of film, to the file called path, or to standard output for "-" and NULL. A link is written through.
 * Complains, also when path is the film itself.
 */
int save_open(struct film *film, const char *path, struct save **out);
/* Bytes that stay where they are until save_flush or save_close; packet keeps them, and is taken over. */
void save_span(struct save *s, reel_span span);
void save_hold(struct save *s, reel_packet *packet);
/* At most 32 bytes that are copied into room that lives until the flush. */
void save_small(struct save *s, const void *data, size_t n);
/* Any number of bytes, written or copied before this returns. */
void save_copy(struct save *s, const void *data, size_t n);
/* All of a plan; fds as reel_plan_write wants them. Gives EXIT_FINE, or EXIT_INPUT after a complaint that is no matter of s. */
int save_plan(struct save *s, const reel_plan *plan, const int *fds, struct progress *progress);
bool save_failed(const struct save *s);
/* Keep what was written, or throw it away; complains when the disk was full. Gives EXIT_FINE or EXIT_INPUT. */
int save_close(struct save **s, bool keep);

/* What a signal that ends the command takes with it, the newest first: of folders those that are empty by then. */
struct doomed {
    struct doomed *next;
    char *path;
    bool folder;
};
/* From now on this list, which stays the caller's; NULL: none. */
void save_doom(struct doomed *list);
void save_remove(const struct doomed *list);
void save_catch_signals(void);
/* Signals wait while several things have to come together. */
void save_hold_signals(sigset_t *before);
void save_let_signals(const sigset_t *before);

#endif
