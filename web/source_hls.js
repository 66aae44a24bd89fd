// SPDX-License-Identifier: BSD-2-Clause
// HLS through hls.js, which comes from npm and lies in vendor/. Sources have one shape, see source_file.js.
import { OriginError, url } from "./api.js";
import { language, rate } from "./format.js";

export class MissingLibrary extends OriginError {}

let library = null;

async function load() {
    library ??= import("/web/vendor/hls.js");
    try {
        return (await library).default;
    } catch (e) {
        library = null;
        throw new MissingLibrary("hls.js is not installed", "Run tools/setup.sh web beside the origin.", e.message);
    }
}

function levelName(level, all) {
    const name = level.height ? `${level.height}p` : rate(level.bitrate);
    const twins = all.filter((l) => l.height === level.height).length > 1;
    return twins && level.height ? `${name} ${rate(level.bitrate)}` : name;
}

/* The line of text that came with a refusal, also where bytes of a segment were asked for. */
function lineOf(request) {
    const type = request?.getResponseHeader?.("content-type") ?? "";
    if (!type.startsWith("text/plain")) {
        return "";
    }
    const bytes = request.responseType === "arraybuffer";
    const text = bytes ? new TextDecoder().decode(request.response) : request.responseText;
    return text.trim().split("\n")[0].slice(0, 300);
}

/* What the origin wrote with its refusal, or what hls.js knows of it. */
function reason(data) {
    const line = data.response?.code >= 400 ? lineOf(data.networkDetails) : "";
    const code = data.response?.code ? `HTTP ${data.response.code}` : "";
    return [line || code, data.details, line || code ? "" : data.error?.message].filter(Boolean).join(" · ");
}

const NO_DECODER = "manifestIncompatibleCodecsError";

/* By what hls.js calls the failure, or by the status of the answer that was none. */
function words(data) {
    const code = data.response?.code ?? 0;
    if (data.details === NO_DECODER) {
        return ["This browser has no decoder for this film", "Its codecs are named under Tracks."];
    }
    if (data.details.startsWith("key")) {
        return ["This film is encrypted", "It needs a key that this page does not have."];
    }
    if (code === 404 || code === 410) {
        return [
            "There is nothing to stream here",
            "The film is gone, or no browser plays what is in it. The origin says:",
        ];
    }
    if (code >= 400) {
        return [
            "The origin cannot give this film",
            "A part of it may be missing. Its findings are below, under Doctor.",
        ];
    }
    if (data.type === "networkError") {
        return ["The connection was lost", "Playing goes on from here when the origin answers again."];
    }
    return ["The browser could not play this stream", "The file itself may still play."];
}

const explain = (data) => new OriginError(...words(data), reason(data), data.response?.code);

export class HlsSource {
    constructor(video, title, hooks) {
        Object.assign(this, { video, title, hooks, rescued: 0 });
    }

    async start(time) {
        const Hls = await load();
        if (this.closed) {
            return;
        }
        if (!Hls.isSupported()) {
            throw new OriginError(
                "This browser cannot play HLS",
                "It lacks Media Source Extensions. The file itself may play.",
                navigator.userAgent,
            );
        }
        const { fragLoadPolicy } = Hls.DefaultConfig;
        const patience = { ...fragLoadPolicy.default.errorRetry, maxNumRetry: 3 }; // 7 seconds, then it is said
        const hls = new Hls({
            fragLoadPolicy: { default: { ...fragLoadPolicy.default, errorRetry: patience } },
            enableWorker: false,
            startPosition: time > 0 ? time : -1,
            backBufferLength: 90,
            capLevelToPlayerSize: true,
        });
        this.hls = hls;
        hls.subtitleDisplay = false; // cues.js draws them
        // hls.js tells of new lists before it makes its own choice from them: ours comes after that.
        const changed = () => queueMicrotask(() => this.hooks.change());
        for (const name of [
            "MANIFEST_PARSED",
            "LEVEL_SWITCHED",
            "AUDIO_TRACKS_UPDATED",
            "AUDIO_TRACK_SWITCHED",
            "SUBTITLE_TRACKS_UPDATED",
            "SUBTITLE_TRACK_SWITCH",
        ]) {
            hls.on(Hls.Events[name], changed);
        }
        hls.on(Hls.Events.ERROR, (_, data) => this.failed(data));
        hls.loadSource(url.hls(this.title.path));
        hls.attachMedia(this.video);
    }

    failed(data) {
        if (data.details.startsWith("key")) {
            this.hls.stopLoad(); // it would ask for the key for ever
        } else if (!data.fatal) {
            return;
        } else if (data.type === "mediaError" && data.details !== NO_DECODER && this.rescued < 2) {
            this.rescued += 1; // a decoder that was lost, in the background or to another page, comes back
            this.hls.recoverMediaError();
            return;
        }
        this.hooks.fault(explain(data));
    }

    qualities() {
        const levels = this.hls?.levels ?? [];
        if (levels.length < 2) {
            return [];
        }
        const now = this.hls.autoLevelEnabled && levels[this.hls.currentLevel];
        return [
            { id: -1, label: "Auto", detail: now ? levelName(now, levels) : "" },
            ...levels.map((l, id) => ({ id, label: levelName(l, levels), detail: rate(l.bitrate) })).reverse(),
        ];
    }

    get quality() {
        return !this.hls || this.hls.autoLevelEnabled ? -1 : this.hls.loadLevel;
    }

    set quality(id) {
        this.hls.nextLevel = id;
        this.hooks.change();
    }

    audios() {
        return (this.hls?.audioTracks ?? []).map((t, id) => ({
            id,
            label: t.name || language(t.lang) || `Track ${id + 1}`,
            lang: t.lang ?? "",
            detail: language(t.lang) === t.name ? "" : language(t.lang),
        }));
    }

    get audio() {
        return this.hls?.audioTrack ?? -1;
    }

    set audio(id) {
        this.hls.audioTrack = id;
    }

    texts() {
        return (this.hls?.subtitleTracks ?? []).map((t, id) => ({
            id,
            lang: t.lang ?? "",
            label: t.name && t.name !== t.lang ? t.name : language(t.lang) || `Track ${id + 1}`,
        }));
    }

    get text() {
        return this.hls?.subtitleTrack ?? -1;
    }

    set text(id) {
        this.hls.subtitleTrack = id;
        this.hooks.change();
    }

    close() {
        this.closed = true;
        this.hls?.destroy();
        this.hls = null;
    }
}
