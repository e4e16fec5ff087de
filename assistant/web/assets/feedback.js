// Like and dislike: kept in the library's folder on the server's machine.

import { h, iconButton, toast } from "./dom.js";
import { t } from "./words.js";
import { send } from "./api.js";
import { plainAnswer } from "./answer.js";

const REASONS = ["wrong", "citation", "missed", "other"];

async function report(turn, verdict, reason = "", note = "") {
  const citations = (turn.answer?.citations ?? []).map((one) => `${one.article_id}:${one.start_char}-${one.end_char}`);
  await send("/page/feedback", {
    verdict, reason, note, question: turn.question, answer: plainAnswer(turn).slice(0, 20000), citations,
    answered_by: turn.answer?.answered_by ?? "",
  });
}

export function drawFeedback(turn, keep) {
  const up = iconButton("up", t("like"), () => rate("like"), { "aria-pressed": "false" });
  const down = iconButton("down", t("dislike"), () => rate("dislike"), { "aria-pressed": "false" });
  const form = h("form", { class: "feedback-form", hidden: true, onsubmit: sendReason });
  const show = () => {
    up.setAttribute("aria-pressed", String(turn.rating === "like"));
    down.setAttribute("aria-pressed", String(turn.rating === "dislike"));
  };

  async function rate(verdict) {
    turn.rating = turn.rating === verdict ? undefined : verdict;
    show();
    keep();
    form.hidden = turn.rating !== "dislike";
    if (!form.hidden) form.querySelector("input").focus();
    try {
      await report(turn, turn.rating ?? "none");
      if (turn.rating === "like") toast(t("feedback_thanks"));
    } catch (error) {
      toast(error.message);
    }
  }

  async function sendReason(event) {
    event.preventDefault();
    const data = new FormData(form);
    try {
      await report(turn, "dislike", data.get("reason") ?? "", data.get("note") ?? "");
      toast(t("feedback_thanks"));
      form.hidden = true;
    } catch (error) {
      toast(error.message);
    }
  }

  form.append(
    h("fieldset", {}, h("legend", {}, t("why_bad")), REASONS.map((name) =>
      h("label", {}, h("input", { type: "radio", name: "reason", value: name }), t(`reason_${name}`)))),
    h("input", { type: "text", name: "note", maxLength: 2000, placeholder: t("reason_placeholder"), "aria-label": t("reason_placeholder") }),
    h("button", { type: "submit", class: "primary" }, t("feedback_send")));
  show();
  return { buttons: [up, down], form };
}
