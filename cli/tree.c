/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree.c: files below one folder that appear there together. They are written into a folder beside their places, in the
 * same file system, so that giving them their names moves nothing: what can fail has been done by then. Where a name
 * cannot be had all the same, the files that had theirs before are taken back, and what they replaced returns.
 */
#include "tree.h"
#include "write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGE ".reel-XXXXXX"
#define PROBE "probe" /* below the stage, where nothing is called so */
#define OLD ".reel-old" /* what a file in the stage replaces, beside it */

static int complain_errno(const char *path, int error)
{
    complain(path, "%s", strerror(error));
    return EXIT_INPUT;
}

/* "FOLDER/PATH", whether or not folder ends with a slash. */
static char *join(const char *folder, const char *path)
{
    size_t len = strlen(folder);
    size_t n = len + strlen(path) + 2;
    char *joined = malloc(n);
    if (joined)
        snprintf(joined, n, "%s%s%s", folder, len && folder[len - 1] == '/' ? "" : "/", path);
    return joined;
}

/* ---- what goes when the command ends before its time ---- */

/* Noted before it is there: what never came need not go. Takes path over. */
static int note(struct tree *t, char *path, bool folder)
{
    struct doomed *d = path ? malloc(sizeof *d) : NULL;
    if (!d) {
        free(path);
        return complain_errno(t->folder, ENOMEM);
    }
    *d = (struct doomed){t->made, path, folder};
    t->made = d;
    save_doom(d);
    return EXIT_FINE;
}

static void forget(struct tree *t)
{
    save_doom(NULL);
    for (struct doomed *d = t->made, *next; d; d = next) {
        next = d->next;
        free(d->path);
        free(d);
    }
    t->made = NULL;
    free(t->stage);
    t->stage = NULL;
}

/* ---- opening ---- */

