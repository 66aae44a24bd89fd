/* SPDX-License-Identifier: BSD-2-Clause */
/* The top of the file, and the movie down to the sample tables. ISO/IEC 14496-12:2022 4.3, 8.1 to 8.7. */
#include "box/rows.h"

/* --- stbl: ISO/IEC 14496-12:2022 8.5 to 8.7, 8.9 --- */

static const reel__row stbl_rows[] = {
    {FULL_FORM('s', 't', 's', 'd', "SampleDescriptionBox", ISO("8.5.2"), 1, 0, "32:entry_count"),
     .slot = REEL__STSD, .skip = 4, .children = &reel__stsd_children},
    {FULL('s', 't', 't', 's', "TimeToSampleBox", ISO("8.6.1.2"), 0,
          "32:entry_count [entry_count 32:sample_count 32:sample_delta]"), .slot = REEL__STTS},
    {FULL('c', 't', 't', 's', "CompositionOffsetBox", ISO("8.6.1.3"), 1,
          "32:entry_count [entry_count 32:sample_count @=0:32:sample_offset @1:i32:sample_offset]"),
     .slot = REEL__CTTS},
    {FULL('c', 's', 'l', 'g', "CompositionToDecodeBox", ISO("8.6.1.4"), 1,
          "iv:composition_to_dts_shift iv:least_decode_to_display_delta "
          "iv:greatest_decode_to_display_delta iv:composition_start_time iv:composition_end_time"),
     .slot = REEL__CSLG},
    {FULL('s', 't', 's', 'c', "SampleToChunkBox", ISO("8.7.4"), 0,
          "32:entry_count [entry_count 32:first_chunk 32:samples_per_chunk 32:sample_description_index]"),
     .slot = REEL__STSC},
    {FULL('s', 't', 's', 'z', "SampleSizeBox", ISO("8.7.3.2"), 0,
          "32:sample_size 32:sample_count <sample_size=0:[sample_count 32:entry_size]"), .slot = REEL__STSZ},
    {FULL('s', 't', 'z', '2', "CompactSampleSizeBox", ISO("8.7.3.3"), 0,
          "24:- 8:field_size 32:sample_count [sample_count $field_size:entry_size]"), .slot = REEL__STZ2},
    {FULL('s', 't', 'c', 'o', "ChunkOffsetBox", ISO("8.7.5"), 0,
          "32:entry_count [entry_count 32:chunk_offset]"), .slot = REEL__STCO},
    {FULL('c', 'o', '6', '4', "ChunkLargeOffsetBox", ISO("8.7.5"), 0,
          "32:entry_count [entry_count 64:chunk_offset]"), .slot = REEL__CO64},
    {FULL('s', 't', 's', 's', "SyncSampleBox", ISO("8.6.2"), 0,
          "32:entry_count [entry_count 32:sample_number]"), .slot = REEL__STSS},
    {FULL('s', 't', 'p', 's', "PartialSyncSampleAtom", QTFF, 0,
          "32:entry_count [entry_count 32:sample_number]"), .slot = REEL__STPS},
    {FULL('s', 't', 's', 'h', "ShadowSyncSampleBox", ISO("8.6.3"), 0,
          "32:entry_count [entry_count 32:shadowed_sample_number 32:sync_sample_number]")},
    {FULL('s', 'd', 't', 'p', "SampleDependencyTypeBox", ISO("8.6.4"), 0, REEL__SDTP_FIELDS),
     .slot = REEL__SDTP},
    {FULL('s', 't', 'd', 'p', "DegradationPriorityBox", ISO("8.5.3"), 0, "[* 16:priority]")},
    {FULL('p', 'a', 'd', 'b', "PaddingBitsBox", ISO("8.7.6"), 0, "32:sample_count [* 1:- 3:pad1 1:- 3:pad2]")},
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
};
static CONTAINER(stbl, "stbl", stbl_rows);

/* --- dinf: ISO/IEC 14496-12:2022 8.7.1, 8.7.2 --- */

