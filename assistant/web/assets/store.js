// What this browser keeps: chats, theme, how to answer. Nothing of it is sent anywhere but in questions.

const MOST_CHATS = 60;
let prefix = "yinju";

export function useLibrary(id) {
  prefix = `yinju.${id}`;
}

function read(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false; // full, or not allowed in this browser
  }
}

export function chats() {
  return read(`${prefix}.chats`, []);
}

export function keepChat(chat) {
  let all = [chat, ...chats().filter((other) => other.id !== chat.id)].slice(0, MOST_CHATS);
  while (!write(`${prefix}.chats`, all) && all.length > 1) all = all.slice(0, -1); // full: the oldest one goes
}

export function isKept(id) {
  return chats().some((chat) => chat.id === id);
}

export function dropChat(id) {
  write(`${prefix}.chats`, chats().filter((chat) => chat.id !== id));
}

// The chat that this tab shows, to be shown again when the page is loaded anew.
export function keepShown(id) {
  try {
    sessionStorage.setItem(`${prefix}.shown`, id);
  } catch {
    // not allowed in this browser: a new chat it is
  }
}

export function shown() {
  try {
    const id = sessionStorage.getItem(`${prefix}.shown`);
    return chats().find((chat) => chat.id === id);
  } catch {
    return undefined;
  }
}

// Call back when another tab of this browser changes the chats.
export function onChats(changed) {
  addEventListener("storage", (event) => event.key === `${prefix}.chats` && changed());
}

export function options() {
  return read(`${prefix}.options`, {});
}

export function keepOptions(value) {
  write(`${prefix}.options`, value);
}

export function theme() {
  return read("yinju.theme", null);
}

export function keepTheme(value) {
  write("yinju.theme", value);
}

export function newChat() {
  return { id: `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 7)}`, at: Date.now(), turns: [] };
}
