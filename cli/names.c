/* SPDX-License-Identifier: BSD-2-Clause */
/* names.c: words for the numbers of ISO/IEC 23091-2 and of a few registries. */
#include "facts.h"

#include <string.h>

struct name {
    unsigned value;
    const char *text;
};

static const char *find(const struct name *table, unsigned value)
{
    for (; table->text; table++)
        if (table->value == value)
            return table->text;
    return NULL;
}

const char *name_of_primaries(unsigned v)
{
    static const struct name names[] = {{1, "BT.709"},     {4, "BT.470M"},    {5, "BT.601-625"}, {6, "BT.601-525"},
                                        {7, "SMPTE 240M"}, {8, "film"},       {9, "BT.2020"},    {10, "XYZ"},
                                        {11, "DCI P3"},    {12, "Display P3"}, {22, "EBU 3213"}, {0, NULL}};
    return find(names, v);
}

const char *name_of_transfer(unsigned v)
{
    static const struct name names[] = {{1, "BT.709"},    {4, "gamma 2.2"},  {5, "gamma 2.8"}, {6, "BT.601"},
                                        {7, "SMPTE 240M"}, {8, "linear"},    {11, "xvYCC"},    {12, "BT.1361"},
                                        {13, "sRGB"},     {14, "BT.2020"},   {15, "BT.2020"},  {16, "PQ"},
                                        {17, "SMPTE 428"}, {18, "HLG"},      {0, NULL}};
    return find(names, v);
}

const char *name_of_matrix(unsigned v)
{
    static const struct name names[] = {{0, "RGB"},      {1, "BT.709"},  {4, "FCC"},     {5, "BT.601"},
                                        {6, "BT.601"},   {7, "SMPTE 240M"}, {8, "YCgCo"}, {9, "BT.2020"},
                                        {10, "BT.2020 CL"}, {14, "ICtCp"}, {0, NULL}};
    return find(names, v);
}

const char *name_of_system(const uint8_t id[16])
{
    static const struct {
        const char id[17], *name;
    } systems[] = {
        {"\xed\xef\x8b\xa9\x79\xd6\x4a\xce\xa3\xc8\x27\xdc\xd5\x1d\x21\xed", "Widevine"},
        {"\x9a\x04\xf0\x79\x98\x40\x42\x86\xab\x92\xe6\x5b\xe0\x88\x5f\x95", "PlayReady"},
        {"\x94\xce\x86\xfb\x07\xff\x4f\x43\xad\xb8\x93\xd2\xfa\x96\x8c\xa2", "FairPlay"},
        {"\x10\x77\xef\xec\xc0\xb2\x4d\x02\xac\xe3\x3c\x1e\x52\xe2\xfb\x4b", "common"},
        {"\xe2\x71\x9d\x58\xa9\x85\xb3\xc9\x78\x1a\xb0\x30\xaf\x78\xd3\x0e", "Clear Key"},
        {"\x5e\x62\x9a\xf5\x38\xda\x40\x63\x89\x77\x97\xff\xbd\x99\x02\xd4", "Marlin"},
    };
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if (!memcmp(systems[i].id, id, 16))
            return systems[i].name;
    return NULL;
}

const char *name_of_image(const reel_tag *tag)
{
    static const struct name names[] = {{12, "GIF"}, {13, "JPEG"}, {14, "PNG"}, {27, "BMP"}, {0, NULL}};
    const char *name = find(names, tag->type);
    return name ? name : "image";
}

const char *name_of_scheme(uint32_t scheme)
{
    static const struct name names[] = {{REEL_4CC('i', 't', 'u', 'n'), "FairPlay"},
                                        {REEL_4CC('a', 'd', 'k', 'm'), "Adobe Access"},
                                        {REEL_4CC('o', 'd', 'k', 'm'), "OMA DRM"},
                                        {REEL_4CC('p', 'i', 'f', 'f'), "PIFF"},
                                        {0, NULL}};
    return find(names, scheme);
}

/* ISO/IEC 23008-12 6.5.8, ISO/IEC 23091-2, and Apple's */
const char *name_of_auxiliary(reel_span type)
{
    static const struct {
        const char *end, *name;
    } ends[] = {{":alpha", "alpha"},
                {":hevc:2015:auxid:1", "alpha"},
                {":depth", "depth"},
                {":hevc:2015:auxid:2", "depth"},
                {":hdrgainmap", "gain map"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t n = strlen(ends[i].end);
        if (type.size >= n && !memcmp(type.data + type.size - n, ends[i].end, n))
            return ends[i].name;
    }
    return NULL;
}

const char *name_of_light(const reel_description *d)
{
    enum { PQ = 16, HLG = 18 };
    if (d->transfer == PQ)
        return d->has_mdcv || d->has_clli ? "HDR10" : "PQ";
    return d->transfer == HLG || d->preferred_transfer == HLG ? "HLG" : NULL;
}

const char *name_of_edit(uint32_t kind)
{
    static const char *const names[] = {"media", "empty", "dwell"};
    return kind < 3 ? names[kind] : "media";
}
