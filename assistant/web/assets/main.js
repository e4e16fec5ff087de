// Start the page: the bar, the chat, the panel, the keys.

import { h, composing, iconButton, keepIn, toast } from "./dom.js";
import { t, language } from "./words.js";
import { get, signOut } from "./api.js";
import * as store from "./store.js";
import { Chat } from "./chat.js";
import { Evidence } from "./evidence.js";
import { Sidebar } from "./sidebar.js";
import { translateLeftovers } from "./leftovers.js";
import { hideCard } from "./card.js";
import { LibraryTable } from "./library.js";
import { layer } from "./layers.js";
import { settingsForm } from "./settings.js";
import { CheckUp } from "./checkup.js";

function isDark() {
  return store.theme() ? store.theme() === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function paint() {
  document.documentElement.classList.toggle("dark", isDark());
  document.body.classList.toggle("dark", isDark());
}

function bar(state) {
  const brand = h("a", { class: "brand", href: "/", title: t("tagline") }, h("img", { src: "/yinju/icon.svg", alt: "", width: 26, height: 26 }), t("brand"));
  const chatsOpened = layer(() => document.body.classList.remove("sidebar-open"));
  const menu = iconButton("menu", t("open_chats"), () => document.body.classList.toggle("sidebar-open") && chatsOpened(), { class: "icon-button only-narrow menu" });
  const theme = iconButton("theme", t("theme"), () => {
    store.keepTheme(isDark() ? "light" : "dark");
    paint();
  }, { class: "icon-button theme" });
  const skip = h("a", { class: "skip", href: "#question", onclick: (event) => { event.preventDefault(); document.getElementById("question")?.focus(); } }, t("skip"));
  const leave = () => signOut().catch((error) => toast(error.message));
  const out = state.user && iconButton("leave", t("logout", state), leave, { class: "icon-button logout" });
  return h("div", { class: "bar" }, skip, menu, brand, theme, out);
}

function showTab(id) {
  document.querySelector(`#tabs [role="tablist"] button[data-tab-id="${id}"], #${id}-tab-button`)?.click();
}

// Call back each time the tab comes into view.
function onTab(id, shown) {
  let visible = false;
  new MutationObserver(() => {
    const now = document.getElementById(id)?.style.display !== "none" && Boolean(document.getElementById(id));
    if (now && !visible) shown();
    visible = now;
  }).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["style"] });
}

// Call back when an ingest of this page has finished.
function onIngest(finished) {
  let last = null;
  new MutationObserver(() => {
    const done = document.querySelector("#ingest-outcome .ingested");
    if (done && done !== last) finished();
    last = done;
  }).observe(document.body, { subtree: true, childList: true });
}

function keys(chat, evidence) {
  addEventListener("keydown", (event) => {
    if (composing(event)) return;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      showTab("chat");
      chat.area.focus();
    } else if (event.key === "Escape") {
      hideCard();
      if (chat.running) chat.stop();
      else if (!evidence.node.hidden) evidence.close();
      else document.body.classList.remove("sidebar-open");
    }
  });
}

function openPermalink(evidence) {
  const query = new URLSearchParams(location.search);
  const article_id = query.get("article");
  if (!article_id) return;
  const number = (name) => Math.max(0, Number.parseInt(query.get(name) ?? "0", 10) || 0);
  const citation = { article_id, start_char: number("start"), end_char: number("end"), digest: query.get("digest") };
  evidence.open(citation, [], { opener: null });
}

// Whether the page was loaded anew or come back to, as Gradio does by itself when the server is back.
function loadedAgain() {
  return ["reload", "back_forward"].includes(performance.getEntriesByType("navigation")[0]?.type);
}

// Say why the page cannot be used, and offer the check-up, which may find what to repair.
function sayBroken(error) {
  keepIn("yinju-bar", bar({}));
  keepIn("yinju-chat", h("div", { class: "broken" }, h("p", { class: "warning", role: "alert" }, error.message),
    h("button", { type: "button", class: "plain", onclick: () => location.reload() }, t("reload"))));
  keepIn("yinju-checkup", new CheckUp(() => location.reload()).node);
}

async function start() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = t("page_title");
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  translateLeftovers();
  document.body.append(h("div", { id: "yinju-live", class: "offscreen", role: "status", "aria-live": "polite" }));
  await get("/page/state").then(draw, sayBroken);
}

function draw(state) {
  store.useLibrary(state.user ? `${state.library}.${state.user}` : state.library);
  const evidence = new Evidence();
  const chat = new Chat(evidence, () => sidebar.draw(chat.chat.id));
  const sidebar = new Sidebar((one) => chat.load(one));
  sidebar.draw();
  store.onChats(() => sidebar.draw(chat.chat.id));
  keepIn("yinju-bar", bar(state));
  keepIn("yinju-chat", h("div", { class: "desk" }, sidebar.node, chat.node, evidence.node));
  const table = new LibraryTable(state, (title) => {
    showTab("chat");
    chat.area.value = title;
    chat.grow();
    chat.area.focus();
  });
  keepIn("yinju-library", table.node);
  keepIn("yinju-settings", settingsForm(state));
  keepIn("yinju-checkup", state.may_change ? new CheckUp(() => table.changed()).node : h("p", { class: "note read-only" }, t("read_only")));
  document.addEventListener("click", (event) => {
    const bar = event.target.closest?.(".bar-row");
    if (bar) table.narrow(bar.dataset.field, bar.dataset.value);
  });
  onTab("library-tab", () => table.show());
  onIngest(() => table.changed());
  keys(chat, evidence);
  chat.greet(state);
  if (loadedAgain() && store.shown()) sidebar.open(store.shown());
  openPermalink(evidence);
}

start();
