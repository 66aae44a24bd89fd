// SPDX-License-Identifier: BSD-2-Clause
// node standin.mjs --root FILMS [--port N] [--web WEB] [--reel reel] [--cache DIR]
// Answers the origin's URLs for work on the page and for its tests where no nginx is at hand: lists and files by
// itself, facts by the reel command, HLS and DASH from trees that ffmpeg makes on first need. It is nothing for people.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, extname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
    options: {
        root: { type: "string" },
        port: { type: "string", default: "18200" },
        web: { type: "string", default: join(here, "../../web") },
        reel: { type: "string", default: join(here, "../../build/cli/reel") },
        cache: { type: "string", default: join(tmpdir(), "reel-standin") },
    },
});
if (!options.root) {
    console.error("standin.mjs: --root FILMS?");
    process.exit(2);
}
const root = resolve(options.root);
const run = promisify(execFile);
const counters = { requests: 0, bytes: 0, hits: 0, misses: 0 };

const ENDINGS = "mp4|m4v|mp4v|f4v|cmfv|ismv|mov|qt|3gpp?|3gp?2|m4[abr]|f4[ab]|cmfa|isma";
const FILM = new RegExp(`\\.(${ENDINGS})$`, "i");
const TAIL = /[-_. ](\d{3,4})p$|[-_. ](\d+)k$/i;
const TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".mp4": "video/mp4",
    ".m4s": "video/iso.segment",
    ".m4a": "audio/mp4",
    ".mov": "video/quicktime",
    ".vtt": "text/vtt; charset=utf-8",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mpd": "application/dash+xml",
};

class Refusal extends Error {
    constructor(status, line) {
        super(line);
        this.status = status;
    }
}

/* A file below base, or a refusal: never outside it. */
function below(base, path) {
    const file = normalize(join(base, path));
    if (file !== base && !file.startsWith(`${base}/`)) {
        throw new Refusal(403, "that is outside the library");
    }
    return file;
}

function film(path) {
    const file = below(root, path);
    if (!FILM.test(file) || !existsSync(file) || !statSync(file).isFile()) {
        throw new Refusal(404, `${path}: there is no such film`);
    }
    return file;
}

/* ---- the library ---- */

function sidecars(folder, name) {
    const stem = name.slice(0, -extname(name).length);
    return readdirSync(folder)
        .filter((f) => f.startsWith(`${stem}.`) && f.endsWith(".vtt"))
        .sort()
        .map((f) => {
            const language = f.slice(stem.length + 1, -4) || "und";
            return { uri: `sub/${encodeURIComponent(f)}/index.m3u8`, file: f, language, name: language };
        });
}

/* Films of a folder by title; the members of a group of renditions from the best on. */
function groups(folder) {
    const found = new Map();
    for (const name of readdirSync(folder).filter((f) => FILM.test(f))) {
        const stem = name.slice(0, -extname(name).length);
        const key = stem.replace(TAIL, "");
        found.set(key, [...(found.get(key) ?? []), name]);
    }
    const rank = (name) =>
        Number(
            TAIL.exec(name.slice(0, -extname(name).length))
                ?.slice(1)
                .find(Boolean) ?? 0,
        );
    return [...found.values()].map((names) => names.sort((a, b) => rank(b) - rank(a)));
}

const titleOf = (names) => {
    const stem = names[0].slice(0, -extname(names[0]).length);
    return names.length > 1 ? stem.replace(TAIL, "") : stem;
};

function list(path) {
    const folder = below(root, path);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
        throw new Refusal(404, `${path}: there is no such folder`);
    }
    const folders = readdirSync(folder, { withFileTypes: true })
        .filter((e) => e.isDirectory())
        .map((e) => ({ name: e.name, path: `${path}${e.name}/` }));
    const titles = groups(folder).map((names) => {
        const s = statSync(join(folder, names[0]));
        return {
            name: titleOf(names),
            path: path + names[0],
            size: s.size,
            modified: Math.floor(s.mtimeMs / 1000),
            sidecars: sidecars(folder, names[0]).map(({ uri, language, name }) => ({ uri, language, name })),
            renditions: names.length > 1 ? names.map((n) => path + n) : [],
        };
    });
    return { path, folders, titles };
}

/* ---- facts ---- */

async function reel(...args) {
    try {
        const { stdout } = await run(options.reel, args, { maxBuffer: 1 << 28 });
        return stdout;
    } catch (e) {
        throw new Refusal(422, (e.stderr || e.message).trim().split("\n")[0]);
    }
}

