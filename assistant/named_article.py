"""Find the long article that a question names (甲公司2021年的年报), and what the question asks of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from assistant.subject import words_of
from vectorstore.article import Article, Hit
from vectorstore.fold import fold

LEAD_CHARS = 200
LONG_CHARS = 2000
READ_SHARE = 0.6
"""An article of which less was found is worth searching by itself."""
LEAST_CHARS = 4
LEAST_WEIGHT = 1.2
"""What the words of a name must weigh together: 人工智能 names no article."""
LEAST_ASKED = 0.5
_YEAR = re.compile(r"在?(?P<year>(?:19|20)\d\d年)(?!\d|[初末底上下])度?的?")
_LOOSE = re.compile(r"^(?:的|中|里|上|，|,|、|在|于|[ 　])+")


def named_article(
    question: str, articles: Iterable[Article], hits: Sequence[Hit]
) -> tuple[Article, str] | None:
    """Return the article whose title or first lines hold most of a name in the question, and the question without it.

    None where no article is named, where what is left asks nothing, or where most of the article was found already:
    inside a long article the sentences that answer seldom say the name again (公司的净利润为…).
    """
    best: tuple[int, Article, str] | None = None
    for article in articles:
        found = sum(len(hit.text) for hit in hits if hit.article_id == article.id)
        if len(article.text) < LONG_CHARS or found >= READ_SHARE * len(article.text):
            continue
        start, end = _shared(question, f"{article.title}\n{article.text[:LEAD_CHARS]}")
        rest = question[:start] + _LOOSE.sub("", question[end:])
        if (
            end - start >= LEAST_CHARS
            and _weight(question[start:end]) >= LEAST_WEIGHT
            and _weight(rest) >= LEAST_ASKED
        ):
            best = max(best or (0, article, rest), (end - start, article, rest), key=lambda one: one[0])
    return best[1:] if best else None


def freed_of_years(rest: str, article: Article) -> str:
    """Return what is asked of an article without the years that its title or first lines say it is of.

    Inside a report on 2021 the sentence with the profit does not say 2021 again.
    """
    lead = f"{article.title}\n{article.text[:LEAD_CHARS]}"

    def kept(match: re.Match[str]) -> str:
        return "" if match["year"] in lead else match[0]

    return _LOOSE.sub("", _YEAR.sub(kept, rest)) or rest


def _shared(question: str, lead: str) -> tuple[int, int]:
    """Return the span of the longest run of characters that a question shares with the beginning of an article."""
    match = SequenceMatcher(None, fold(question), fold(lead), autojunk=False).find_longest_match()
    return match.a, match.a + match.size


def _weight(text: str) -> float:
    return sum(word.weight for word in words_of(text) if not word.text.isdigit())
