/* SPDX-License-Identifier: BSD-2-Clause */
/* What playlists say of keys: ISO/IEC 23001-7 in the words of HLS and DASH. */
#include <reel/meta.h>

#include "base/checked.h"
#include "write/playlist.h"

enum { MOST_DESCRIPTIONS = 16, MOST_PSSH = 64 };

bool reel__protection_of(const reel_track *track, reel_protection *out)
{
    reel_track_info info;
    reel_description d;
    reel_track_get_info(track, &info);
    for (uint32_t i = 1; i <= REEL__MIN(info.description_count, (uint32_t)MOST_DESCRIPTIONS); i++)
        if (reel_track_description(track, i, &d, NULL) == REEL_OK && d.protection.scheme) {
            *out = d.protection;
            return true;
        }
    return false;
}

/* One without key identifiers is for all of the film. */
static bool is_for(const reel_pssh *pssh, const uint8_t kid[16])
{
    for (uint32_t i = 0; i < pssh->kid_count; i++)
        if (!memcmp(pssh->kids + (size_t)i * 16, kid, 16))
            return true;
    return pssh->kid_count == 0;
}

int reel__next_pssh(const reel_movie *movie, const reel_protection *p, size_t *i, reel_pssh *out)
{
    while (*i < MOST_PSSH) {
        int code = reel_movie_pssh(movie, (*i)++, out);
        if (code == REEL_END)
            return REEL_END;
        if (code == REEL_OK && is_for(out, p->kid))
            return REEL_OK;
    }
    return REEL_END;
}

/* RFC 4648 4 */
void reel__put_base64(reel__out *o, reel_span bytes)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t n = REEL__MIN(bytes.size - i, 3);
        uint32_t v = (uint32_t)bytes.data[i] << 16 | (n > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0) |
                     (n > 2 ? bytes.data[i + 2] : 0);
        reel__out_8(o, (uint8_t)letters[v >> 18]);
        reel__out_8(o, (uint8_t)letters[v >> 12 & 63]);
        reel__out_8(o, n > 1 ? (uint8_t)letters[v >> 6 & 63] : '=');
        reel__out_8(o, n > 2 ? (uint8_t)letters[v & 63] : '=');
    }
}

void reel__put_uuid(reel__out *o, const uint8_t id[16])
{
    for (int i = 0; i < 16; i++)
        reel__out_format(o, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
}

/* ---- HLS ---- */

static const uint8_t playready[16] = {0x9a, 0x04, 0xf0, 0x79, 0x98, 0x40, 0x42, 0x86,
                                      0xab, 0x92, 0xe6, 0x5b, 0xe0, 0x88, 0x5f, 0x95};

const char *reel__key_method(const reel_protection *p)
{
    switch (p->scheme) {
    case REEL_4CC('c', 'b', 'c', 's'):
        return "SAMPLE-AES";
    case REEL_4CC('c', 'e', 'n', 'c'):
        return "SAMPLE-AES-CTR";
    default:
        return NULL;
    }
}

/*
 * RFC 8216 4.3.2.4, 4.3.4.5, and the identifiers that key systems gave themselves. A player needs a URI to ask for a key:
 * the pssh is one.
 */
void reel__put_key(reel__out *o, const char *tag, const char *method, const reel_protection *p, const reel_pssh *pssh)
{
    bool own = !memcmp(pssh->system_id, playready, 16);
    reel__out_format(o, "#%s:METHOD=%s,URI=\"data:text/plain;%sbase64,", tag, method, own ? "charset=UTF-16;" : "");
    reel__put_base64(o, own ? pssh->data : pssh->box);
    reel__out_text(o, "\",KEYID=0x");
    for (int k = 0; k < 16; k++)
        reel__out_format(o, "%02X", p->kid[k]);
    reel__out_text(o, ",KEYFORMAT=\"");
    if (own) {
        reel__out_text(o, "com.microsoft.playready");
    } else {
        reel__out_text(o, "urn:uuid:");
        reel__put_uuid(o, pssh->system_id);
    }
    reel__out_text(o, "\",KEYFORMATVERSIONS=\"1\"\n");
}
