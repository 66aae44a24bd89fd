/* SPDX-License-Identifier: BSD-2-Clause */
/* User data, metadata and items. ISO/IEC 14496-12:2022 8.10, 8.11, 8.14; ISO/IEC 23008-12; QTFF. */
#include "box/rows.h"

#define ITUNES "iTunes metadata"
#define TS26244 "3GPP TS 26.244 8"
#define C '\xa9'

/* --- udta --- */

static const reel__row strd_rows[] = {
    {FULL('s', 't', 's', 'g', "SubTrackSampleGroupBox", ISO("8.14.6"), 0,
          "4cc:grouping_type 16:item_count [item_count 32:group_description_index]")},
};
static CONTAINER(strd, "strd", strd_rows);

static const reel__row strk_rows[] = {
    {FULL('s', 't', 'r', 'i', "SubTrackInformationBox", ISO("8.14.4"), 0,
          "i16:switch_group i16:alternate_group 32:sub_track_ID [* 4cc:attribute]")},
    {BOX('s', 't', 'r', 'd', "SubTrackDefinitionBox", ISO("8.14.5"), ""), .children = &strd},
};
static CONTAINER(strk, "strk", strk_rows);

#define LOUDNESS                                                                                              \
    "@1:{2:- 6:loudness_base_count} [1 @1:{2:- 6:EQ_set_ID} 3:- 7:downmix_ID 6:DRC_set_ID "                   \
    "12:bs_sample_peak_level 12:bs_true_peak_level 4:measurement_system_for_TP 4:reliability_for_TP "         \
    "8:measurement_count [measurement_count 8:method_definition 8:method_value 4:measurement_system "         \
    "4:reliability]] rest:more"
static const reel__row ludt_rows[] = {
    {FULL_FORM('t', 'l', 'o', 'u', "TrackLoudnessInfo", ISO("12.2.7"), 1, REEL__MANY, LOUDNESS)},
    {FULL_FORM('a', 'l', 'o', 'u', "AlbumLoudnessInfo", ISO("12.2.7"), 1, REEL__MANY, LOUDNESS)},
};
static CONTAINER(ludt, "ludt", ludt_rows);

static const reel__row hnti_rows[] = {
    {BOX('r', 't', 'p', ' ', "MovieHintInformation", ISO("9.1.4"), "4cc:format text:sdp")},
    {BOX('s', 'd', 'p', ' ', "TrackHintSdp", ISO("9.1.4"), "text:sdp")},
};
static CONTAINER(hnti, "hnti", hnti_rows);

static const reel__row hinf_rows[] = {
    {BOX('t', 'r', 'p', 'y', "HintBytesSent", ISO("9.1.5"), "64:bytes_sent")},
    {BOX('n', 'u', 'm', 'p', "HintPacketsSent", ISO("9.1.5"), "64:packets_sent")},
    {BOX('t', 'p', 'y', 'l', "HintBytesSent", ISO("9.1.5"), "64:bytes_sent")},
    {BOX('t', 'o', 't', 'l', "HintBytesSent", ISO("9.1.5"), "32:bytes_sent")},
    {BOX('n', 'p', 'c', 'k', "HintPacketsSent", ISO("9.1.5"), "32:packets_sent")},
    {BOX('t', 'p', 'a', 'y', "HintBytesSent", ISO("9.1.5"), "32:bytes_sent")},
    {FORM('m', 'a', 'x', 'r', "HintMaxRate", ISO("9.1.5"), REEL__MANY, "32:period 32:bytes")},
    {BOX('d', 'm', 'e', 'd', "HintMediaBytesSent", ISO("9.1.5"), "64:bytes_sent")},
    {BOX('d', 'i', 'm', 'm', "HintImmediateBytesSent", ISO("9.1.5"), "64:bytes_sent")},
    {BOX('d', 'r', 'e', 'p', "HintRepeatedBytesSent", ISO("9.1.5"), "64:bytes_sent")},
    {BOX('t', 'm', 'i', 'n', "HintMinRelativeTime", ISO("9.1.5"), "i32:time")},
    {BOX('t', 'm', 'a', 'x', "HintMaxRelativeTime", ISO("9.1.5"), "i32:time")},
    {BOX('p', 'm', 'a', 'x', "HintLargestPacket", ISO("9.1.5"), "32:bytes")},
    {BOX('d', 'm', 'a', 'x', "HintLongestPacket", ISO("9.1.5"), "32:time")},
    {FORM('p', 'a', 'y', 't', "HintPayloadId", ISO("9.1.5"), REEL__MANY, "32:payload_ID p:rtpmap")},
};
static CONTAINER(hinf, "hinf", hinf_rows);

