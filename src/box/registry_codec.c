/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in sample entries: configurations, colour, protection. The entries are in registry_entry.c. */
#include "box/rows.h"

#define DOLBY "Dolby Vision ISOBMFF 3.2"
#define SPHERICAL "Spherical Video V2"
#define SPATIAL "Apple HEVC Stereo Video"
#define TIMED_TEXT "3GPP TS 26.245 5.16"

/* --- protection: ISO/IEC 14496-12:2022 8.12, 8.15; ISO/IEC 23001-7 --- */

static const reel__row schi_rows[] = {
    {FULL('t', 'e', 'n', 'c', "TrackEncryptionBox", CENC("8.2"), 1,
          "8:- @=0:8:- @1:{4:default_crypt_byte_block 4:default_skip_byte_block} 8:default_isProtected "
          "8:default_Per_Sample_IV_Size b16:default_KID "
          "<default_isProtected=1:<default_Per_Sample_IV_Size=0:{8:default_constant_IV_size "
          "=default_constant_IV_size:default_constant_IV}")},
    {FULL('o', 'd', 'k', 'm', "OMADRMKMSBox", "OMA DRM 2.1", 1, "rest:data")},
    {BOX('u', 's', 'e', 'r', "UserIdBox", "FairPlay", "32:user_id")},
    {BOX('k', 'e', 'y', ' ', "KeyIdBox", "FairPlay", "32:key_id")},
    {BOX('i', 'v', 'i', 'v', "InitializationVectorBox", "FairPlay", "b16:iv")},
    {BOX('r', 'i', 'g', 'h', "RightsBox", "FairPlay", "[* 4cc:right 32:value]")},
    {BOX('n', 'a', 'm', 'e', "UserNameBox", "FairPlay", "z:user_name")},
    {BOX('p', 'r', 'i', 'v', "PrivateKeyBox", "FairPlay", "rest:data")},
    {FULL('i', 'K', 'M', 'S', "ISMAKMSBox", "ISMACryp 2.0", 1, "z:kms_URI")},
    {BOX('i', 'S', 'F', 'M', "ISMASampleFormatBox", "ISMACryp 2.0",
         "1:selective_encryption 7:- 8:key_indicator_length 8:IV_length")},
    {BOX('i', 'S', 'L', 'T', "ISMACrypSaltBox", "ISMACryp 2.0", "64:salt")},
};
static CONTAINER(schi, "schi", schi_rows);

#define SCHM_FIELDS "4cc:scheme_type 32:scheme_version ?1:z:scheme_uri"

static const reel__row sinf_rows[] = {
    {BOX('f', 'r', 'm', 'a', "OriginalFormatBox", ISO("8.12.3"), "4cc:data_format")},
    {FULL_FORM('s', 'c', 'h', 'm', "SchemeTypeBox", ISO("8.12.6"), 0, REEL__MANY, SCHM_FIELDS)},
    {FORM('s', 'c', 'h', 'i', "SchemeInformationBox", ISO("8.12.7"), REEL__MANY, ""), .children = &schi},
    {BOX('s', 'i', 'g', 'n', "SignatureBox", "FairPlay", "rest:data")},
    {FULL('i', 'm', 'i', 'f', "IPMPInfoBox", ISO("8.12.4"), 0, "rest:descriptors")},
};
CONTAINER(reel__sinf_children, "sinf", sinf_rows);

/* ISO/IEC 14496-12:2022 8.15.3, 8.15.4 */
static const reel__row rinf_rows[] = {
    {BOX('f', 'r', 'm', 'a', "OriginalFormatBox", ISO("8.12.3"), "4cc:data_format")},
    {FULL_FORM('s', 'c', 'h', 'm', "SchemeTypeBox", ISO("8.12.6"), 0, REEL__MANY, SCHM_FIELDS)},
    {FORM('s', 'c', 'h', 'i', "SchemeInformationBox", ISO("8.12.7"), REEL__MANY, ""), .children = &schi},
    {FULL('s', 't', 'v', 'i', "StereoVideoBox", ISO("8.15.4.2"), 0,
          "30:- 2:single_view_allowed 32:stereo_scheme 32:length =length:stereo_indication_type")},
};
static CONTAINER(rinf, "rinf", rinf_rows);

