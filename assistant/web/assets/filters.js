// The filters of a question: chips that can be removed, and a small form to set them.

import { h, icon, clear } from "./dom.js";
import { t } from "./words.js";

const NAMES = ["since", "until", "source"];

export function drawChips(filters, remove) {
  const chips = Object.entries(filters ?? {}).filter(([, value]) => value);
  if (!chips.length) return null;
  return h("ul", { class: "chips" }, chips.map(([name, value]) => {
    const shown = NAMES.includes(name) ? `${t(`filter_${name}`)} ${value}` : `${name} ${value}`;
    return h("li", { class: "chip" }, shown,
      h("button", { type: "button", "aria-label": t("remove_filter", { name: shown }), title: t("remove_filter", { name: shown }), onclick: () => remove(name) }, icon("close")));
  }));
}

export class FilterBox {
  constructor(changed) {
    this.value = {};
    this.changed = changed;
    this.chips = h("div", { class: "filter-chips" });
    this.inputs = {
      since: h("input", { type: "date", id: "filter-since" }),
      until: h("input", { type: "date", id: "filter-until" }),
      source: h("input", { type: "text", id: "filter-source", maxLength: 200, placeholder: t("source_placeholder") }),
    };
    const rows = NAMES.map((name) => h("label", { htmlFor: `filter-${name}` }, t(name), this.inputs[name]));
    this.form = h("form", { class: "filter-form", hidden: true, onsubmit: (event) => this.apply(event) }, rows,
      h("div", { class: "row" },
        h("button", { type: "button", class: "plain", onclick: () => this.set({}) }, t("clear")),
        h("button", { type: "submit", class: "primary" }, t("apply"))));
    this.button = h("button", { type: "button", class: "plain filter-button", "aria-expanded": "false", onclick: () => this.toggle() }, icon("filter"), t("filters"));
  }

  toggle(open = this.form.hidden) {
    this.form.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.inputs.since.focus();
  }

  apply(event) {
    event.preventDefault();
    this.set(Object.fromEntries(NAMES.map((name) => [name, this.inputs[name].value.trim()])));
    this.toggle(false);
  }

  set(value) {
    this.value = Object.fromEntries(Object.entries(value).filter(([, text]) => text));
    for (const name of NAMES) this.inputs[name].value = this.value[name] ?? "";
    clear(this.chips, drawChips(this.value, (name) => this.set({ ...this.value, [name]: "" })));
    this.button.classList.toggle("active", Object.keys(this.value).length > 0);
    this.changed?.(this.value);
  }
}
