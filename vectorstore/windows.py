"""Join the hits of an article that stand next to each other into one window for reading. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vectorstore.article import Hit

MAX_GAP_CHARS = 40
MAX_WINDOW_CHARS = 1600


@dataclass(frozen=True, slots=True)
class Window:
    """A span of an article that hits cover: `article.text[start_char:end_char] == text`."""

    article_id: str
    start_char: int
    end_char: int
    text: str
    hits: tuple[Hit, ...]
    """The hits it was joined of, best first."""


def join_neighbours(
    hits: Sequence[Hit], texts: Mapping[str, str], *, max_gap_chars: int = MAX_GAP_CHARS,
    max_chars: int = MAX_WINDOW_CHARS,
) -> list[Window]:  # fmt: skip
    """Return reading windows, the one with the best hit first; `texts` maps article ids to their texts.

    Hits of an article whose text is not given stay alone. A window never grows beyond `max_chars`.
    """
    groups: list[list[Hit]] = []
    for hit in hits:
        near = (group for group in groups if _joins(hit, group, max_gap_chars, max_chars))
        group = next(near, None) if hit.article_id in texts else None
        if group is None:
            groups.append([hit])
        else:
            group.append(hit)
    return [_window(group, texts) for group in groups]


def _joins(hit: Hit, group: Sequence[Hit], max_gap_chars: int, max_chars: int) -> bool:
    if hit.article_id != group[0].article_id:
        return False
    start, end = _span(group)
    if max(end, hit.end_char) - min(start, hit.start_char) > max_chars:
        return False
    return hit.start_char - end <= max_gap_chars and start - hit.end_char <= max_gap_chars


def _span(group: Sequence[Hit]) -> tuple[int, int]:
    return min(hit.start_char for hit in group), max(hit.end_char for hit in group)


def _window(group: Sequence[Hit], texts: Mapping[str, str]) -> Window:
    start, end = _span(group)
    text = group[0].text if len(group) == 1 else texts[group[0].article_id][start:end]
    return Window(group[0].article_id, start, end, text, tuple(group))
