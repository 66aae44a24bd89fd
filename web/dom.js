// SPDX-License-Identifier: BSD-2-Clause
// Elements without a framework: h("li", { class: "row", onclick: go }, "text", child).

const SVG = "http://www.w3.org/2000/svg";

function setProp(element, key, value) {
    if (value === null || value === undefined || value === false) {
        return;
    }
    if (key.startsWith("on")) {
        element.addEventListener(key.slice(2), value);
    } else if (key === "style") {
        // Through the object model: the page's policy forbids style attributes.
        Object.entries(value).forEach(([name, v]) => element.style.setProperty(name, v));
    } else if (key === "data") {
        Object.assign(element.dataset, value);
    } else if (key === "value" || key === "checked" || key === "muted") {
        element[key] = value;
    } else {
        element.setAttribute(key, value === true ? "" : value);
    }
}

function build(element, props, children) {
    Object.entries(props ?? {}).forEach(([key, value]) => setProp(element, key, value));
    element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
    return element;
}

export const h = (tag, props, ...children) => build(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) => build(document.createElementNS(SVG, tag), props, children);

const ICONS = {
    play: "M7 4.5v15l12.5-7.5z",
    pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
    again: "M12 5V1.5L7 6l5 4.5V7a5.5 5.5 0 1 1-5.5 5.5h-2A7.5 7.5 0 1 0 12 5z",
    volume:
        "M3.5 9v6H7l5 4.5v-15L7 9zM14 8.3v7.4a4 4 0 0 0 0-7.4z" +
        "M14 4.5v2.1a5.7 5.7 0 0 1 0 10.8v2.1a7.7 7.7 0 0 0 0-15z",
    muted: "M3.5 9v6H7l5 4.5v-15L7 9zM15.4 8.6 14 10l2 2-2 2 1.4 1.4 2-2 2 2 1.4-1.4-2-2 2-2-1.4-1.4-2 2z",
    text:
        "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z" +
        "m2 7v2h4v-2zm6 0v2h6v-2zm-6 3.2v2h7v-2zm9 0v2h3v-2z",
    gear:
        "M10.3 3h3.4l.5 2.3 1.7 1 2.2-.7 1.7 2.9-1.7 1.6v2l1.7 1.6-1.7 2.9-2.2-.7-1.7 1-.5 2.3h-3.4l-.5-2.3-1.7-1" +
        "-2.2.7-1.7-2.9 1.7-1.6v-2L4.2 8.5l1.7-2.9 2.2.7 1.7-1zM12 8.3a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z",
    pip: "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zm1 2v10h14V7zm7 5h6v4h-6z",
    full: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
    window: "M8 4h2v6H4V8h4zM14 4h2v4h4v2h-6zM4 14h6v6H8v-4H4zM14 14h6v2h-4v4h-2z",
    link: "M12 2.5 7 7.5l1.4 1.4L11 6.3V15h2V6.3l2.6 2.6L17 7.5zM5 11h4v2H7v6h10v-6h-2v-2h4v10H5z",
    sun:
        "M12 7.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM11 2h2v3h-2zM11 19h2v3h-2zM2 11h3v2H2zM19 11h3v2h-3z" +
        "M4.2 5.6l1.4-1.4 2.1 2.1" +
        "-1.4 1.4zM16.3 17.7l1.4-1.4 2.1 2.1-1.4 1.4z" +
        "M4.2 18.4l2.1-2.1 1.4 1.4-2.1 2.1zM16.3 6.3l2.1-2.1 1.4 1.4-2.1 2.1z",
    moon: "M20.5 14.5A9 9 0 0 1 9.5 3.5a8.7 8.7 0 1 0 11 11z",
    folder: "M3 6a1 1 0 0 1 1-1h5.5l2 2.5H20a1 1 0 0 1 1 1V18a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z",
    keys:
        "M4 6h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1z" +
        "m1.5 2.5v2h2v-2zm4 0v2h2v-2zm4 0v2h2v-2zm3.5 0v2h2v-2z" +
        "M7 13.5v2h10v-2z",
    close: "M6.4 5 5 6.4 10.6 12 5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6L19 6.4 17.6 5 12 10.6z",
    sound: "M4 10h2v4H4zM8 6h2v12H8zM12 9h2v6h-2zM16 4h2v16h-2zM20 10h2v4h-2z",
};

export function icon(name, size = 20) {
    return svg(
        "svg",
        { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true", focusable: "false" },
        svg("path", { d: ICONS[name], "fill-rule": "evenodd" }),
    );
}

export function setIcon(button, name, label) {
    if (button.dataset.icon !== name) {
        button.dataset.icon = name;
        button.replaceChildren(icon(name, 22));
    }
    button.setAttribute("aria-label", label);
    button.title = label;
}

/* What a reader of the screen hears. */
export function say(text) {
    document.getElementById("live").textContent = text;
}

export const loading = (what) =>
    h(
        "div",
        { class: "loading", "aria-busy": "true" },
        h("span", { class: "unseen" }, `Loading ${what}`),
        h("i"),
        h("i"),
        h("i"),
        h("i"),
    );

export function state(title, sentences, { detail, actions = [] } = {}) {
    return h(
        "section",
        { class: "state" },
        h("h2", null, title),
        [sentences].flat().map((s) => h("p", null, s)),
        detail && h("p", { class: "detail" }, detail),
        actions.length > 0 && h("div", { class: "actions" }, actions),
    );
}

export const button = (text, onclick, main = false) =>
    h("button", { type: "button", class: main ? "button main" : "button", onclick }, text);

/* An error of api.js as something to read, with a way on. */
export function failure(error, again) {
    return state(error.title ?? "Something went wrong", error.hint ?? "", {
        detail: error.message,
        actions: again ? [button("Try again", again)] : [],
    });
}
