// Talk to the server: JSON, and answers as they are made.

import { t, mine } from "./words.js";

async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(t("offline"));
  }
  if (response.status === 401) location.assign(location.search ? `/login?${new URLSearchParams({ next: location.search.slice(1) })}` : "/login");
  if (!response.ok) throw new Error(await reason(response));
  return response;
}

async function reason(response) {
  if (response.status === 429) return t("too_many", { seconds: response.headers.get("Retry-After") ?? "1" });
  try {
    return mine((await response.json()).error.message);
  } catch {
    return `${response.status}`;
  }
}

export async function get(path, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(pairs).toString();
  return (await request(text ? `${path}?${text}` : path)).json();
}

function post(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  return request(path, { method: "POST", headers, body: JSON.stringify(body), signal });
}

export async function send(path, body) {
  return (await post(path, body)).json();
}

export async function signOut() {
  await request("/logout", { method: "POST" });
  location.assign("/login");
}

// Yield [name, content] for each event that the server sends while it works.
export async function* events(path, body, signal) {
  const response = await post(path, body, signal);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      waiting += value;
      const blocks = waiting.split("\n\n");
      waiting = blocks.pop();
      for (const block of blocks) {
        const name = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (name && data) yield [name, JSON.parse(data)];
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever has heard enough does not wait for the end
  }
}
