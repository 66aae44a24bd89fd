/* SPDX-License-Identifier: BSD-2-Clause */
/* The place of the scheduler. */
#include "fail.h"