/* Is it a folder, or can it be made one? *made: it is new. */
static int make_folder(const char *path, bool *made)
{
    struct stat st;
    *made = mkdir(path, 0777) == 0;
    if (*made || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return EXIT_FINE;
    return complain_errno(path, errno == EEXIST ? ENOTDIR : errno);
}

/* A folder and the note that it goes come together: signals wait. */
static int make_stage(struct tree *t)
{
    bool made;
    const char *folder = t->folder;
    int status = make_folder(folder, &made);
    if (status == EXIT_FINE && made)
        status = note(t, strdup(folder), true);
    if (status != EXIT_FINE)
        return status;
    t->stage = join(folder, STAGE);
    if (!t->stage || !mkdtemp(t->stage)) {
        status = complain_errno(folder, t->stage ? errno : ENOMEM);
        free(t->stage);
        t->stage = NULL;
        return status;
    }
    return note(t, strdup(t->stage), true);
}

int tree_open(struct tree *t, struct cli *cli, const char *folder, uint64_t expected)
{
    sigset_t before;
    *t = (struct tree){.cli = cli, .folder = folder, .expected = expected};
    if (cli->set.dry_run)
        return EXIT_FINE;
    save_catch_signals();
    save_hold_signals(&before);
    int status = make_stage(t);
    save_let_signals(&before);
    return status;
}

/* ---- files ---- */

/* The folders above the last / of a path in the stage. */
static int make_above(struct tree *t, const char *path)
{
    for (const char *slash = strchr(path + strlen(t->stage) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        char *above = strndup(path, (size_t)(slash - path));
        if (!above)
            return complain_errno(t->folder, ENOMEM);
        bool made = mkdir(above, 0777) == 0;
        int error = made || errno == EEXIST ? 0 : errno;
        if (error)
            complain_errno(above, error);
        if (!made) {
            free(above);
            if (error)
                return EXIT_INPUT;
        } else if (note(t, above, true) != EXIT_FINE) {
            return EXIT_INPUT;
        }
    }
    return EXIT_FINE;
}

static int write_file(struct tree *t, struct film *film, int fd, const char *path, const reel_plan *plan)
{
    struct save *save;
    struct progress *progress = &t->cli->progress;
    int status = save_open(film, path, &save);
    if (status != EXIT_FINE)
        return status;
    const int fds[] = {fd};
    const bool one = reel_plan_source(plan, 0) == film->source && !reel_plan_source(plan, 1);
    progress->before = t->bytes;
    progress->total = t->expected;
    status = save_plan(save, plan, one ? fds : NULL, progress);
    int saved = save_close(&save, status == EXIT_FINE);
    return saved > status ? saved : status;
}

int tree_put(struct tree *t, struct film *film, int fd, const char *path, const reel_plan *plan)
{
    int status = EXIT_FINE;
    if (t->stage) {
        sigset_t before;
        char *staged = join(t->stage, path);
        save_hold_signals(&before);
        status = staged ? make_above(t, staged) : EXIT_FINE;
        save_let_signals(&before);
        if (status != EXIT_FINE)
            free(staged);
        else
            status = note(t, staged, false);
        if (status == EXIT_FINE)
            status = write_file(t, film, fd, staged, plan);
    } else {
        write_show_file(t->cli, film, path, plan);
    }
    t->files++;
    t->bytes += reel_plan_size(plan);
    return status;
}

/* ---- closing ---- */

/* FOLDER/PATH for FOLDER/.reel-XXXXXX/PATH; NULL: it is the folder or the stage itself. */
static char *place_of(const struct tree *t, const struct doomed *d)
{
    size_t n = strlen(t->stage);
    bool inside = !strncmp(d->path, t->stage, n) && d->path[n] == '/';
    return inside ? join(t->folder, d->path + n + 1) : NULL;
}

/* The oldest first. */
static struct doomed *turned(struct doomed *list)
{
    struct doomed *out = NULL;
    for (struct doomed *next; list; list = next) {
        next = list->next;
        list->next = out;
        out = list;
    }
    return out;
}

/*
 * Can what is in the stage be moved to the folder? It may be a link into another file system, a mount of its own, or be
 * closed to us. An empty folder goes there and away again, since whatever else is asked of a file system, that tells.
 */
static int try_move(const struct tree *t, const char *place)
{
    char *probe = join(t->stage, PROBE), *moved = join(place, strrchr(t->stage, '/') + 1);
    int error = !probe || !moved ? ENOMEM : mkdir(probe, 0777) < 0 ? errno : 0;
    if (!error && rename(probe, moved) < 0)
        error = errno;
    else if (!error)
        rmdir(moved);
    if (error == EXDEV)
        complain(place, "it lies in another file system than %s: a file cannot be moved there in one go", t->folder);
    else if (error)
        complain_errno(place, error);
    if (error && probe)
        rmdir(probe);
    free(probe);
    free(moved);
    return error ? EXIT_INPUT : EXIT_FINE;
}

/* What would be in the way of a file is found before the first one is moved. */
static int check_place(const struct tree *t, const struct doomed *d, const char *place)
{
    struct stat st;
    bool made;
    if (d->folder) {
        int status = make_folder(place, &made);
        return status == EXIT_FINE ? try_move(t, place) : status;
    }
    return stat(place, &st) == 0 && S_ISDIR(st.st_mode) ? complain_errno(place, EISDIR) : EXIT_FINE;
}

/* Folders that were made for nothing. */
static int drop_place(const struct tree *t, const struct doomed *d, const char *place)
{
    (void)t;
    if (d->folder)
        rmdir(place); /* only where it is empty */
    return EXIT_FINE;
}

static char *old_of(const struct doomed *d)
{
    size_t n = strlen(d->path) + sizeof OLD;
    char *old = malloc(n);
    if (old)
        snprintf(old, n, "%s" OLD, d->path);
    return old;
}

/* What is there stays there until the new file takes its name; where there are no links it is away for a moment. */
static int move_into_place(const struct tree *t, const struct doomed *d, const char *place)
{
    (void)t;
    if (d->folder)
        return EXIT_FINE;
    char *old = old_of(d);
    if (!old)
        return complain_errno(place, ENOMEM);
    if (link(place, old) < 0 && errno != ENOENT)
        (void)!rename(place, old); /* if not, neither will the next */
    free(old);
    return rename(d->path, place) == 0 ? EXIT_FINE : complain_errno(place, errno);
}

/* A file that is not in the stage any more has got its name. */
static int take_back(const struct tree *t, const struct doomed *d, const char *place)
{
    struct stat st;
    char *old = d->folder ? NULL : old_of(d);
    (void)t;
    if (old && rename(old, place) < 0 && lstat(d->path, &st) < 0)
        unlink(place);
    free(old);
    return EXIT_FINE;
}

static int drop_old(const struct tree *t, const struct doomed *d, const char *place)
{
    char *old = d->folder ? NULL : old_of(d);
    (void)t;
    (void)place;
    if (old)
        unlink(old);
    free(old);
    return EXIT_FINE;
}

static int for_places(struct tree *t, int (*act)(const struct tree *t, const struct doomed *d, const char *place))
{
    int status = EXIT_FINE;
    for (const struct doomed *d = t->made; d && status == EXIT_FINE; d = d->next) {
        char *place = place_of(t, d);
        if (place)
            status = act(t, d, place);
        free(place);
    }
    return status;
}

static int move_all(struct tree *t)
{
    t->made = turned(t->made);
    int status = for_places(t, check_place);
    if (status == EXIT_FINE) {
        status = for_places(t, move_into_place);
        for_places(t, status == EXIT_FINE ? drop_old : take_back);
    }
    t->made = turned(t->made);
    if (status != EXIT_FINE)
        for_places(t, drop_place);
    return status;
}

/* Signals wait until nothing is left of the stage: what a signal would take with it changes its name meanwhile. */
int tree_close(struct tree *t, int status)
{
    sigset_t before;
    save_hold_signals(&before);
    save_doom(NULL);
    if (t->stage && status == EXIT_FINE)
        status = move_all(t);
    save_remove(t->made); /* of folders only those that are empty */
    forget(t);
    save_let_signals(&before);
    return status;
}
