/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many threads can run at once. A container mostly sees all CPUs of its host: what it may use of them stands in its
 * affinity (cpuset) and in the quota of its control group, or of one above it.
 */
#include <reel/sched.h>

#include <unistd.h>

#if defined(__linux__)
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "" when it is not there. */
static void read_text(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, room - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
}

static unsigned by_affinity(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN); /* more CPUs than the set has room for */
    return n > 0 ? (unsigned)n : 1;
}

static unsigned cpus_of(long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return 0;
    long long n = quota / period + (quota % period != 0);
    return n < 65536 ? (unsigned)n : 65536;
}

/* 0: no limit stands there. */
static unsigned quota_in(const char *folder, int version)
{
    char path[600], text[64], *end;
    if (version == 2) {
        snprintf(path, sizeof path, "%s/cpu.max", folder);
        read_text(path, text, sizeof text);
        long long quota = strtoll(text, &end, 10); /* "max 100000" gives 0 */
        return cpus_of(quota, strtoll(end, NULL, 10));
    }
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    read_text(path, text, sizeof text);
    long long quota = strtoll(text, NULL, 10);
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    read_text(path, text, sizeof text);
    return cpus_of(quota, strtoll(text, NULL, 10));
}

/* The least quota from the group at path up to the root of its tree; 0: none. */
static unsigned quota_above(const char *tree, const char *path, int version)
{
    char folder[512];
    unsigned least = 0;
    size_t root = strlen(tree);
    int n = snprintf(folder, sizeof folder, "%s%s", tree, path);
    if (n < 0 || (size_t)n >= sizeof folder)
        return 0;
    for (size_t size = (size_t)n;; folder[size] = '\0') {
        unsigned here = quota_in(folder, version);
        least = here && (!least || here < least) ? here : least;
        if (size <= root)
            return least;
        do
            size--;
        while (size > root && folder[size] != '/');
    }
}

/* A line of /proc/self/cgroup: "0::/path" is version 2, "3:cpu,cpuacct:/path" version 1. */
static unsigned quota_of_line(char *line)
{
    char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!path)
        return 0;
    *path++ = '\0';
    controllers++;
    if (!*controllers)
        return quota_above("/sys/fs/cgroup", path, 2);
    char *rest = NULL;
    for (char *name = strtok_r(controllers, ",", &rest); name; name = strtok_r(NULL, ",", &rest))
        if (strcmp(name, "cpu") == 0)
            return quota_above("/sys/fs/cgroup/cpu", path, 1);
    return 0;
}

static unsigned by_quota(void)
{
    char text[4096], *rest = NULL;
    unsigned least = 0;
    read_text("/proc/self/cgroup", text, sizeof text);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        unsigned here = quota_of_line(line);
        least = here && (!least || here < least) ? here : least;
    }
    return least;
}
#else
static unsigned by_affinity(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

static unsigned by_quota(void) { return 0; }
#endif

unsigned reel_sched_cores(void)
{
    unsigned cpus = by_affinity(), quota = by_quota();
    return quota && quota < cpus ? quota : cpus;
}