/* --- video: ISO/IEC 14496-12:2022 12.1; ISO/IEC 14496-15 --- */

/* Spherical Video V2; Apple's stereo video uses the same name for its own projection. */
static const reel__row proj_rows[] = {
    {FULL('p', 'r', 'h', 'd', "ProjectionHeader", SPHERICAL, 0, "f16.16:yaw f16.16:pitch f16.16:roll")},
    {FULL('e', 'q', 'u', 'i', "EquirectangularProjection", SPHERICAL, 0,
          "32:bounds_top 32:bounds_bottom 32:bounds_left 32:bounds_right")},
    {FULL('c', 'b', 'm', 'p', "CubemapProjection", SPHERICAL, 0, "32:layout 32:padding")},
    {FULL('m', 's', 'h', 'p', "MeshProjection", SPHERICAL, 0, "32:crc 4cc:encoding rest:meshes")},
    {FULL('p', 'r', 'j', 'i', "ProjectionInformationBox", SPATIAL, 0, "4cc:projection_kind")},
};
static CONTAINER(proj, "proj", proj_rows);

static const reel__row sv3d_rows[] = {
    {FULL('s', 'v', 'h', 'd', "SphericalVideoHeader", SPHERICAL, 0, "z:metadata_source")},
    {BOX('p', 'r', 'o', 'j', "Projection", SPHERICAL, ""), .children = &proj},
};
static CONTAINER(sv3d, "sv3d", sv3d_rows);

static const reel__row cams_rows[] = {
    {FULL('b', 'l', 'i', 'n', "StereoCameraSystemBaselineBox", SPATIAL, 0, "32:baseline")},
};
static CONTAINER(cams, "cams", cams_rows);

static const reel__row cmfy_rows[] = {
    {FULL('d', 'a', 'd', 'j', "StereoHorizontalDisparityAdjustmentBox", SPATIAL, 0,
          "i32:disparity_adjustment")},
};
static CONTAINER(cmfy, "cmfy", cmfy_rows);

static const reel__row eyes_rows[] = {
    {FULL('s', 't', 'r', 'i', "StereoViewInformationBox", SPATIAL, 0,
          "4:- 1:eye_views_reversed 1:has_additional_views 1:has_right_eye_view 1:has_left_eye_view")},
    {FULL('h', 'e', 'r', 'o', "HeroStereoEyeDescriptionBox", SPATIAL, 0, "8:hero_eye_indicator")},
    {BOX('c', 'a', 'm', 's', "StereoCameraSystemBox", SPATIAL, ""), .children = &cams},
    {BOX('c', 'm', 'f', 'y', "StereoComfortBox", SPATIAL, ""), .children = &cmfy},
};
static CONTAINER(eyes, "eyes", eyes_rows);

static const reel__row pack_rows[] = {
    {FULL('p', 'k', 'i', 'n', "ViewPackingInformationBox", SPATIAL, 0, "4cc:view_packing_kind")},
};
static CONTAINER(pack, "pack", pack_rows);

static const reel__row vexu_rows[] = {
    {BOX('e', 'y', 'e', 's', "StereoViewBox", SPATIAL, ""), .children = &eyes},
    {BOX('p', 'r', 'o', 'j', "ProjectionBox", SPATIAL, ""), .children = &proj},
    {BOX('p', 'a', 'c', 'k', "ViewPackingBox", SPATIAL, ""), .children = &pack},
    {FULL('m', 'u', 's', 't', "RequiredBoxTypesBox", SPATIAL, 0, "[* 4cc:required_box_type]")},
};
static CONTAINER(vexu, "vexu", vexu_rows);

#define DOVI_FIELDS                                                                                           \
    "8:dv_version_major 8:dv_version_minor 7:dv_profile 6:dv_level 1:rpu_present_flag 1:el_present_flag "     \
    "1:bl_present_flag 4:dv_bl_signal_compatibility_id 28:-"
#define PRIMARIES                                                                                             \
    "16:primary_r_x 16:primary_r_y 16:primary_g_x 16:primary_g_y 16:primary_b_x 16:primary_b_y "              \
    "16:white_point_x 16:white_point_y 32:luminance_max 32:luminance_min"

