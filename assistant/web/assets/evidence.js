// The panel beside the chat: the article behind a citation, scrolled to the words.

import { h, clear, iconButton, toast, copyText, announce } from "./dom.js";
import { t, dateText, sourceText } from "./words.js";
import { get } from "./api.js";
import { drawArticle, scrollToQuote } from "./article.js";
import { permalink } from "./answer.js";
import { hideCard } from "./card.js";
import { layer } from "./layers.js";

export class Evidence {
  constructor() {
    this.title = h("span", { class: "panel-title" }, t("evidence"));
    this.heading = h("b", { class: "panel-article" });
    this.where = h("span", {});
    this.back = iconButton("left", t("previous"), () => this.step(-1));
    this.forth = iconButton("right", t("next"), () => this.step(1));
    this.share = iconButton("link", t("copy_link"), () => this.copyLink());
    this.shut = iconButton("close", t("close"), () => this.close());
    this.box = h("div", { class: "panel-body", tabIndex: 0, role: "region", "aria-label": t("evidence") });
    this.node = h("aside", { class: "evidence", hidden: true, "aria-label": t("evidence") },
      h("header", { class: "panel-head" }, h("div", { class: "panel-names" }, this.heading, h("span", { class: "place" }, this.title, this.where)), this.back, this.forth, this.share, this.shut), this.box);
    this.all = [];
    this.current = null;
    this.opened = layer(() => this.node.hidden || this.close());
  }

  // Open the words of `citation`; `all` are the citations to walk through, `turn` the answer that they belong to.
  async open(citation, all = [], { opener = document.activeElement, turn = null } = {}) {
    if (this.node.hidden && opener) this.opened();
    this.all = all.some((one) => one === citation) ? all : [];
    this.current = citation;
    this.opener = opener;
    this.turn = turn;
    this.node.hidden = false;
    document.body.classList.add("evidence-open");
    this.head();
    this.name(citation);
    clear(this.box, h("p", { class: "note" }, t("loading")));
    const { article_id, start_char = 0, end_char = 0, digest } = citation;
    try {
      const view = await get(`/page/evidence/${encodeURIComponent(article_id)}`, { start: start_char, end: end_char, digest });
      if (this.current !== citation) return;
      this.show(citation, view);
    } catch (error) {
      if (this.current === citation) clear(this.box, h("p", { class: "warning", role: "alert" }, error.message || t("gone")));
    }
  }

  show(citation, view) {
    const words = citation.cited_text ?? (citation.digest ? null : citation.text);
    if (words && view.state === "same" && view.quote !== words) view.state = "changed";
    this.view = view;
    this.name(view);
    clear(this.box, drawArticle(view, (other) => this.open(other)));
    scrollToQuote(this.box);
    announce(`${t("evidence")}：${view.title}`);
  }

  head() {
    const at = this.all.indexOf(this.current);
    const many = this.all.length > 1;
    this.title.textContent = at >= 0 && this.current.number
      ? t("evidence_of", { number: this.current.number, total: this.all.length }) : t("evidence");
    this.back.hidden = this.forth.hidden = !many;
    this.back.disabled = at <= 0;
    this.forth.disabled = at === this.all.length - 1;
    this.pointAt(at >= 0 ? this.current : null);
  }

  // Mark in the answer the number whose words are shown.
  pointAt(citation) {
    document.querySelectorAll(".cite.current").forEach((node) => node.classList.remove("current"));
    if (citation) this.turn?.querySelectorAll(`.cite[data-n="${citation.number}"]`).forEach((node) => node.classList.add("current"));
  }

  // Say above the text which article it is, however far that is scrolled; a permalink does not know yet.
  name({ title, published, source }) {
    this.heading.textContent = title ?? "";
    clear(this.where, title && [dateText(published), sourceText(source)].map((fact) => [h("i", {}, "·"), fact]));
  }

  step(by) {
    const next = this.all[this.all.indexOf(this.current) + by];
    if (next) this.open(next, this.all, this);
  }

  async copyLink() {
    if (!this.view) return;
    const { id, start, end, digest } = this.view;
    const link = permalink({ article_id: id, start_char: start, end_char: end, digest });
    if (await copyText(new URL(link, location.href).href)) toast(t("link_copied"));
  }

  close() {
    this.node.hidden = true;
    this.current = null;
    this.pointAt(null);
    document.body.classList.remove("evidence-open");
    if (location.search) history.replaceState(history.state, "", location.pathname); // loaded again, it stays closed
    if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    hideCard(); // which a mark shows when it is come to by key
  }
}
