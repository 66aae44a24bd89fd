/* SPDX-License-Identifier: BSD-2-Clause */
/* Players that several threads command at once, on two schedulers that they share. For the thread sanitizer. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <reel/player.h>
#include <reel/reel.h>

#include <cmocka.h>

#include "decode_help.h"

#define MS INT64_C(1000000)
#define SECOND INT64_C(1000000000)

enum { PLAYERS = 4, HANDS = 3 };

static film h264;
static atomic_bool stop;
static reel_player *players[PLAYERS];
static _Atomic int shows[PLAYERS], wrong;

static int make_films(void **state)
{
    (void)state;
    film_make(&h264, "96x64", 60, "-c:v libx264 -preset ultrafast -bf 2 -g 10");
    return 0;
}

static int free_films(void **state)
{
    (void)state;
    film_free(&h264);
    return 0;
}

static void on_show(void *user, reel_player *p, const reel_show *w)
{
    _Atomic int *n = user;
    (void)p;
    atomic_fetch_add(n, 1);
    if (reel_clock_now() < w->due)
        atomic_store(&wrong, 1);
}

/* Callbacks may command, too. */
static void on_end(void *user, reel_player *p, int code)
{
    (void)user;
    (void)code;
    reel_player_play(p);
}

static int64_t hear(void *user)
{
    (void)user;
    return reel_clock_now() % (2 * SECOND);
}

static uint32_t below(uint64_t *at, uint32_t n)
{
    *at = *at * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*at >> 33) % n;
}

static void command(reel_player *p, uint64_t *at)
{
    reel_player_stats s = {.sizeof_stats = sizeof s};
    switch (below(at, 8)) {
    case 0: reel_player_pause(p); break;
    case 1:
    case 2: reel_player_play(p); break;
    case 3: reel_player_seek(p, (int64_t)below(at, 2400) * MS); break;
    case 4: reel_player_set_rate(p, 0.25 + below(at, 15) * 0.25); break;
    case 5: reel_player_step(p); break;
    case 6: reel_player_set_loop(p, below(at, 2)); break;
    default:
        if (below(at, 6) == 0)
            reel_player_stop(p);
    }
    reel_player_get_stats(p, &s);
}

static void *hand_main(void *user)
{
    uint64_t at = (uint64_t)(uintptr_t)user;
    while (!atomic_load(&stop)) {
        command(players[below(&at, PLAYERS)], &at);
        usleep(below(&at, 3000));
    }
    return NULL;
}

/* However it was left, it can be made to show something: nothing is stuck. */
static void await_show(int i)
{
    int n = atomic_load(&shows[i]);
    reel_player_seek(players[i], SECOND);
    reel_player_play(players[i]);
    for (int64_t until = reel_clock_now() + 30 * SECOND; atomic_load(&shows[i]) == n && reel_clock_now() < until;)
        usleep(2000);
    assert_true(atomic_load(&shows[i]) > n);
}

static void storm(unsigned decoders, bool apart, int64_t most)
{
    reel_sched *sched = NULL, *pacer = NULL;
    pthread_t hand[HANDS];
    reel_movie *movie = film_open(&h264);
    const reel_sched_options o = {.sizeof_options = sizeof o, .workers = decoders};
    assert_int_equal(reel_sched_open(&o, &sched, NULL), REEL_OK);
    if (apart)
        assert_int_equal(reel_sched_open(&o, &pacer, NULL), REEL_OK);
    atomic_store(&stop, false);
    for (int i = 0; i < PLAYERS; i++) {
        const reel_player_options po = {.sizeof_options = sizeof po, .sched = sched, .pacer = pacer, .show = on_show,
                                        .ended = on_end, .user = &shows[i], .audio = i == 1 ? hear : NULL,
                                        .late = (uint32_t)i % 3, .threads = i == 2 ? 2 : 1};
        atomic_store(&shows[i], 0);
        assert_int_equal(reel_player_open(film_pictures(movie), &po, &players[i], NULL), REEL_OK);
    }
    for (int i = 0; i < HANDS; i++)
        pthread_create(&hand[i], NULL, hand_main, (void *)(uintptr_t)(i + 1));
    usleep((unsigned)(most / 1000));
    atomic_store(&stop, true);
    for (int i = 0; i < HANDS; i++)
        pthread_join(hand[i], NULL);
    for (int i = 0; i < PLAYERS; i++) {
        await_show(i);
        reel_player_close(&players[i]);
    }
    reel_sched_close(&pacer, REEL_CLOSE_DROP);
    reel_sched_close(&sched, REEL_CLOSE_DROP);
    reel_close(&movie);
    assert_int_equal(atomic_load(&wrong), 0);
}

static void test_one_worker_for_all(void **state)
{
    (void)state;
    if (!h264.data)
        skip();
    storm(1, false, SECOND / 2);
}

static void test_several(void **state)
{
    (void)state;
    if (!h264.data)
        skip();
    storm(3, true, SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_worker_for_all),
        cmocka_unit_test(test_several),
    };
    return cmocka_run_group_tests(tests, make_films, free_films);
}
