/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups: which tasks of it are posted, and how many run. Waiting for one is helping it. */
#include "frame/sched/room.h"

pthread_mutex_t *reel__group_lock(reel_sched *s, const reel_group *group)
{
    return &s->group_lock[reel__stripe(group)];
}

int reel_group_open(reel_group *group, reel_sched *s)
{
    if (!group || !s)
        return REEL_E_ARG;
    *group = (reel_group){.own = {.sched = s}};
    return REEL_OK;
}

void reel__group_link(reel_group *group, reel_task *t)
{
    t->own.group_next = NULL;
    t->own.group_prev = group->own.tail;
    if (group->own.tail)
        group->own.tail->own.group_next = t;
    else
        group->own.head = t;
    group->own.tail = t;
}

void reel__group_unlink(reel_group *group, reel_task *t)
{
    if (t->own.group_prev)
        t->own.group_prev->own.group_next = t->own.group_next;
    else
        group->own.head = t->own.group_next;
    if (t->own.group_next)
        t->own.group_next->own.group_prev = t->own.group_prev;
    else
        group->own.tail = t->own.group_prev;
    t->own.group_prev = t->own.group_next = NULL;
}

/* In a strand, only its first can be run: which may be another group's, but stands in this one's way. */
static bool claim_to_run(reel_sched *s, reel_task *t, reel__frame *frame)
{
    void *home = reel__plain_load(&t->own.home);
    if (home == (void *)&s->strand_home)
        return reel__strand_claim(t->strand, frame);
    if (home == (void *)&s->timers && atomic_load(&s->closing) != REEL_CLOSE_DROP)
        return false;
    return home && reel__claim(s, t, frame);
}

typedef enum state { DONE, GOT_ONE, NONE_FREE } state;

static state look(reel_group *group, size_t mine, reel__frame *frame)
{
    reel_sched *s = group->own.sched;
    pthread_mutex_t *lock = reel__group_lock(s, group);
    state found = NONE_FREE;
    pthread_mutex_lock(lock);
    if (!group->own.head && group->own.running <= mine)
        found = DONE;
    for (reel_task *t = group->own.head; t && found == NONE_FREE; t = t->own.group_next)
        if (claim_to_run(s, t, frame))
            found = GOT_ONE;
    pthread_mutex_unlock(lock);
    return found;
}

static size_t on_this_thread(const reel_group *group)
{
    size_t n = 0;
    for (reel__frame *f = reel__here(); f; f = f->up)
        n += f->group == group;
    return n;
}

int reel_group_wait(reel_group *group, int64_t until)
{
    if (!group || !group->own.sched)
        return REEL_E_ARG;
    reel_sched *s = group->own.sched;
    size_t mine = on_this_thread(group);
    int64_t end = until ? until : REEL__NEVER;
    state found;
    reel__frame frame;
    reel__guest_enter(&frame, s);
    reel__settle_enter(s);
    for (;;) {
        uint64_t epoch = reel__settle_epoch(s);
        found = look(group, mine, &frame);
        if (found == GOT_ONE)
            reel__frame_end(&frame, reel__ending_now(s));
        if (found == DONE || (until && reel_clock_now() >= until))
            break;
        if (found == NONE_FREE)
            reel__help_sleep(s, epoch, end);
    }
    reel__settle_leave(s);
    reel__guest_leave(&frame);
    return found == DONE ? REEL_OK : REEL_E_AGAIN;
}

/* Any of its tasks that has a home; those without are in the hands of a worker, who sees that it is cancelled. */
static bool claim_one(reel_group *group, reel__frame *frame)
{
    reel_sched *s = group->own.sched;
    pthread_mutex_t *lock = reel__group_lock(s, group);
    bool got = false;
    pthread_mutex_lock(lock);
    group->own.cancelled = 1;
    for (reel_task *t = group->own.head; t && !got; t = t->own.group_next)
        got = reel__claim(s, t, frame);
    pthread_mutex_unlock(lock);
    return got;
}

int reel_group_cancel(reel_group *group, bool wait, size_t *dropped)
{
    if (!group || !group->own.sched)
        return REEL_E_ARG;
    reel__frame frame;
    size_t n = 0;
    reel__guest_enter(&frame, group->own.sched);
    for (; claim_one(group, &frame); n++)
        reel__frame_end(&frame, ENDING_DROP);
    reel__guest_leave(&frame);
    reel__settle_notify(group->own.sched); /* who waits for room with one of it */
    if (dropped)
        *dropped = n;
    return wait ? reel_group_wait(group, 0) : REEL_OK;
}
