/* SPDX-License-Identifier: BSD-2-Clause */
/* beside.c: subtitle files beside a film, found by their names: the same ones, under the same names, as the origin's. */
#include "beside.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { MOST_FILES = 64, MOST_BYTES = 16 << 20 };

/* ---- names ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

static bool is_subtitle(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && name[0] != '.' && (!strcasecmp(dot, ".vtt") || !strcasecmp(dot, ".srt"));
}

/* "sub/NAME/LEAF", NAME percent-encoded: RFC 3986 2.3 */
static char *uri_of(const char *name, const char *leaf)
{
    static const char hex[] = "0123456789ABCDEF";
    char *uri = malloc(4 + 3 * strlen(name) + 1 + strlen(leaf) + 1), *to = uri;
    if (!uri)
        return NULL;
    to = stpcpy(to, "sub/");
    for (; *name; name++) {
        unsigned char c = (unsigned char)*name;
        if (is_letter(*name) || is_digit(*name) || strchr("-._~", c)) {
            *to++ = *name;
            continue;
        }
        *to++ = '%';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    *to++ = '/';
    stpcpy(to, leaf);
    return uri;
}

/* ---- the list ---- */

static void free_file(struct beside_file *f)
{
    free(f->path);
    free(f->uri);
    free(f->file_uri);
}

void beside_free(struct beside *b)
{
    for (size_t i = 0; i < b->n; i++)
        free_file(&b->file[i]);
    free(b->file);
    *b = (struct beside){.file = NULL};
}

static bool has(const struct beside *b, const char *name)
{
    for (size_t i = 0; i < b->n; i++)
        if (!strcmp(b->file[i].name, name))
            return true;
    return false;
}

/* folder ends with /, or is "". false: no memory. */
static bool add(struct beside *b, const char *folder, const char *name, const reel_subtitle_name *says)
{
    if (b->n == b->room) {
        size_t room = b->room ? b->room * 2 : 4;
        struct beside_file *more = realloc(b->file, room * sizeof *more);
        if (!more)
            return false;
        b->file = more;
        b->room = room;
    }
    struct beside_file *f = &b->file[b->n];
    size_t size = strlen(folder) + strlen(name) + 1;
    *f = (struct beside_file){.path = malloc(size), .uri = uri_of(name, "index.m3u8"), .file_uri = uri_of(name, "file.vtt"),
                              .says = *says};
    if (!f->path || !f->uri || !f->file_uri) {
        free_file(f);
        return false;
    }
    snprintf(f->path, size, "%s%s", folder, name);
    f->name = f->path + strlen(folder);
    b->n++;
    return true;
}

static bool consider(struct beside *b, DIR *dir, const char *folder, const char *name, const char *film, size_t stem)
{
    reel_subtitle_name says;
    struct stat st;
    if (!is_subtitle(name) || has(b, name) || b->n >= MOST_FILES ||
        !reel_subtitle_of(film, stem, name, (size_t)(strrchr(name, '.') - name), &says))
        return true;
    bool there = fstatat(dirfd(dir), name, &st, 0) == 0 && S_ISREG(st.st_mode);
    return !there || add(b, folder, name, &says);
}

static int by_name(const void *a, const void *b)
{
    const struct beside_file *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int search(struct beside *b, DIR *dir, const char *folder, const char *film)
{
    const char *dot = strrchr(film, '.');
    size_t stem = dot && dot > film ? (size_t)(dot - film) : strlen(film), from = b->n;
    bool fine = true;
    for (struct dirent *entry; fine && (entry = readdir(dir));)
        fine = consider(b, dir, folder, entry->d_name, film, stem);
    if (!fine) {
        complain(film, "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    if (b->n > from)
        qsort(b->file + from, b->n - from, sizeof *b->file, by_name);
    return EXIT_FINE;
}

/* A folder that cannot be listed has none: the film could be opened, and that is what was asked for. */
int beside_find(struct beside *b, const char *film)
{
    const char *slash = strrchr(film, '/');
    if (!strcmp(film, "-"))
        return EXIT_FINE;
    char *folder = slash ? strndup(film, (size_t)(slash - film) + 1) : strdup("");
    DIR *dir = folder ? opendir(*folder ? folder : ".") : NULL;
    int status = dir ? search(b, dir, folder, slash ? slash + 1 : film) : EXIT_FINE;
    if (dir)
        closedir(dir);
    free(folder);
    return status;
}

reel_sidecar beside_sidecar(const struct beside_file *f)
{
    return (reel_sidecar){.uri = f->uri, .file_uri = f->file_uri, .language = f->says.language, .name = f->says.name,
                          .flags = f->says.flags};
}

/* ---- what is in them ---- */

static char *read_all(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rbe");
    char *data = file ? malloc(MOST_BYTES + 1) : NULL;
    *n = data ? fread(data, 1, MOST_BYTES + 1, file) : 0;
    if (!data || ferror(file)) {
        complain(path, "%s", strerror(errno));
        free(data);
        data = NULL;
    }
    if (file)
        fclose(file);
    return data;
}

int beside_read(const struct beside_file *f, reel_plan **out)
{
    size_t n;
    reel_error err = {0};
    char *data = read_all(f->path, &n);
    if (!data)
        return EXIT_INPUT;
    int result = reel_webvtt_from_file(data, n, NULL, out, &err);
    free(data);
    if (result == REEL_OK)
        return EXIT_FINE;
    complain(f->path, "%s (--no-subtitles leaves it out)", err.text);
    return EXIT_INPUT;
}
