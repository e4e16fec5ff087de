// The list of chats kept in this browser.

import { h, clear, icon, iconButton, toast } from "./dom.js";
import { t } from "./words.js";
import * as store from "./store.js";

export class Sidebar {
  constructor(load) {
    this.load = load;
    this.list = h("nav", { class: "chat-list", "aria-label": t("chats") });
    this.node = h("aside", { class: "sidebar", "aria-label": t("chats") },
      h("div", { class: "sidebar-head" },
        h("button", { type: "button", class: "plain new-chat", onclick: () => this.open(undefined) }, icon("plus"), t("new_chat")),
        iconButton("close", t("close"), () => this.hide(), { class: "icon-button only-narrow" })),
      this.list, h("p", { class: "note" }, t("chats_note")));
  }

  open(chat) {
    this.hide();
    this.load(chat);
    this.draw(chat?.id);
  }

  hide() {
    document.body.classList.remove("sidebar-open");
  }

  draw(current) {
    const chats = store.chats();
    const day = new Date().setHours(0, 0, 0, 0);
    const groups = [["today", chats.filter((chat) => chat.at >= day)], ["earlier", chats.filter((chat) => chat.at < day)]];
    clear(this.list, chats.length === 0 && h("p", { class: "note" }, t("chats_empty")),
      groups.filter(([, group]) => group.length).map(([name, group]) => [h("h2", {}, t(name)), group.map((chat) => this.row(chat, current))]));
  }

  row(chat, current) {
    const title = chat.turns[0].question;
    return h("div", { class: chat.id === current ? "chat-row current" : "chat-row" },
      h("button", { type: "button", class: "chat-open", title, onclick: () => this.open(chat) }, title),
      iconButton("trash", t("delete_chat"), () => this.drop(chat, current)));
  }

  drop(chat, current) {
    store.dropChat(chat.id);
    if (chat.id === current) this.open(undefined);
    else this.draw(current);
    toast(t("chat_deleted"), () => {
      store.keepChat(chat);
      this.open(chat);
    });
  }
}
