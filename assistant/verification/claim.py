"""A sentence that somebody wrote about the articles, made ready to be checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from assistant.verification.dates_in_text import DateMention, find_dates
from assistant.verification.evidence import bigrams
from assistant.verification.facts import Facts, facts_of_folded
from assistant.verification.locate import Span
from vectorstore.fold import fold

if TYPE_CHECKING:
    from datetime import date

_LIST_MARK = re.compile(
    r"\s*(?:[-*•·]\s+|\(?\d{1,2}[.、)]\s*(?!\d)|第?[一二三四五六七八九十]{1,2}[、,]\s*|#+\s*)"
)
_LEAD_IN = re.compile(
    r"\s*(?:(?:综上所述|综上|总之|总的来说|简而言之|因此|所以|答案[是为]?|答|回答|此外|另外|同时|其中|具体来说)[,:]?\s*)*"
    r"(?:(?:根据|依据|按照|据|从|在)?(?:以上|上述|上面|所给|提供|给出|您提供|这些|该|这篇|第?\d*篇?)?的?"
    r"(?:参考)?(?:文章|资料|材料|信息|上下文|原文|片段|段落|来源)\d*(?:中|里)?的?(?:显示|提到|指出|介绍|所述|所说|可知|内容|描述)*[,:]?)?"
)
_CLAUSE = re.compile(r"[^,;:。!?]*(?:[,;:。!?](?!\d)|(?<=\d)[,:](?=\d)|$)")
MIN_CLAUSE_CHARS = 5


@dataclass(frozen=True)
class Claim:
    """A sentence without markers, folded; list marks and 根据文章 are blanked, offsets stay."""

    folded: str

    @cached_property
    def facts(self) -> Facts:
        """Return the facts; relative dates stay open, see `dates`."""
        return facts_of_folded(self.folded)

    def dates(self, published: date | None) -> tuple[DateMention, ...]:
        """Return the dates as an article published on that day would mean them."""
        return find_dates(self.folded, published=published) if published else self.facts.dates

    @cached_property
    def bigrams(self) -> frozenset[str]:
        """Return the content bigrams."""
        return bigrams(self.folded)

    @cached_property
    def clauses(self) -> tuple[Span, ...]:
        """Return the clauses; one with fewer than five content characters joins the next."""
        spans: list[Span] = []
        start = 0
        for match in _CLAUSE.finditer(self.folded):
            if content_length(self.folded[start : match.end()]) >= MIN_CLAUSE_CHARS:
                spans.append(Span(start, match.end()))
                start = match.end()
        if content_length(self.folded[start:]) and spans:
            spans[-1] = Span(spans[-1].start, len(self.folded))
        return tuple(spans) or (Span(0, len(self.folded)),)

    def clause_at(self, at: int) -> str:
        """Return the clause that has the character at this offset."""
        span = next((span for span in self.clauses if span.start <= at < span.end), self.clauses[-1])
        return self.folded[span.start : span.end]


def content_length(folded: str) -> int:
    """Return the number of letters, digits and Chinese characters."""
    return sum(map(str.isalnum, folded))


@lru_cache(maxsize=256)
def read_claim(text: str) -> Claim:
    """Return the sentence as a claim."""
    folded = fold(text)
    for pattern in (_LIST_MARK, _LEAD_IN):
        match = pattern.match(folded)
        if match and match.end() < len(folded):
            folded = " " * match.end() + folded[match.end() :]
    return Claim(folded)
