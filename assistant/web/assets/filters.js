// The filters of a question: chips that can be removed, and a small form to set them.

import { h, icon, clear, composing } from "./dom.js";
import { t } from "./words.js";

const NAMES = ["since", "until", "source"];
const LABELS = { since: "filter_since", until: "filter_until", source: "filter_source", "时间": "filter_time" }; // the last as the server reads it from a question

export function drawChips(filters, remove) {
  const chips = Object.entries(filters ?? {}).filter(([, value]) => value);
  if (!chips.length) return null;
  return h("ul", { class: "chips" }, chips.map(([name, value]) => {
    const shown = `${name in LABELS ? t(LABELS[name]) : name} ${value}`;
    return h("li", { class: "chip" }, shown,
      h("button", { type: "button", "aria-label": t("remove_filter", { name: shown }), title: t("remove_filter", { name: shown }), onclick: () => remove(name) }, icon("close")));
  }));
}

// A browser's own date field speaks the browser's language, not the page's: so plain text it is.
function dayInput(id) {
  return h("input", { type: "text", id, inputMode: "numeric", maxLength: 11, placeholder: t("day_placeholder"), autocomplete: "off" });
}

// 2019, 2019-8, 2019年8月31日 as an ISO day (the first one meant, or the last); "" for nothing, null for no day.
function asDay(text, last = false) {
  if (!text.trim()) return "";
  const parts = /^(\d{4})(?:\D(\d{1,2}))?(?:\D(\d{1,2}))?\D?$/.exec(text.trim());
  if (!parts) return null;
  const [year, month, day] = parts.slice(1).map((part) => part && Number(part));
  const date = new Date(Date.UTC(year, (month ?? (last ? 12 : 1)) - 1, day ?? 1));
  if (day === undefined && last) date.setUTCMonth(date.getUTCMonth() + 1, 0);
  const same = (month ?? date.getUTCMonth() + 1) === date.getUTCMonth() + 1 && (day ?? date.getUTCDate()) === date.getUTCDate();
  return same ? date.toISOString().slice(0, 10) : null;
}

export class FilterBox {
  constructor(changed) {
    this.value = {};
    this.changed = changed;
    this.chips = h("div", { class: "filter-chips" });
    this.inputs = {
      since: dayInput("filter-since"),
      until: dayInput("filter-until"),
      source: h("input", { type: "text", id: "filter-source", maxLength: 200, placeholder: t("source_placeholder") }),
    };
    this.wrong = h("p", { class: "warning", role: "alert", hidden: true });
    const rows = NAMES.map((name) => h("label", { htmlFor: `filter-${name}` }, t(name), this.inputs[name]));
    this.form = h("form", { class: "filter-form", hidden: true, onsubmit: (event) => this.apply(event), onkeydown: (event) => this.key(event) }, rows, this.wrong,
      h("div", { class: "row" },
        h("button", { type: "button", class: "plain", onclick: () => this.set({}) }, t("clear")),
        h("button", { type: "submit", class: "primary" }, t("apply"))));
    this.button = h("button", { type: "button", class: "plain filter-button", "aria-expanded": "false", onclick: () => this.toggle() }, icon("filter"), t("filters"));
    document.addEventListener("pointerdown", (event) => {
      if (!this.form.hidden && !this.form.contains(event.target) && !this.button.contains(event.target)) this.toggle(false);
    });
  }

  key(event) {
    if (event.key !== "Escape" || composing(event)) return;
    event.stopPropagation();
    this.toggle(false);
    this.button.focus();
  }

  toggle(open = this.form.hidden) {
    this.form.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
    if (open) this.inputs.since.focus();
  }

  apply(event) {
    event.preventDefault();
    const { source } = this.inputs;
    const [since, until] = [asDay(this.inputs.since.value), asDay(this.inputs.until.value, true)];
    const backwards = Boolean(since && until && since > until);
    const wrong = [since === null && "since", (until === null || backwards) && "until"].filter(Boolean);
    this.say(wrong, t(backwards ? "days_backwards" : "day_unknown"));
    if (wrong.length) return this.inputs[wrong[0]].focus();
    this.set({ since, until, source: source.value.trim() });
    return this.toggle(false);
  }

  // Say which days are wrong, and why; with none, nothing.
  say(wrong, why = "") {
    for (const name of ["since", "until"]) this.inputs[name].setAttribute("aria-invalid", String(wrong.includes(name)));
    this.wrong.hidden = wrong.length === 0;
    this.wrong.textContent = wrong.length ? why : "";
  }

  set(value) {
    this.value = Object.fromEntries(Object.entries(value).filter(([, text]) => text));
    for (const name of NAMES) this.inputs[name].value = this.value[name] ?? "";
    this.say([]);
    clear(this.chips, drawChips(this.value, (name) => this.set({ ...this.value, [name]: "" })));
    this.button.classList.toggle("active", Object.keys(this.value).length > 0);
    this.changed?.(this.value);
  }
}
