"""Turn text as found into canonical text: one paragraph per line, no layout, every word as written.

What passages and citations count their offsets in. Punctuation, wording and script are the article's own.
"""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from statistics import quantiles

from ingest.radicals import unify_radicals

_MAX_WRAP_WIDTH = 110  # columns; a longer line was not broken by an editor's margin
_MIN_WRAP_WIDTH = 40
_MIN_COLUMN_WIDTH = 28  # of a page in columns: _is_column tells it from a list
_MIN_WRAP_LINES = 4
_MIN_BODY_CHARS = 40  # a shorter line without a full stop may be a heading or a caption

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8}[0-9]{0,2});")
# Control, zero-width and direction characters, and lone surrogates (they cannot be stored as UTF-8).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_PARAGRAPH_SPACES = re.compile(
    r"(?:(?<=[。！？”」])[ \u00a0]{4,}|(?<![ \t])[ \t]*+(?:[\u3000\u2003]{2,}|\u00a0{4,}))[\u3000\u2003\u00a0 \t]*"
)
_SPACES = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f]+")
_EDGE = " \t\u3000\u00a0"
_SENTENCE_END = re.compile(r"[。！？；…!?;：:][”’」』）)\]】》]*$|[.][\"'”’)]*$")
_STOP_INSIDE = re.compile(r"[。！？]")
_PAUSE = re.compile(r"[，。；：！？]")
_RUNS_ON = re.compile(r"[，、,（(《“‘「—]$")
_OPENS = re.compile(r"[“‘「『（(《【]")
_LATIN_END = re.compile(r"[A-Za-z0-9]$")
_LATIN_START = re.compile(r"[A-Za-z0-9]")
_LATIN_WORD = re.compile(r"[!-~]{1,40}")
_BLOCK_START = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|[0-9]{1,3}[.、．)）]|[（(][一二三四五六七八九十0-9]{1,3}[）)]|[●•·■◆▲※#>|【◎○★☆-])"
)
_HAN_OR_PUNCTUATION = re.compile(
    "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2014\u2018-\u201d\u2026\U00020000-\U0003ffff]"
)


def clean_text(text: str) -> str:
    """Return the canonical form of plain text: paragraphs on one line each, no blank lines.

    Lines that an editor or a scraper broke inside a sentence or a word are joined again.
    """
    text = _visible(text)
    lines = [_PARAGRAPH_SPACES.sub("\n", line.rstrip()) for line in text.split("\n")]
    paragraphs = join_lines([piece for line in lines for piece in line.split("\n")])
    return "\n".join(paragraphs)


def clean_paragraphs(paragraphs: Iterable[str]) -> str:
    """Return the canonical form of text whose paragraphs are known (HTML, Word): none is joined."""
    pieces = (
        _one_line(piece)
        for paragraph in paragraphs
        for piece in _PARAGRAPH_SPACES.sub("\n", _visible(paragraph)).split("\n")
    )
    return "\n".join(piece for piece in pieces if piece)


def clean_line(text: str, *, max_chars: int | None = None) -> str:
    """Return `text` as one line, for titles, names and addresses."""
    line = re.sub("[\n\u3000]+", " ", _visible(text))
    return _one_line(line)[:max_chars]


def first_sentence(text: str, *, max_chars: int = 40) -> str:
    """Return the first sentence of `text` without its full stop, cut to `max_chars`."""
    head = text.lstrip()[:400].split("\n", 1)[0]
    sentence = re.split(r"(?<=[。！？!?])|[；;]", head, maxsplit=1)[0].strip().rstrip("。")
    return sentence if len(sentence) <= max_chars else sentence[: max_chars - 1].rstrip("，、,： ") + "…"


def join_lines(lines: list[str]) -> list[str]:
    """Join the lines that belong to one paragraph; a blank line always separates."""
    wrap_width = _wrap_width(lines)
    paragraphs: list[list[str]] = []
    previous = ""
    for line in lines:
        stripped = line.strip(_EDGE)
        if stripped and previous and _continues(previous, line, wrap_width):
            paragraphs[-1].append(_glue(previous, line) + stripped)
        elif stripped:
            paragraphs.append([stripped])
        previous = stripped
    return [_one_line("".join(parts)) for parts in paragraphs]


