// One question and its answer on the page, with what can be done to it.

import { h, iconButton, clear, composing, copyText, toast } from "./dom.js";
import { t } from "./words.js";
import { drawAnswer, plainAnswer, withSources } from "./answer.js";
import { drawChips } from "./filters.js";
import { drawFeedback } from "./feedback.js";

export class TurnView {
  // `doing`: { retry(turn), resend(turn, question), unfilter(turn, name), open(citation, all, node), keep() }
  constructor(turn, doing) {
    this.turn = turn;
    this.doing = doing;
    this.asked = h("div", { class: "asked" });
    this.body = h("div", { class: "answer" });
    this.chips = h("div", {});
    this.tools = h("div", { class: "tools" });
    this.next = h("div", { class: "follow-ups" });
    this.node = h("section", { class: "turn" }, this.asked, h("div", { class: "answer-box" }, this.chips, this.body, this.tools, this.next));
    this.drawQuestion();
    this.draw();
  }

  drawQuestion() {
    const text = h("p", { class: "question" }, this.turn.question);
    clear(this.asked, iconButton("edit", t("edit"), () => this.edit()), text);
  }

  edit() {
    const area = h("textarea", { value: this.turn.question, rows: 2, maxLength: 2000, "aria-label": t("edit") });
    const done = () => {
      const question = area.value.trim();
      if (question) this.doing.resend(this.turn, question);
    };
    area.addEventListener("keydown", (event) => {
      if (composing(event)) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        done();
      } else if (event.key === "Escape") {
        event.stopPropagation();
        this.drawQuestion();
      }
    });
    clear(this.asked, h("div", { class: "edit-box" }, area,
      h("div", { class: "row" },
        h("button", { type: "button", class: "plain", onclick: () => this.drawQuestion() }, t("cancel")),
        h("button", { type: "button", class: "primary", onclick: done }, t("edit_send")))));
    area.focus();
  }

  draw() {
    const { turn } = this;
    const all = turn.answer?.citations ?? [];
    drawAnswer(this.body, turn, (item) => this.doing.open(item, all, this.node));
    const filters = { ...turn.filters, ...turn.answer?.filters, ...turn.readFilters };
    clear(this.chips, drawChips(filters, (name) => this.doing.unfilter(turn, name)));
    this.body.setAttribute("aria-busy", String(!turn.answer && !turn.ended));
    clear(this.tools, turn.answer || turn.ended ? this.drawTools() : null);
  }

  drawTools() {
    const { turn } = this;
    const copied = async (text) => (await copyText(text)) && toast(t("copied"));
    const feedback = turn.answer && drawFeedback(turn, this.doing.keep);
    return [
      h("div", { class: "tool-row" },
        plainAnswer(turn) && iconButton("copy", t("copy"), () => copied(plainAnswer(turn))),
        turn.answer?.citations.length > 0 && iconButton("quote", t("copy_sources"), () => copied(withSources(turn))),
        iconButton("retry", t("retry"), () => this.doing.retry(turn)),
        feedback?.buttons),
      feedback?.form,
    ];
  }

  drawFollowUps(questions, ask) {
    clear(this.next, questions.length > 0 && [
      h("span", { class: "note" }, t("follow_ups")),
      questions.map((question) => h("button", { type: "button", class: "suggestion", onclick: () => ask(question) }, question))]);
  }
}
