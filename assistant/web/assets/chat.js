// The chat: ask, stop, retry, edit; the answers so far.

import { h, clear, icon, iconButton, announce, composing } from "./dom.js";
import { t, mine } from "./words.js";
import { get, events } from "./api.js";
import { FilterBox } from "./filters.js";
import { TurnView } from "./turn.js";
import * as store from "./store.js";

const STALL_SECONDS = 8;

function pairs(text) {
  return new Set(Array.from({ length: text.length - 1 }, (_, place) => text.slice(place, place + 2)));
}

// How much of the shorter question the other one repeats, from 0 to 1.
function likeness(one, other) {
  const shared = [...one].filter((pair) => other.has(pair)).length;
  return shared / Math.max(1, Math.min(one.size, other.size));
}

export class Chat {
  constructor(evidence, changed) {
    this.evidence = evidence;
    this.changed = changed;
    this.chat = store.newChat();
    this.views = new Map();
    this.running = null;
    this.filters = new FilterBox();
    this.area = h("textarea", { id: "question", rows: 1, maxLength: 2000, placeholder: t("ask_placeholder"), "aria-label": t("ask_label"), oninput: () => this.grow(), onkeydown: (event) => this.key(event) });
    this.button = iconButton("send", t("send"), () => (this.running ? this.stop() : this.submit()), { class: "icon-button send" });
    this.turns = h("div", { class: "turns" });
    this.welcome = h("div", { class: "welcome" });
    this.scroll = h("div", { class: "scroll" }, this.welcome, this.turns);
    this.composer = h("div", { class: "composer" }, this.filters.form, this.filters.chips,
      h("div", { class: "composer-box" }, this.area, h("div", { class: "composer-row" }, this.filters.button, h("span", { class: "hint" }, t("keys_hint")), this.button)));
    this.node = h("section", { class: "chat", "aria-label": t("tab_chat") }, this.scroll, this.composer);
  }

  async greet(state) {
    const list = h("div", { class: "examples" }, h("p", { class: "note" }, t("examples_loading")));
    clear(this.welcome, h("h1", {}, t("tagline")), h("p", { class: "note" }, t("library_counts", state)), list);
    try {
      const { questions } = await get("/page/examples");
      clear(list, questions.length > 0 && [h("h2", {}, t("examples_title")), h("div", { class: "example-grid" },
        questions.map((question) => h("button", { type: "button", class: "example", onclick: () => this.ask(question) }, question)))]);
    } catch {
      clear(list);
    }
  }

