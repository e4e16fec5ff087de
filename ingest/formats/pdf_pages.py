"""Join the pages of a PDF into one text, without what stands on every page: page numbers, running heads."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ingest.clean import clean_text

_EDGE_LINES = 2  # of a page, at its top and at its foot
_MIN_REPEATS = 3  # pages that must show a line for it to be a running head
_MIN_SHARE = 0.6
_MIN_PAGES_OF_TWO_SIDES = 4
_MAX_RUNNING_CHARS = 60
_PROSE = re.compile("[，。；！？]")  # two pages may begin alike without being headed alike
_MIN_GAPS = 6
_HAN = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2018-\u201d]")
_GAP = re.compile(rf"(?<={_HAN.pattern}) (?={_HAN.pattern})")
_PAGE_NUMBER = re.compile(
    r"^[\s—–-]*(?:第\s*)?([0-9]{1,4})(?:\s*页)?(?:\s*[/／共]\s*[0-9]{1,4}\s*页?)?[\s—–-]*$"
)


def join_pages(pages: Sequence[str]) -> str:
    """Return the pages as one text; a sentence runs on from page to page."""
    split = [_lines(page) for page in pages]
    dropped = _running_heads(split) | _page_numbers(split)
    kept = [
        line
        for number, lines in enumerate(split)
        for index, line in enumerate(lines)
        if (number, index) not in dropped
    ]
    return "\n".join(_lines("\n".join(kept)))


def _lines(page: str) -> list[str]:
    """Return the lines of a page without the blank lines that begin and end it."""
    lines = [_closed_up(line.rstrip()) for line in page.replace("\r", "\n").split("\n")]
    filled = [index for index, line in enumerate(lines) if line]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _closed_up(line: str) -> str:
    """Return a line that was spread to its margin, a space after every character, as it was written."""
    gaps = len(_GAP.findall(line))
    return _GAP.sub("", line) if gaps >= _MIN_GAPS and 2 * gaps >= len(_HAN.findall(line)) else line


def _edges(lines: Sequence[str]) -> set[int]:
    """Return the places of the lines at the top and the foot of a page."""
    places = range(len(lines))
    return {*places[:_EDGE_LINES], *places[-_EDGE_LINES:]}


def _page_numbers(pages: Sequence[Sequence[str]]) -> set[tuple[int, int]]:
    """Return where the numbers stand that rise with the pages.

    One that is just the page's place is a page number; a count that began elsewhere must show on most pages.
    """
    found = [
        (number, index, int(match[1]) - number)
        for number, lines in enumerate(pages)
        for index in sorted(_edges(lines))
        if (match := _PAGE_NUMBER.match(lines[index]))
    ]
    shown = Counter(ahead for _, ahead in {(number, ahead) for number, _, ahead in found})
    least = _least(len(pages))
    return {(number, index) for number, index, ahead in found if ahead == 1 or shown[ahead] >= least}


def _running_heads(pages: Sequence[Sequence[str]]) -> set[tuple[int, int]]:
    """Return where the lines stand that most pages show at an edge, or most left or most right pages."""
    everywhere = _repeated(pages, range(len(pages)), least=_least(len(pages)))
    if len(pages) < _MIN_PAGES_OF_TWO_SIDES:
        return everywhere
    sides = (range(0, len(pages), 2), range(1, len(pages), 2))
    found = (_repeated(pages, side, least=max(2, _share(len(side)))) for side in sides)
    return everywhere | {
        place for place in set().union(*found) if not _PROSE.search(pages[place[0]][place[1]])
    }


def _repeated(pages: Sequence[Sequence[str]], numbers: range, *, least: int) -> set[tuple[int, int]]:
    shapes = {
        (number, index): _shape(pages[number][index]) for number in numbers for index in _edges(pages[number])
    }
    shown = Counter(shape for _, shape in {(number, shape) for (number, _), shape in shapes.items()})
    return {
        place for place, shape in shapes.items() if shape.strip("#— –-") and len(shape) <= _MAX_RUNNING_CHARS
        and shown[shape] >= least
    }  # fmt: skip


def _least(pages: int) -> int:
    return max(_MIN_REPEATS, _share(pages))


def _share(pages: int) -> int:
    return round(_MIN_SHARE * pages)


def _shape(line: str) -> str:
    """Return a line with its numbers blanked: running heads carry the page number."""
    return re.sub(r"[0-9]+", "#", clean_text(line))