/* A text of QuickTime: one or more of size, language, text. */
#define QT_TEXT(a, b, c, d, name)                                                                             \
    {FORM(a, b, c, d, name, QTFF, REEL__MANY, "[* 16:size 16:language \"size:text]")}
/* A text of 3GPP: language, text up to NUL. */
#define GPP_TEXT(a, b, c, d, name)                                                                            \
    {FULL_FORM(a, b, c, d, name, TS26244, 0, REEL__MANY, "langp:language z:text")}

static const reel__row udta_rows[] = {
    {FULL_FORM('m', 'e', 't', 'a', "MetaBox", ISO("8.11.1"), 0, REEL__META_QT, ""),
     .children = &reel__meta_children},
    {FULL_FORM('c', 'p', 'r', 't', "CopyrightBox", ISO("8.10.2"), 0, REEL__MANY, "langp:language z:notice")},
    {FULL('t', 's', 'e', 'l', "TrackSelectionBox", ISO("8.10.3"), 0, "i32:switch_group [* 4cc:attribute]")},
    {FULL_FORM('k', 'i', 'n', 'd', "KindBox", ISO("8.10.4"), 0, REEL__MANY, "z:schemeURI z:value")},
    {FORM('s', 't', 'r', 'k', "SubTrackBox", ISO("8.14.3"), REEL__MANY, ""), .children = &strk},
    {BOX('l', 'u', 'd', 't', "LoudnessBox", ISO("12.2.7"), ""), .children = &ludt},
    {BOX('h', 'n', 't', 'i', "HintInformation", ISO("9.1.4"), ""), .children = &hnti},
    {BOX('h', 'i', 'n', 'f', "HintStatisticsBox", ISO("9.1.5"), ""), .children = &hinf},
    GPP_TEXT('t', 'i', 't', 'l', "TitleBox"),
    GPP_TEXT('d', 's', 'c', 'p', "DescriptionBox"),
    GPP_TEXT('p', 'e', 'r', 'f', "PerformerBox"),
    GPP_TEXT('a', 'u', 't', 'h', "AuthorBox"),
    GPP_TEXT('g', 'n', 'r', 'e', "GenreBox"),
    {FULL_FORM('a', 'l', 'b', 'm', "AlbumBox", TS26244, 0, REEL__MANY, "langp:language z:text 8:track_number")},
    {FULL('y', 'r', 'r', 'c', "RecordingYearBox", TS26244, 0, "16:year")},
    {FULL_FORM('r', 't', 'n', 'g', "RatingBox", TS26244, 0, REEL__MANY,
               "4cc:entity 4cc:criteria langp:language z:info")},
    {FULL_FORM('c', 'l', 's', 'f', "ClassificationBox", TS26244, 0, REEL__MANY,
               "4cc:entity 16:table langp:language z:info")},
    {FULL_FORM('k', 'y', 'w', 'd', "KeywordsBox", TS26244, 0, REEL__MANY,
               "langp:language 8:count [count p:keyword]")},
    {FULL_FORM('l', 'o', 'c', 'i', "LocationInformationBox", TS26244, 0, REEL__MANY,
               "langp:language z:name 8:role f16.16:longitude f16.16:latitude f16.16:altitude "
               "z:astronomical_body z:additional_notes")},
    {FULL('I', 'D', '3', '2', "ID3v2Box", "MP4 Registration Authority", 0, "langp:language rest:ID3v2")},
    {FULL('c', 'h', 'p', 'l', "ChapterListBox", "Nero chapter list", 1,
          "@1:32:- 8:chapter_count [chapter_count 64:start p:title]")},
    {BOX('n', 'a', 'm', 'e', "NameAtom", QTFF, "text:name")},
    {BOX('h', 'n', 'a', 'm', "HintNameAtom", QTFF, "text:name")},
    {BOX('L', 'O', 'O', 'P', "LoopingAtom", QTFF, "32:style")},
    {BOX('W', 'L', 'O', 'C', "WindowLocationAtom", QTFF, "i16:x i16:y")},
    {BOX('S', 'e', 'l', 'O', "PlaySelectionOnlyAtom", QTFF, "8:on")},
    {BOX('A', 'l', 'l', 'F', "PlayAllFramesAtom", QTFF, "8:on")},
    {BOX('p', 't', 'v', ' ', "PrintToVideoAtom", QTFF, "16:size 32:- 8:slide_show 8:play_on_open")},
    {BOX('X', 'M', 'P', '_', "XMPAtom", "XMP Specification Part 3", "text:xmp")},
    {FORM('t', 'a', 'g', 'c', "MediaCharacteristicAtom", QTFF, REEL__MANY, "text:tag")},
    {BOX('d', 'a', 't', 'e', "DateAtom", QTFF, "text:date")},
    {BOX('X', 't', 'r', 'a', "WindowsMediaTagsBox", "Windows Media", "rest:tags")},
    {BOX('G', 'P', 'M', 'F', "GoProMetadataBox", "GPMF", "rest:gpmf")},
    {BOX('F', 'I', 'R', 'M', "FirmwareBox", "GoPro", "text:firmware")},
    {BOX('L', 'E', 'N', 'S', "LensBox", "GoPro", "text:lens")},
    {BOX('C', 'A', 'M', 'E', "CameraBox", "GoPro", "rest:camera")},
    {BOX('M', 'U', 'I', 'D', "MediaUniqueIDBox", "GoPro", "rest:id")},
    {BOX('S', 'E', 'T', 'T', "SettingsBox", "GoPro", "rest:settings")},
    {BOX('H', 'M', 'M', 'T', "HighlightsBox", "GoPro", "32:count [count 32:time]")},
    {BOX('G', 'U', 'M', 'I', "GlobalUniqueMediaIDBox", "GoPro", "rest:id")},
    {BOX('B', 'C', 'I', 'D', "BroadcastIDBox", "GoPro", "rest:id")},
    {BOX('A', 'M', 'B', 'A', "AmbarellaBox", "GoPro", "rest:data")},
    QT_TEXT(C, 'n', 'a', 'm', "FullNameAtom"),
    QT_TEXT(C, 'c', 'p', 'y', "CopyrightAtom"),
    QT_TEXT(C, 'd', 'a', 'y', "DateOfCreationAtom"),
    QT_TEXT(C, 'x', 'y', 'z', "LocationAtom"),
    QT_TEXT(C, 'A', 'R', 'T', "ArtistAtom"),
    QT_TEXT(C, 'a', 'l', 'b', "AlbumAtom"),
    QT_TEXT(C, 'a', 'r', 'g', "ArrangerAtom"),
    QT_TEXT(C, 'a', 'r', 'k', "ArrangerKeywordsAtom"),
    QT_TEXT(C, 'a', 'u', 't', "AuthorAtom"),
    QT_TEXT(C, 'c', 'm', 't', "CommentAtom"),
    QT_TEXT(C, 'c', 'o', 'k', "ComposerKeywordsAtom"),
    QT_TEXT(C, 'c', 'o', 'm', "ComposerAtom"),
    QT_TEXT(C, 'd', 'e', 's', "DescriptionAtom"),
    QT_TEXT(C, 'd', 'i', 'r', "DirectorAtom"),
    QT_TEXT(C, 'e', 'd', '1', "EditDateAtom"),
    QT_TEXT(C, 'e', 'n', 'c', "EncoderAtom"),
    QT_TEXT(C, 'f', 'm', 't', "FormatAtom"),
    QT_TEXT(C, 'g', 'e', 'n', "GenreAtom"),
    QT_TEXT(C, 'g', 'r', 'p', "GroupingAtom"),
    QT_TEXT(C, 'i', 'n', 'f', "InformationAtom"),
    QT_TEXT(C, 'i', 's', 'r', "RecordingCodeAtom"),
    QT_TEXT(C, 'k', 'e', 'y', "KeywordsAtom"),
    QT_TEXT(C, 'l', 'a', 'b', "LabelAtom"),
    QT_TEXT(C, 'l', 'y', 'r', "LyricsAtom"),
    QT_TEXT(C, 'm', 'a', 'k', "MakerAtom"),
    QT_TEXT(C, 'm', 'o', 'd', "ModelAtom"),
    QT_TEXT(C, 'p', 'r', 'd', "ProducerAtom"),
    QT_TEXT(C, 'p', 'r', 'f', "PerformersAtom"),
    QT_TEXT(C, 'r', 'e', 'q', "RequirementsAtom"),
    QT_TEXT(C, 's', 'n', 'g', "SongwriterAtom"),
    QT_TEXT(C, 's', 'r', 'c', "SourceCreditsAtom"),
    QT_TEXT(C, 's', 'w', 'r', "SoftwareAtom"),
    QT_TEXT(C, 't', 'o', 'o', "EncoderAtom"),
    QT_TEXT(C, 'u', 'r', 'l', "UrlAtom"),
    QT_TEXT(C, 'w', 'r', 'n', "WarningAtom"),
    QT_TEXT(C, 'w', 'r', 't', "WriterAtom"),
    QT_TEXT(C, 'T', 'I', 'M', "TimecodeAtom"),
    QT_TEXT(C, 'T', 'S', 'C', "TimecodeScaleAtom"),
    QT_TEXT(C, 'T', 'S', 'Z', "TimecodeSampleSizeAtom"),
};
CONTAINER(reel__udta_children, "udta", udta_rows);

