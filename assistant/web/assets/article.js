// Draw an article: its facts, its text with the cited words marked, its editorial fields.

import { h, icon } from "./dom.js";
import { t, dateText, fileText, sourceText } from "./words.js";

const FACTS = ["date", "publisher", "author"];

function paragraphs(view) {
  const parts = [[view.before, false], [view.quote, true], [view.after, false]];
  const lines = [[]];
  for (const [text, marked] of parts) {
    text.split("\n").forEach((piece, place) => {
      if (place > 0) lines.push([]);
      if (piece) lines.at(-1).push(marked ? h("mark", { class: "quote" }, piece) : piece);
    });
  }
  return lines.filter((line) => line.length).map((line) => h("p", {}, line));
}

function fact(name, view) {
  const value = name === "date" ? dateText(view.published) : view[name];
  return value && h("span", {}, h("span", { class: "fact-name" }, t(name)), value);
}

function drawFields(view) {
  const fields = Object.entries(view.fields ?? {}).filter(([, value]) => value);
  if (!fields.length) return null;
  return h("section", { class: "fields" },
    h("h3", {}, t("editorial"), h("span", { class: "badge" }, t("editorial_note"))),
    h("dl", {}, fields.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

function related(view, openArticle) {
  const link = (article) => h("button", { type: "button", class: "text-button", onclick: () => openArticle({ article_id: article.id }) },
    `${article.title}（${article.publisher || sourceText(article.source)}，${dateText(article.published)}）`);
  return [
    view.original && h("p", { class: "note" }, t("repost_of"), link(view.original)),
    view.reposts.length > 0 && h("details", { class: "reposts" }, h("summary", {}, t("reposts", { count: view.reposts.length })),
      h("ul", {}, view.reposts.map((article) => h("li", {}, link(article))))),
  ];
}

export function drawArticle(view, openArticle) {
  const notice = { changed: "changed", moved: "moved" }[view.state];
  return h("article", { class: "article" },
    notice && h("p", { class: "warning", role: "alert" }, t(notice)),
    h("h2", {}, view.title),
    h("p", { class: "facts" }, FACTS.map((name) => fact(name, view)),
      h("span", { title: view.source }, h("span", { class: "fact-name" }, t("file")), fileText(view.source))),
    view.url && h("p", {}, h("a", { class: "original", href: view.url, target: "_blank", rel: "noopener noreferrer" }, icon("open"), t("open_original"))),
    related(view, openArticle),
    h("div", { class: "article-text", lang: "zh-CN" }, paragraphs(view)),
    drawFields(view));
}

// Scroll the marked words into the middle of the box, or the box to its top.
export function scrollToQuote(box) {
  const mark = box.querySelector("mark.quote");
  if (!mark) {
    box.scrollTop = 0;
    return;
  }
  const { height } = mark.getBoundingClientRect();
  const top = mark.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
  const slack = Math.max(24, (box.clientHeight - height) / 3);
  const near = top + height < box.clientHeight * 0.75; // no need to cut the title off
  box.scrollTop = near ? 0 : Math.max(0, top - slack);
}