/* What any sample entry may hold. */
#define BTRT                                                                                                  \
    {BOX('b', 't', 'r', 't', "BitRateBox", ISO("8.5.2.2"), "32:bufferSizeDB 32:maxBitrate 32:avgBitrate")}
#define IN_ANY_ENTRY                                                                                          \
    BTRT,                                                                                                     \
    {FORM('s', 'i', 'n', 'f', "ProtectionSchemeInfoBox", ISO("8.12.2"), REEL__MANY, ""),                      \
     .children = &reel__sinf_children},                                                                       \
    {BOX('r', 'i', 'n', 'f', "RestrictedSchemeInfoBox", ISO("8.15.3"), ""), .children = &rinf},               \
    {FULL('e', 's', 'd', 's', "ESDBox", "ISO/IEC 14496-14:2020 6.7", 0, "rest:ES_Descriptor")}

static const reel__row video_rows[] = {
    {BOX('a', 'v', 'c', 'C', "AVCConfigurationBox", NAL("5.4.2.1"), REEL__AVCC_FIELDS)},
    {BOX('h', 'v', 'c', 'C', "HEVCConfigurationBox", NAL("8.4.1"), REEL__HVCC_FIELDS)},
    {BOX('p', 'a', 's', 'p', "PixelAspectRatioBox", ISO("12.1.4"), REEL__PASP_FIELDS)},
    {FORM('c', 'o', 'l', 'r', "ColourInformationBox", ISO("12.1.5"), REEL__MANY, REEL__COLR_FIELDS)},
    IN_ANY_ENTRY,
    {BOX('c', 'l', 'a', 'p', "CleanApertureBox", ISO("12.1.4"), REEL__CLAP_FIELDS)},
    {BOX('a', 'v', '1', 'C', "AV1CodecConfigurationBox", "AV1-ISOBMFF 2.3", REEL__AV1C_FIELDS)},
    {FULL('v', 'p', 'c', 'C', "VPCodecConfigurationBox", "VP Codec ISOBMFF 1.0", 1, REEL__VPCC_FIELDS)},
    {FULL('v', 'v', 'c', 'C', "VvcConfigurationBox", NAL("11.2.4.3"), 0, REEL__VVCC_FIELDS)},
    {FULL('v', 'v', 'n', 'C', "VvcNALUConfigBox", NAL("11.2.4.3"), 0, "6:- 2:LengthSizeMinusOne")},
    {BOX('e', 'v', 'c', 'C', "EVCConfigurationBox", NAL("12.3"), "rest:record")},
    {BOX('l', 'h', 'v', 'C', "LHEVCConfigurationBox", NAL("9.5.3"), REEL__LHVC_FIELDS)},
    {BOX('m', 'v', 'c', 'C', "MVCConfigurationBox", NAL("7.6.2"), "rest:record")},
    {BOX('s', 'v', 'c', 'C', "SVCConfigurationBox", NAL("6.5.3"), "rest:record")},
    {BOX('h', 't', 'C', 'F', "HEVCTileConfigurationBox", NAL("10.5.3"), "rest:record")},
    {BOX('m', '4', 'd', 's', "MPEG4ExtensionDescriptorsBox", NAL("5.4.2.1"), "rest:descriptors")},
    {BOX('d', '2', '6', '3', "H263SpecificBox", "3GPP TS 26.244 6.8",
         "4cc:vendor 8:decoder_version 8:H263_Level 8:H263_Profile"),
     .skip = 7, .children = &reel__other_children},
    {BOX('d', 'v', 'c', '1', "VC1SpecificBox", "SMPTE RP 2025", "4:profile 3:level 1:- rest:data")},
    {BOX('j', 'p', '2', 'h', "JP2HeaderBox", "ISO/IEC 15444-1:2019 I.5.3", "rest:data")},
    {BOX('d', 'v', 'c', 'C', "DOVIConfigurationBox", DOLBY, DOVI_FIELDS)},
    {BOX('d', 'v', 'v', 'C', "DOVIConfigurationBox", DOLBY, DOVI_FIELDS)},
    {BOX('d', 'v', 'w', 'C', "DOVIConfigurationBox", DOLBY, DOVI_FIELDS)},
    {BOX('h', 'v', 'c', 'E', "DOVIELConfigurationBox", DOLBY, REEL__HVCC_FIELDS)},
    {BOX('a', 'v', 'c', 'E', "DOVIELConfigurationBox", DOLBY, REEL__AVCC_FIELDS)},
    {BOX('m', 'd', 'c', 'v', "MasteringDisplayColourVolumeBox", ISO("12.1.7"), REEL__MDCV_FIELDS)},
    {BOX('c', 'l', 'l', 'i', "ContentLightLevelBox", ISO("12.1.6"), REEL__CLLI_FIELDS)},
    {BOX('c', 'c', 'l', 'v', "ContentColourVolumeBox", ISO("12.1.8"), REEL__CCLV_FIELDS)},
    {BOX('a', 'm', 'v', 'e', "AmbientViewingEnvironmentBox", ISO("12.1.9"), REEL__AMVE_FIELDS)},
    {FULL('S', 'm', 'D', 'm', "SMPTE2086MasteringDisplayMetadataBox", "VP Codec ISOBMFF 1.0", 0, PRIMARIES)},
    {FULL('C', 'o', 'L', 'L', "ContentLightLevelBox", "VP Codec ISOBMFF 1.0", 0, "16:maxCLL 16:maxFALL")},
    {FULL('s', 't', '3', 'd', "Stereoscopic3D", SPHERICAL, 0, "8:stereo_mode")},
    {BOX('s', 'v', '3', 'd', "SphericalVideo", SPHERICAL, ""), .children = &sv3d},
    {BOX('v', 'e', 'x', 'u', "VideoExtendedUsageBox", SPATIAL, ""), .children = &vexu},
    {BOX('h', 'f', 'o', 'v', "HorizontalFieldOfViewBox", SPATIAL, "32:field_of_view")},
    {FULL('c', 'c', 's', 't', "CodingConstraintsBox", HEIF("7.2.3"), 0,
          "1:all_ref_pics_intra 1:intra_pred_used 4:max_ref_per_pic 26:-")},
    {FULL('a', 'u', 'x', 'i', "AuxiliaryTypeInfoBox", HEIF("7.5.3"), 0, "z:aux_track_type")},
    {BOX('f', 'i', 'e', 'l', "FieldHandlingAtom", QTFF, "8:field_count 8:field_ordering")},
    {BOX('c', 'h', 'r', 'm', "ChromaLocationAtom", QTFF, "8:top_field 8:bottom_field")},
    {BOX('g', 'a', 'm', 'a', "GammaAtom", QTFF, "f16.16:gamma")},
    {BOX('m', 'j', 'q', 't', "DefaultQuantizationTableAtom", QTFF, "rest:table")},
    {BOX('m', 'j', 'h', 't', "DefaultHuffmanTableAtom", QTFF, "rest:table")},
    {BOX('g', 'l', 'b', 'l', "GlobalHeaderAtom", QTFF, "rest:header")},
    {BOX('S', 'M', 'I', ' ', "SorensonInformationAtom", QTFF, "rest:data")},
    {BOX('s', 't', 'r', 'f', "BitmapInfoHeaderAtom", QTFF, "rest:data")},
    {BOX('A', 'C', 'L', 'R', "AvidColorAtom", QTFF, "rest:data")},
    {BOX('A', 'R', 'E', 'S', "AvidResolutionAtom", QTFF, "rest:data")},
    {BOX('A', 'P', 'R', 'G', "AvidProgressiveAtom", QTFF, "rest:data")},
    {BOX('A', 'D', 'H', 'R', "AvidHeaderAtom", "SMPTE ST 2019", "rest:data")},
    {FULL('c', 'm', 'p', 'd', "ComponentDefinitionBox", "ISO/IEC 23001-17:2024 5.1", 0, "rest:data")},
    {FULL('u', 'n', 'c', 'C', "UncompressedFrameConfigBox", "ISO/IEC 23001-17:2024 5.2", 1,
          "4cc:profile rest:layout")},
    {BOX(0, 0, 0, 0, "TerminatorAtom", QTFF, "")},
};
CONTAINER(reel__video_children, "VisualSampleEntry", video_rows);

