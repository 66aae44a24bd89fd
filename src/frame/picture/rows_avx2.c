/* SPDX-License-Identifier: BSD-2-Clause */
/* The inner loops for CPUs with AVX2; src/frame/meson.build says so to the compiler. */
#define REEL__ROWS reel__rows_avx2
#include "frame/picture/rows.c" /* NOLINT(bugprone-suspicious-include) */
