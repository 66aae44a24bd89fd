/* SPDX-License-Identifier: BSD-2-Clause */
/* What the names of files beside each other say: which are one film in several bit rates, whose subtitles these are. */
#include <stdio.h>

#include "write/stream.h"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

size_t reel_rendition_title(const char *stem, size_t n, uint64_t *rank)
{
    uint64_t v = 0, none = 0;
    rank = rank ? rank : &none;
    *rank = 0;
    if (n < 4 || ((stem[n - 1] | 0x20) != 'p' && (stem[n - 1] | 0x20) != 'k'))
        return n;
    size_t i = n - 1;
    while (i > 0 && n - i < 8 && is_digit(stem[i - 1]))
        i--;
    char before = i ? stem[i - 1] : 0;
    if (n - 1 - i < 2 || i < 2 || (before != '-' && before != '_' && before != '.'))
        return n;
    for (size_t k = i; k < n - 1; k++)
        v = v * 10 + (uint64_t)(stem[k] - '0');
    *rank = (stem[n - 1] | 0x20) == 'p' ? ((uint64_t)1 << 32) + v : v + 1;
    return i - 1;
}

/* RFC 5646 2.1, as far as its letters go. */
static bool is_language(const char *s, size_t n)
{
    size_t first = 0;
    while (first < n && s[first] != '-')
        first++;
    if (first < 2 || first > 3 || n >= sizeof ((reel_subtitle_name *)0)->language)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_letter(s[i]) && (i < first || !(is_digit(s[i]) || s[i] == '-')))
            return false;
    return true;
}

/* Words as in "en.forced". */
static void take_words(const char *words, size_t n, reel_subtitle_name *out)
{
    size_t first = 0;
    while (first < n && words[first] != '.')
        first++;
    bool knows = is_language(words, first);
    snprintf(out->language, sizeof out->language, "%.*s", knows ? (int)first : 3, knows ? words : "und");
    if (n == 0)
        snprintf(out->name, sizeof out->name, "Subtitles");
    else if (!knows || first == n)
        snprintf(out->name, sizeof out->name, "%.*s", (int)n, words);
    else
        snprintf(out->name, sizeof out->name, "%.*s (%.*s)", (int)first, words, (int)(n - first - 1), words + first + 1);
    out->flags = strstr(out->name, "forced") ? REEL_SIDECAR_FORCED : 0;
}

/* Is it called like the film, but for words behind a dot? */
static bool begins(const char *name, size_t n, const char *film, size_t stem)
{
    return n >= stem && !memcmp(name, film, stem) && (n == stem || name[stem] == '.');
}

bool reel_subtitle_of(const char *film, size_t film_stem, const char *file, size_t file_stem, reel_subtitle_name *out)
{
    size_t n = film_stem;
    if (!film || !file || !out || file_stem > INT16_MAX)
        return false;
    if (!begins(file, file_stem, film, n)) {
        n = reel_rendition_title(film, film_stem, NULL);
        if (n == film_stem || !begins(file, file_stem, film, n))
            return false;
    }
    bool words = file_stem > n + 1;
    take_words(file + n + words, words ? file_stem - n - 1 : 0, out);
    return true;
}
