/* SPDX-License-Identifier: BSD-2-Clause */
/* info.c: reel info: what a film is. Gathers once; info_text.c and info_json.c print the same facts. */
#include "facts.h"
#include "report.h"

#include <stdlib.h>
#include <string.h>

bool info_date(uint64_t since_1904, char *buf, size_t size)
{
    const uint64_t to_1970 = UINT64_C(2082844800), year_9999 = UINT64_C(253402300799);
    if (since_1904 <= to_1970 || since_1904 - to_1970 > year_9999)
        return false;
    time_t when = (time_t)(since_1904 - to_1970);
    struct tm parts;
    return gmtime_r(&when, &parts) && strftime(buf, size, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0;
}

bool info_says(const char *language)
{
    return *language && strcmp(language, "und") != 0;
}

int info_film(struct cli *cli, struct film *film)
{
    size_t n = reel_movie_track_count(film->movie);
    struct facts *facts = calloc(n + 1, sizeof *facts);
    uint64_t budget = facts_budget(film->movie);
    int status = EXIT_FINE;
    if (!facts) {
        complain(film->name, "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    for (size_t i = 0; i < n; i++)
        facts_gather(reel_movie_track(film->movie, i), &facts[i], &budget);
    if (cli->set.format == FORMAT_TEXT)
        info_text(cli, film, facts, n);
    else
        info_json(cli, film, facts, n);
    for (size_t i = 0; i < n; i++)
        if (facts[i].result < 0)
            status = film_complain(film, &facts[i].err);
    free(facts);
    return status;
}

static int run(struct cli *cli)
{
    return film_each(cli, info_film);
}

static const struct option options[] = {OPTION_FORMAT, OPTIONS_READING, OPTIONS_LAST};

const struct command command_info = {
    "info", "tell what a film is: tracks, codecs, times, tags, items", "info [OPTION...] FILE...",
    "With json a FILE is one object, and several are an array of them; with jsonl each stands on a line.\n",
    options, run};
