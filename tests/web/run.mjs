// SPDX-License-Identifier: BSD-2-Clause
// node run.mjs [WORDS]: the page in a browser, as TAP; WORDS chooses tests by their names.
// With REEL_ORIGIN=http://HOST:PORT that origin is asked, which serves what films.mjs has made; without it, reel serve
// of the build (REEL_BUILD, build), or, where it was built without nginx, the stand-in.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFilms } from "./films.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/* An origin on a port that is free, and how to end it. It tells its address on its first line. */
function begin(command, args) {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    return new Promise((resolve, reject) => {
        child.stdout.once("data", (line) =>
            resolve({ origin: /http\S+/.exec(String(line))[0], end: () => child.kill() }),
        );
        child.once("error", reject);
        child.once("exit", (code) => reject(new Error(`${command} ended with ${code}`)));
    });
}

function origin(films) {
    const build = resolve(process.env.REEL_BUILD ?? join(here, "../../build"));
    const reel = join(build, "cli/reel");
    if (existsSync(join(build, "nginx/ngx_http_reel_module.so"))) {
        console.log("# the origin is reel serve");
        return begin(reel, ["serve", "--port", "0", "--workers", "2", films]);
    }
    console.log("# there is no nginx module: the origin is the stand-in");
    return begin(process.execPath, [join(here, "standin.mjs"), "--root", films, "--port", "0", "--reel", reel]);
}

/* Films that another films.mjs made are others. */
function films() {
    const print = createHash("sha1")
        .update(readFileSync(join(here, "films.mjs")))
        .digest("hex")
        .slice(0, 8);
    const folder = process.env.REEL_FILMS ?? join(tmpdir(), `reel-web-${print}`);
    makeFilms(folder);
    process.env.REEL_FILMS = folder;
    return folder;
}

let end = () => {};
if (!process.env.REEL_ORIGIN) {
    const started = await origin(films());
    process.env.REEL_ORIGIN = started.origin;
    end = started.end;
}

const { runAll } = await import("./tap.mjs");
for (const part of ["files", "library", "playing", "panels", "looks", "dash", "package"]) {
    await import(`./${part}.mjs`);
}
const good = await runAll(process.argv[2]);
const { closeBrowser } = await import("./page.mjs");
await closeBrowser();
end();
process.exit(good ? 0 : 1);