def _visible(text: str) -> str:
    """Decode entities, normalise newlines and radicals, and remove what cannot be seen."""
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return unify_radicals(_INVISIBLE.sub("", _NEWLINES.sub("\n", text)))


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip(_EDGE)


def _continues(previous: str, line: str, wrap_width: int | None) -> bool:
    """Say whether `line` goes on with the sentence that `previous` (stripped) left open."""
    stripped = line.strip(_EDGE)
    if line[:1] == "\u3000" or _BLOCK_START.match(stripped):
        return False
    if wrap_width is not None:
        word = _LATIN_WORD.match(stripped)  # it may have been too long for the line before
        ends = _SENTENCE_END.search(previous) is not None
        room = (len(word[0]) if word else 0) + _room(stripped, ends=ends)
        return _columns(previous) >= wrap_width - room and not (ends and line[:1] in " \t")
    if _SENTENCE_END.search(previous):
        return False
    if line[:1] == " " and line[1:2] != " ":  # how a scraper leaves a break inside "AI Lab"
        cut = _LATIN_END.search(previous) and _LATIN_START.match(stripped)
        return bool(cut) or len(previous) >= _MIN_BODY_CHARS
    if _RUNS_ON.search(previous):
        return len(previous) >= _MIN_BODY_CHARS // 2
    return len(previous) >= _MIN_BODY_CHARS and _STOP_INSIDE.search(previous) is not None


def _room(line: str, *, ends: bool) -> int:
    """Return how far from the margin the line before may end: punctuation stays with the words it belongs to.

    A line that ends no sentence may also be a first one, which has lost its indent.
    """
    if ends:
        return 4 if _OPENS.match(line) else 2
    return 8


def _glue(previous: str, line: str) -> str:
    """Return what stood at the line break: a space between Latin words, nothing inside Chinese."""
    first = line.strip(_EDGE)[:1]
    if line[:1] in " \t":
        han = _HAN_OR_PUNCTUATION.match(first) and _HAN_OR_PUNCTUATION.match(previous[-1])
        return "" if han else " "
    return " " if _LATIN_END.search(previous) and _LATIN_START.match(first) else ""


def _wrap_width(lines: list[str]) -> int | None:
    """Return the margin that broke these lines, in columns, or None where lines are paragraphs."""
    widths = [_columns(line.strip(_EDGE)) for line in lines if line.strip(_EDGE)]
    if len(widths) < _MIN_WRAP_LINES:
        return None
    margin = round(quantiles(widths, n=20, method="inclusive")[-1])
    least = _MIN_COLUMN_WIDTH if _is_column(lines, margin) else _MIN_WRAP_WIDTH
    if not least <= margin <= _MAX_WRAP_WIDTH or max(widths) > _MAX_WRAP_WIDTH:
        return None
    pairs = [(here.strip(_EDGE), after) for here, after in _pairs(lines)]
    broken = [here for here, _ in pairs if _columns(here) >= 0.8 * margin and not _SENTENCE_END.search(here)]
    return margin if len(broken) >= _MIN_WRAP_LINES - 1 and len(broken) >= 0.4 * len(pairs) else None


def _is_column(lines: list[str], margin: int) -> bool:
    """Say whether lines are prose set in a narrow column: many reach the margin, most have a comma or a stop."""
    filled = [line.strip(_EDGE) for line in lines if line.strip(_EDGE)]
    full = sum(margin - 2 <= _columns(line) <= margin for line in filled)
    prose = sum(_PAUSE.search(line) is not None for line in filled)
    return full >= 0.3 * len(filled) and prose >= 0.5 * len(filled)


def _pairs(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each line that is followed by another one of the same block."""
    for here, after in itertools.pairwise(lines):
        if here.strip(_EDGE) and after.strip(_EDGE):
            yield here, after


def _columns(text: str) -> int:
    if len(text) > 4 * _MAX_WRAP_WIDTH:
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)