/* --- ilst: QTFF, Metadata; the items of iTunes --- */

#define VALUE "8:type_set 24:type 16:country 16:language rest:value"
static const reel__row item_rows[] = {
    {FORM('d', 'a', 't', 'a', "ValueAtom", QTFF, REEL__MANY, VALUE)},
    {FULL('m', 'e', 'a', 'n', "MeanAtom", ITUNES, 0, "text:domain")},
    {FULL('n', 'a', 'm', 'e', "NameAtom", QTFF, 0, "text:name")},
    {FULL('i', 't', 'i', 'f', "ItemInformationAtom", QTFF, 0, "32:item_ID")},
};
static CONTAINER(item, "MetadataItem", item_rows);

#define ITEM(a, b, c, d, name) {BOX(a, b, c, d, name, ITUNES, ""), .children = &item}
static const reel__row ilst_rows[] = {
    ITEM(C, 'n', 'a', 'm', "Title"),
    ITEM(C, 'A', 'R', 'T', "Artist"),
    ITEM('a', 'A', 'R', 'T', "AlbumArtist"),
    ITEM(C, 'a', 'l', 'b', "Album"),
    ITEM(C, 'g', 'e', 'n', "Genre"),
    ITEM('g', 'n', 'r', 'e', "GenreNumber"),
    ITEM(C, 'd', 'a', 'y', "Year"),
    ITEM(C, 'c', 'm', 't', "Comment"),
    ITEM(C, 'l', 'y', 'r', "Lyrics"),
    ITEM(C, 'w', 'r', 't', "Composer"),
    ITEM(C, 'g', 'r', 'p', "Grouping"),
    ITEM(C, 't', 'o', 'o', "Encoder"),
    ITEM(C, 's', 't', '3', "Subtitle"),
    ITEM(C, 'm', 'v', 'n', "MovementName"),
    ITEM(C, 'm', 'v', 'i', "MovementIndex"),
    ITEM(C, 'm', 'v', 'c', "MovementCount"),
    ITEM(C, 'w', 'r', 'k', "Work"),
    ITEM('s', 'h', 'w', 'm', "ShowMovement"),
    ITEM('t', 'r', 'k', 'n', "TrackNumber"),
    ITEM('d', 'i', 's', 'k', "DiscNumber"),
    ITEM('t', 'm', 'p', 'o', "Tempo"),
    ITEM('c', 'p', 'i', 'l', "Compilation"),
    ITEM('p', 'g', 'a', 'p', "GaplessPlayback"),
    ITEM('c', 'o', 'v', 'r', "CoverArt"),
    ITEM('c', 'p', 'r', 't', "Copyright"),
    ITEM('d', 'e', 's', 'c', "Description"),
    ITEM('l', 'd', 'e', 's', "LongDescription"),
    ITEM('s', 'd', 'e', 's', "SeriesDescription"),
    ITEM('s', 'o', 'n', 'm', "SortTitle"),
    ITEM('s', 'o', 'a', 'r', "SortArtist"),
    ITEM('s', 'o', 'a', 'a', "SortAlbumArtist"),
    ITEM('s', 'o', 'a', 'l', "SortAlbum"),
    ITEM('s', 'o', 'c', 'o', "SortComposer"),
    ITEM('s', 'o', 's', 'n', "SortShow"),
    ITEM('t', 'v', 's', 'h', "ShowName"),
    ITEM('t', 'v', 'e', 'n', "EpisodeId"),
    ITEM('t', 'v', 's', 'n', "SeasonNumber"),
    ITEM('t', 'v', 'e', 's', "EpisodeNumber"),
    ITEM('t', 'v', 'n', 'n', "NetworkName"),
    ITEM('h', 'd', 'v', 'd', "HighDefinition"),
    ITEM('s', 't', 'i', 'k', "MediaKind"),
    ITEM('r', 't', 'n', 'g', "ContentRating"),
    ITEM('r', 'a', 't', 'e', "UserRating"),
    ITEM('p', 'c', 's', 't', "Podcast"),
    ITEM('c', 'a', 't', 'g', "PodcastCategory"),
    ITEM('k', 'e', 'y', 'w', "PodcastKeywords"),
    ITEM('p', 'u', 'r', 'l', "PodcastUrl"),
    ITEM('e', 'g', 'i', 'd', "PodcastId"),
    ITEM('p', 'u', 'r', 'd', "PurchaseDate"),
    ITEM('o', 'w', 'n', 'r', "Owner"),
    ITEM('a', 'p', 'I', 'D', "AccountId"),
    ITEM('a', 'k', 'I', 'D', "AccountKind"),
    ITEM('s', 'f', 'I', 'D', "StorefrontId"),
    ITEM('c', 'n', 'I', 'D', "ContentId"),
    ITEM('a', 't', 'I', 'D', "ArtistId"),
    ITEM('p', 'l', 'I', 'D', "PlaylistId"),
    ITEM('g', 'e', 'I', 'D', "GenreId"),
    ITEM('c', 'm', 'I', 'D', "ComposerId"),
    ITEM('x', 'i', 'd', ' ', "VendorId"),
    ITEM('-', '-', '-', '-', "FreeformItem"),
    {ANY("MetadataItem", QTFF, ""), .children = &item},
};
static CONTAINER(ilst, "ilst", ilst_rows);

