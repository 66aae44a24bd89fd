// SPDX-License-Identifier: BSD-2-Clause
// The panel behind the gear: how it is delivered, quality, sound, subtitles, speed. Radio buttons, so that keys work.
import { h } from "./dom.js";
import { SPEEDS } from "./player.js";

export class Settings {
    constructor(player) {
        this.player = player;
        this.element = h("div", {
            class: "settings",
            id: "settings",
            role: "dialog",
            "aria-label": "Settings",
            hidden: true,
        });
        player.addEventListener("change", () => this.render());
        player.addEventListener("opening", () => this.render());
    }

    group(name, title, list, chosen, choose) {
        if (list.length === 0) {
            return null;
        }
        return h(
            "fieldset",
            { data: { group: name } },
            h("legend", null, title),
            h(
                "div",
                { class: "choices" },
                list.map((o) =>
                    h(
                        "label",
                        null,
                        h("input", {
                            type: "radio",
                            name,
                            class: "unseen",
                            value: String(o.id),
                            checked: o.id === chosen,
                            onchange: () => choose(o.id),
                        }),
                        h("span", null, o.label, o.detail && h("small", null, ` ${o.detail}`)),
                    ),
                ),
            ),
        );
    }

    groups() {
        const { player } = this;
        const { source } = player;
        const texts = source.texts();
        return [
            this.group(
                "mode",
                "Delivery",
                [
                    { id: "hls", label: "HLS" },
                    { id: "file", label: "Progressive" },
                ],
                player.mode,
                (id) => player.switchMode(id),
            ),
            this.group("quality", "Quality", source.qualities(), source.quality, (id) => {
                source.quality = id;
            }),
            this.group("audio", "Audio", source.audios(), source.audio, (id) => player.chooseAudio(id)),
            this.group(
                "text",
                "Subtitles",
                texts.length ? [{ id: -1, label: "Off" }, ...texts] : [],
                source.text,
                (id) => player.chooseText(id),
            ),
            this.group(
                "speed",
                "Speed",
                SPEEDS.map((s) => ({ id: s, label: `${s}×` })),
                player.video.playbackRate,
                (id) => player.chooseSpeed(id),
            ),
        ];
    }

    /* Made anew at each change; where the focus was, it stays. */
    render() {
        if (!this.player.source) {
            return;
        }
        const focus = this.element.contains(document.activeElement) ? document.activeElement : null;
        const [name, value] = [focus?.name, focus?.value];
        this.element.replaceChildren(...this.groups().filter(Boolean));
        if (name) {
            const again = [...this.element.querySelectorAll(`input[name="${name}"]`)];
            (again.find((i) => i.value === value) ?? again[0])?.focus();
        }
    }

    toggle(open = this.element.hidden) {
        this.element.hidden = !open;
        if (open) {
            this.render();
        }
    }
}
