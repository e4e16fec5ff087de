// The table of articles, and one of them to read.

import { h, clear, icon, iconButton, toast } from "./dom.js";
import { t, dateText } from "./words.js";
import { get, send } from "./api.js";
import { drawArticle } from "./article.js";
import { layer } from "./layers.js";

const ORDERS = ["newest", "oldest", "longest"];
const COLUMNS = ["title", "date", "publisher", "industry", "passages"];

export class LibraryTable {
  constructor(state, askAbout) {
    this.state = state;
    this.askAbout = askAbout;
    this.wanted = { query: "", publisher: "", industry: "", year: "", order: ORDERS[0], page: 1 };
    this.search = h("input", { type: "search", placeholder: t("articles_search"), "aria-label": t("articles_search"), oninput: () => this.typed() });
    this.selects = Object.fromEntries([["publisher", "all_publishers"], ["industry", "all_industries"], ["year", "all_years"]].map(([name, label]) =>
      [name, h("select", { "aria-label": t(label), dataset: { label }, onchange: (event) => this.want({ [name]: event.target.value, page: 1 }) })]));
    this.order = h("select", { "aria-label": t("order"), class: "order", onchange: () => this.want({ order: this.order.value, page: 1 }) },
      ORDERS.map((name) => h("option", { value: name }, t(`order_${name}`))));
    this.rows = h("tbody", {});
    this.pager = h("div", { class: "pager" });
    this.none = h("p", { class: "note", hidden: true }, t("articles_none"));
    this.list = h("div", { class: "table-box" },
      h("div", { class: "table-tools" }, h("label", { class: "search" }, icon("search"), this.search), Object.values(this.selects), this.order),
      h("table", { class: "articles" },
        h("thead", {}, h("tr", {}, COLUMNS.map((name) => h("th", { scope: "col", class: `col-${name}` }, t(`col_${name}`))))), this.rows),
      this.none, this.pager);
    this.reading = h("div", { class: "reading", hidden: true });
    this.opened = layer(() => this.back());
    this.node = h("section", { class: "library", "aria-label": t("tab_library") }, h("h1", {}, t("articles_title")), this.list, this.reading);
  }

  show() {
    this.choices();
    this.load();
  }

  async changed() {
    this.show();
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.want({ query: this.search.value, page: 1 }), 250);
  }

  want(changes) {
    Object.assign(this.wanted, changes);
    this.load();
  }

  // Show what a bar of the charts counted.
  narrow(field, value) {
    const byWords = field === "keywords";
    const changes = { publisher: "", industry: "", year: "", query: byWords ? value : "", page: 1 };
    if (!byWords) changes[field] = value;
    this.search.value = changes.query;
    this.back();
    this.want(changes);
    this.choices();
    this.node.scrollIntoView({ block: "start" });
  }

  async choices() {
    try {
      const { publishers, industries, years } = await get("/page/choices");
      this.drawChoices({ publisher: publishers, industry: industries, year: years });
    } catch (error) {
      toast(error.message);
    }
  }

  drawChoices(lists) {
    for (const [name, select] of Object.entries(this.selects)) {
      clear(select, h("option", { value: "" }, t(select.dataset.label)), lists[name].map((value) => h("option", { value }, value)));
      if (this.wanted[name] && !lists[name].includes(this.wanted[name])) select.append(h("option", { value: this.wanted[name] }, this.wanted[name]));
      select.value = this.wanted[name];
      select.hidden = lists[name].length === 0;
    }
  }

  // Show the rows that are wanted; of replies that overtake each other, the last one asked for.
  async load() {
    const asked = { ...this.wanted };
    this.asked = asked;
    try {
      const found = await get("/page/articles", asked);
      if (this.asked !== asked) return;
      this.wanted.page = found.page;
      clear(this.rows, found.rows.map((row) => this.row(row)));
      this.none.hidden = found.rows.length > 0;
      clear(this.pager,
        found.pages > 1 && iconButton("left", t("page_previous"), () => this.want({ page: found.page - 1 }), { disabled: found.page <= 1 }),
        h("span", { class: "note" }, t("page_of", found)),
        found.pages > 1 && iconButton("right", t("page_next"), () => this.want({ page: found.page + 1 }), { disabled: found.page >= found.pages }));
    } catch (error) {
      toast(error.message);
    }
  }

  row(row) {
    const cell = (name, ...inside) => h("td", { class: `col-${name}`, dataset: { label: t(`col_${name}`) } }, inside);
    return h("tr", { onclick: () => this.read(row.id) },
      cell("title", h("button", { type: "button", class: "row-title" }, row.title)),
      cell("date", row.published ? dateText(row.published) : t("undated")),
      cell("publisher", row.publisher && h("span", { title: row.publisher }, row.publisher)),
      cell("industry", row.industry && h("span", { title: row.industry }, row.industry)),
      cell("passages", row.passages));
  }

  async read(id) {
    try {
      const view = await get(`/page/evidence/${encodeURIComponent(id)}`);
      const remove = this.state.may_change && h("button", { type: "button", class: "plain danger", onclick: () => this.confirm(view) }, icon("trash"), t("remove"));
      clear(this.reading,
        h("div", { class: "reading-tools" },
          h("button", { type: "button", class: "plain", onclick: () => this.back() }, icon("left"), t("back")),
          h("button", { type: "button", class: "plain", onclick: () => this.askAbout(`《${view.title}》`) }, icon("edit"), t("ask_about")), remove),
        drawArticle(view, (other) => this.read(other.article_id)));
      this.opened();
      this.list.hidden = true;
      this.reading.hidden = false;
      document.body.classList.add("reading-article");
      this.reading.querySelector("button").focus();
      scrollTo(0, 0);
    } catch (error) {
      toast(error.message);
    }
  }

  confirm(view) {
    const dialog = h("dialog", { class: "yinju-slot confirm", "aria-label": t("remove") },
      h("h2", {}, view.title), h("p", {}, t("remove_ask")),
      h("div", { class: "row" },
        h("button", { type: "button", class: "plain", onclick: () => dialog.close() }, t("cancel")),
        h("button", { type: "button", class: "primary danger", onclick: () => this.remove(view, dialog) }, t("remove_yes"))));
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  async remove(view, dialog) {
    clear(dialog, h("p", {}, t("removing")));
    try {
      await send(`/page/articles/${encodeURIComponent(view.id)}/remove`, {});
      toast(t("removed"));
      this.back();
      this.show();
    } catch (error) {
      toast(error.message);
    }
    dialog.close();
  }

  back() {
    this.reading.hidden = true;
    this.list.hidden = false;
    document.body.classList.remove("reading-article");
  }
}