/* --- iprp: ISO/IEC 14496-12:2022 8.11.14, ISO/IEC 23008-12:2022 6.5 --- */

#define AVIF "AVIF 1.1 2.3.2"
static const reel__row ipco_rows[] = {
    {FULL_FORM('i', 's', 'p', 'e', "ImageSpatialExtentsProperty", HEIF("6.5.3"), 0, REEL__MANY,
               "32:image_width 32:image_height")},
    {FORM('p', 'a', 's', 'p', "PixelAspectRatioBox", ISO("12.1.4"), REEL__MANY, REEL__PASP_FIELDS)},
    {FORM('c', 'o', 'l', 'r', "ColourInformationBox", ISO("12.1.5"), REEL__MANY, REEL__COLR_FIELDS)},
    {FULL_FORM('p', 'i', 'x', 'i', "PixelInformationProperty", HEIF("6.5.6"), 0, REEL__MANY,
               "8:num_channels [num_channels 8:bits_per_channel] rest:more")},
    {FULL_FORM('r', 'l', 'o', 'c', "RelativeLocationProperty", HEIF("6.5.7"), 0, REEL__MANY,
               "32:horizontal_offset 32:vertical_offset")},
    {FULL_FORM('a', 'u', 'x', 'C', "AuxiliaryTypeProperty", HEIF("6.5.8"), 0, REEL__MANY,
               "z:aux_type rest:aux_subtype")},
    {FORM('c', 'l', 'a', 'p', "CleanApertureBox", ISO("12.1.4"), REEL__MANY, REEL__CLAP_FIELDS)},
    {FORM('i', 'r', 'o', 't', "ImageRotation", HEIF("6.5.10"), REEL__MANY, "6:- 2:angle")},
    {FORM('l', 's', 'e', 'l', "LayerSelectorProperty", HEIF("6.5.11"), REEL__MANY, "16:layer_id")},
    {FORM('i', 'm', 'i', 'r', "ImageMirror", HEIF("6.5.12"), REEL__MANY, "7:- 1:axis")},
    {FULL_FORM('i', 's', 'c', 'l', "ImageScaling", HEIF("6.5.13"), 0, REEL__MANY,
               "16:target_width_numerator 16:target_width_denominator 16:target_height_numerator "
               "16:target_height_denominator")},
    {FULL_FORM('r', 'r', 'e', 'f', "RequiredReferenceTypesProperty", HEIF("6.5"), 0, REEL__MANY,
               "8:reference_type_count [reference_type_count 4cc:reference_type]")},
    {FULL_FORM('c', 'r', 't', 't', "CreationTimeProperty", HEIF("6.5"), 0, REEL__MANY, "64:creation_time")},
    {FULL_FORM('m', 'd', 'f', 't', "ModificationTimeProperty", HEIF("6.5"), 0, REEL__MANY,
               "64:modification_time")},
    {FULL_FORM('u', 'd', 'e', 's', "UserDescriptionProperty", HEIF("6.5"), 0, REEL__MANY,
               "z:lang z:name z:description z:tags")},
    {FULL_FORM('a', 'l', 't', 't', "AccessibilityTextProperty", HEIF("6.5"), 0, REEL__MANY,
               "z:alt_text z:alt_lang")},
    {FULL_FORM('a', 'e', 'b', 'r', "AutoExposureBracketingEntry", HEIF("6.5"), 0, REEL__MANY,
               "i8:exposure_step i8:exposure_numerator")},
    {FULL_FORM('w', 'b', 'b', 'r', "WhiteBalanceBracketingEntry", HEIF("6.5"), 0, REEL__MANY,
               "16:blue_amber i8:green_magenta")},
    {FULL_FORM('f', 'o', 'b', 'r', "FocusBracketingEntry", HEIF("6.5"), 0, REEL__MANY,
               "16:focus_distance_numerator 16:focus_distance_denominator")},
    {FULL_FORM('a', 'f', 'b', 'r', "FlashExposureBracketingEntry", HEIF("6.5"), 0, REEL__MANY,
               "i8:flash_exposure_numerator i8:flash_exposure_denominator")},
    {FULL_FORM('d', 'o', 'b', 'r', "DepthOfFieldBracketingEntry", HEIF("6.5"), 0, REEL__MANY,
               "i8:f_stop_numerator i8:f_stop_denominator")},
    {FULL_FORM('p', 'a', 'n', 'o', "PanoramaEntry", HEIF("6.5"), 0, REEL__MANY,
               "8:panorama_direction 8:rows_minus_one 8:columns_minus_one")},
    {FORM('m', 'd', 'c', 'v', "MasteringDisplayColourVolumeBox", ISO("12.1.7"), REEL__MANY, REEL__MDCV_FIELDS)},
    {FORM('c', 'l', 'l', 'i', "ContentLightLevelBox", ISO("12.1.6"), REEL__MANY, REEL__CLLI_FIELDS)},
    {FORM('c', 'c', 'l', 'v', "ContentColourVolumeBox", ISO("12.1.8"), REEL__MANY, REEL__CCLV_FIELDS)},
    {FORM('a', 'm', 'v', 'e', "AmbientViewingEnvironmentBox", ISO("12.1.9"), REEL__MANY, REEL__AMVE_FIELDS)},
    {FORM('a', '1', 'o', 'p', "OperatingPointSelectorProperty", AVIF, REEL__MANY, "8:op_index")},
    {FORM('a', '1', 'l', 'x', "AV1LayeredImageIndexingProperty", AVIF, REEL__MANY,
          "7:- 1:large_size <large_size=0:[3 16:layer_size] <large_size=1:[3 32:layer_size]")},
    {FORM('a', 'v', '1', 'C', "AV1CodecConfigurationBox", "AV1-ISOBMFF 2.3", REEL__MANY, REEL__AV1C_FIELDS)},
    {FORM('h', 'v', 'c', 'C', "HEVCConfigurationBox", NAL("8.4.1"), REEL__MANY, REEL__HVCC_FIELDS)},
    {FORM('l', 'h', 'v', 'C', "LHEVCConfigurationBox", NAL("9.5.3"), REEL__MANY, REEL__LHVC_FIELDS)},
    {FORM('a', 'v', 'c', 'C', "AVCConfigurationBox", NAL("5.4.2.1"), REEL__MANY, REEL__AVCC_FIELDS)},
    {FULL_FORM('v', 'v', 'c', 'C', "VvcConfigurationBox", NAL("11.2.4.3"), 0, REEL__MANY, REEL__VVCC_FIELDS)},
    {FULL_FORM('v', 'p', 'c', 'C', "VPCodecConfigurationBox", "VP Codec ISOBMFF 1.0", 1, REEL__MANY,
               REEL__VPCC_FIELDS)},
    {FORM('j', 'p', 'g', 'C', "JPEGConfigurationBox", HEIF("H.2"), REEL__MANY, "rest:prefix")},
    {FORM('o', 'i', 'n', 'f', "OperatingPointsInformationProperty", NAL("9.6.2"), REEL__MANY, "")},
    {FORM('t', 'o', 'l', 's', "TargetOutputLayerSetProperty", HEIF("6.5"), REEL__MANY, "")},
    {FULL_FORM('c', 'm', 'p', 'd', "ComponentDefinitionBox", "ISO/IEC 23001-17:2024 5.1", 0, REEL__MANY, "")},
    {FULL_FORM('u', 'n', 'c', 'C', "UncompressedFrameConfigBox", "ISO/IEC 23001-17:2024 5.2", 1, REEL__MANY,
               "4cc:profile rest:layout")},
};
static CONTAINER(ipco, "ipco", ipco_rows);

