/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "report.h"

static struct {
    bool jsonl, headed;
    int wrong, met, missed;
} report;

void report_start(bool jsonl) { report.jsonl = jsonl; }

static double ratio_of(const row *r)
{
    double over = r->more_is_better ? r->reel : r->peer_value, under = r->more_is_better ? r->peer_value : r->reel;
    return under > 0 ? over / under : 0;
}

/* Four digits are enough for anybody; no exponent. */
static const char *number(char buf[32], double v)
{
    int digits = v >= 1000 ? 0 : v >= 100 ? 1 : v >= 10 ? 2 : 3;
    snprintf(buf, 32, "%.*f", digits, v);
    return buf;
}

static void print_jsonl(const row *r)
{
    printf("{\"what\":\"%s\",\"unit\":\"%s\",\"reel\":%.6g,", r->what, r->unit, r->reel);
    if (!r->peer)
        printf("\"peer\":null,\"peer_value\":null,\"ratio\":null}\n");
    else if (r->peer_value < 0)
        printf("\"peer\":\"%s\",\"peer_value\":null,\"ratio\":null,\"missing\":true}\n", r->peer);
    else
        printf("\"peer\":\"%s\",\"peer_value\":%.6g,\"ratio\":%.6g}\n", r->peer, r->peer_value, ratio_of(r));
}

static bool print_target(const row *r, bool has_peer)
{
    char buf[32], limit[40] = "", ratio[40] = "";
    bool met = true;
    if (r->limit > 0) {
        snprintf(limit, sizeof limit, "%s %s", r->more_is_better ? ">=" : "<", number(buf, r->limit));
        met = r->more_is_better ? r->reel >= r->limit : r->reel < r->limit;
    }
    if (r->least_ratio > 0 && has_peer) {
        snprintf(ratio, sizeof ratio, "%s>= %sx", r->limit > 0 ? ", " : "", number(buf, r->least_ratio));
        met = met && ratio_of(r) >= r->least_ratio;
    }
    bool any = *limit || *ratio;
    printf("%s%s%s", limit, ratio, any ? met ? "  met" : "  MISSED" : "");
    report.met += any && met;
    report.missed += any && !met;
    return met;
}

static void print_head(void)
{
    if (!report.headed)
        printf("%-42s %10s %-12s %-15s %10s %10s  %s\n", "what", "reel", "", "peer", "", "ratio", "target");
    report.headed = true;
}

static void print_row(const row *r)
{
    char a[32], b[32], c[32];
    bool missing = r->peer && r->peer_value < 0, has_peer = r->peer && !missing;
    print_head();
    printf("%-42s %10s %-12s %-15s %10s %9s%s  ", r->what, number(a, r->reel), r->unit, r->peer ? r->peer : "-",
           has_peer ? number(b, r->peer_value) : missing ? "missing" : "",
           has_peer ? number(c, ratio_of(r)) : "", has_peer ? "x" : " ");
    print_target(r, has_peer);
    putchar('\n');
    fflush(stdout);
}

void report_row(const row *r)
{
    if (report.jsonl)
        print_jsonl(r);
    else
        print_row(r);
}

void report_missing(const char *what, const char *unit, double reel)
{
    static const char *const names[] = {"Bento4", "L-SMASH"};
    row r = {.what = what, .unit = unit, .reel = reel, .peer_value = -1};
    if (!report.jsonl) {
        print_head();
        printf("%-42s %10s %-12s Bento4, L-SMASH: missing, Debian 12 does not have them\n", "", "", "");
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        r.peer = names[i];
        print_jsonl(&r);
    }
}

void report_note(const char *format, ...)
{
    va_list args;
    if (report.jsonl)
        return;
    va_start(args, format);
    printf("  # ");
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

bool report_check(bool right, const char *what)
{
    if (!right) {
        fprintf(stderr, "bench: wrong: %s\n", what);
        report.wrong++;
    }
    return right;
}

int report_end(void)
{
    if (!report.jsonl)
        printf("\n%d targets met, %d missed, %d answers wrong. Ratio above 1: reel is the better one.\n", report.met,
               report.missed, report.wrong);
    return report.wrong;
}
