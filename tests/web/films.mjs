// SPDX-License-Identifier: BSD-2-Clause
// Films for the browser's tests, made by ffmpeg. The picture tells its time: eight squares along its top are the bits
// of the half second that it belongs to, so that a test can read from the screen what is really shown.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export const SECONDS = 60;
export const BITS = 8;
export const SQUARE = 1 / 16; // of the picture's width, and each square stands on the next sixteenth

function ffmpeg(...args) {
    execFileSync("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args], { stdio: ["ignore", "inherit", "inherit"] });
}

function clockPicture(width, height) {
    const side = Math.round(width * SQUARE);
    const bits = Array.from(
        { length: BITS },
        (_, i) =>
            `drawbox=x=${i * side}:y=0:w=${side}:h=${side}:t=fill:color=white:` +
            `enable='mod(floor((t+0.001)*2/${2 ** i}),2)'`,
    );
    const black = `drawbox=x=0:y=0:w=${side * BITS}:h=${side}:t=fill:color=black`;
    return [`testsrc2=s=${width}x${height}:r=25:d=${SECONDS}`, black, ...bits].join(",");
}

const tone = (hz) => ["-f", "lavfi", "-i", `sine=frequency=${hz}:beep_factor=4:sample_rate=48000:duration=${SECONDS}`];

function clock(file, width, height, rate) {
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        clockPicture(width, height),
        ...tone(330),
        ...tone(660),
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "2",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-pix_fmt",
        "yuv420p",
        "-b:v",
        rate,
        "-maxrate",
        rate,
        "-bufsize",
        rate,
        "-g",
        "50",
        "-sc_threshold",
        "0",
        "-c:a",
        "aac",
        "-b:a",
        "96k",
        "-metadata:s:a:0",
        "language=eng",
        "-metadata:s:a:0",
        "title=English",
        "-metadata:s:a:1",
        "language=deu",
        "-metadata:s:a:1",
        "title=Deutsch",
        "-disposition:a:1",
        "0",
        "-movflags",
        "+faststart",
        file,
    );
}

function cues(word) {
    const stamp = (s) => `00:${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}.000`;
    const lines = Array.from(
        { length: SECONDS / 2 },
        (_, i) => `${stamp(i * 2)} --> ${stamp(i * 2 + 2)}\n${word} ${i * 2}\n`,
    );
    return `WEBVTT\n\n${lines.join("\n")}`;
}

/* A scene to look at: slow colour, for posters that differ. */
function scene(file, source, seconds, extra = []) {
    mkdirSync(dirname(file), { recursive: true });
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        source,
        "-f",
        "lavfi",
        "-i",
        `sine=220:duration=${seconds}`,
        "-t",
        String(seconds),
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "48",
        "-c:a",
        "aac",
        ...extra,
        file,
    );
}

/* The library below root; films that are there stay. */
export function makeFilms(root) {
    mkdirSync(root, { recursive: true });
    if (existsSync(join(root, "complete"))) {
        return;
    }
    clock(join(root, "clock-720p.mp4"), 1280, 720, "1500k");
    clock(join(root, "clock-360p.mp4"), 640, 360, "400k");
    writeFileSync(join(root, "clock-720p.en.vtt"), cues("second"));
    writeFileSync(join(root, "clock-720p.de.vtt"), cues("Sekunde"));
    scene(join(root, "Mandelbrot.mp4"), "mandelbrot=s=854x480:r=24:end_scale=0.01:end_pts=300", 20);
    scene(join(root, "Moov at the end.mp4"), "testsrc=s=640x360:r=24", 8);
    scene(join(root, "Gradients & more #1.mp4"), "gradients=s=854x480:r=24:speed=0.02:seed=7", 12, [
        "-movflags",
        "+faststart",
    ]);
    scene(
        join(root, "Shorts", "Life.mp4"),
        "life=s=320x240:mold=10:r=24:ratio=0.2:death_color=#24554a:life_color=#7be0c3:" +
            "seed=9,scale=640:480:flags=neighbor",
        10,
        ["-movflags", "+faststart"],
    );
    scene(join(root, "Shorts", "Sierpinski.mp4"), "sierpinski=s=640x360:r=24:seed=3", 10, ["-movflags", "+faststart"]);
    ffmpeg(...tone(440), "-c:a", "aac", join(root, "Tone.m4a"));
    scene(join(root, "Codecs", "Part 2.mp4"), "testsrc=s=320x180:r=24", 8, ["-c:v", "mpeg4", "-movflags", "+faststart"]);
    scene(join(root, "Codecs", "Part 2 alone.mp4"), "testsrc=s=320x180:r=24", 8, ["-c:v", "mpeg4", "-an"]);
    scene(join(root, "Codecs", "AC-3.mp4"), "testsrc=s=320x180:r=24", 8, ["-c:a", "ac3", "-movflags", "+faststart"]);
    mkdirSync(join(root, "Empty"), { recursive: true });
    writeFileSync(join(root, "Broken.mp4"), "this is no film at all, it only has the name of one\n");
    utimesSync(join(root, "Broken.mp4"), 1700000000, 1700000000);
    writeFileSync(join(root, "complete.part"), "");
    renameSync(join(root, "complete.part"), join(root, "complete"));
}

if (process.argv[1]?.endsWith("films.mjs")) {
    makeFilms(process.argv[2]);
}
