// The page's words, in the browser's language.

const tables = JSON.parse(document.getElementById("yinju-texts").textContent);
const wanted = navigator.languages?.length ? navigator.languages : [navigator.language || "zh"];
export const language = wanted.map((code) => code.slice(0, 2).toLowerCase()).find((code) => code in tables) ?? "en";
const table = tables[language];

export function t(key, values = {}) {
  return table[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const HAN = /[\u3400-\u9fff]/g;
const SENTENCES = /^([^]*[\u3400-\u9fff][^]*?[。！？])\s+([^\u3400-\u9fff]+)$/;

// Where the bracket opens that closes at the very end; -1 where none does.
function lastBracket(words) {
  let depth = 0;
  for (let place = words.length - 1; words.endsWith(")") && place >= 0; place -= 1) {
    depth += { ")": 1, "(": -1 }[words[place]] ?? 0;
    if (depth === 0) return place;
  }
  return -1;
}

// Names in quotes may be Chinese in either half.
function isEnglish(words) {
  const han = words.replace(/(?<![A-Za-z])(?:'[^']*'|"[^"]*")/g, "").match(HAN) ?? [];
  return words.length > 0 && words.search(HAN) !== 0 && 10 * han.length <= words.length;
}

// Messages of the server say it twice, 中文 (English) or 中文。 English: take the page's language.
// The same rule as assistant/both_languages.py.
export function mine(message) {
  const words = (message ?? "").trim();
  const start = lastBracket(words);
  const [chinese, english] = [words.slice(0, Math.max(start, 0)).trimEnd(), words.slice(start + 1, -1).trim()];
  if (start > 0 && chinese.search(HAN) >= 0 && isEnglish(english)) return language === "zh" ? chinese : english;
  const both = SENTENCES.exec(words);
  return both ? both[language === "zh" ? 1 : 2] : words;
}

export function dateText(iso) {
  if (!iso) return t("undated");
  if (language !== "zh") return iso;
  const [year, month, day] = iso.split("-").map(Number);
  return `${year}年${month}月${day}日`;
}

// A source as people know it: the site of an address, the name of a file with the record's in it.
export function sourceText(source) {
  const site = /(?:^|#)https?:\/\/([^/]+)/.exec(source);
  return site ? site[1] : fileText(source);
}

// The file that an article stands in; of a record in it, a name but no address.
export function fileText(source) {
  const [path, ...rest] = String(source).split("#");
  const record = rest.join("#");
  const file = path.replace(/\\/g, "/").split("/").pop();
  return record && !record.includes("/") ? `${file}#${record}` : file;
}
