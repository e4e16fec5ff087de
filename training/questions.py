"""Make retrieval questions from training data, to fit the reranker on: sets of passages with questions.

Questions are asked of held-out passages alone: on the others our embedder looks better than it is.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.passage_set import SetQuestion, stored
from training.corpus import read_rows
from training.held_out import is_held_out
from vectorstore.catalog_reader import StoredPassage

ASKING = ("什么", "多少", "哪些", "谁", "哪里", "如何", "什么时候")
MAX_PASSAGES = 4000
MAX_QUESTIONS = 300
MAX_CLOZE = 1200
_SENTENCE = re.compile(r"[^。！？；\n]+")
_CLAUSE = re.compile(r"[，,：:、]")


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions over passages."""

    name: str
    passages: list[StoredPassage]
    questions: list[SetQuestion]


def read_sets(data: Path, *, seed: int = 7) -> list[QuestionSet]:
    """Return every set, from the training files alone."""
    chance = random.Random(seed)
    news = [("", row["text"]) for row in read_rows(data, "crud_news.text")]
    broadcast = [(row["title"], row["text"]) for row in read_rows(data, "cctv_news.text")]
    chance.shuffle(news)
    chance.shuffle(broadcast)
    pairs = {
        name: ((row.get("question") or row["a"], row.get("context") or row["b"])
               for row in read_rows(data, name) if not row.get("is_impossible"))
        for name in ("cmrc2018_train.qa", "crud_title_body.pairs", "csl.pairs", "antiterror_mrc_train.qa")
    }  # fmt: skip
    more = [text for _, text in broadcast[:2000]] + [text for _, text in news[:2000]]
    return [
        labelled("encyclopaedia", pairs["cmrc2018_train.qa"], [], chance),
        labelled("headlines", pairs["crud_title_body.pairs"], [text for _, text in news[3000:5000]], chance),
        labelled("abstracts", pairs["csl.pairs"], [], chance),
        labelled("affairs", pairs["antiterror_mrc_train.qa"], more, chance),
        cloze("news", news, chance),
        cloze("broadcast", broadcast, chance),  # the only set with titles
    ]


def labelled(
    name: str,
    pairs: Iterable[tuple[str, str]],
    more: Sequence[str],
    chance: random.Random,
) -> QuestionSet:
    """Return the questions of a labelled file on its held-out passages, over all of them and some more."""
    places: dict[str, str] = {}
    answers: dict[str, set[str]] = defaultdict(set)
    for question, passage in pairs:
        answers[question].add(places.setdefault(passage, f"p{len(places)}"))
    fresh = {id_ for passage, id_ in places.items() if is_held_out(passage)}
    asked = [SetQuestion(question, frozenset(ids)) for question, ids in answers.items() if ids <= fresh]
    chance.shuffle(asked)
    passages = [stored(id_, "", text) for text, id_ in places.items()]
    passages += [stored(f"m{number}", "", text) for number, text in enumerate(more)]
    return QuestionSet(name, passages, asked[:MAX_QUESTIONS])


def cloze(name: str, articles: Sequence[tuple[str, str]], chance: random.Random) -> QuestionSet:
    """Return made questions: pieces of a sentence, and of the title, with a hole where something is asked."""
    fresh = [article for article in articles if is_held_out(article[1])][:MAX_CLOZE]
    others = [article for article in articles if not is_held_out(article[1])][: MAX_PASSAGES - len(fresh)]
    passages = [stored(f"p{number}", *article) for number, article in enumerate([*fresh, *others])]
    questions = []
    for passage in passages[: len(fresh)]:
        text = ask_about(passage.title, passage.text, chance)
        if text is not None:
            questions.append(SetQuestion(text, frozenset({passage.passage_id})))
    return QuestionSet(name, passages, questions)


def ask_about(title: str, text: str, chance: random.Random) -> str | None:
    """Return a made question about a passage, or None where no sentence of it is fit."""
    sentences = [sentence for sentence in _SENTENCE.findall(text) if 14 <= len(sentence) <= 90]
    if not sentences:
        return None
    clauses = [clause for clause in _CLAUSE.split(chance.choice(sentences)) if len(clause) >= 4]
    chance.shuffle(clauses)
    chosen = clauses[: chance.choice([1, 2, 2, 3])]
    if not chosen:
        return None
    asked = chance.randrange(len(chosen))
    pieces = [_holed(clause, ASKING if at == asked else ("",), chance) for at, clause in enumerate(chosen)]
    heads = [part for part in re.split(r"[，,：:、 ]", title) if len(part) >= 3]
    if heads and chance.random() < 0.7:
        head = chance.choice(heads)
        size = chance.randint(3, min(len(head), 8))
        start = chance.randint(0, len(head) - size)
        pieces.insert(0, head[start : start + size])
    return "".join(pieces) + "？"


def _holed(clause: str, fillers: Sequence[str], chance: random.Random) -> str:
    size = chance.randint(2, max(2, len(clause) // 3))
    start = chance.randint(0, len(clause) - size)
    return clause[:start] + chance.choice(fillers) + clause[start + size :]
