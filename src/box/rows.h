/* SPDX-License-Identifier: BSD-2-Clause */
/* How the tables of the registry are written. */
#ifndef REEL_BOX_ROWS_H
#define REEL_BOX_ROWS_H

#include "box/registry.h"

#define ISO(clause) "ISO/IEC 14496-12:2022 " clause
#define CENC(clause) "ISO/IEC 23001-7:2023 " clause
#define HEIF(clause) "ISO/IEC 23008-12:2022 " clause
#define NAL(clause) "ISO/IEC 14496-15:2022 " clause
#define QTFF "QTFF"
#define PIFF "PIFF 1.1"

/*
 * A row: a plain box, a plain box of some form, a full box of a highest version, and both. The texts of a row are one
 * literal with NULs between them, since a pointer costs a shared library four times its size.
 */
#define BOX(a, b, c, d, name, clause, fields) FORM(a, b, c, d, name, clause, 0, fields)
#define FORM(a, b, c, d, name, clause, forms, fields)                                                         \
    .type = REEL_4CC(a, b, c, d), .max_version = -1, .form = (forms), .text = name "\0" clause "\0" fields
#define FULL(a, b, c, d, name, clause, version, fields) FULL_FORM(a, b, c, d, name, clause, version, 0, fields)
#define FULL_FORM(a, b, c, d, name, clause, version, forms, fields)                                           \
    .type = REEL_4CC(a, b, c, d), .max_version = version, .form = REEL__FULL | (forms),                       \
    .text = name "\0" clause "\0" fields
/* A row for every type that has none of its own. */
#define ANY(name, clause, fields)                                                                             \
    .type = REEL__ANY, .max_version = -1, .form = REEL__MANY, .text = name "\0" clause "\0" fields
#define ANY_FULL(name, clause, fields)                                                                        \
    .type = REEL__ANY, .max_version = 0, .form = REEL__FULL | REEL__MANY, .text = name "\0" clause "\0" fields

#define CONTAINER(variable, name, array)                                                                      \
    const reel__container variable = {name, array, (uint16_t)(sizeof(array) / sizeof *(array))}

/* Bodies that several boxes share. */
#define REEL__FTYP_FIELDS "4cc:major_brand 32:minor_version [* 4cc:compatible_brand]"
#define REEL__HDLR_FIELDS "4cc:component_type 4cc:handler_type 4cc:manufacturer 64:- q:name"
#define REEL__MATRIX_FIELDS                                                                                   \
    "f16.16:a f16.16:b f2.30:u f16.16:c f16.16:d f2.30:v f16.16:x f16.16:y f2.30:w"
#define REEL__SDTP_FIELDS                                                                                     \
    "[* 2:is_leading 2:sample_depends_on 2:sample_is_depended_on 2:sample_has_redundancy]"
#define REEL__SBGP_FIELDS                                                                                     \
    "4cc:grouping_type @1:32:grouping_type_parameter 32:entry_count "                                         \
    "[entry_count 32:sample_count 32:group_description_index]"
#define REEL__SGPD_FIELDS                                                                                     \
    "4cc:grouping_type @1:32:default_length @2:32:default_group_description_index 32:entry_count "            \
    "@=0:rest:entries @1:[entry_count <default_length>0:=default_length:entry "                               \
    "<default_length=0:{32:description_length =description_length:entry}]"
#define REEL__CSGP_FIELDS                                                                                     \
    "4cc:grouping_type ?40:32:grouping_type_parameter 32:pattern_count 32:sample_count rest:patterns"
#define REEL__SUBS_FIELDS                                                                                     \
    "32:entry_count [entry_count 32:sample_delta 16:subsample_count [subsample_count @=0:16:subsample_size "  \
    "@1:32:subsample_size 8:subsample_priority 8:discardable 32:codec_specific_parameters]]"
#define REEL__SAIZ_FIELDS                                                                                     \
    "?1:{4cc:aux_info_type 32:aux_info_type_parameter} 8:default_sample_info_size 32:sample_count "           \
    "<default_sample_info_size=0:[sample_count 8:sample_info_size]"
#define REEL__SAIO_FIELDS                                                                                     \
    "?1:{4cc:aux_info_type 32:aux_info_type_parameter} 32:entry_count [entry_count v:offset]"
#define REEL__SENC_FIELDS "32:sample_count rest:samples"
#define REEL__PSSH_FIELDS                                                                                     \
    "b16:system_ID @1:{32:KID_count [KID_count b16:KID]} 32:data_size =data_size:data"
#define REEL__SIDX_FIELDS                                                                                     \
    "32:reference_ID 32:timescale v:earliest_presentation_time v:first_offset 16:- 16:reference_count "       \
    "[reference_count 1:reference_type 31:referenced_size 32:subsegment_duration 1:starts_with_SAP "          \
    "3:SAP_type 28:SAP_delta_time]"
/* ISO/IEC 14496-12:2022 8.5.2.2, 12.1.3, 12.2.3; QTFF, Sound Sample Description (Version 2) */
#define REEL__ENTRY_FIELDS "48:- 16:data_reference_index "
#define REEL__VIDEO_FIELDS                                                                                    \
    REEL__ENTRY_FIELDS                                                                                        \
    "16:version 16:revision 4cc:vendor 32:temporal_quality 32:spatial_quality 16:width 16:height "            \
    "u16.16:horizresolution u16.16:vertresolution 32:data_size 16:frame_count c32:compressorname 16:depth "   \
    "i16:color_table_id"
