// SPDX-License-Identifier: BSD-2-Clause
// node run.mjs [WORDS]: the page in a browser, as TAP; WORDS chooses tests by their names.
// With REEL_ORIGIN=http://HOST:PORT that origin is asked, and it serves what films.mjs has made; without, the stand-in.
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFilms } from "./films.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/* The stand-in on a port that is free, and how to end it. */
function standin(films) {
    const child = spawn(
        process.execPath,
        [join(here, "standin.mjs"), "--root", films, "--port", process.env.REEL_PORT ?? "0"],
        { stdio: ["ignore", "pipe", "inherit"] },
    );
    return new Promise((resolve, reject) => {
        child.stdout.once("data", (line) => resolve({ origin: String(line).trim(), end: () => child.kill() }));
        child.once("exit", (code) => reject(new Error(`the stand-in ended with ${code}`)));
    });
}

let end = () => {};
if (!process.env.REEL_ORIGIN) {
    const films = process.env.REEL_FILMS ?? join(tmpdir(), "reel-web-films");
    makeFilms(films);
    const started = await standin(films);
    process.env.REEL_ORIGIN = started.origin;
    end = started.end;
}

const { runAll } = await import("./tap.mjs");
for (const part of ["files", "library", "playing", "panels", "looks", "dash"]) {
    await import(`./${part}.mjs`);
}
const good = await runAll(process.argv[2]);
const { closeBrowser } = await import("./page.mjs");
await closeBrowser();
end();
process.exit(good ? 0 : 1);
