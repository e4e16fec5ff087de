// How this browser's questions are answered: strictness and the number of passages.

import { h } from "./dom.js";
import { t } from "./words.js";
import * as store from "./store.js";

function slider(name, { min, max, step }, ends, shown) {
  const value = h("output", { class: "value", htmlFor: `option-${name}` });
  const input = h("input", { type: "range", id: `option-${name}`, min, max, step });
  const draw = () => {
    value.textContent = shown(Number(input.value));
    input.setAttribute("aria-valuetext", value.textContent);
  };
  input.addEventListener("input", draw);
  input.addEventListener("change", () => store.keepOptions({ ...store.options(), [name]: Number(input.value) }));
  const node = h("div", { class: "option" },
    h("label", { htmlFor: `option-${name}` }, t(name), value), input,
    ends && h("div", { class: "ends note" }, h("span", {}, ends[0]), h("span", {}, ends[1])));
  return { node, set: (number) => { input.value = number; draw(); } };
}

export function settingsForm(state) {
  const strictness = slider("strictness", { min: 0, max: 1, step: 0.1 }, [t("loose"), t("strict")], (number) => number.toFixed(1));
  const passages = slider("passages", { min: 1, max: 30, step: 1 }, null, (number) => String(number));
  const fill = () => {
    const chosen = { ...state.defaults, ...store.options() };
    strictness.set(chosen.strictness);
    passages.set(chosen.passages);
  };
  fill();
  return h("section", { class: "settings", "aria-label": t("settings_session") },
    h("h1", {}, t("settings_session")), h("p", { class: "note" }, t("settings_session_note")),
    strictness.node, h("p", { class: "note" }, t("strictness_note")), passages.node,
    h("button", { type: "button", class: "plain", onclick: () => { store.keepOptions({}); fill(); } }, t("reset")));
}