/* One entry for each second of sound, one for each GOP of pictures. */
async function chart(file) {
    const info = JSON.parse(await reel("info", "--format", "json", file));
    const tracks = await Promise.all(
        info.tracks.map(async (track) => {
            const samples = JSON.parse(await reel("packets", "--track", String(track.id), "--format", "json", file));
            const gops = [];
            for (const s of samples) {
                const time = s.time ?? s.pts / track.timescale;
                const last = gops.at(-1);
                if (!last || (track.type === "video" ? s.key : time - last.time >= 1)) {
                    gops.push({ time, duration: 0, bytes: 0, frames: 0 });
                }
                const gop = gops.at(-1);
                gop.duration += s.duration / track.timescale;
                gop.bytes += s.size;
                gop.frames += 1;
            }
            return { id: track.id, type: track.type, gops };
        }),
    );
    return JSON.stringify({ tracks });
}

function facts(path, query) {
    const file = film(path);
    if (query.has("chart")) {
        return chart(file);
    }
    const verb = query.has("boxes") ? "boxes" : query.has("doctor") ? "doctor" : "info";
    return reel(verb, "--format", "json", file);
}

function metrics() {
    const lines = {
        requests_total: counters.requests,
        sent_bytes_total: counters.bytes,
        cache_hits_total: counters.hits,
        cache_misses_total: counters.misses,
    };
    return (
        Object.entries(lines)
            .map(([k, v]) => `# TYPE reel_${k} counter\nreel_${k} ${v}\n`)
            .join("") + `# TYPE reel_open_movies gauge\nreel_open_movies ${trees.size}\n`
    );
}

/* ---- HLS and DASH ---- */

const trees = new Map();

async function makeTree(file) {
    const s = statSync(file);
    const key = createHash("sha1").update(`${file} ${s.size} ${s.mtimeMs}`).digest("hex");
    const dir = join(options.cache, key);
    const info = JSON.parse(await reel("info", "--format", "json", file));
    const tracks = info.tracks.filter((t) => t.type === "video" || t.type === "audio");
    if (!existsSync(join(dir, "manifest.mpd"))) {
        for (const [i, t] of tracks.entries()) {
            mkdirSync(join(dir, `t${t.id}`), { recursive: true });
            await run("ffmpeg", [
                "-v",
                "error",
                "-nostdin",
                "-y",
                "-i",
                file,
                "-map",
                `0:${i}`,
                "-c",
                "copy",
                "-f",
                "hls",
                "-hls_time",
                "4",
                "-hls_playlist_type",
                "vod",
                "-hls_segment_type",
                "fmp4",
                "-hls_fmp4_init_filename",
                "init.mp4",
                "-hls_segment_filename",
                join(dir, `t${t.id}`, "%d.m4s"),
                join(dir, `t${t.id}`, "index.m3u8"),
            ]);
        }
        await run("ffmpeg", [
            "-v",
            "error",
            "-nostdin",
            "-y",
            "-i",
            file,
            "-map",
            "0:v?",
            "-map",
            "0:a?",
            "-c",
            "copy",
            "-f",
            "dash",
            "-seg_duration",
            "4",
            "-init_seg_name",
            "init-$RepresentationID$.m4s",
            "-media_seg_name",
            "$RepresentationID$-$Number$.m4s",
            join(dir, "manifest.mpd"),
        ]);
    }
    return { dir, tracks, duration: info.duration / info.timescale };
}

function tree(file) {
    counters[trees.has(file) ? "hits" : "misses"] += 1;
    if (!trees.has(file)) {
        trees.set(file, makeTree(file));
        trees.get(file).catch(() => trees.delete(file));
    }
    return trees.get(file);
}

function siblings(file) {
    const folder = dirname(file);
    const names = groups(folder).find((g) => g.some((n) => join(folder, n) === file));
    return join(folder, names[0]) === file ? names.map((n) => join(folder, n)) : [file];
}

async function master(file) {
    const lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"];
    const { tracks } = await tree(file);
    const audios = tracks.filter((t) => t.type === "audio");
    audios.forEach((t, i) =>
        lines.push(
            `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="${t.name || t.language}",LANGUAGE="` +
                `${t.language}",DEFAULT=${i ? "NO" : "YES"},AUTOSELECT=YES,CHANNELS="${t.channels}",` +
                `URI="t${t.id}/index.m3u8"`,
        ),
    );
    const name = file.split("/").at(-1);
    const texts = sidecars(dirname(file), name);
    texts.forEach((s) =>
        lines.push(
            `#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="${s.name}",LANGUAGE="${s.language}",` +
                `DEFAULT=NO,AUTOSELECT=YES,URI="${s.uri}"`,
        ),
    );
    const groupsOf = (audios.length ? ',AUDIO="audio"' : "") + (texts.length ? ',SUBTITLES="text"' : "");
    for (const each of siblings(file)) {
        const prefix = each === file ? "" : `../${encodeURIComponent(each.split("/").at(-1))}/`;
        const own = (await tree(each)).tracks;
        const video = own.filter((t) => t.type === "video");
        for (const t of video.length ? video : own.slice(0, 1)) {
            const codecs = [t, ...(video.length ? audios.slice(0, 1) : [])].map((x) => x.codec).join(",");
            lines.push(
                `#EXT-X-STREAM-INF:BANDWIDTH=${Math.ceil(t.bitrate * 1.4 + 1e5)},CODECS="${codecs}"` +
                    (t.width ? `,RESOLUTION=${t.width}x${t.height},FRAME-RATE=${t.fps}` : "") +
                    groupsOf,
            );
            lines.push(`${prefix}t${t.id}/index.m3u8`);
        }
    }
    return `${lines.join("\n")}\n`;
}

