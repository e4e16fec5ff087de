"""Make questions from the news: a fact taken out of one sentence, asked for, found in a passage.

A sentence or headline loses a number, date, name, place, organisation, title or phrase; what is left
of it around the gap becomes the question. Where the same fact stands in another sentence of the
article (recurring spans, Ram et al. 2021), the passage is read without the sentence that asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import rjieba

from training.reader.facts import CONTENT, Fact, Word, ask, facts, words
from training.reader.texts import MAX_PASSAGE, Example, Span, sentences

ALONE = {"which": 0.3, "phrase": 0.04}
"""How often a fact is asked for that stands in one sentence of its article alone; others 0.12."""


def _shared(question: str, tagged: list[Word], place: Span) -> int:
    return len(
        {
            w.text
            for w in tagged
            if w.tag in CONTENT
            and w.end - w.start > 1
            and place[0] <= w.start < place[1]
            and w.text in question
        }
    )


def _elsewhere(
    text: str, tagged: list[Word], cuts: list[Span], asked: Span, surface: str, question: str
) -> list[int]:
    """Return the sentences other than the asking one that hold the fact with two words of the question."""
    found = []
    for number, (start, end) in enumerate(cuts):
        if (start, end) == asked or surface not in text[start:end]:
            continue
        near = (cuts[max(0, number - 1)][0], end)
        if _shared(question, tagged, near) >= 2:
            found.append(number)
    return found


def _passage(cuts: list[Span], centre: int, skip: Span | None, chance: Random) -> list[Span]:
    """Return neighbouring sentences around `centre` without the one to skip, up to a random length."""
    target = chance.randint(140, MAX_PASSAGE)
    picked = [cuts[centre]]
    low = high = centre
    size = cuts[centre][1] - cuts[centre][0]
    while size < target and (low > 0 or high + 1 < len(cuts)):
        back = low > 0 and (chance.random() < 0.5 or high + 1 >= len(cuts))
        number = low - 1 if back else high + 1
        low, high = (number, high) if back else (low, number)
        if cuts[number] != skip:
            size += cuts[number][1] - cuts[number][0]
            if size > MAX_PASSAGE:
                break
            picked = [cuts[number], *picked] if back else [*picked, cuts[number]]
    return picked


def _located(passage: str, surface: str) -> tuple[Span, ...]:
    return tuple((m.start(), m.end()) for m in re.finditer(re.escape(surface), passage))


def _swap(question: str, passage: str, others: list[str], chance: Random) -> str | None:
    """Return the question with a word that the passage holds replaced by one that it lacks."""
    named = [
        (w, t)
        for w, t in rjieba.tag(question)
        if len(w) > 1 and t in {"nr", "ns", "nt", "nz", "n", "m"} and w in passage
    ]
    if not named or not others:
        return None
    word, tag = chance.choice(named)
    pool = [other for other in chance.sample(others, min(400, len(others))) if other.startswith(tag + "/")]
    for other in pool:
        new = other.partition("/")[2]
        if new not in passage:
            return question.replace(word, new, 1)
    return None


def news_questions(articles: list[tuple[str, str]], seed: int) -> Iterator[Example]:
    """Yield questions on folded (title, text) articles: three in four answerable, the rest not."""
    chance = Random(seed)
    others: list[str] = []
    for title, body in articles:
        text = (title + "。\n" if title else "") + body[:3000]
        tagged = words(text)
        cuts = [cut for cut in sentences(text) if cut[1] - cut[0] > 6]
        others.extend(
            f"{w.tag}/{w.text}"
            for w in tagged
            if w.tag in {"nr", "ns", "nt", "nz", "n"} and chance.random() < 0.02
        )
        known = facts(text, tagged)
        chance.shuffle(known)
        yield from _from_article(text, tagged, cuts, known, others[-20_000:], chance)


def _from_article(
    text: str,
    tagged: list[Word],
    cuts: list[Span],
    known: list[Fact],
    others: list[str],
    chance: Random,
) -> Iterator[Example]:
    made = phrases = 0
    for fact in known:
        home = next((cut for cut in cuts if cut[0] <= fact.start and fact.end <= cut[1]), None)
        if home is None or made >= 4 or not 8 <= home[1] - home[0] <= 200:
            continue
        if fact.kind == "phrase":
            phrases += 1
            if phrases > 12:
                continue
        surface = text[fact.start : fact.end]
        if len(surface) < 2 and fact.kind != "number":
            continue
        question = ask(text, tagged, home, fact, chance)
        if len(question) < 7 or surface in question:
            continue
        away = _elsewhere(text, tagged, cuts, home, surface, question)
        if away:
            made += 1
            yield from _both(text, cuts, home, away, surface, question, others, chance)
        elif chance.random() < ALONE.get(fact.kind, 0.12):
            made += 1
            yield from _both(text, cuts, None, [cuts.index(home)], surface, question, others, chance)


def _both(
    text: str,
    cuts: list[Span],
    skip: Span | None,
    places: list[int],
    surface: str,
    question: str,
    others: list[str],
    chance: Random,
) -> Iterator[Example]:
    """Yield the question on a passage that answers it and, one time in two, on one that does not."""
    passage = "".join(text[low:high] for low, high in _passage(cuts, chance.choice(places), skip, chance))[
        :MAX_PASSAGE
    ]
    found = _located(passage, surface)
    if found:
        yield Example(question, passage, found, "news")
    if chance.random() < 0.5:
        lacking = [n for n, cut in enumerate(cuts) if surface not in text[cut[0] : cut[1]]]
        if lacking and chance.random() < 0.6:
            kept = [cut for cut in cuts if surface not in text[cut[0] : cut[1]] and cut != skip]
            if kept:
                picked = _passage(kept, chance.randrange(len(kept)), skip, chance)
                yield Example(
                    question,
                    "".join(text[low:high] for low, high in picked)[:MAX_PASSAGE],
                    (),
                    "news",
                )
        else:
            swapped = _swap(question, passage, others, chance)
            if swapped:
                yield Example(swapped, passage, (), "news")