  grow() {
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(this.area.scrollHeight, 200)}px`;
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || composing(event)) return;
    event.preventDefault();
    if (!this.running) this.submit();
  }

  submit() {
    const question = this.area.value.trim();
    if (!question) return this.area.focus();
    this.area.value = "";
    this.grow();
    return this.ask(question);
  }

  ask(question, filters = this.filters.value, ignore_time = false) {
    if (this.running) return undefined;
    const turn = { question, filters: { ...filters }, ignore_time };
    this.chat.turns.push(turn);
    this.addView(turn);
    this.keep();
    return this.run(turn);
  }

  addView(turn) {
    const view = new TurnView(turn, {
      retry: (one) => this.again(one, one.question, one.filters),
      resend: (one, text) => this.again(one, text, one.filters),
      unfilter: (one, name) => this.unfilter(one, name),
      open: (item, all, node) => this.evidence.open(item, all, { turn: node }),
      keep: () => this.keep(),
    });
    this.views.set(turn, view);
    this.turns.append(view.node);
    this.welcome.hidden = true;
  }

  // Ask a turn anew; what followed from its old answer goes.
  again(turn, question, filters, ignore_time = turn.ignore_time) {
    if (this.running) return;
    const place = this.chat.turns.indexOf(turn);
    for (const gone of this.chat.turns.splice(place)) {
      this.views.get(gone)?.node.remove();
      this.views.delete(gone);
    }
    this.ask(question, Object.fromEntries(Object.entries(filters ?? {}).filter(([, value]) => value)), ignore_time);
  }

  // Ask again without a filter: one that was set goes; one that was read from the question is ignored.
  unfilter(turn, name) {
    const given = Boolean(turn.filters?.[name]);
    if (given && this.filters.value[name]) this.filters.set({ ...this.filters.value, [name]: "" });
    this.again(turn, turn.question, given ? { ...turn.filters, [name]: "" } : turn.filters, given ? turn.ignore_time : true);
  }

  async run(turn) {
    const stop = new AbortController();
    const { chat } = this; // another one may be shown before the answer is written
    this.running = stop;
    this.busy(true);
    const view = this.views.get(turn);
    const started = Date.now();
    const timer = setInterval(() => {
      const seconds = Math.round((Date.now() - started) / 1000);
      if (seconds >= STALL_SECONDS) this.update(view, { slow: seconds });
    }, 1000);
    view.node.scrollIntoView({ block: "start", behavior: "instant" });
    try {
      for await (const [name, content] of events("/v1/ask", { ...this.body(turn), stream: true }, stop.signal)) {
        this.take(view, name, content);
        if (turn.answer || turn.ended) break; // what is drawn as done is done: the next question may be sent
      }
      if (!turn.answer && !turn.ended) this.update(view, { ended: "failed", error: t("offline") });
    } catch (error) {
      const ended = stop.signal.aborted ? { ended: "stopped" } : { ended: "failed", error: error.message };
      const draft = turn.draft ? [{ text: turn.draft, citations: [], verdict: "unverified" }] : [];
      this.update(view, { ...ended, draft: undefined, sentences: [...(turn.sentences ?? []), ...draft] });
    } finally {
      clearInterval(timer);
      this.running = null;
      this.busy(false);
      this.keep(chat);
    }
    if (turn.answer?.citations.length) this.followUp(turn, view);
  }

  body(turn) {
    const before = this.chat.turns.slice(0, this.chat.turns.indexOf(turn)).filter((one) => one.answer);
    const history = before.slice(-6).map((one) => ({ question: one.question, answer: one.answer.answer.slice(0, 4000) }));
    return { question: turn.question, history, filters: turn.filters ?? {}, ignore_time: turn.ignore_time ?? false, ...store.options() };
  }

  take(view, name, content) {
    const { turn } = view;
    if (name === "understood") this.update(view, { stage: 0, standalone: content.standalone_question, readFilters: content.filters });
    else if (name === "found") this.update(view, { stage: 1, found: content.hits });
    else if (name === "draft") this.update(view, { stage: 2, draft: content.text });
    else if (name === "sentence") this.update(view, { stage: 2, draft: "", sentences: [...(turn.sentences ?? []), content] });
    else if (name === "finished") {
      this.update(view, { answer: content, draft: "", standalone: content.standalone_question, found: undefined, draft: undefined });
      announce(content.refused ? t("refused") : content.answer);
    } else if (name === "error") this.update(view, { ended: "failed", error: mine(content.error.message) });
  }

  update(view, changes) {
    Object.assign(view.turn, changes);
    view.draw();
  }

  async followUp(turn, view) {
    const asked = this.chat.turns.map((one) => pairs(one.question));
    const fresh = (question) => asked.every((known) => likeness(pairs(question), known) < 0.6);
    try {
      const ids = [...turn.answer.citations, ...turn.answer.hits.slice(0, 3)].map((one) => one.article_id);
      const query = [...new Set(ids)].slice(0, 3).map((id) => `articles=${encodeURIComponent(id)}`).join("&");
      const { questions } = await get(`/page/follow-ups?${query}`);
      view.drawFollowUps(questions.filter(fresh).slice(0, 3), (question) => this.ask(question));
    } catch {
      // no suggestion is no loss
    }
  }

  stop() {
    this.running?.abort();
  }

  busy(on) {
    this.button.replaceChildren(icon(on ? "stop" : "send"));
    this.button.title = t(on ? "stop" : "send");
    this.button.setAttribute("aria-label", t(on ? "stop" : "send"));
    this.button.classList.toggle("stop", on);
  }

  // Keep a chat in this browser; one that is shown no more only where it was not deleted meanwhile.
  keep(chat = this.chat) {
    if (!chat.turns.length || (chat !== this.chat && !store.isKept(chat.id))) return;
    chat.at = Date.now();
    store.keepChat(chat);
    if (chat === this.chat) store.keepShown(chat.id);
    this.changed();
  }

  // Show a chat that was kept, or a new one.
  load(chat = store.newChat()) {
    if (chat.id === this.chat.id) return; // it is shown, perhaps with an answer being written
    this.stop();
    this.chat = chat;
    store.keepShown(chat.id);
    this.views.clear();
    clear(this.turns);
    this.welcome.hidden = chat.turns.length > 0;
    for (const turn of chat.turns) {
      if (!turn.answer && !turn.ended) turn.ended = "stopped";
      this.addView(turn);
    }
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.area.focus();
  }
}
