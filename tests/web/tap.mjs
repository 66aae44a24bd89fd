// SPDX-License-Identifier: BSD-2-Clause
// TAP, and no more of a framework than that.
import assert from "node:assert/strict";

const tests = [];
let failed = 0;

export const test = (name, run) => tests.push({ name, run });
export { assert };

/* Until check() gives something true; its last error or value says why not. */
export async function until(what, check, ms = 8000) {
    const end = Date.now() + ms;
    let last;
    for (;;) {
        try {
            last = await check();
            if (last) {
                return last;
            }
        } catch (e) {
            last = e.message;
        }
        if (Date.now() > end) {
            throw new Error(`not within ${ms} ms: ${what} (${JSON.stringify(last)})`);
        }
        await new Promise((resolve) => setTimeout(resolve, 60));
    }
}

const comment = (text) =>
    text
        .split("\n")
        .map((line) => `# ${line}`)
        .join("\n");

export async function runAll(only) {
    const chosen = tests.filter((t) => !only || t.name.includes(only));
    console.log(`TAP version 13\n1..${chosen.length}`);
    for (const [i, { name, run }] of chosen.entries()) {
        try {
            await run();
            console.log(`ok ${i + 1} - ${name}`);
        } catch (e) {
            failed += 1;
            console.log(`not ok ${i + 1} - ${name}\n${comment(e.stack ?? String(e))}`);
        }
    }
    return failed === 0;
}
