"""Reduce what a chat model writes to plain text: no thinking, tool calls, links, images, HTML or control tags."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = (
    "think",
    "thinking",
    "thought",
    "reasoning",
    "tool_call",
    "tool_calls",
    "tool_response",
    "function_call",
)
_OPEN = re.compile(rf"<({'|'.join(_HIDDEN)})\b[^<>]*>", re.IGNORECASE)
_LONGEST_TAG = 40
_CONTROLS = frozenset(("Cc", "Cf", "Co", "Cs", "Cn"))
_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\([^)\n]*\)?|\[[^\]\n]*\])?")
_LINK = re.compile(r"\[([^\]\n]*)\](?:\([^)\n]*\)?)")
_ADDRESS = re.compile(
    r"<?(?:(?:https?|ftp|file|data|javascript|vbscript|mailto)\s*:\s*/{0,2}|//|www\.)[^\s，。；！？、）】》”’」<>\"']*>?",
    re.IGNORECASE,
)
_CONTROL_TAG = re.compile(r"<\|[^|<>\n]{0,40}\|?>|\[/?(?:INST|SYS)\]|<</?SYS>>|</?s>", re.IGNORECASE)
_HTML = re.compile(r"<!--.*?(?:-->|$)|</?[a-zA-Z][^<>\n]*(?:>|$)|<[!?][^<>\n]*(?:>|$)", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
_MARKUP = re.compile(
    r"\*\*|__|~~|`+|^\s{0,3}#{1,6}\s+|^\s{0,3}>\s?|^\s*(?:-{3,}|\*{3,}|={3,})\s*$|\*(?=\S[^*\n]*\*)|(?<=\S)\*(?!\*)"
)
_LEFTOVER = re.compile(r"\]\(|!\[|\[\]|\(\s*\)|（\s*）")


class VisibleText:
    """Pass a stream of text through, without what stands between `<think>` and `</think>` and the like.

    `feed` gives what may be shown by now; where `restarted` is true after it, all text given before was hidden
    too. The text is the same however it was cut into chunks.
    """

    def __init__(self) -> None:
        self._held = ""
        self._closing: str | None = None
        self.restarted = False

    def feed(self, chunk: str) -> str:
        """Return the text that has become visible."""
        self._held += chunk
        shown = ""
        restarted = False
        while True:
            self.restarted = False
            part, again = self._step()
            shown = part if self.restarted else shown + part
            restarted = restarted or self.restarted
            if not again:
                self.restarted = restarted
                return shown

    def finish(self) -> str:
        """Return what was held back, when the stream has ended."""
        held, self._held = self._held, ""
        return "" if self._closing else held

    def _step(self) -> tuple[str, bool]:
        if self._closing:
            return "", self._skip_hidden(self._closing)
        at = self._held.find("<")
        if at < 0:
            shown, self._held = self._held, ""
            return shown, False
        shown, self._held = self._held[:at], self._held[at:]
        return self._at_tag(shown)

    def _at_tag(self, shown: str) -> tuple[str, bool]:
        """Go on at a `<`: a hidden part begins, an orphan `</think>` ends one, or it is a plain `<`."""
        if match := _OPEN.match(self._held):
            self._closing = f"</{match[1].lower()}>"
            self._held = self._held[match.end() :]
            return shown, True
        if orphan := re.match(r"</(?:think|thinking)>", self._held, re.IGNORECASE):
            self.restarted = True  # the server ate the opening tag: all before was thinking
            self._held = self._held[orphan.end() :]
            return "", True
        if self._may_be_tag():
            return shown, False
        shown, self._held = shown + "<", self._held[1:]
        return shown, True

    def _may_be_tag(self) -> bool:
        held = self._held.lower()
        if len(held) >= _LONGEST_TAG or ">" in held or "\n" in held:
            return False
        tags = [f"<{tag}" for tag in _HIDDEN] + ["</think>", "</thinking>"]
        return any(tag.startswith(held) or held.startswith(tag) for tag in tags)

    def _skip_hidden(self, closing: str) -> bool:
        at = self._held.lower().find(closing)
        if at < 0:
            self._held = self._held[-len(closing) :]
            return False
        self._held = self._held[at + len(closing) :]
        self._closing = None
        return True


def plain(text: str) -> str:
    """Return a piece of an answer as plain text; markers must have been taken out before."""
    text = _ENTITY.sub(" ", text)
    for _ in range(3):  # removing one thing may make another: <scr<b>ipt>, [a](ht[b](c)tp://…)
        before = text
        for pattern, by in ((_IMAGE, ""), (_LINK, r"\1"), (_CONTROL_TAG, ""), (_HTML, ""), (_ADDRESS, "")):
            text = pattern.sub(by, text)
        if text == before:
            break
    text = _LEFTOVER.sub("", _MARKUP.sub("", text))
    text = _without_controls(text, keep="\n")
    return text.replace("\ufffd", "").replace("\u2028", " ").replace("\u2029", " ")


def defuse(text: str) -> str:
    """Return an article's text for a prompt: it can close no delimiter and forge no control tag."""
    text = text.replace("⟦", "〔").replace("⟧", "〕")
    text = re.sub(r"<(?=[|/!?a-zA-Z<])", "＜", text)
    text = re.sub(r"\[(?=/?(?:INST|SYS)\])", "［", text, flags=re.IGNORECASE)
    return _without_controls(text, keep="\n\t")


def _without_controls(text: str, *, keep: str) -> str:
    return "".join(c for c in text if c in keep or unicodedata.category(c) not in _CONTROLS)
