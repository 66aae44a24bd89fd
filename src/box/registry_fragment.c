/* SPDX-License-Identifier: BSD-2-Clause */
/* Movie fragments, and the boxes known by a uuid. ISO/IEC 14496-12:2022 8.8. */
#include <string.h>

#include "box/rows.h"

/* --- mvex: ISO/IEC 14496-12:2022 8.8.1 to 8.8.3, 8.8.13, 8.8.15 --- */

static const reel__row trep_rows[] = {
    {FULL('a', 's', 's', 'p', "AlternativeStartupSequencePropertiesBox", ISO("8.8.16"), 1,
          "@=0:i32:min_initial_alt_startup_offset @1:{32:num_entries [num_entries "
          "32:grouping_type_parameter i32:min_initial_alt_startup_offset]}")},
};
static CONTAINER(trep, "trep", trep_rows);

static const reel__row mvex_rows[] = {
    {FULL('m', 'e', 'h', 'd', "MovieExtendsHeaderBox", ISO("8.8.2"), 1, "v:fragment_duration"),
     .slot = REEL__MEHD},
    {FULL_FORM('t', 'r', 'e', 'x', "TrackExtendsBox", ISO("8.8.3"), 0, REEL__MANY,
               "32:track_ID 32:default_sample_description_index 32:default_sample_duration "
               "32:default_sample_size 32:default_sample_flags")},
    {FULL('l', 'e', 'v', 'a', "LevelAssignmentBox", ISO("8.8.13"), 0,
          "8:level_count [level_count 32:track_ID 1:padding_flag 7:assignment_type "
          "<assignment_type=0:4cc:grouping_type <assignment_type=1:{4cc:grouping_type "
          "32:grouping_type_parameter} <assignment_type=4:32:sub_track_ID]")},
    {FULL_FORM('t', 'r', 'e', 'p', "TrackExtensionPropertiesBox", ISO("8.8.15"), 0, REEL__MANY, "32:track_ID"),
     .skip = 4, .children = &trep},
};
CONTAINER(reel__mvex_children, "mvex", mvex_rows);

/* --- moof: ISO/IEC 14496-12:2022 8.8.4 to 8.8.8, 8.8.12 --- */

static const reel__row traf_rows[] = {
    {FULL('t', 'f', 'h', 'd', "TrackFragmentHeaderBox", ISO("8.8.7"), 0,
          "32:track_ID ?1:64:base_data_offset ?2:32:sample_description_index ?8:32:default_sample_duration "
          "?10:32:default_sample_size ?20:32:default_sample_flags")},
    {FULL('t', 'f', 'd', 't', "TrackFragmentBaseMediaDecodeTimeBox", ISO("8.8.12"), 1,
          "v:baseMediaDecodeTime")},
    {FULL_FORM('t', 'r', 'u', 'n', "TrackRunBox", ISO("8.8.8"), 1, REEL__MANY,
               "32:sample_count ?1:i32:data_offset ?4:32:first_sample_flags [sample_count "
               "?100:32:sample_duration ?200:32:sample_size ?400:32:sample_flags "
               "?800:@=0:32:sample_composition_time_offset ?800:@1:i32:sample_composition_time_offset]")},
    {FULL('s', 'd', 't', 'p', "SampleDependencyTypeBox", ISO("8.6.4"), 0, REEL__SDTP_FIELDS)},
    {FULL_FORM('s', 'b', 'g', 'p', "SampleToGroupBox", ISO("8.9.2"), 1, REEL__MANY, REEL__SBGP_FIELDS)},
    {FULL_FORM('s', 'g', 'p', 'd', "SampleGroupDescriptionBox", ISO("8.9.3"), 3, REEL__MANY,
               REEL__SGPD_FIELDS)},
    {FULL_FORM('c', 's', 'g', 'p', "CompactSampleToGroupBox", ISO("8.9.5"), 0, REEL__MANY, REEL__CSGP_FIELDS)},
    {FULL_FORM('s', 'u', 'b', 's', "SubSampleInformationBox", ISO("8.7.7"), 1, REEL__MANY, REEL__SUBS_FIELDS)},
    {FULL_FORM('s', 'a', 'i', 'z', "SampleAuxiliaryInformationSizesBox", ISO("8.7.8"), 0, REEL__MANY,
               REEL__SAIZ_FIELDS)},
    {FULL_FORM('s', 'a', 'i', 'o', "SampleAuxiliaryInformationOffsetsBox", ISO("8.7.9"), 1, REEL__MANY,
               REEL__SAIO_FIELDS)},
    {FULL('s', 'e', 'n', 'c', "SampleEncryptionBox", CENC("7.2"), 1, REEL__SENC_FIELDS)},
    {FULL_FORM('m', 'e', 't', 'a', "MetaBox", ISO("8.11.1"), 0, REEL__META_QT, ""),
     .children = &reel__meta_children},
    {BOX('u', 'd', 't', 'a', "UserDataBox", ISO("8.10.1"), ""), .children = &reel__udta_children},
};
CONTAINER(reel__traf_children, "traf", traf_rows);

static const reel__row moof_rows[] = {
    {FULL('m', 'f', 'h', 'd', "MovieFragmentHeaderBox", ISO("8.8.5"), 0, "32:sequence_number")},
    {FORM('t', 'r', 'a', 'f', "TrackFragmentBox", ISO("8.8.6"), REEL__MANY, ""), .children = &reel__traf_children},
    {FULL_FORM('m', 'e', 't', 'a', "MetaBox", ISO("8.11.1"), 0, REEL__META_QT, ""),
     .children = &reel__meta_children},
    {BOX('m', 'e', 'c', 'o', "AdditionalMetadataContainerBox", ISO("8.11.7"), ""),
     .children = &reel__meco_children},
    {BOX('u', 'd', 't', 'a', "UserDataBox", ISO("8.10.1"), ""), .children = &reel__udta_children},
    {FULL_FORM('p', 's', 's', 'h', "ProtectionSystemSpecificHeaderBox", CENC("8.1"), 1, REEL__MANY,
               REEL__PSSH_FIELDS)},
};
CONTAINER(reel__moof_children, "moof", moof_rows);

