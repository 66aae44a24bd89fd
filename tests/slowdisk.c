/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Put in front of nginx (LD_PRELOAD): nothing is in the page cache, and reading the file $REEL_SLOW takes a twentieth of a second a
 * time, as on a disk that is worn out or far away.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct stat slow;

/* nginx clears the environment of its workers. */
__attribute__((constructor)) static void remember(void)
{
    const char *path = getenv("REEL_SLOW");
    if (path)
        stat(path, &slow);
}

static int is_slow(int fd)
{
    struct stat st;
    return slow.st_ino && fstat(fd, &st) == 0 && st.st_ino == slow.st_ino && st.st_dev == slow.st_dev;
}

__attribute__((visibility("default"))) int mincore(void *at, size_t size, unsigned char *there)
{
    (void)at;
    memset(there, 0, (size + 4095) / 4096);
    return 0;
}

static ssize_t slow_read(int fd, void *buf, size_t n, off_t at)
{
    const struct timespec moment = {0, 50000000};
    if (is_slow(fd))
        nanosleep(&moment, NULL);
    return syscall(SYS_pread64, fd, buf, n, at);
}

__attribute__((visibility("default"))) ssize_t pread(int fd, void *buf, size_t n, off_t at)
{
    return slow_read(fd, buf, n, at);
}

ssize_t pread64(int fd, void *buf, size_t n, off_t at);
__attribute__((visibility("default"))) ssize_t pread64(int fd, void *buf, size_t n, off_t at)
{
    return slow_read(fd, buf, n, at);
}
