// The small card that a marker shows when it is pointed at.

import { h } from "./dom.js";
import { dateText, sourceText } from "./words.js";

let card = null;

export function hideCard() {
  card?.remove();
  card = null;
}

export function showCard(anchor, citation) {
  hideCard();
  const words = citation.cited_text ?? citation.text ?? "";
  card = h("div", { class: "card", role: "tooltip" },
    h("b", {}, citation.title),
    h("span", { class: "place" }, dateText(citation.published), h("i", {}, "·"), sourceText(citation.source)),
    h("q", {}, words.length > 90 ? `${words.slice(0, 90)}…` : words));
  document.body.append(card);
  const at = anchor.getBoundingClientRect();
  const size = card.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), innerWidth - size.width - 8);
  const above = at.top - size.height - 8;
  card.style.left = `${left}px`;
  card.style.top = `${above > 8 ? above : at.bottom + 8}px`;
}

addEventListener("scroll", hideCard, true);
