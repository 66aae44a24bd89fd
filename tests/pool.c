/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame pool: src/frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <reel/pool.h>

#include <cmocka.h>

static void test_null(void **state)
{
    (void)state;
    reel_pool_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_null)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