/* --- audio: ISO/IEC 14496-12:2022 12.2 --- */

#define ALAC_FIELDS                                                                                           \
    "32:frameLength 8:compatibleVersion 8:bitDepth 8:pb 8:mb 8:kb 8:numChannels 16:maxRun 32:maxFrameBytes "  \
    "32:avgBitRate 32:sampleRate"
#define CHAN_FIELDS                                                                                           \
    "32:channel_layout_tag 32:channel_bitmap 32:number_channel_descriptions [number_channel_descriptions "    \
    "32:channel_label 32:channel_flags d32:coordinate_1 d32:coordinate_2 d32:coordinate_3]"

/* QTFF, siDecompressionParam */
static const reel__row wave_rows[] = {
    {BOX('f', 'r', 'm', 'a', "SoundFormatAtom", QTFF, "4cc:data_format")},
    {FULL('e', 's', 'd', 's', "ESDBox", QTFF, 0, "rest:ES_Descriptor")},
    {BOX('m', 'p', '4', 'a', "MPEG4AudioAtom", QTFF, "rest:data")},
    {BOX('e', 'n', 'd', 'a', "AudioEndianAtom", QTFF, "16:little_endian")},
    {FULL('a', 'l', 'a', 'c', "ALACSpecificAtom", "Apple Lossless", 0, ALAC_FIELDS)},
    {FULL('c', 'h', 'a', 'n', "AudioChannelLayoutAtom", QTFF, 0, CHAN_FIELDS)},
    {BOX('d', 'a', 'c', '3', "AC3SpecificBox", "ETSI TS 102 366 F.4", "rest:data")},
    {BOX('s', 'a', 'm', 'r', "AMRAtom", QTFF, "rest:data")},
    {BOX('Q', 'D', 'C', 'A', "QDesignAtom", QTFF, "rest:data")},
    {BOX('Q', 'D', 'C', 'P', "QDesignAtom", QTFF, "rest:data")},
    {BOX('g', 'l', 'b', 'l', "GlobalHeaderAtom", QTFF, "rest:header")},
    {BOX(0, 0, 0, 0, "TerminatorAtom", QTFF, "")},
};
static CONTAINER(wave, "wave", wave_rows);

