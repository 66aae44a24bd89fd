/* SPDX-License-Identifier: BSD-2-Clause */
typedef int reel__placeholder;
