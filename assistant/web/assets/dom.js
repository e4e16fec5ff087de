// Make elements; text goes in as text, never as HTML.

import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else if (name in node && name !== "list" && name !== "form") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  add(node, children);
  return node;
}

export function add(node, children) {
  for (const child of [children].flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child);
  }
  return node;
}

export function clear(node, ...children) {
  node.replaceChildren();
  return add(node, children);
}

const PATHS = {
  send: "M12 19V5M5 12l7-7 7 7",
  stop: "M7 7h10v10H7z",
  copy: "M9 9h10v11H9zM5 15V4h10",
  quote: "M9 9h10v11H9zM5 15V4h10M12 13h4M12 16h4",
  retry: "M4 12a8 8 0 1 0 2.5-5.8M4 4v4.5h4.5",
  edit: "M4 20h4L19 9l-4-4L4 16zM13.5 6.5l4 4",
  up: "M7 11v9H4v-9zM7 11l4-7c1.5 0 2.5 1 2.2 2.7L12.6 10H18a2 2 0 0 1 2 2.3l-1 6A2 2 0 0 1 17 20H7",
  down: "M17 13V4h3v9zM17 13l-4 7c-1.5 0-2.5-1-2.2-2.7l.6-3.3H6a2 2 0 0 1-2-2.3l1-6A2 2 0 0 1 7 4h10",
  plus: "M12 5v14M5 12h14",
  menu: "M4 7h16M4 12h16M4 17h10",
  close: "M6 6l12 12M18 6L6 18",
  left: "M15 5l-7 7 7 7",
  right: "M9 5l7 7-7 7",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  open: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
  filter: "M4 6h16M7 12h10M10 18h4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  leave: "M14 5H5v14h9M10 12h10M16 8l4 4-4 4",
  theme: "M12 4a8 8 0 1 0 8 8 6 6 0 0 1-8-8z",
  search: "M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zM16 16l4 4",
  book: "M5 5h6a2 2 0 0 1 1 1 2 2 0 0 1 1-1h6v14h-6a2 2 0 0 0-1 1 2 2 0 0 0-1-1H5zM12 6v14",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function iconButton(name, label, onclick, props = {}) {
  return h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick, ...props }, icon(name));
}

// Put the node into the slot that Gradio draws, and back again whenever Gradio draws it anew.
export function keepIn(slotId, node) {
  const place = () => {
    const slot = document.getElementById(slotId);
    if (slot && node.parentNode !== slot) slot.replaceChildren(node);
  };
  place();
  new MutationObserver(place).observe(document.body, { childList: true, subtree: true });
}

// Whether a key still belongs to an input method; Safari sends the one that ends a composition with code 229.
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

export function announce(text) {
  const live = document.getElementById("yinju-live");
  if (live) live.textContent = text;
}

// Say something for a moment; `undo` takes back what was done, and has longer to be clicked.
export function toast(text, undo) {
  const node = h("div", { class: "toast", role: "status" }, text,
    undo && h("button", { type: "button", onclick: () => { node.remove(); undo(); } }, t("undo")));
  document.querySelector(".toast")?.remove();
  document.body.append(node);
  setTimeout(() => node.remove(), undo ? 8000 : 2600);
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { value: text, class: "offscreen" }); // no clipboard without https
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
