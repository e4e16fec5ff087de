"""Find what a summary is asked of: the one article that a question names, and the topic in it. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from assistant.question import Asked
from assistant.subject import Word, words_of
from assistant.verification.names import find_names
from vectorstore.article import Article, Hit
from vectorstore.fold import fold

LEAD_CHARS = 200  # where an article says what it is of
LEAST_NAMED = 0.2  # an article holds so much, by weight, of the pairs of characters that name the source
ALIKE = 0.85  # and no other holds so much of what the best one holds;
ALIKE_BARE = 0.6  # still less where no clause names a source
FOREMOST = 4.0
LONGEST = 200_000  # characters; a book is summed up from its best passages
LEAST_RUN = 3
_MASK = "\n"
_SOURCE = re.compile(r"^[^，,]{0,4}(?:根据|依据|结合|按照|参照|参考|基于|阅读|通读)[^，,]+[，,]")
_ASKS_FOR = re.compile(
    r"(?:总结|概括|概述|简述|归纳|梳理|介绍)(?:出|了|一下|下)?[:：，,]?|讲了什么|说了什么|主要讲"
)
_BY_MEANS = re.compile(r"(?:如何|怎样|怎么)通过(?P<means>.+?)来")
_SAYS_LITTLE = frozenset(
    "采取 取得 发生 履行 开展 重要 重大 关键 相关 有关 要点 概况 核心 全部 整体 简要 简单 详细 文档 全文 本案 案件 该案 及其"
    " 文章 报道 新闻 报告 文件 材料 资料 论文 通知 公告 判决书 病历 年报".split()
)


def wants_summing_up(asked: Asked) -> bool:
    """Tell whether a question asks what an article says of something at length, rather than for a fact in it."""
    return asked.kind == "summary" or (asked.kind == "manner" and _BY_MEANS.search(asked.text) is not None)


def summarised(question: str, articles: Sequence[Article], hits: Sequence[Hit]) -> Article | None:
    """Return the one article that a question names, or that by far the most of what was found is of, or None."""
    found = _named(question, articles, hits) or _foremost(articles, hits)
    return found if found and len(found.text) <= LONGEST else None


def _foremost(articles: Sequence[Article], hits: Sequence[Hit]) -> Article | None:
    """Return the article that the search believes in several times as much as in all others together."""
    scores = [sum(hit.score for hit in hits if hit.article_id == article.id) for article in articles]
    best = max(range(len(scores)), key=lambda at: scores[at], default=None)
    return (
        articles[best]
        if best is not None and scores[best] > FOREMOST * (sum(scores) - scores[best])
        else None
    )


def _named(question: str, articles: Sequence[Article], hits: Sequence[Hit]) -> Article | None:
    """Return the one article that a question names (根据某院的病历，…), None where none or several may be meant.

    A pair of characters names the better the fewer of the articles found hold it in their title and first lines.
    """
    folded = fold(question)
    source = _SOURCE.match(folded)
    naming = source[0] if source else folded
    names = [folded[slice(*name)] for name in _names(folded)]
    if not names and not any(_is_topic(word.text) for word in words_of(naming)):  # 根据这些报告
        return None
    asked = {pair for text in (naming, *names) for pair in _pairs(text)}
    leads = [_pairs(fold(f"{article.title}\n{article.text[:LEAD_CHARS]}")) for article in articles]
    weights = {
        pair: math.log((len(leads) + 1) / max(1, sum(pair in lead for lead in leads)))
        for pair in sorted(asked)
    }
    scores = {hit.article_id: 0.0 for hit in hits}
    for hit in hits:
        scores[hit.article_id] += hit.score

    def named(lead: set[str], title: set[str]) -> float:
        return sum(weight * ((pair in lead) + (pair in title)) for pair, weight in weights.items())

    held = [named(lead, _pairs(fold(article.title))) for article, lead in zip(articles, leads, strict=True)]
    order = sorted(range(len(held)), key=lambda at: (-held[at], -scores.get(articles[at].id, 0.0)))
    if not order or named(leads[order[0]], set()) < LEAST_NAMED * sum(weights.values()):
        return None
    if len(order) > 1 and held[order[1]] > (ALIKE if source else ALIKE_BARE) * held[order[0]]:
        return None
    return articles[order[0]]


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1) if text[at : at + 2].isalnum()}


def _names(folded: str) -> list[tuple[int, int]]:
    return [(name.start, name.end) for name in find_names(folded) if name.kind != "quoted"]


def topic_of(question: str, title: str) -> list[Word]:
    """Return the words for what is asked of the article (治疗方案), without those that name it; none asks for all."""
    folded = fold(question)
    masked = folded
    for start, end in [*_shared_runs(folded, fold(title)), *_names(folded)]:
        masked = masked[:start] + _MASK * (end - start) + masked[end:]
    source = _SOURCE.match(folded)
    rest = masked[source.end() :] if source else masked
    means = _BY_MEANS.search(rest)
    before, after = (means["means"] if means else rest), ""
    for match in _ASKS_FOR.finditer(rest):
        before, after = rest[: match.start()], rest[match.end() :]
    behind_name = after.split(_MASK)[1:][-1:]  # 被告人甲某的…: what precedes the name is of it too
    for part in (*behind_name, after, before):
        found = {
            word.text: word
            for word in words_of(part)
            if _is_topic(word.text) and word.text not in fold(title)
        }
        if found:
            return list(found.values())
    return []


def _is_topic(word: str) -> bool:
    return len(word) > 1 and not word[0].isdigit() and word not in _SAYS_LITTLE


def _shared_runs(folded: str, title: str) -> list[tuple[int, int]]:
    blocks = SequenceMatcher(None, folded, title, autojunk=False).get_matching_blocks()
    return [(block.a, block.a + block.size) for block in blocks if block.size >= LEAST_RUN]
