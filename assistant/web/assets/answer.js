// Draw one answer: progress, sentences with their marks, citations, what was not cited.

import { h, clear } from "./dom.js";
import { t, mine, dateText, sourceText } from "./words.js";
import { showCard, hideCard } from "./card.js";

const MARK = /\[(\d{1,3})\]/;

export function permalink(citation) {
  const query = new URLSearchParams({ article: citation.article_id, start: citation.start_char, end: citation.end_char });
  if (citation.digest) query.set("digest", citation.digest);
  return `/?${query}`;
}

function marker(citation, open) {
  const where = `${citation.title}，${dateText(citation.published)}`;
  return h(
    "a",
    {
      class: "cite", href: permalink(citation), dataset: { n: citation.number }, "aria-label": `[${citation.number}] ${where}`,
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        hideCard();
        open(citation);
      },
      onmouseenter: (event) => matchMedia("(hover: hover)").matches && showCard(event.currentTarget, citation),
      onmouseleave: () => hideCard(),
      onfocus: (event) => event.currentTarget.matches(":focus-visible") && showCard(event.currentTarget, citation),
      onblur: () => hideCard(),
    },
    `[${citation.number}]`,
  );
}

// Split a text at its markers; a number without a citation stays text.
function withMarkers(text, citations, open) {
  return text.split(/(\[\d{1,3}\])/).map((part) => {
    const number = Number(MARK.exec(part)?.[1]);
    const citation = citations.find((one) => one.number === number);
    return citation && MARK.test(part) && part.length < 6 ? marker(citation, open) : part;
  });
}

function sentencesOf(answer, sentences) {
  const joined = sentences.map((sentence) => sentence.text).join("");
  const same = joined.replace(/\s+/g, "") === answer.answer.replace(/\s+/g, "");
  return same ? sentences : [{ text: answer.answer, verdict: "supported" }];
}

const UNVERIFIED = "（未核实）"; // as the server writes it into the text

function badge() {
  return h("span", { class: "badge warn", title: t("unverified_hint") }, t("unverified"));
}

function drawSentences(sentences, citations, open) {
  return h("div", { class: "answer-text" }, sentences.map((sentence) => {
    const pieces = sentence.text.split(UNVERIFIED);
    const words = pieces.map((piece, place) => [place > 0 && badge(), withMarkers(piece, citations, open)]);
    const doubtful = sentence.verdict === "unverified";
    return h("span", { class: doubtful ? "sentence unverified" : "sentence" }, words, doubtful && pieces.length === 1 && badge());
  }));
}

function drawStages(stage) {
  const names = ["search", "read", "write"];
  return h("ol", { class: "stages" }, names.map((name, place) => {
    const state = place < stage ? "done" : place === stage ? "now" : "next";
    return h("li", { class: state, "aria-current": place === stage ? "step" : null }, t(`stage_${name}`));
  }));
}

function place(item) {
  return h("span", { class: "place" }, dateText(item.published), h("i", {}, "·"), h("span", { title: item.source }, sourceText(item.source)));
}

// Whether the line of a citation says its words: where the answer does not, or another line would look the same.
function saysWords(citation, citations, written) {
  const alike = citations.filter((one) => one.article_id === citation.article_id).length > 1;
  return Boolean(citation.cited_text) && (alike || !written.includes(citation.cited_text));
}

function drawCitations(citations, open, written) {
  if (!citations.length) return null;
  return h("section", { class: "citations", "aria-label": t("citations") },
    h("h3", {}, t("citations")),
    h("ol", {}, citations.map((citation) =>
      h("li", {},
        h("button", { type: "button", class: "citation", onclick: () => open(citation) },
          h("span", { class: "number" }, citation.number),
          h("span", { class: "citation-body" },
            h("span", { class: "citation-title" }, citation.title), place(citation),
            saysWords(citation, citations, written) && h("span", { class: "citation-words" }, citation.cited_text)))))));
}

