// SPDX-License-Identifier: BSD-2-Clause
// The origin's URLs, and its refusals as something that a person can read.

export const encodePath = (path) => path.split("/").map(encodeURIComponent).join("/");

export const url = {
    list: (folder) => `/list/${encodePath(folder)}`,
    info: (path, part) => `/info/${encodePath(path)}${part ? `?${part}` : ""}`,
    file: (path) => `/file/${encodePath(path)}`,
    hls: (path, rest = "master.m3u8") => `/hls/${encodePath(path)}/${rest}`,
    thumb: (path, leaf) => `/thumb/${encodePath(path)}/${leaf}`,
    dash: (path) => `/dash/${encodePath(path)}/manifest.mpd`,
    watch: (path, time) => `#/watch/${encodePath(path)}${time > 0 ? `?t=${Math.round(time * 10) / 10}` : ""}`,
    folder: (folder) => (folder ? `#/folder/${encodePath(folder)}` : "#/"),
};

export class OriginError extends Error {
    constructor(title, hint, message, status = 0) {
        super(message);
        this.title = title;
        this.hint = hint;
        this.status = status;
    }
}

function refused(status, line, what) {
    if (status === 404) {
        return new OriginError(
            `${what} is not there`,
            "It may have been moved or renamed since the list was made.",
            line,
            status,
        );
    }
    if (status === 401 || status === 403) {
        return new OriginError(
            `${what} is not for you`,
            "The origin asks for a permission that this page does not have.",
            line,
            status,
        );
    }
    if (status >= 500) {
        return new OriginError("The origin has a problem", "Its log says more. Trying again may help.", line, status);
    }
    return new OriginError(`${what} cannot be read`, "The origin looked at it and gives this reason:", line, status);
}

/* One readable line: the origin's own, if it sent one. */
export async function lineOf(response) {
    const type = response.headers.get("content-type") ?? "";
    const text = type.startsWith("text/plain") ? (await response.text()).trim().split("\n")[0] : "";
    return text.slice(0, 400) || `HTTP ${response.status} ${response.statusText}`.trim();
}

async function get(address, what, signal, headers = {}) {
    let response;
    try {
        response = await fetch(address, { signal, headers });
    } catch (e) {
        if (e.name === "AbortError") {
            throw e;
        }
        throw new OriginError("The origin does not answer", "Is it still running, and is the network up?", e.message);
    }
    if (!response.ok) {
        throw refused(response.status, await lineOf(response), what);
    }
    return response;
}

/* Why there is nothing at this address; null when there is something, or nobody answers. */
export async function refusal(address, what, signal) {
    try {
        const response = await get(address, what, signal, { Range: "bytes=0-0" });
        await response.body?.cancel();
        return null;
    } catch (e) {
        return e.status ? e : null;
    }
}

async function getJson(address, what, signal) {
    const response = await get(address, what, signal);
    try {
        return await response.json();
    } catch (e) {
        if (e.name === "AbortError") {
            throw e;
        }
        throw new OriginError(
            "The origin gave an answer that makes no sense",
            "Is this another server, or another version?",
            `${address}: ${e.message}`,
        );
    }
}

export const getList = (folder, signal) =>
    getJson(url.list(folder), folder ? `The folder ${folder}` : "The library", signal);
export const getInfo = (path, part, signal) => getJson(url.info(path, part), "This film", signal);
export const getMetrics = async (signal) => (await get("/metrics", "The list of figures", signal)).text();