static const reel__row audio_rows[] = {
    IN_ANY_ENTRY,
    {BOX('w', 'a', 'v', 'e', "SoundDecompressionParametersAtom", QTFF, ""), .children = &wave},
    {FULL('c', 'h', 'a', 'n', "AudioChannelLayoutAtom", QTFF, 0, CHAN_FIELDS)},
    {FULL('c', 'h', 'n', 'l', "ChannelLayout", ISO("12.2.4"), 1,
          "@=0:{8:stream_structure rest:layout} @1:{4:stream_structure 4:format_ordering "
          "8:base_channel_count rest:layout}")},
    {FULL_FORM('d', 'm', 'i', 'x', "DownMixInstructions", ISO("12.2.5"), 1, REEL__MANY, "rest:data")},
    {FULL('s', 'r', 'a', 't', "SamplingRateBox", ISO("12.2.3"), 0, "32:sampling_rate")},
    {BOX('d', 'a', 'c', '3', "AC3SpecificBox", "ETSI TS 102 366 F.4",
         "2:fscod 5:bsid 3:bsmod 3:acmod 1:lfeon 5:bit_rate_code 5:-")},
    {BOX('d', 'e', 'c', '3', "EC3SpecificBox", "ETSI TS 102 366 F.6",
         "13:data_rate 3:num_ind_sub [num_ind_sub+1 2:fscod 5:bsid 1:- 1:asvc 3:bsmod 3:acmod 1:lfeon 3:- "
         "4:num_dep_sub <num_dep_sub>0:9:chan_loc <num_dep_sub=0:1:-] 7:- 1:flag_ec3_extension_type_a "
         "8:complexity_index_type_a")},
    {BOX('d', 'a', 'c', '4', "AC4SpecificBox", "ETSI TS 103 190-2 E.5",
         "3:ac4_dsi_version 7:bitstream_version 1:fs_index 4:frame_rate_index 9:n_presentations rest:dsi")},
    {BOX('d', 'm', 'l', 'p', "MLPSpecificBox", "Dolby TrueHD ISOBMFF",
         "32:format_info 15:peak_data_rate 1:- 32:-")},
    {BOX('d', 'O', 'p', 's', "OpusSpecificBox", "Opus in ISOBMFF 4.3.2",
         "8:Version 8:OutputChannelCount 16:PreSkip 32:InputSampleRate i16:OutputGain "
         "8:ChannelMappingFamily <ChannelMappingFamily>0:{8:StreamCount 8:CoupledCount [OutputChannelCount "
         "8:ChannelMapping]}")},
    {FULL('d', 'f', 'L', 'a', "FLACSpecificBox", "FLAC in ISOBMFF 3.3.2", 0,
          "[* 1:last 7:block_type 24:length =length:block]")},
    {FULL('a', 'l', 'a', 'c', "ALACSpecificBox", "Apple Lossless", 0, ALAC_FIELDS)},
    {FULL('p', 'c', 'm', 'C', "PCMConfig", "ISO/IEC 23003-5:2020 5.2", 0, "8:format_flags 8:PCM_sample_size")},
    {BOX('m', 'h', 'a', 'C', "MHAConfigurationBox", "ISO/IEC 23008-3:2022 20.4",
         "8:configurationVersion 8:mpegh3daProfileLevelIndication 8:referenceChannelLayout "
         "16:mpegh3daConfigLength =mpegh3daConfigLength:mpegh3daConfig")},
    {BOX('m', 'h', 'a', 'P', "MHAProfileAndLevelCompatibilitySetBox", "ISO/IEC 23008-3:2022 20.6",
         "8:numCompatibleSets [numCompatibleSets 8:CompatibleSetIndication]")},
    {BOX('i', 'a', 'c', 'b', "IAConfigurationBox", "IAMF 6.2.4", "8:configurationVersion rest:configOBUs")},
    {BOX('d', 'd', 't', 's', "DTSSpecificBox", "ETSI TS 102 114 E.2.2.3.1",
         "32:DTSSamplingFrequency 32:maxBitrate 32:avgBitrate 8:pcmSampleDepth 2:FrameDuration "
         "5:StreamConstruction 1:CoreLFEPresent 6:CoreLayout 14:CoreSize 1:StereoDownmix "
         "3:RepresentationType 16:ChannelLayout 1:MultiAssetFlag 1:LBRDurationMod 1:ReservedBoxPresent 5:-")},
    {BOX('u', 'd', 't', 's', "DTSUHDSpecificBox", "ETSI TS 103 491 B",
         "6:DecoderProfileCode 2:FrameDurationCode 3:MaxPayloadCode 5:NumPresentationsCode 32:ChannelMask "
         "rest:data")},
    {BOX('d', 'a', 'm', 'r', "AMRSpecificBox", "3GPP TS 26.244 6.7",
         "4cc:vendor 8:decoder_version 16:mode_set 8:mode_change_period 8:frames_per_sample")},
    {BOX('d', 'e', 'v', 'c', "EVRCSpecificBox", "3GPP2 C.S0050",
         "4cc:vendor 8:decoder_version 8:frames_per_sample")},
    {BOX('d', 'q', 'c', 'p', "QCELPSpecificBox", "3GPP2 C.S0050",
         "4cc:vendor 8:decoder_version 8:frames_per_sample")},
    {BOX('d', 'w', 'm', 'a', "WindowsMediaAudioBox", "Windows Media", "rest:data")},
    {FULL('S', 'A', '3', 'D', "SpatialAudioBox", "Spatial Audio", 0,
          "8:ambisonic_type 32:ambisonic_order 8:ambisonic_channel_ordering 8:ambisonic_normalization "
          "32:num_channels [num_channels 32:channel_map]")},
    {FULL('S', 'A', 'N', 'D', "NonDiegeticAudioBox", "Spatial Audio", 0, "8:version")},
    {BOX('g', 'l', 'b', 'l', "GlobalHeaderAtom", QTFF, "rest:header")},
    {BOX(0, 0, 0, 0, "TerminatorAtom", QTFF, "")},
};
CONTAINER(reel__audio_children, "AudioSampleEntry", audio_rows);

