/* SPDX-License-Identifier: BSD-2-Clause */
/* What our own code asks of the C library's memory: programs with counted.c are linked with --wrap. */
#ifndef TESTS_COUNTED_H
#define TESTS_COUNTED_H

#include <stdatomic.h>
#include <stddef.h>

extern _Atomic size_t mallocs;

#endif