static const reel__row dref_rows[] = {
    {FULL_FORM('u', 'r', 'l', ' ', "DataEntryUrlBox", ISO("8.7.2"), 0, REEL__MANY, "z:location")},
    {FULL_FORM('u', 'r', 'n', ' ', "DataEntryUrnBox", ISO("8.7.2"), 0, REEL__MANY, "z:name z:location")},
    {FULL_FORM('i', 'm', 'd', 't', "DataEntryImdaBox", ISO("8.7.2"), 0, REEL__MANY, "32:imda_ref_identifier")},
    {FULL_FORM('s', 'n', 'i', 'm', "DataEntrySeqNumImdaBox", ISO("8.7.2"), 0, REEL__MANY, "")},
    {FULL_FORM('a', 'l', 'i', 's', "AliasAtom", QTFF, 0, REEL__MANY, "rest:alias")},
    {FULL_FORM('r', 's', 'r', 'c', "ResourceAtom", QTFF, 0, REEL__MANY, "rest:alias")},
};
CONTAINER(reel__dref_children, "dref", dref_rows);

static const reel__row dinf_rows[] = {
    {FULL('d', 'r', 'e', 'f', "DataReferenceBox", ISO("8.7.2"), 0, "32:entry_count"),
     .slot = REEL__DREF, .skip = 4, .children = &reel__dref_children},
};
CONTAINER(reel__dinf_children, "dinf", dinf_rows);

/* --- minf: ISO/IEC 14496-12:2022 8.4.4, 8.4.5, 12 --- */

static const reel__row tmcd_rows[] = {
    {FULL('t', 'c', 'm', 'i', "TimecodeMediaInformationAtom", QTFF, 0,
          "16:text_font 16:text_face 16:text_size 16:- 16:text_red 16:text_green 16:text_blue "
          "16:background_red 16:background_green 16:background_blue p:font_name")},
};
static CONTAINER(tmcd, "tmcd", tmcd_rows);

static const reel__row gmhd_rows[] = {
    {FULL('g', 'm', 'i', 'n', "BaseMediaInfoAtom", QTFF, 0,
          "16:graphics_mode 16:red 16:green 16:blue f8.8:balance 16:-")},
    {BOX('t', 'e', 'x', 't', "TextMediaInformationAtom", QTFF, "[9 i32:matrix]")},
    {BOX('t', 'm', 'c', 'd', "TimecodeMediaInformationAtom", QTFF, ""), .children = &tmcd},
    {BOX('g', 'p', 'm', 'd', "GoProMediaInformationBox", "GPMF", "rest:data")},
    {BOX('f', 'd', 's', 'c', "GoProFileInformationBox", "GPMF", "rest:data")},
};
static CONTAINER(gmhd, "gmhd", gmhd_rows);

static const reel__row minf_rows[] = {
    {FULL('v', 'm', 'h', 'd', "VideoMediaHeaderBox", ISO("12.1.2"), 0,
          "16:graphicsmode 16:red 16:green 16:blue")},
    {FULL('s', 'm', 'h', 'd', "SoundMediaHeaderBox", ISO("12.2.2"), 0, "f8.8:balance 16:-")},
    {FULL('h', 'm', 'h', 'd', "HintMediaHeaderBox", ISO("12.4.3"), 0,
          "16:maxPDUsize 16:avgPDUsize 32:maxbitrate 32:avgbitrate 32:-")},
    {FULL('s', 't', 'h', 'd', "SubtitleMediaHeaderBox", ISO("12.6.2"), 0, "")},
    {FULL('n', 'm', 'h', 'd', "NullMediaHeaderBox", ISO("8.4.5.2"), 0, "")},
    {BOX('g', 'm', 'h', 'd', "BaseMediaInformationHeaderAtom", QTFF, ""),
     .slot = REEL__GMHD, .children = &gmhd},
    {FULL('h', 'd', 'l', 'r', "HandlerReferenceAtom", QTFF, 0, REEL__HDLR_FIELDS)},
    {FORM('d', 'i', 'n', 'f', "DataInformationBox", ISO("8.7.1"), REEL__OPEN, ""),
     .children = &reel__dinf_children},
    {FORM('s', 't', 'b', 'l', "SampleTableBox", ISO("8.5.1"), REEL__OPEN, ""),
     .slot = REEL__STBL, .children = &stbl},
};
static CONTAINER(minf, "minf", minf_rows);

