// SPDX-License-Identifier: BSD-2-Clause
// Search over the whole library: what is below the folder that is shown is read on the first letter, folder by folder.
import { getList } from "./api.js";

const MOST_FOLDERS = 400;

/* Words in any order, case and accents aside. */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export function matcher(query) {
    const words = plain(query).split(/\s+/).filter(Boolean);
    return (text) => {
        const it = plain(text);
        return words.every((w) => it.includes(w));
    };
}

/* Calls found(list) for each folder below list, until signal says no more. */
export async function crawl(list, found, signal) {
    const queue = list.folders.map((f) => f.path);
    for (let i = 0; i < queue.length && i < MOST_FOLDERS && !signal.aborted; i += 1) {
        const below = await getList(queue[i], signal).catch(() => null); // a folder that has gone: the others count
        if (below) {
            queue.push(...below.folders.map((f) => f.path));
            found(below);
        }
    }
}
