"""Number the hits for the chat model, within a token budget: passages that touch become one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from vectorstore.article import Article, Hit
from vectorstore.sentences import sentence_spans

HEADING_TOKENS = 24
"""What the number, the date and the delimiters around a passage cost."""
MAX_GAP_CHARS = 120
"""Passages of one article this close are shown as one, with the words between them."""


@dataclass(frozen=True, slots=True)
class ContextPassage:
    """A numbered span of an article: `article.text[start_char:end_char] == text`."""

    number: int
    article_id: str
    title: str
    source: str
    url: str | None
    published: date | None
    start_char: int
    text: str
    passage_ids: tuple[tuple[int, str], ...]
    """(start_char, passage id) of the hits it was made of."""

    @property
    def end_char(self) -> int:
        """Return where the span ends in the article."""
        return self.start_char + len(self.text)

    def passage_id_at(self, start_char: int) -> str:
        """Return the id of the hit that has this character of the article."""
        before = [passage_id for start, passage_id in self.passage_ids if start <= start_char]
        return before[-1] if before else self.passage_ids[0][1]


@dataclass(frozen=True, slots=True)
class Context:
    """What the chat model is shown, best first, and how many of the hits the budget left out."""

    passages: tuple[ContextPassage, ...]
    left_out: int
    tokens: int

    @property
    def warning(self) -> str | None:
        """Return what was left out, in words for the reader of the answer, or None."""
        if not self.left_out:
            return None
        return f"上下文预算不够，有 {self.left_out} 段没有交给对话模型。 {self.left_out} passages left out."


def fit_context(
    hits: Sequence[Hit],
    *,
    budget_tokens: int,
    count_tokens: Callable[[str], int],
    articles: Mapping[str, Article] | None = None,
) -> Context:
    """Return the best hits that fit the budget, merged where they touch and numbered from 1.

    `articles` (id -> article), where given, fill the gaps of up to 120 characters between two passages.
    """
    articles = articles or {}
    kept, left_out = _within_budget(hits, budget_tokens, count_tokens)
    while True:
        passages = tuple(
            _passage(number, group, articles) for number, group in enumerate(_merge(kept, articles), 1)
        )
        tokens = sum(_cost(passage.title, passage.text, count_tokens) for passage in passages)
        if tokens <= budget_tokens or len(kept) <= 1:
            return Context(passages, left_out, tokens)
        kept.pop()
        left_out += 1


def _cost(title: str, text: str, count_tokens: Callable[[str], int]) -> int:
    return count_tokens(title) + count_tokens(text) + HEADING_TOKENS


def _within_budget(
    hits: Sequence[Hit], budget_tokens: int, count_tokens: Callable[[str], int]
) -> tuple[list[Hit], int]:
    kept: list[Hit] = []
    used = left_out = 0
    for hit in hits:
        if any(_inside(hit, other) for other in kept):
            continue
        cost = _cost(hit.title, hit.text, count_tokens)
        if used + cost > budget_tokens:
            left_out += 1
            continue
        kept.append(hit)
        used += cost
    if hits and not kept:
        kept, left_out = [_shortened(hits[0], budget_tokens, count_tokens)], left_out - 1
    return kept, left_out


def _shortened(hit: Hit, budget_tokens: int, count_tokens: Callable[[str], int]) -> Hit:
    """Return the first sentences of a hit that is larger than the whole budget; at least one."""
    end = 0
    for _, sentence_end in sentence_spans(hit.text):
        if end and _cost(hit.title, hit.text[:sentence_end], count_tokens) > budget_tokens:
            break
        end = sentence_end
    return replace(hit, text=hit.text[:end], end_char=hit.start_char + end)


def _inside(hit: Hit, other: Hit) -> bool:
    return (
        hit.article_id == other.article_id
        and other.start_char <= hit.start_char
        and hit.end_char <= other.end_char
    )


def _merge(hits: Sequence[Hit], articles: Mapping[str, Article]) -> list[list[Hit]]:
    """Group hits whose spans touch; each group is in article order, groups stay in rank order."""
    groups: list[list[Hit]] = []
    for hit in hits:
        touching = [group for group in groups if any(_touch(hit, other, articles) for other in group)]
        if not touching:
            groups.append([hit])
            continue
        for group in touching[1:]:  # the hit bridges groups: they join the best ranked one
            groups.remove(group)
            touching[0].extend(group)
        touching[0].append(hit)
        touching[0].sort(key=lambda one: (one.start_char, one.end_char))
    return groups


def _touch(one: Hit, other: Hit, articles: Mapping[str, Article]) -> bool:
    if one.article_id != other.article_id:
        return False
    gap = max(one.start_char, other.start_char) - min(one.end_char, other.end_char)
    return gap <= (MAX_GAP_CHARS if one.article_id in articles else 0)


def _passage(number: int, group: Sequence[Hit], articles: Mapping[str, Article]) -> ContextPassage:
    first = group[0]
    return ContextPassage(
        number=number,
        article_id=first.article_id,
        title=first.title,
        source=first.source,
        url=first.url,
        published=first.published,
        start_char=first.start_char,
        text=_text(group, articles.get(first.article_id)),
        passage_ids=tuple((hit.start_char, hit.passage_id) for hit in group),
    )


def _text(group: Sequence[Hit], article: Article | None) -> str:
    start, end = group[0].start_char, max(hit.end_char for hit in group)
    if article is not None:
        return article.text[start:end]
    text = ""
    for hit in group:
        text += hit.text[start + len(text) - hit.start_char :]
    return text