static const reel__row iprp_rows[] = {
    {BOX('i', 'p', 'c', 'o', "ItemPropertyContainerBox", ISO("8.11.14"), ""), .children = &ipco},
    {FULL_FORM('i', 'p', 'm', 'a', "ItemPropertyAssociationBox", ISO("8.11.14"), 1, REEL__MANY,
               "32:entry_count [entry_count @=0:16:item_ID @1:32:item_ID 8:association_count "
               "[association_count 1:essential ?1:15:property_index !1:7:property_index]]")},
};
static CONTAINER(iprp, "iprp", iprp_rows);

/* --- meta: ISO/IEC 14496-12:2022 8.11 --- */

static const reel__row iref_rows[] = {
    {ANY("SingleItemTypeReferenceBox", ISO("8.11.12"),
         "^=0:{16:from_item_ID 16:reference_count [reference_count 16:to_item_ID]} ^1:{32:from_item_ID "
         "16:reference_count [reference_count 32:to_item_ID]}")},
};
static CONTAINER(iref, "iref", iref_rows);

static const reel__row grpl_rows[] = {
    {ANY_FULL("EntityToGroupBox", ISO("8.18.3"),
              "32:group_id 32:num_entities_in_group [num_entities_in_group 32:entity_id] rest:more")},
};
static CONTAINER(grpl, "grpl", grpl_rows);