/* --- text, metadata, hints, timecode --- */

static const reel__row other_rows[] = {
    IN_ANY_ENTRY,
    {BOX('f', 't', 'a', 'b', "FontTableBox", TIMED_TEXT,
         "16:entry_count [entry_count 16:font_ID p:font_name]")},
    {BOX('d', 'i', 's', 'p', "DisparityBox", TIMED_TEXT, "i16:disparity_shift_in_16th_pel")},
    {BOX('v', 't', 't', 'C', "WebVTTConfigurationBox", "ISO/IEC 14496-30:2018 7.5", "text:config")},
    {BOX('v', 'l', 'a', 'b', "WebVTTSourceLabelBox", "ISO/IEC 14496-30:2018 7.5", "text:source_label")},
    {FULL('t', 'x', 't', 'C', "TextConfigBox", ISO("12.5.3"), 0, "z:text_config")},
    {FULL('m', 'i', 'm', 'e', "MIMEBox", ISO("12.6.3"), 0, "z:content_type")},
    {FULL('u', 'r', 'i', ' ', "URIBox", ISO("12.3.3"), 0, "z:theURI")},
    {FULL('u', 'r', 'i', 'I', "URIInitBox", ISO("12.3.3"), 0, "rest:uri_initialization_data")},
    {BOX('b', 'i', 't', 'r', "BitrateBox", "3GPP TS 26.244 6.9", "32:avgBitrate 32:maxBitrate")},
    {BOX('t', 'i', 'm', 's', "timescaleentry", ISO("9.1.2"), "32:timescale")},
    {BOX('t', 's', 'r', 'o', "timeoffset", ISO("9.1.2"), "i32:offset")},
    {BOX('s', 'n', 'r', 'o', "sequenceoffset", ISO("9.1.2"), "i32:offset")},
    {FULL('s', 'r', 'p', 'p', "SRTPProcessBox", ISO("9.1.2"), 0,
          "32:encryption_algorithm_rtp 32:encryption_algorithm_rtcp 32:integrity_algorithm_rtp "
          "32:integrity_algorithm_rtcp rest:boxes")},
};
CONTAINER(reel__other_children, "SampleEntry", other_rows);

