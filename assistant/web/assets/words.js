// The page's words, in the browser's language.

const tables = JSON.parse(document.getElementById("yinju-texts").textContent);
const wanted = navigator.languages?.length ? navigator.languages : [navigator.language || "zh"];
export const language = wanted.map((code) => code.slice(0, 2).toLowerCase()).find((code) => code in tables) ?? "en";
const table = tables[language];

export function t(key, values = {}) {
  return table[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// Messages of the server say it twice, 中文 (English) or 中文。 English: take the page's language.
const BOTH = [/^([^]*[\u3400-\u9fff][^]*?)\s*\(([^\u3400-\u9fff]+)\)\s*$/, /^([^]*[\u3400-\u9fff][^]*?[。！？])\s+([^\u3400-\u9fff]+)$/];

export function mine(words) {
  const both = BOTH.map((pattern) => pattern.exec(words ?? "")).find(Boolean);
  if (!both) return words;
  return language === "zh" ? both[1] : both[2];
}

export function dateText(iso) {
  if (!iso) return t("undated");
  if (language !== "zh") return iso;
  const [year, month, day] = iso.split("-").map(Number);
  return `${year}年${month}月${day}日`;
}

// A source as people know it: the site of an address, the name of a file.
export function sourceText(source) {
  const parts = String(source).replace(/\\/g, "/").split("/");
  return /^https?:/.test(source) ? (parts[2] ?? source) : parts.pop();
}
