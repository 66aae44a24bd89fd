/* SPDX-License-Identifier: BSD-2-Clause */
#include "movie/fragment.h"
bool reel__fragments_has_sidx(const reel_movie*m){return 0;} bool reel__fragments_has_mfra(const reel_movie*m){return 0;}
int reel__runs_seek_direct(const reel_track *t, int64_t p, reel_seek_mode m, reel_sample *e, reel_sample *ta, reel_cursor *c, reel_error *er){return REEL_E_NOT_FOUND;}
int reel__runs_cursor_prev(reel_cursor *c, reel_sample *o, reel_error *e){return 1;}
