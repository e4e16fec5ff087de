// Gradio's built-in labels that it says in English only.

import { t } from "./words.js";

const LABELS = {
  "More tabs": "more_tabs",
  "Click to upload or drop files": "upload_box",
  "File upload": "add_files",
  "Clear": "clear",
  "Remove this file": "remove_file",
  "Vega visualization": "chart_time",
  "Close": "close",
};

// What Gradio says in its toasts.
const SAID = [
  [/^Error\s*$/, () => t("toast_error")],
  [/^Invalid file type: (.+)\. Only .* allowed\.$/, (name) => t("upload_type", { name })],
  [/^Connection to the server was lost\./, () => t("offline_waiting")],
];

function say(root) {
  for (const node of root.querySelectorAll?.(".toast-title, .toast-message-text") ?? []) {
    for (const [pattern, words] of SAID) {
      const found = pattern.exec(node.textContent);
      if (found) [...node.childNodes].find((part) => part.nodeType === 3 && part.data.trim()).data = words(...found.slice(1));
    }
  }
}

function translate(root) {
  say(root);
  for (const node of root.querySelectorAll?.("[aria-label], [title]") ?? []) {
    for (const name of ["aria-label", "title"]) {
      const key = LABELS[node.getAttribute(name)];
      if (key && node.getAttribute(name) !== t(key)) node.setAttribute(name, t(key));
    }
  }
}

export function translateLeftovers() {
  translate(document);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") translate(change.target.parentNode ?? change.target);
      for (const node of change.addedNodes) if (node.nodeType === 1) translate(node.parentNode ?? node);
    }
  }).observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-label", "title"] });
}