/* --- mdia: ISO/IEC 14496-12:2022 8.4 --- */

static const reel__row mdia_rows[] = {
    {FULL('m', 'd', 'h', 'd', "MediaHeaderBox", ISO("8.4.2"), 1,
          "tv:creation_time tv:modification_time 32:timescale v:duration langp:language 16:quality"),
     .slot = REEL__MDHD},
    {FULL('h', 'd', 'l', 'r', "HandlerBox", ISO("8.4.3"), 0, REEL__HDLR_FIELDS), .slot = REEL__HDLR},
    {FORM('m', 'i', 'n', 'f', "MediaInformationBox", ISO("8.4.4"), REEL__OPEN, ""), .children = &minf},
    {FULL('e', 'l', 'n', 'g', "ExtendedLanguageBox", ISO("8.4.6"), 0, "z:extended_language"),
     .slot = REEL__ELNG},
    {BOX('u', 'd', 't', 'a', "UserDataBox", ISO("8.10.1"), ""), .children = &reel__udta_children},
};
static CONTAINER(mdia, "mdia", mdia_rows);

/* --- trak: ISO/IEC 14496-12:2022 8.3, 8.6.5 --- */

static const reel__row edts_rows[] = {
    {FULL('e', 'l', 's', 't', "EditListBox", ISO("8.6.6"), 1,
          "32:entry_count [entry_count v:edit_duration iv:media_time f16.16:media_rate]"), .slot = REEL__ELST},
};
static CONTAINER(edts, "edts", edts_rows);