static const reel__row iinf_rows[] = {
    {FULL_FORM('i', 'n', 'f', 'e', "ItemInfoEntry", ISO("8.11.6"), 3, REEL__MANY,
               "@<2:{16:item_ID 16:item_protection_index z:item_name z:content_type z:content_encoding} "
               "@2:{@=2:16:item_ID @3:32:item_ID 16:item_protection_index 4cc:item_type z:item_name "
               "<item_type=mime:{z:content_type z:content_encoding} <item_type=0x75726920:z:item_uri_type}")},
};
static CONTAINER(iinf, "iinf", iinf_rows);

static const reel__row ipro_rows[] = {
    {FORM('s', 'i', 'n', 'f', "ProtectionSchemeInfoBox", ISO("8.12.2"), REEL__MANY, ""),
     .children = &reel__sinf_children},
};
static CONTAINER(ipro, "ipro", ipro_rows);

static const reel__row meta_rows[] = {
    {FULL('h', 'd', 'l', 'r', "HandlerBox", ISO("8.4.3"), 0, REEL__HDLR_FIELDS)},
    {BOX('i', 'l', 's', 't', "MetadataItemListAtom", QTFF, ""), .children = &ilst},
    {FULL('k', 'e', 'y', 's', "MetadataItemKeysAtom", QTFF, 0,
          "32:entry_count [entry_count 32:key_size 4cc:key_namespace \"key_size-8:key_value]")},
    {FULL('m', 'h', 'd', 'r', "MetadataHeaderAtom", QTFF, 0, "32:next_item_ID")},
    {FULL('c', 't', 'r', 'y', "CountryListAtom", QTFF, 0,
          "32:entry_count [entry_count 16:count [count 16:country]]")},
    {FULL('l', 'a', 'n', 'g', "LanguageListAtom", QTFF, 0,
          "32:entry_count [entry_count 16:count [count 16:language]]")},
    {FULL('x', 'm', 'l', ' ', "XMLBox", ISO("8.11.2"), 0, "text:xml")},
    {FULL('b', 'x', 'm', 'l', "BinaryXMLBox", ISO("8.11.2"), 0, "rest:data")},
    {FULL('i', 'l', 'o', 'c', "ItemLocationBox", ISO("8.11.3"), 2,
          "4:offset_size 4:length_size 4:base_offset_size 4:index_size @<2:16:item_count @2:32:item_count "
          "[item_count @<2:16:item_ID @2:32:item_ID @1:{12:- 4:construction_method} "
          "16:data_reference_index $base_offset_size*8:base_offset 16:extent_count [extent_count "
          "@1:$index_size*8:extent_index $offset_size*8:extent_offset $length_size*8:extent_length]]")},
    {FULL('p', 'i', 't', 'm', "PrimaryItemBox", ISO("8.11.4"), 1, "@=0:16:item_ID @1:32:item_ID")},
    {FULL('i', 'p', 'r', 'o', "ItemProtectionBox", ISO("8.11.5"), 0, "16:protection_count"),
     .skip = 2, .children = &ipro},
    {FULL_FORM('i', 'i', 'n', 'f', "ItemInfoBox", ISO("8.11.6"), 1, REEL__SKIP_LONG,
               "@=0:16:entry_count @1:32:entry_count"), .skip = 2, .children = &iinf},
    {BOX('i', 'd', 'a', 't', "ItemDataBox", ISO("8.11.11"), "")},
    {FULL('i', 'r', 'e', 'f', "ItemReferenceBox", ISO("8.11.12"), 1, ""), .children = &iref},
    {BOX('i', 'p', 'r', 'p', "ItemPropertiesBox", ISO("8.11.14"), ""), .children = &iprp},
    {BOX('g', 'r', 'p', 'l', "GroupsListBox", ISO("8.18.2"), ""), .children = &grpl},
    {BOX('d', 'i', 'n', 'f', "DataInformationBox", ISO("8.7.1"), ""), .children = &reel__dinf_children},
    {FULL_FORM('I', 'D', '3', '2', "ID3v2Box", "MP4 Registration Authority", 0, REEL__MANY,
               "langp:language rest:ID3v2")},
    {FULL('f', 'i', 'i', 'n', "FDItemInformationBox", ISO("8.13.2"), 0, "16:entry_count rest:entries")},
    {FULL_FORM('p', 's', 's', 'h', "ProtectionSystemSpecificHeaderBox", CENC("8.1"), 1, REEL__MANY,
               REEL__PSSH_FIELDS)},
};
CONTAINER(reel__meta_children, "meta", meta_rows);

static const reel__row meco_rows[] = {
    {FULL_FORM('m', 'e', 't', 'a', "MetaBox", ISO("8.11.1"), 0, REEL__META_QT | REEL__MANY, ""),
     .children = &reel__meta_children},
    {FULL('m', 'e', 'r', 'e', "MetaboxRelationBox", ISO("8.11.8"), 0,
          "4cc:first_metabox_handler_type 4cc:second_metabox_handler_type 8:metabox_relation")},
};
CONTAINER(reel__meco_children, "meco", meco_rows);

const reel__container *const reel__meta_containers[] = {
    &reel__udta_children, &reel__meta_children, &reel__meco_children, &ilst, &item, &iinf, &iprp, &ipco, &iref,
    &grpl, &ipro, &strk, &strd, &ludt, &hnti, &hinf, NULL,
};