async function stream(path) {
    const at = new RegExp(`^(.*?\\.(?:${ENDINGS}))/(.+)$`, "i").exec(path);
    if (!at) {
        throw new Refusal(404, `${path}: which film?`);
    }
    const file = film(at[1]);
    if (at[2] === "master.m3u8") {
        return { text: await master(file), type: TYPES[".m3u8"] };
    }
    const sub = /^sub\/([^/]+)\/(index\.m3u8|file\.vtt)$/.exec(at[2]);
    if (sub) {
        const { duration } = await tree(file);
        return sub[2] === "file.vtt"
            ? { file: below(dirname(file), sub[1]) }
            : {
                  type: TYPES[".m3u8"],
                  text:
                      `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:VOD\n` +
                      `#EXT-X-TARGETDURATION:${Math.ceil(duration)}\n` +
                      `#EXTINF:${duration},\nfile.vtt\n#EXT-X-ENDLIST\n`,
              };
    }
    return { file: below((await tree(file)).dir, at[2]) };
}

/* ---- HTTP ---- */

function send(response, status, text, type = "text/plain; charset=utf-8") {
    counters.bytes += Buffer.byteLength(text);
    response.writeHead(status, {
        "content-type": type,
        "content-length": Buffer.byteLength(text),
        "cache-control": "no-cache",
    });
    response.end(text);
}

function sendFile(request, response, file) {
    if (!existsSync(file) || !statSync(file).isFile()) {
        throw new Refusal(404, "there is no such file");
    }
    const size = statSync(file).size;
    const head = {
        "content-type": TYPES[extname(file).toLowerCase()] ?? "application/octet-stream",
        "accept-ranges": "bytes",
        "cache-control": "no-cache",
    };
    const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? "");
    let [start, end] = [0, size - 1];
    if (asked && (asked[1] || asked[2])) {
        start = asked[1] ? Number(asked[1]) : Math.max(0, size - Number(asked[2]));
        end = asked[1] && asked[2] ? Math.min(size - 1, Number(asked[2])) : size - 1;
        if (start > end) {
            throw new Refusal(416, "that range is not in the film");
        }
        head["content-range"] = `bytes ${start}-${end}/${size}`;
    }
    head["content-length"] = end - start + 1;
    response.writeHead(head["content-range"] ? 206 : 200, head);
    if (request.method === "HEAD" || size === 0) {
        response.end();
        return;
    }
    const body = createReadStream(file, { start, end });
    body.on("data", (chunk) => {
        counters.bytes += chunk.length;
    });
    response.on("close", () => body.destroy());
    body.pipe(response);
}

async function answer(request, response) {
    const url = new URL(request.url, "http://localhost");
    const [, part, rest] = /^\/([^/]*)\/?(.*)$/.exec(decodeURIComponent(url.pathname));
    counters.requests += 1;
    switch (part) {
        case "":
            return sendFile(request, response, join(options.web, "index.html"));
        case "web":
            return sendFile(request, response, below(resolve(options.web), rest));
        case "list":
            return send(response, 200, JSON.stringify(list(rest)), TYPES[".json"]);
        case "info":
            return send(response, 200, await facts(rest, url.searchParams), TYPES[".json"]);
        case "metrics":
            return send(response, 200, metrics(), "text/plain; version=0.0.4");
        case "file":
            return sendFile(request, response, film(rest));
        case "hls":
        case "dash": {
            const what = await stream(rest);
            return what.file ? sendFile(request, response, what.file) : send(response, 200, what.text, what.type);
        }
        default:
            throw new Refusal(404, `/${part}: nothing is served there`);
    }
}

const server = createServer((request, response) => {
    answer(request, response).catch((e) => {
        if (!response.headersSent) {
            send(response, e.status ?? 500, `${e.message}\n`);
        }
    });
});
server.listen(Number(options.port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
