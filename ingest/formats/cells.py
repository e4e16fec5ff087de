"""Read the rows of a CSV file from its lines: a broken line costs the row that it stands in, and no other."""

from __future__ import annotations

import csv
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.formats.lines import MAX_LINE_BYTES, Line

_DELIMITERS = ",\t;|"
_HEAD_LINES = 5  # that tell the delimiter
_HEAD_CHARS = 20_000
_OPEN_QUOTE = (
    "引号没有配对：一格里的引号要写两遍，一格的开头和结尾各要一个 "
    "(unpaired quotation marks: double those inside a cell, put one at its start and one at its end)"
)
_CUT_OFF = "这一格里有坏了的一行，整行没有读 (a line of one of its cells is broken, so the row is not read)"


@dataclass(frozen=True, slots=True)
class Row:
    """A row that holds something: its number among the rows, the number of its first line, its cells or its problem."""

    number: int
    line: int
    cells: list[str]
    encoding: str
    problem: str | None = None


MOST_LINES, FEWEST_LINES = 4000, 16
"""So many lines may one row have; one whose mark never closes takes all of them, and is then read again line by line."""


class _Feed:
    """Hands lines to the `csv` module, keeps those of the running row, and stops it before one with a problem."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._again = deque[Line]()
        self.taken: list[Line] = []
        self.ended = False
        self._most = MOST_LINES

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        within = len(self.taken) < self._most
        line = (self._again.popleft() if self._again else next(self._lines, None)) if within else None
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken.append(line)
        if line.problem is not None:
            raise StopIteration
        return line.text + "\n"

    def give_back(self, lines: Sequence[Line]) -> None:
        """Hand these lines out again, as the first ones of another row."""
        self._again.extendleft(reversed(lines))
        self.ended = False

    def trust(self, *, whole: bool) -> None:
        """Let a row run on as far as it may, or, after one whose quotation mark never closed, half as far."""
        self._most = MOST_LINES if whole else max(FEWEST_LINES, self._most // 2)


def read_rows(lines: Iterable[Line]) -> Iterator[Row]:
    """Yield the rows that are not blank; those that cannot be read have a problem and no cells."""
    csv.field_size_limit(MAX_LINE_BYTES)
    lines = iter(lines)
    head = list(itertools.islice(lines, _HEAD_LINES * 4))
    delimiter = _delimiter([line.text for line in head])
    feed = _Feed(itertools.chain(head, lines))
    reader = csv.reader(feed, delimiter=delimiter, strict=False)
    for number in itertools.count(1):
        feed.taken.clear()
        problem = None
        try:
            cells = next(reader, [])
        except csv.Error as error:
            cells, problem = [], f"CSV 格式有误 (broken CSV: {error})"
        if not feed.taken:
            return
        first, last = feed.taken[0], feed.taken[-1]
        if problem is None and last.problem is None and (len(feed.taken) > 1 or feed.ended):
            whole = _is_whole(feed.taken, delimiter)
            feed.trust(whole=whole)
            problem = None if whole else _OPEN_QUOTE
        if problem is not None:
            yield Row(number, first.number, [], first.encoding, problem)
            feed.give_back(feed.taken[1:])
        elif last.problem is not None:
            if first is not last:
                yield Row(number, first.number, [], first.encoding, _CUT_OFF)
            yield Row(number, last.number, [], last.encoding, last.problem)
        elif any(map(str.strip, cells)):
            yield Row(number, first.number, cells, first.encoding)


def _is_whole(lines: Sequence[Line], delimiter: str) -> bool:
    """Say whether the quotation marks of a row are paired: an open one runs on into the rows below."""
    try:
        rows = list(csv.reader([line.text + "\n" for line in lines], delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return len(rows) == 1


def _delimiter(lines: Sequence[str]) -> str:
    """Return what parts the cells of the header: the commonest of the usual marks in the first line with any."""
    head = [line[:_HEAD_CHARS] for line in lines if line.strip()][:_HEAD_LINES]
    line = next((line for line in head if any(mark in line for mark in _DELIMITERS)), "")
    return max(_DELIMITERS, key=line.count)
