/* SPDX-License-Identifier: BSD-2-Clause */
/* play_report.c: how the streams of reel play --headless were paced. */
#include "play.h"

static double ms(uint64_t ns) { return (double)ns / 1e6; }

static double percent(const struct play_total *t)
{
    uint64_t all = t->presented + t->dropped;
    return all ? 100 * (double)(t->missed + t->dropped) / (double)all : 0;
}

/* ---- text ---- */

static void text_late(struct out *o, const reel_histogram *h)
{
    out_f(o, " %10.3f %9.3f %9.3f %9.3f\n", ms(reel_histogram_at(h, 0.5)), ms(reel_histogram_at(h, 0.99)),
          ms(reel_histogram_at(h, 0.999)), ms(reel_histogram_at(h, 1)));
}

static void text_total(struct out *o, const char *name, const struct play_total *t)
{
    out_f(o, "%-14.14s %9llu %7llu %8llu %8llu %8.3f", name, (unsigned long long)t->presented,
          (unsigned long long)t->missed, (unsigned long long)t->dropped, (unsigned long long)t->repeated, percent(t));
    text_late(o, &t->late);
}

static void text_sched(struct out *o, const char *name, const reel_sched_stats *s)
{
    out_f(o, "%s: %u %s, %llu tasks, %llu behind their deadline, longest %.3f ms\n", name, s->worker_count,
          s->worker_count == 1 ? "thread" : "threads", (unsigned long long)s->total.tasks, (unsigned long long)s->total.missed, ms(s->total.longest));
}

static void report_text(struct out *o, const struct play_report *r)
{
    const uint64_t errors = r->line[r->lines - 1].of.errors;
    out_f(o, "%llu %s, %llu %s, %.1f s\n\n", (unsigned long long)r->streams, r->streams == 1 ? "stream" : "streams",
          (unsigned long long)r->load, r->load == 1 ? "thread that never rests" : "threads that never rest", r->seconds);
    out_f(o, "%-14s %9s %7s %8s %8s %8s %10s %9s %9s %9s\n", "", "presented", "missed", "dropped", "repeated", "%",
          "late ms 50", "99", "99.9", "max");
    for (size_t i = 0; i < r->lines; i++)
        text_total(o, r->line[i].name, &r->line[i].of);
    if (r->has_naive)
        text_total(o, "naive", &r->naive);
    out_f(o, "%-14s %9llu %7s %8s %8s %8s", "bare timer", (unsigned long long)reel_histogram_count(r->timer), "", "", "",
          "");
    text_late(o, r->timer);
    out_str(o, "\n");
    if (errors)
        out_f(o, "errors: %llu %s could not be had or decoded\n", (unsigned long long)errors,
              errors == 1 ? "sample" : "samples");
    text_sched(o, "decoding", &r->sched);
    text_sched(o, "pacing", &r->pacer);
    out_f(o, "frames decoded %llu, packets copied %llu, pools %llu, waits for a buffer %llu\n",
          (unsigned long long)r->decoded, (unsigned long long)r->copies, (unsigned long long)r->pools,
          (unsigned long long)r->waits);
}

/* ---- JSON ---- */

static void json_late(struct json *j, const reel_histogram *h)
{
    json_object(j, "late_ms");
    json_real(j, "p50", ms(reel_histogram_at(h, 0.5)));
    json_real(j, "p99", ms(reel_histogram_at(h, 0.99)));
    json_real(j, "p99.9", ms(reel_histogram_at(h, 0.999)));
    json_real(j, "max", ms(reel_histogram_at(h, 1)));
    json_close(j, '}');
}

static void json_total(struct json *j, const char *key, const char *name, const struct play_total *t)
{
    json_object(j, key);
    if (name)
        json_str(j, "name", name);
    json_u64(j, "presented", t->presented);
    json_u64(j, "missed", t->missed);
    json_u64(j, "dropped", t->dropped);
    json_u64(j, "repeated", t->repeated);
    json_u64(j, "errors", t->errors);
    json_real(j, "missed_percent", percent(t));
    json_late(j, &t->late);
    json_close(j, '}');
}

static void json_sched(struct json *j, const char *key, const reel_sched_stats *s)
{
    json_object(j, key);
    json_u64(j, "threads", s->worker_count);
    json_u64(j, "tasks", s->total.tasks);
    json_u64(j, "behind_deadline", s->total.missed);
    json_real(j, "longest_ms", ms(s->total.longest));
    json_close(j, '}');
}

static void report_as_json(struct json *j, const struct play_report *r)
{
    json_object(j, NULL);
    json_u64(j, "streams", r->streams);
    json_u64(j, "load", r->load);
    json_real(j, "seconds", r->seconds);
    json_array(j, "stream");
    for (size_t i = 0; i + 1 < r->lines; i++)
        json_total(j, NULL, r->line[i].name, &r->line[i].of);
    json_close(j, ']');
    json_total(j, "all", NULL, &r->line[r->lines - 1].of);
    if (r->has_naive)
        json_total(j, "naive", NULL, &r->naive);
    json_object(j, "timer");
    json_u64(j, "times", reel_histogram_count(r->timer));
    json_late(j, r->timer);
    json_close(j, '}');
    json_sched(j, "decoding", &r->sched);
    json_sched(j, "pacing", &r->pacer);
    json_object(j, "memory");
    json_u64(j, "decoded", r->decoded);
    json_u64(j, "copies", r->copies);
    json_u64(j, "pools", r->pools);
    json_u64(j, "waits", r->waits);
    json_close(j, '}');
    json_close(j, '}');
}

void play_report(struct cli *cli, const struct play_report *r)
{
    if (cli->set.format == FORMAT_TEXT)
        report_text(&cli->out, r);
    else
        report_as_json(&cli->json, r);
}