/* --- mfra: ISO/IEC 14496-12:2022 8.8.9 to 8.8.11 --- */

static const reel__row mfra_rows[] = {
    {FULL_FORM('t', 'f', 'r', 'a', "TrackFragmentRandomAccessBox", ISO("8.8.10"), 1, REEL__MANY,
               "32:track_ID 26:- 2:length_size_of_traf_num 2:length_size_of_trun_num "
               "2:length_size_of_sample_num 32:number_of_entry [number_of_entry v:time v:moof_offset "
               "$length_size_of_traf_num+1*8:traf_number $length_size_of_trun_num+1*8:trun_number "
               "$length_size_of_sample_num+1*8:sample_number]")},
    {FULL('m', 'f', 'r', 'o', "MovieFragmentRandomAccessOffsetBox", ISO("8.8.11"), 0, "32:parent_size")},
};
CONTAINER(reel__mfra_children, "mfra", mfra_rows);

const reel__container *const reel__fragment_containers[] = {
    &reel__mvex_children, &trep, &reel__moof_children, &reel__traf_children, &reel__mfra_children, NULL,
};

/* --- uuid boxes --- */

#define UUID(name, clause, version, forms, fields)                                                            \
    .row.type = REEL_4CC('u', 'u', 'i', 'd'), .row.max_version = version, .row.form = REEL__MANY | (forms),   \
    .row.text = name "\0" clause "\0" fields

static const struct {
    uint8_t uuid[16];
    reel__row row;
} uuids[] = {
    {{0xa2, 0x39, 0x4f, 0x52, 0x5a, 0x9b, 0x4f, 0x14, 0xa2, 0x44, 0x6c, 0x42, 0x7c, 0x64, 0x8d, 0xf4},
     UUID("SampleEncryptionBox", PIFF, 0, REEL__FULL,
          "?1:{24:AlgorithmID 8:IV_size b16:KID} 32:sample_count rest:samples")},
    {{0x89, 0x74, 0xdb, 0xce, 0x7b, 0xe7, 0x4c, 0x51, 0x84, 0xf9, 0x71, 0x48, 0xf9, 0x88, 0x25, 0x54},
     UUID("TrackEncryptionBox", PIFF, 0, REEL__FULL,
          "24:default_AlgorithmID 8:default_IV_size b16:default_KID")},
    {{0xd0, 0x8a, 0x4f, 0x18, 0x10, 0xf3, 0x4a, 0x82, 0xb6, 0xc8, 0x32, 0xd8, 0xab, 0xa1, 0x83, 0xd3},
     UUID("ProtectionSystemSpecificHeaderBox", PIFF, 0, REEL__FULL,
          "b16:system_ID 32:data_size =data_size:data")},
    {{0x6d, 0x1d, 0x9b, 0x05, 0x42, 0xd5, 0x44, 0xe6, 0x80, 0xe2, 0x14, 0x1d, 0xaf, 0xf7, 0x57, 0xb2},
     UUID("TfxdBox", "MS-SSTR 2.2.4.4", 1, REEL__FULL,
          "v:fragment_absolute_time v:fragment_duration")},
    {{0xd4, 0x80, 0x7e, 0xf2, 0xca, 0x39, 0x46, 0x95, 0x8e, 0x54, 0x26, 0xcb, 0x9e, 0x46, 0xa7, 0x9f},
     UUID("TfrfBox", "MS-SSTR 2.2.4.5", 1, REEL__FULL,
          "8:fragment_count [fragment_count v:fragment_absolute_time v:fragment_duration]")},
    {{0xff, 0xcc, 0x82, 0x63, 0xf8, 0x55, 0x4a, 0x93, 0x88, 0x14, 0x58, 0x7a, 0x02, 0x52, 0x1f, 0xdd},
     UUID("SphericalVideoBox", "Spherical Video V1", -1, 0,
          "text:xml")},
    {{0xbe, 0x7a, 0xcf, 0xcb, 0x97, 0xa9, 0x42, 0xe8, 0x9c, 0x71, 0x99, 0x94, 0x91, 0xe3, 0xaf, 0xac},
     UUID("XMPBox", "XMP Specification Part 3", -1, 0,
          "text:xmp")},
    {{0x50, 0x52, 0x4f, 0x46, 0x21, 0xd2, 0x4f, 0xce, 0xbb, 0x88, 0x69, 0x5c, 0xfa, 0xc9, 0xc7, 0x40},
     UUID("ProfileBox", "Memory Stick Video Format", 0, REEL__FULL,
          "32:profile_count rest:profiles")},
    {{0x55, 0x53, 0x4d, 0x54, 0x21, 0xd2, 0x4f, 0xce, 0xbb, 0x88, 0x69, 0x5c, 0xfa, 0xc9, 0xc7, 0x40},
     UUID("UserMetadataBox", "Memory Stick Video Format", -1, 0,
          "rest:data")},
};

const reel__row *reel__row_uuid(const uint8_t uuid[16])
{
    for (size_t i = 0; i < sizeof uuids / sizeof *uuids; i++)
        if (memcmp(uuids[i].uuid, uuid, 16) == 0)
            return &uuids[i].row;
    return NULL;
}

const reel__row *reel__row_uuid_at(size_t i)
{
    return i < sizeof uuids / sizeof *uuids ? &uuids[i].row : NULL;
}
