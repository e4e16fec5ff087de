"""Read what a Word file shows: its paragraphs, tables, text boxes and notes in order, with their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ingest.formats.docx_numbers import Numbering
from ingest.formats.docx_parts import attribute, child, children, is_on, local

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAX_VALUE_CHARS = 80  # a longer cell holds running text
_EMPTY_CELL = "—"
_UNKNOWN_SIGN = "□"
_PRIVATE = 0xF000  # where Word puts the signs of symbol fonts
_GONE = frozenset(("rt", "Fallback", "del", "moveFrom", "pPr", "rPr", "instrText"))
_WORDS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Adobe's Symbol font: Greek for the letters, signs where Latin fonts have others.
_SYMBOL_FROM = {
    0x20: " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_",
    0x61: "αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
    0xA2: "′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…",
    0xC0: "ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑",
}
_SYMBOL = {code: sign for first, signs in _SYMBOL_FROM.items() for code, sign in enumerate(signs, first)}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or a table row: the lower-case name of its style, its text, the notes it refers to."""

    style: str
    text: str
    notes: tuple[Element, ...] = ()


@dataclass(slots=True)
class _Found:
    words: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    notes: list[Element] = field(default_factory=list)


class WordText:
    """The text of a document, told with the help of the parts that name its styles, numbers and notes."""

    def __init__(self, parts: Mapping[str, Element]) -> None:
        styles = parts.get("styles")
        self._document = parts["document"]
        self._numbering = Numbering(parts.get("numbering"), styles)
        self._styles = {
            attribute(style, "styleId"): attribute(child(style, "name")).lower()
            for style in children(styles, "style")
        }
        self._notes = {
            (kind, attribute(note, "id")): note
            for kind in ("footnote", "endnote")
            for note in children(parts.get(f"{kind}s"), kind)
        }

    def paragraphs(self) -> Iterator[Paragraph]:
        """Yield what is shown, in order; a note comes after the paragraph that refers to it first."""
        for paragraph in self._walk(self._document):
            yield paragraph
            for note in paragraph.notes:
                yield from self._walk(note)

    def _walk(self, root: Element) -> Iterator[Paragraph]:
        stack = [root]
        while stack:
            node = stack.pop()
            name = local(node)
            if name == "p":
                found = self._read(node)
                text = "".join(found.words)
                label = self._numbering.label(node)
                yield Paragraph(self._style(node), label + text if text.strip() else "", tuple(found.notes))
                stack.extend(reversed(found.boxes))
            elif name == "tr":
                yield from self._row(node)
            elif name not in ("Fallback", "del", "moveFrom", "sectPr"):
                stack.extend(reversed(node))

    def _style(self, paragraph: Element) -> str:
        identity = attribute(child(paragraph, "pPr", "pStyle"))
        return self._styles.get(identity, identity.lower())

    def _read(self, paragraph: Element) -> _Found:
        """Return the visible words of a paragraph, the text boxes in it and the notes it refers to."""
        found = _Found()
        stack = list(reversed(paragraph))
        while stack:
            node = stack.pop()
            name = local(node)
            if name in _GONE or (name == "r" and is_on(child(node, "rPr"), "vanish")):
                continue
            if name == "t":
                found.words.append(node.text or "")
            elif name == "sym":
                found.words.append(_sign(node))
            elif name in _WORDS:
                found.words.append(_WORDS[name])
            elif name == "txbxContent":
                found.boxes.append(node)
            elif name.endswith("Reference"):
                note = self._notes.pop((name.removesuffix("Reference"), attribute(node, "id")), None)
                found.notes.extend([] if note is None else [note])
            else:
                stack.extend(reversed(node))
        return found

    def _row(self, row: Element) -> Iterator[Paragraph]:
        """Yield a table row as one line, or its paragraphs where its cells hold running text."""
        cells = [list(self._walk(cell)) for cell in _cells(row)]
        paragraphs = [paragraph for cell in cells for paragraph in cell]
        if any(len(paragraph.text) > _MAX_VALUE_CHARS for paragraph in paragraphs):
            yield from paragraphs
            return
        values = [" ".join(" ".join(each.text for each in cell).split("\n")).strip() for cell in cells]
        notes = tuple(note for paragraph in paragraphs for note in paragraph.notes)
        yield Paragraph("", _line(values), notes)


def _line(values: list[str]) -> str:
    """Return the values of a row; an empty cell before another value keeps its place."""
    while values and not values[-1]:
        values.pop()
    if sum(map(bool, values)) < 2:
        return "".join(values)
    return " ".join(value or _EMPTY_CELL for value in values)


def _cells(row: Element) -> Iterator[Element]:
    """Yield the cells of a row; one that only continues the cell above has no value of its own."""
    for node in row:
        merged = child(node, "tcPr", "vMerge")
        if local(node) in ("sdt", "sdtContent"):
            yield from _cells(node)
        elif local(node) == "tc" and (merged is None or attribute(merged) == "restart"):
            yield node


def _sign(node: Element) -> str:
    """Return the character that a sign of another font shows, or □."""
    try:
        code = int(attribute(node, "char"), 16)
    except ValueError:
        return _UNKNOWN_SIGN
    if code < _PRIVATE and chr(code).isprintable():
        return chr(code)
    known = _SYMBOL if attribute(node, "font").lower() == "symbol" else {}
    return known.get(code - _PRIVATE, _UNKNOWN_SIGN)