#define REFERENCE "[* 32:track_ID]"
static const reel__row tref_rows[] = {
    {BOX('h', 'i', 'n', 't', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('c', 'd', 's', 'c', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('f', 'o', 'n', 't', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('h', 'i', 'n', 'd', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('v', 'd', 'e', 'p', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('v', 'p', 'l', 'x', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('s', 'u', 'b', 't', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('t', 'h', 'm', 'b', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('a', 'u', 'x', 'l', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('c', 'd', 't', 'g', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('a', 'd', 'd', 'a', "TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
    {BOX('s', 'c', 'a', 'l', "TrackReferenceTypeBox", NAL("6.4.3"), REFERENCE)},
    {BOX('s', 'b', 'a', 's', "TrackReferenceTypeBox", NAL("9.5.2"), REFERENCE)},
    {BOX('d', 'p', 'n', 'd', "TrackReferenceTypeBox", "ISO/IEC 14496-14:2020 4.3", REFERENCE)},
    {BOX('i', 'p', 'i', 'r', "TrackReferenceTypeBox", "ISO/IEC 14496-14:2020 4.3", REFERENCE)},
    {BOX('m', 'p', 'o', 'd', "TrackReferenceTypeBox", "ISO/IEC 14496-14:2020 4.3", REFERENCE)},
    {BOX('s', 'y', 'n', 'c', "TrackReferenceTypeBox", "ISO/IEC 14496-14:2020 4.3", REFERENCE)},
    {BOX('c', 'h', 'a', 'p', "TrackReferenceTypeAtom", QTFF, REFERENCE)},
    {BOX('t', 'm', 'c', 'd', "TrackReferenceTypeAtom", QTFF, REFERENCE)},
    {BOX('s', 'c', 'p', 't', "TrackReferenceTypeAtom", QTFF, REFERENCE)},
    {BOX('s', 's', 'r', 'c', "TrackReferenceTypeAtom", QTFF, REFERENCE)},
    {BOX('f', 'o', 'l', 'w', "TrackReferenceTypeAtom", QTFF, REFERENCE)},
    {BOX('f', 'a', 'l', 'l', "TrackReferenceTypeAtom", QTFF, REFERENCE)},
    {BOX('c', 'l', 'c', 'p', "TrackReferenceTypeAtom", QTFF, REFERENCE)},
    {ANY("TrackReferenceTypeBox", ISO("8.3.3"), REFERENCE)},
};
static CONTAINER(tref, "tref", tref_rows);

static const reel__row trgr_rows[] = {
    {ANY_FULL("TrackGroupTypeBox", ISO("8.3.4"), "32:track_group_id rest:data")},
};
static CONTAINER(trgr, "trgr", trgr_rows);

/* QTFF, Track Aperture Mode Dimensions */
static const reel__row tapt_rows[] = {
    {FULL('c', 'l', 'e', 'f', "TrackCleanApertureDimensionsAtom", QTFF, 0, "u16.16:width u16.16:height")},
    {FULL('p', 'r', 'o', 'f', "TrackProductionApertureDimensionsAtom", QTFF, 0, "u16.16:width u16.16:height")},
    {FULL('e', 'n', 'o', 'f', "TrackEncodedPixelsDimensionsAtom", QTFF, 0, "u16.16:width u16.16:height")},
};
static CONTAINER(tapt, "tapt", tapt_rows);

static const reel__row matt_rows[] = {
    {FULL('k', 'm', 'a', 't', "CompressedMatteAtom", QTFF, 0, "rest:matte")},
};
static CONTAINER(matt, "matt", matt_rows);

static const reel__row clip_rows[] = {
    {BOX('c', 'r', 'g', 'n', "ClippingRegionAtom", QTFF,
         "16:region_size i16:top i16:left i16:bottom i16:right rest:data")},
};
static CONTAINER(clip, "clip", clip_rows);

static const reel__row trak_rows[] = {
    {FULL('t', 'k', 'h', 'd', "TrackHeaderBox", ISO("8.3.2"), 1,
          "tv:creation_time tv:modification_time 32:track_ID 32:- v:duration 64:- i16:layer "
          "i16:alternate_group f8.8:volume 16:- " REEL__MATRIX_FIELDS " u16.16:width u16.16:height"),
     .slot = REEL__TKHD},
    {FORM('m', 'd', 'i', 'a', "MediaBox", ISO("8.4.1"), REEL__OPEN, ""), .children = &mdia},
    {FORM('e', 'd', 't', 's', "EditBox", ISO("8.6.5"), REEL__OPEN, ""), .children = &edts},
    {BOX('t', 'r', 'e', 'f', "TrackReferenceBox", ISO("8.3.3"), ""), .slot = REEL__TREF, .children = &tref},
    {BOX('t', 'r', 'g', 'r', "TrackGroupBox", ISO("8.3.4"), ""), .children = &trgr},
    {BOX('t', 't', 'y', 'p', "TrackTypeBox", ISO("8.3.5"), REEL__FTYP_FIELDS)},
    {FORM('u', 'd', 't', 'a', "UserDataBox", ISO("8.10.1"), REEL__ZERO_END, ""),
     .slot = REEL__UDTA, .children = &reel__udta_children},
    {FULL_FORM('m', 'e', 't', 'a', "MetaBox", ISO("8.11.1"), 0, REEL__META_QT, ""),
     .slot = REEL__META, .children = &reel__meta_children},
    {BOX('m', 'e', 'c', 'o', "AdditionalMetadataContainerBox", ISO("8.11.7"), ""),
     .children = &reel__meco_children},
    {BOX('t', 'a', 'p', 't', "TrackApertureModeDimensionsAtom", QTFF, ""),
     .slot = REEL__TAPT, .children = &tapt},
    {BOX('l', 'o', 'a', 'd', "TrackLoadSettingsAtom", QTFF,
         "32:preload_start_time i32:preload_duration 32:preload_flags 32:default_hints")},
    {BOX('m', 'a', 't', 't', "TrackMatteAtom", QTFF, ""), .children = &matt},
    {BOX('c', 'l', 'i', 'p', "ClippingAtom", QTFF, ""), .children = &clip},
    {BOX('i', 'm', 'a', 'p', "TrackInputMapAtom", QTFF, "rest:map")},
    {BOX('t', 'x', 'a', 's', "TrackExcludeFromAutoselectionAtom", QTFF, "")},
};
static CONTAINER(trak, "trak", trak_rows);

/* --- moov: ISO/IEC 14496-12:2022 8.2 --- */

/* QTFF, Compressed Movie Resources */
static const reel__row cmov_rows[] = {
    {BOX('d', 'c', 'o', 'm', "DataCompressionAtom", QTFF, "4cc:compression")},
    {BOX('c', 'm', 'v', 'd', "CompressedMovieDataAtom", QTFF, "32:uncompressed_size rest:data")},
};
static CONTAINER(cmov, "cmov", cmov_rows);

static const reel__row rmda_rows[] = {
    {FULL('r', 'd', 'r', 'f', "DataReferenceAtom", QTFF, 0, "4cc:type 32:size \"size:reference")},
    {FULL('r', 'm', 'd', 'r', "DataRateAtom", QTFF, 0, "32:data_rate")},
    {FULL('r', 'm', 'c', 's', "CPUSpeedAtom", QTFF, 0, "32:cpu_speed")},
    {FULL('r', 'm', 'v', 'c', "VersionCheckAtom", QTFF, 0, "4cc:package 32:version 32:mask 16:check")},
    {FULL('r', 'm', 'q', 'u', "QualityAtom", QTFF, 0, "32:quality")},
};
static CONTAINER(rmda, "rmda", rmda_rows);

static const reel__row rmra_rows[] = {
    {FORM('r', 'm', 'd', 'a', "ReferenceMovieDescriptorAtom", QTFF, REEL__MANY, ""), .children = &rmda},
};
static CONTAINER(rmra, "rmra", rmra_rows);

static const reel__row moov_rows[] = {
    {FULL('m', 'v', 'h', 'd', "MovieHeaderBox", ISO("8.2.2"), 1,
          "tv:creation_time tv:modification_time 32:timescale v:duration f16.16:rate f8.8:volume 80:- "
          REEL__MATRIX_FIELDS " 192:- 32:next_track_ID"), .slot = REEL__MVHD},
    {FORM('t', 'r', 'a', 'k', "TrackBox", ISO("8.3.1"), REEL__OPEN | REEL__MANY, ""),
     .slot = REEL__TRAK, .children = &trak},
    {FORM('m', 'v', 'e', 'x', "MovieExtendsBox", ISO("8.8.1"), REEL__OPEN, ""),
     .slot = REEL__MVEX, .children = &reel__mvex_children},
    {FORM('u', 'd', 't', 'a', "UserDataBox", ISO("8.10.1"), REEL__ZERO_END, ""),
     .slot = REEL__MOVIE_UDTA, .children = &reel__udta_children},
    {FULL_FORM('m', 'e', 't', 'a', "MetaBox", ISO("8.11.1"), 0, REEL__META_QT, ""),
     .slot = REEL__MOVIE_META, .children = &reel__meta_children},
    {BOX('m', 'e', 'c', 'o', "AdditionalMetadataContainerBox", ISO("8.11.7"), ""),
     .children = &reel__meco_children},
    {FULL('i', 'o', 'd', 's', "ObjectDescriptorBox", "ISO/IEC 14496-14:2020 5.1", 0, "rest:descriptor")},
    {FULL_FORM('p', 's', 's', 'h', "ProtectionSystemSpecificHeaderBox", CENC("8.1"), 1, REEL__MANY,
               REEL__PSSH_FIELDS)},
    {BOX('c', 'm', 'o', 'v', "CompressedMovieAtom", QTFF, ""), .slot = REEL__CMOV, .children = &cmov},
    {BOX('r', 'm', 'r', 'a', "ReferenceMovieAtom", QTFF, ""), .children = &rmra},
    {BOX('c', 'l', 'i', 'p', "ClippingAtom", QTFF, ""), .children = &clip},
    {BOX('c', 't', 'a', 'b', "ColorTableAtom", QTFF, "32:seed 16:flags 16:size rest:colors")},
    {BOX('p', 'n', 'o', 't', "PreviewAtom", QTFF, "t32:modification_date 16:version 4cc:type 16:index")},
};
CONTAINER(reel__moov_children, "moov", moov_rows);

/* --- the top: ISO/IEC 14496-12:2022 4.3, 8.1, 8.16 --- */

static const reel__row top_rows[] = {
    {BOX('f', 't', 'y', 'p', "FileTypeBox", ISO("4.3"), REEL__FTYP_FIELDS)},
    {FORM('m', 'd', 'a', 't', "MediaDataBox", ISO("8.1.1"), REEL__MANY, "")},
    {FORM('m', 'o', 'o', 'v', "MovieBox", ISO("8.2.1"), REEL__OPEN, ""), .children = &reel__moov_children},
    {FORM('m', 'o', 'o', 'f', "MovieFragmentBox", ISO("8.8.4"), REEL__MANY, ""),
     .children = &reel__moof_children},
    {FORM('s', 't', 'y', 'p', "SegmentTypeBox", ISO("8.16.2"), REEL__MANY, REEL__FTYP_FIELDS)},
    {FULL_FORM('s', 'i', 'd', 'x', "SegmentIndexBox", ISO("8.16.3"), 1, REEL__MANY, REEL__SIDX_FIELDS)},
    {FULL_FORM('s', 's', 'i', 'x', "SubsegmentIndexBox", ISO("8.16.4"), 0, REEL__MANY,
               "32:subsegment_count [subsegment_count 32:range_count [range_count 8:level 24:range_size]]")},
    {FULL_FORM('p', 'r', 'f', 't', "ProducerReferenceTimeBox", ISO("8.16.5"), 1, REEL__MANY,
               "32:reference_track_ID 64:ntp_timestamp v:media_time")},
    {FULL_FORM('e', 'm', 's', 'g', "DASHEventMessageBox", "ISO/IEC 23009-1:2022 5.10.3.3", 1, REEL__MANY,
               "@=0:{z:scheme_id_uri z:value 32:timescale 32:presentation_time_delta 32:event_duration "
               "32:id} @1:{32:timescale 64:presentation_time 32:event_duration 32:id z:scheme_id_uri "
               "z:value} rest:message_data")},
    {BOX('m', 'f', 'r', 'a', "MovieFragmentRandomAccessBox", ISO("8.8.9"), ""),
     .children = &reel__mfra_children},
    {FULL('p', 'd', 'i', 'n', "ProgressiveDownloadInfoBox", ISO("8.1.3"), 0, "[* 32:rate 32:initial_delay]")},
    {FULL_FORM('m', 'e', 't', 'a', "MetaBox", ISO("8.11.1"), 0, REEL__META_QT, ""),
     .children = &reel__meta_children},
    {BOX('m', 'e', 'c', 'o', "AdditionalMetadataContainerBox", ISO("8.11.7"), ""),
     .children = &reel__meco_children},
    {FORM('i', 'm', 'd', 'a', "IdentifiedMediaDataBox", ISO("8.1.4"), REEL__MANY, "32:imda_identifier")},
    {FORM('u', 'd', 't', 'a', "UserDataBox", ISO("8.10.1"), REEL__ZERO_END, ""),
     .children = &reel__udta_children},
    {FULL_FORM('p', 's', 's', 'h', "ProtectionSystemSpecificHeaderBox", CENC("8.1"), 1, REEL__MANY,
               REEL__PSSH_FIELDS)},
    {BOX('p', 'n', 'o', 't', "PreviewAtom", QTFF, "t32:modification_date 16:version 4cc:type 16:index")},
    {BOX('P', 'I', 'C', 'T', "PictureAtom", QTFF, "rest:picture")},
    {BOX('j', 'P', ' ', ' ', "JPEG2000SignatureBox", "ISO/IEC 15444-1:2019 I.5.1", "32:signature")},
    {BOX('J', 'X', 'L', ' ', "JPEGXLSignatureBox", "ISO/IEC 18181-2:2021 9.1", "32:signature")},
    {BOX('o', 't', 'y', 'p', "OriginalFileTypeBox", ISO("4.3"), "rest:data")},
    {BOX('a', 'i', 'n', 'f', "AssetInformationBox", "DECE Common File Format 2.1.4", "rest:data")},
};
CONTAINER(reel__top, "-", top_rows);

const reel__container *const reel__movie_containers[] = {
    &reel__top, &reel__moov_children, &trak, &tapt, &matt, &clip, &edts, &tref, &trgr, &mdia, &minf, &gmhd,
    &tmcd, &reel__dinf_children, &reel__dref_children, &stbl, &cmov, &rmra, &rmda, NULL,
};