function drawHits(hits, open, { few = false } = {}) {
  return h("ol", { class: "hits" }, hits.slice(0, few ? 3 : hits.length).map((hit) =>
    h("li", {},
      h("button", { type: "button", class: "hit", onclick: () => open(hit) },
        h("span", { class: "hit-title" }, hit.title), place(hit),
        hit.reposts > 0 && h("span", { class: "badge" }, t("reposts", { count: hit.reposts })),
        h("span", { class: "hit-text" }, hit.text)))));
}

function uncited(answer) {
  const used = new Set(answer.citations.map((citation) => citation.passage_id));
  return answer.hits.filter((hit) => !used.has(hit.passage_id));
}

function drawWarnings(answer) {
  return (answer?.warnings ?? []).map((warning) => h("p", { class: "warning" }, mine(warning)));
}

function drawRefusal(answer, open) {
  const near = answer.hits.slice(0, 3);
  return h("div", { class: "refusal" },
    h("p", { class: "refusal-title" }, t("refused")),
    drawWarnings(answer),
    h("p", { class: "note" }, t(near.length ? "refused_hint" : "nothing_found")),
    near.length > 0 && drawHits(near, open));
}

function drawRest(answer, open) {
  const rest = answer.refused ? answer.hits.slice(3) : uncited(answer);
  if (!rest.length) return null;
  return h("details", { class: "uncited" },
    h("summary", { title: t("uncited_hint") }, `${t("uncited")} ${rest.length}`),
    h("p", { class: "note" }, t("uncited_hint")), drawHits(rest, open));
}

function drawMeta(answer) {
  const model = answer.answered_by;
  const by = model === "reader" ? t("by_reader") : t("by_model", { model });
  const ms = Math.max(1, Math.round(answer.timings_ms.total ?? 0));
  return h("p", { class: "meta" }, t("meta", { hits: answer.hits.length, ms, by }));
}

// Draw what is known of an answer so far; `turn.answer` once it is whole.
export function drawAnswer(node, turn, open) {
  const { answer, sentences = [], found = [] } = turn;
  const citations = answer ? answer.citations : sentences.flatMap((sentence) => sentence.citations);
  const standalone = turn.standalone;
  const parts = [
    !answer && !turn.ended && drawStages(turn.stage ?? 0),
    turn.slow && !turn.ended && !answer && h("p", { class: "note", role: "status" }, t("stage_slow", { seconds: turn.slow })),
    standalone && standalone !== turn.question && h("p", { class: "standalone" }, h("b", {}, t("understood_as")), standalone),
  ];
  if (answer?.refused) parts.push(drawRefusal(answer, open));
  else {
    if (answer?.short_answer) parts.push(h("p", { class: "short-answer" }, answer.short_answer));
    const written = drawSentences(answer ? sentencesOf(answer, sentences) : sentences, citations, open);
    if (turn.draft && !answer) written.append(h("span", { class: "draft" }, turn.draft)); // not checked yet
    parts.push(written);
  }
  if (turn.ended === "stopped") parts.push(h("p", { class: "badge" }, t("stopped")));
  if (turn.ended === "failed") parts.push(h("p", { class: "warning", role: "alert" }, t("failed", { reason: turn.error })));
  if (!answer?.refused) parts.push(drawWarnings(answer));
  parts.push(drawCitations(citations, open, plainAnswer(turn)), answer && drawRest(answer, open), answer && drawMeta(answer));
  if (!answer && turn.ended && found.length && !sentences.length) parts.push(drawHits(found, open, { few: true }));
  clear(node, parts);
}

export function plainAnswer(turn) {
  const text = turn.answer?.answer ?? (turn.sentences ?? []).map((sentence) => sentence.text).join("");
  return text;
}

export function withSources(turn) {
  const lines = (turn.answer?.citations ?? []).map((citation) => {
    const origin = citation.url || sourceText(citation.source);
    return `[${citation.number}] ${citation.title}，${dateText(citation.published)}，${origin}\n    “${citation.cited_text}”`;
  });
  return [turn.question, "", plainAnswer(turn), "", ...lines].join("\n");
}
