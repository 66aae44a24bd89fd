/* SPDX-License-Identifier: BSD-2-Clause */
#include "counted.h"

_Atomic size_t mallocs;
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t each);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t each);
void *__wrap_realloc(void *p, size_t n);

void *__wrap_malloc(size_t n)
{
    mallocs++;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t each)
{
    mallocs++;
    return __real_calloc(n, each);
}

void *__wrap_realloc(void *p, size_t n)
{
    mallocs += n != 0;
    return __real_realloc(p, n);
}
