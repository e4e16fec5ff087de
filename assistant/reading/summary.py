"""Select the sentences of a summary: what the articles say first, and of the subject. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.question import Asked
from assistant.reading.selection import (
    LIST_SHARE,
    MAX_SENTENCES,
    RankedSentence,
    asks,
    is_heading,
    repeats,
    trust,
)
from assistant.subject import coverage
from vectorstore.fold import fold

MAX_OF_ARTICLE = 2  # sentences of one article in a summary of several
LEAD_CHARS, LEAD_WORTH = 200, 1.5  # where an article begins, and what a sentence there is worth in a summary
FULL_SENTENCE, FIGURE_WORTH = 40, 1.2  # shorter sentences are captions and calls; figures tell more
MOST_IN_ROW, ROW_WORTH = 4, 0.4  # a sentence that lists more than so many names (who came) tells less


def choose_summary(asked: Asked, ranked: Sequence[RankedSentence]) -> list[RankedSentence]:
    """Return what the articles say first, and of the subject: no reader is trained to find a summary.

    That the first sentences of a news article sum it up is the strongest simple rule (lead-3, Nallapati et al. 2017).
    """
    told = [item for item in ranked if not asks(item.text) and not is_heading(item.text)]
    best: dict[str, float] = {}
    for item in told:
        best[item.hit.article_id] = max(best.get(item.hit.article_id, 0.0), item.hit.score)
    worth = {item: _tells_of(asked, item) * (best[item.hit.article_id] or 1.0) for item in told}
    most = MAX_OF_ARTICLE if len(best) > 1 else MAX_SENTENCES
    chosen: list[RankedSentence] = []
    for item in sorted(told, key=lambda item: -worth[item]):
        of_article = [other for other in chosen if other.hit.article_id == item.hit.article_id]
        if len(chosen) == MAX_SENTENCES or worth[item] < LIST_SHARE * max(worth.values()):
            break
        if len(of_article) < most and not any(repeats(item, other) for other in chosen):
            chosen.append(item)
    return chosen or [ranked[0]]


def _tells_of(asked: Asked, item: RankedSentence) -> float:
    """Return how much a sentence tells of the subject: what it and its title hold of it, more where it stands first."""
    folded = fold(item.text)
    held = coverage(asked.words, folded) + coverage(asked.words, f"{fold(item.hit.title)}\n{folded}")
    leads = LEAD_WORTH if item.start < LEAD_CHARS else 1.0
    says = min(1.0, len(folded) / FULL_SENTENCE) * (FIGURE_WORTH if re.search(r"\d", folded) else 1.0)
    tells = ROW_WORTH if item.text.count("、") > MOST_IN_ROW else 1.0
    return held * leads * says * tells * trust(item.text)
