/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memory.c: reel's allocator over a pool of nginx: freed with the pool, the size in front of each piece. Pools align to
 * eight bytes, malloc and reel to sixteen; what a pool has from malloc is aligned already, and can be given back.
 */
#include "ngx_http_reel.h"


typedef union {
    size_t       size;
    max_align_t  align;
} ngx_http_reel_head_t;


void *
ngx_http_reel_resize(void *pool, void *p, size_t n)
{
    u_char                *start;
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

    if (n > SIZE_MAX - 2 * sizeof(ngx_http_reel_head_t)) {
        return NULL;
    }

    start = ngx_palloc(pool, 2 * sizeof(ngx_http_reel_head_t) + n);
    if (start == NULL) {
        return NULL;
    }

    head = (ngx_http_reel_head_t *) ngx_align_ptr(start, sizeof(ngx_http_reel_head_t));
    head->size = n;

    if (old) {
        ngx_memcpy(head + 1, p, old->size);
        (void) ngx_pfree(pool, old);
    }

    return head + 1;
}
