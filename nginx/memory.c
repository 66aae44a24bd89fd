/* SPDX-License-Identifier: BSD-2-Clause */
/* memory.c: reel's allocator over a pool of nginx: freed with the pool, the size in front of each piece. */
#include "ngx_http_reel.h"


typedef union {
    size_t       size;
    max_align_t  align;
} ngx_http_reel_head_t;


void *
ngx_http_reel_resize(void *pool, void *p, size_t n)
{
    ngx_http_reel_head_t  *old, *head;

    old = p ? (ngx_http_reel_head_t *) p - 1 : NULL;

    if (n == 0) {
        if (old) {
            (void) ngx_pfree(pool, old);  /* small ones stay until the pool goes */
        }
        return NULL;
    }

    if (old && n <= old->size) {
        return p;
    }

    if (n > SIZE_MAX - sizeof(ngx_http_reel_head_t)) {
        return NULL;
    }

    head = ngx_palloc(pool, sizeof(ngx_http_reel_head_t) + n);
    if (head == NULL) {
        return NULL;
    }

    head->size = n;

    if (old) {
        ngx_memcpy(head + 1, p, old->size);
        (void) ngx_pfree(pool, old);
    }

    return head + 1;
}
