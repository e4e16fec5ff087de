// The check-up: what the doctor finds, and a button beside what may be repaired from here.

import { h, clear, announce } from "./dom.js";
import { t } from "./words.js";
import { get, events } from "./api.js";

const ORDER = ["fault", "note", "ok"];

export class CheckUp {
  constructor(repaired) {
    this.repaired = repaired;
    this.button = h("button", { type: "button", class: "plain", id: "doctor-button", onclick: () => this.run() }, t("doctor_run"));
    this.state = h("p", { class: "note", role: "status", hidden: true });
    this.list = h("ul", { class: "findings" });
    this.node = h("section", { class: "settings", "aria-label": t("doctor") }, h("h2", {}, t("doctor")), this.button, this.state, this.list);
  }

  say(text, kind = "note") {
    this.state.className = kind;
    this.state.textContent = text;
    this.state.hidden = !text;
  }

  // Examine; `before` is what a repair has just come to.
  async run(before = "") {
    this.button.disabled = true;
    this.say(t("doctor_running"));
    try {
      const { findings } = await get("/page/doctor");
      findings.sort((one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level));
      clear(this.list, findings.map((finding) => this.row(finding)));
      const fine = findings.every((finding) => finding.level !== "fault");
      this.say([before, fine && t("doctor_fine")].filter(Boolean).join(" "), fine ? "good" : "note");
    } catch (error) {
      clear(this.list);
      this.say(error.message, "warning");
    }
    this.button.disabled = false;
  }

  row({ level, message, repair, fix }) {
    const repairs = repair && h("div", { class: "repair" },
      h("p", { class: "note" }, t(fix ? "doctor_command" : "doctor_repair"), h("code", {}, repair)),
      fix && h("button", { type: "button", class: "plain fix", onclick: (event) => this.fix(fix, event.currentTarget.closest(".repair")) }, t("doctor_fix")));
    return h("li", { class: `finding level-${level}` }, h("span", { class: "badge" }, t(`level_${level}`)), h("div", { class: "found" }, message, repairs));
  }

  // Run a repair, show how far it is in the place of its button, and examine again.
  async fix(fix, box) {
    this.list.querySelectorAll("button").forEach((button) => { button.disabled = true; });
    this.button.disabled = true;
    this.say("");
    const fill = h("span", { class: "fill" });
    fill.style.width = "0";
    const label = h("span", { class: "note" }, t("doctor_fixing"));
    const bar = h("div", { class: "progress", role: "progressbar", "aria-label": t("doctor_fixing"), "aria-valuemin": 0, "aria-valuemax": 100 },
      label, h("span", { class: "track" }, fill));
    box.querySelector(".fix").replaceWith(bar);
    let failed = t("offline");
    try {
      for await (const [name, content] of events("/page/repair", { fix })) {
        if (name === "progress") {
          const share = content.total > 0 ? Math.min(100, Math.round((100 * content.done) / content.total)) : 0;
          label.textContent = `${content.stage} ${share}%`;
          bar.setAttribute("aria-valuenow", share);
          fill.style.width = `${share}%`;
        } else failed = name === "failed" ? content.message : "";
      }
    } catch (error) {
      failed = error.message;
    }
    bar.remove();
    if (failed) box.append(h("p", { class: "warning", role: "alert" }, failed));
    announce(failed || t("doctor_fixed"));
    if (failed) {
      this.button.disabled = false;
      return;
    }
    this.repaired();
    await this.run(t("doctor_fixed"));
  }
}