#define REEL__AUDIO_FIELDS                                                                                    \
    REEL__ENTRY_FIELDS                                                                                        \
    "16:version 16:revision 4cc:vendor 16:channelcount 16:samplesize i16:compression_id 16:packet_size "      \
    "u16.16:samplerate <version=2:{32:struct_size d64:audio_sample_rate 32:audio_channels 32:- "              \
    "32:bits_per_channel 32:format_flags 32:bytes_per_packet 32:frames_per_packet}"
#define REEL__PASP_FIELDS "32:hSpacing 32:vSpacing"
#define REEL__CLAP_FIELDS                                                                                     \
    "32:cleanApertureWidthN 32:cleanApertureWidthD 32:cleanApertureHeightN 32:cleanApertureHeightD "          \
    "i32:horizOffN 32:horizOffD i32:vertOffN 32:vertOffD"
#define REEL__COLR_FIELDS                                                                                     \
    "4cc:colour_type <colour_type=nclx:{16:colour_primaries 16:transfer_characteristics "                     \
    "16:matrix_coefficients 1:full_range_flag 7:-} <colour_type=nclc:{16:colour_primaries "                   \
    "16:transfer_characteristics 16:matrix_coefficients} <colour_type=prof:rest:ICC_profile "                 \
    "<colour_type=rICC:rest:ICC_profile"
#define REEL__MDCV_FIELDS                                                                                     \
    "[3 16:display_primaries_x 16:display_primaries_y] 16:white_point_x 16:white_point_y "                    \
    "32:max_display_mastering_luminance 32:min_display_mastering_luminance"
#define REEL__CLLI_FIELDS "16:max_content_light_level 16:max_pic_average_light_level"
#define REEL__CCLV_FIELDS                                                                                     \
    "2:- 1:primaries_present 1:min_luminance_present 1:max_luminance_present 1:avg_luminance_present 2:- "    \
    "<primaries_present=1:[3 i32:primaries_x i32:primaries_y] <min_luminance_present=1:32:min_luminance "     \
    "<max_luminance_present=1:32:max_luminance <avg_luminance_present=1:32:avg_luminance"
#define REEL__AMVE_FIELDS "32:ambient_illuminance 16:ambient_light_x 16:ambient_light_y"
#define REEL__AVCC_FIELDS                                                                                     \
    "8:configurationVersion 8:AVCProfileIndication 8:profile_compatibility 8:AVCLevelIndication 6:- "         \
    "2:lengthSizeMinusOne 3:- 5:sps_count [sps_count 16:sps_length =sps_length:sps] 8:pps_count "             \
    "[pps_count 16:pps_length =pps_length:pps] 6:- 2:chroma_format 5:- 3:bit_depth_luma_minus8 5:- "          \
    "3:bit_depth_chroma_minus8 8:sps_ext_count [sps_ext_count 16:sps_ext_length =sps_ext_length:sps_ext]"
#define REEL__NAL_ARRAYS                                                                                      \
    "8:numOfArrays [numOfArrays 1:array_completeness 1:- 6:NAL_unit_type 16:numNalus "                        \
    "[numNalus 16:nalUnitLength =nalUnitLength:nalUnit]]"
#define REEL__HVCC_FIELDS                                                                                     \
    "8:configurationVersion 2:general_profile_space 1:general_tier_flag 5:general_profile_idc "               \
    "32:general_profile_compatibility_flags 48:general_constraint_indicator_flags 8:general_level_idc 4:- "   \
    "12:min_spatial_segmentation_idc 6:- 2:parallelismType 6:- 2:chroma_format_idc 5:- "                      \
    "3:bit_depth_luma_minus8 5:- 3:bit_depth_chroma_minus8 16:avgFrameRate 2:constantFrameRate "              \
    "3:numTemporalLayers 1:temporalIdNested 2:lengthSizeMinusOne " REEL__NAL_ARRAYS
#define REEL__LHVC_FIELDS                                                                                     \
    "8:configurationVersion 4:- 12:min_spatial_segmentation_idc 6:- 2:parallelismType 2:- "                   \
    "3:numTemporalLayers 1:temporalIdNested 2:lengthSizeMinusOne " REEL__NAL_ARRAYS
#define REEL__VVCC_FIELDS "5:- 2:LengthSizeMinusOne 1:ptl_present_flag rest:record"
#define REEL__AV1C_FIELDS                                                                                     \
    "1:marker 7:version 3:seq_profile 5:seq_level_idx_0 1:seq_tier_0 1:high_bitdepth 1:twelve_bit "           \
    "1:monochrome 1:chroma_subsampling_x 1:chroma_subsampling_y 2:chroma_sample_position 3:- "                \
    "1:initial_presentation_delay_present 4:initial_presentation_delay_minus_one rest:configOBUs"
#define REEL__VPCC_FIELDS                                                                                     \
    "8:profile 8:level 4:bitDepth @=0:{4:colorSpace 4:chromaSubsampling 3:transferFunction "                  \
    "1:videoFullRangeFlag} @1:{3:chromaSubsampling 1:videoFullRangeFlag 8:colourPrimaries "                   \
    "8:transferCharacteristics 8:matrixCoefficients} 16:codecInitializationDataSize "                         \
    "=codecInitializationDataSize:codecInitializationData"

/* Children that stand in several files' tables. */
extern const reel__container reel__meta_children, reel__sinf_children, reel__meco_children, reel__moov_children, reel__dinf_children, reel__video_children, reel__audio_children, reel__other_children,
    reel__keys_children, reel__timecode_children;

/* Every container, for looking things up by name. */
extern const reel__container *const reel__movie_containers[];
extern const reel__container *const reel__entry_containers[];
extern const reel__container *const reel__codec_containers[];
extern const reel__container *const reel__fragment_containers[];
extern const reel__container *const reel__meta_containers[];

/* Row i of the uuid boxes, NULL past the last. */
const reel__row *reel__row_uuid_at(size_t i);

#endif
