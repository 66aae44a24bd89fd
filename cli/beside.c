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

enum { MOST_FILES = 64, MOST_BYTES = 16 << 20, LONGEST_TAG = 35 };

/* ---- names ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/* Of film-720p, film_1080p, film.480p, film-800k the length of "film"; n where the name has no such tail. */
static size_t without_tail(const char *name, size_t n)
{
    if (n < 4 || ((name[n - 1] | 0x20) != 'p' && (name[n - 1] | 0x20) != 'k'))
        return n;
    size_t i = n - 1;
    while (i > 0 && n - i < 8 && is_digit(name[i - 1]))
        i--;
    return n - 1 - i >= 2 && i >= 2 && strchr("-_.", name[i - 1]) ? i - 1 : n;
}

/* Is it called like the film, but for words behind a dot? */
static bool begins(const char *name, size_t stem, const char *film, size_t n)
{
    return stem >= n && !memcmp(name, film, n) && (stem == n || name[n] == '.');
}

static bool is_subtitle(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && name[0] != '.' && (!strcasecmp(dot, ".vtt") || !strcasecmp(dot, ".srt"));
}

static bool is_language(const char *s, size_t n)
{
    size_t first = 0;
    while (first < n && s[first] != '-')
        first++;
    if (first < 2 || first > 3 || n > LONGEST_TAG)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_letter(s[i]) && (i < first || !(is_digit(s[i]) || s[i] == '-')))
            return false;
    return true;
}

/* Words as in "en.forced": the language, and a name with what else there is. */
static void take_words(struct beside_file *f, const char *words, size_t n)
{
    size_t first = 0;
    while (first < n && words[first] != '.')
        first++;
    bool has_language = is_language(words, first);
    f->language = has_language ? strndup(words, first) : strdup("und");
    if (n == 0)
        f->label = strdup("Subtitles");
    else if (!has_language || first == n)
        f->label = strndup(words, n);
    else if ((f->label = malloc(n + 4)))
        snprintf(f->label, n + 4, "%.*s (%.*s)", (int)first, words, (int)(n - first - 1), words + first + 1);
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
    free(f->language);
    free(f->label);
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
static bool add(struct beside *b, const char *folder, const char *name, const char *words, size_t n)
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
    *f = (struct beside_file){.path = malloc(size), .uri = uri_of(name, "index.m3u8"), .file_uri = uri_of(name, "file.vtt")};
    take_words(f, words, n);
    if (!f->path || !f->uri || !f->file_uri || !f->language || !f->label) {
        free_file(f);
        return false;
    }
    snprintf(f->path, size, "%s%s", folder, name);
    f->name = f->path + strlen(folder);
    b->n++;
    return true;
}

static bool consider(struct beside *b, const char *folder, const char *name, const char *film, size_t stem)
{
    size_t n = stem, end;
    struct stat st;
    if (!is_subtitle(name) || has(b, name) || b->n >= MOST_FILES)
        return true;
    end = (size_t)(strrchr(name, '.') - name);
    if (!begins(name, end, film, n)) {
        n = without_tail(film, stem); /* film.en.vtt is for film-720p.mp4 too */
        if (n == stem || !begins(name, end, film, n))
            return true;
    }
    size_t before = b->n;
    if (!add(b, folder, name, name + n + (end > n), end - n - (end > n)))
        return false;
    if (stat(b->file[before].path, &st) < 0 || !S_ISREG(st.st_mode))
        free_file(&b->file[--b->n]);
    return true;
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
        fine = consider(b, folder, entry->d_name, film, stem);
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
    return (reel_sidecar){.uri = f->uri, .file_uri = f->file_uri, .language = f->language, .name = f->label,
                          .flags = strstr(f->label, "forced") ? REEL_SIDECAR_FORCED : 0};
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