static const reel__row timecode_rows[] = {
    {BOX('n', 'a', 'm', 'e', "SourceReferenceAtom", QTFF, "16:size 16:language \"size:name")},
};
CONTAINER(reel__timecode_children, "tmcd", timecode_rows);

/* Metadata tracks describe each key in a box whose type is the key's number. */
static const reel__row key_rows[] = {
    {BOX('k', 'e', 'y', 'd', "MetadataKeyDeclarationBox", QTFF, "4cc:key_namespace text:key_value")},
    {BOX('d', 't', 'y', 'p', "MetadataDatatypeDefinitionBox", QTFF,
         "32:datatype_namespace <datatype_namespace=0:32:datatype text:datatype_text")},
    {BOX('l', 'o', 'c', 'a', "MetadataLocaleBox", QTFF, "z:locale")},
    {BOX('s', 'e', 't', 'u', "MetadataSetupBox", QTFF, "rest:data")},
    {BOX('k', 'd', 'e', 'p', "MetadataKeyDependencyBox", QTFF, "rest:data")},
};
static CONTAINER(key, "MetadataKey", key_rows);

static const reel__row local_key_rows[] = {
    {ANY("MetadataKeyBox", QTFF, ""), .children = &key},
};
static CONTAINER(local_keys, "keys", local_key_rows);

static const reel__row mebx_rows[] = {
    {BOX('k', 'e', 'y', 's', "MetadataKeyTableBox", QTFF, ""), .children = &local_keys},
    BTRT,
};
CONTAINER(reel__keys_children, "mebx", mebx_rows);

const reel__container *const reel__codec_containers[] = {
    &reel__video_children, &reel__audio_children, &reel__other_children, &reel__sinf_children, &schi, &rinf,
    &wave, &sv3d, &proj, &vexu, &eyes, &cams, &cmfy, &pack, &reel__keys_children, &local_keys, &key,
    &reel__timecode_children, NULL,
};
