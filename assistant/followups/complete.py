"""Turn a follow-up into a question that stands alone, by rule, from the last turns. Pure.

Four kinds are understood: a pronoun (它, 他们, 该公司, 这个项目, 那年), a swapped part (那上海呢？ 2018年呢？),
another thing asked of the same subject (总估值呢？), and a question whose subject is left out (什么时候推出的？).
A question that names its own subject, or that the rules are unsure of, is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from assistant.events import Turn
from assistant.followups.antecedents import MARKER, PRONOUN, AnswerIn, antecedent, person_of
from assistant.followups.rewriter import Rewritten
from assistant.followups.swaps import swap
from assistant.followups.topic import ASKS, FIRST_ASK, OPENERS, STARTS_WITH_VERB, subject_of
from assistant.question import kind_of
from assistant.reading.subject import words_of
from assistant.verification.names import find_names
from vectorstore.fold import fold

History: TypeAlias = Sequence[Turn | tuple[str, str] | Mapping[str, str]]
Rewrite: TypeAlias = Callable[[str, str, str], Rewritten]
"""Given an earlier question, its answer and the follow-up, return the follow-up completed."""
MAX_TURNS = 4
SURE = 0.3  # from here on it is heard before the rules; chosen on rewrite dev and the news follow-ups
LIKELY = 0.15  # enough for a question that could stand alone
POSSIBLE = 0.02  # enough for one that cannot
_MARKED = re.compile(r"[?？]\s*$")
_NO_SUBJECT = re.compile(
    rf"^(?:{ASKS}|是|有|在|由|从|共|一共|总共|主要|还|又|都|目前|现在|后来|最后|最终|具体|其中|一般|通常|第[一二三四五])"
)
_DANGLING = frozenset("的是了在有和与于将会被由从对为把给让能要")


def turns_of(history: History) -> list[Turn]:
    """Return the last turns of a history given as turns, (question, answer) pairs or role/content messages."""
    turns: list[Turn] = []
    for item in history:
        if isinstance(item, Turn):
            turns.append(item)
        elif isinstance(item, Mapping):
            _add_message(turns, str(item.get("role", "")), str(item.get("content", "") or ""))
        else:
            question, answer = item
            turns.append(Turn(str(question), str(answer or "")))
    return turns[-MAX_TURNS:]


def _add_message(turns: list[Turn], role: str, content: str) -> None:
    if role == "user":
        turns.append(Turn(content, ""))
    elif role == "assistant" and turns:
        turns[-1] = Turn(turns[-1].question, content)


def standalone(
    question: str, history: History, *, answer_in: AnswerIn | None = None, rewrite: Rewrite | None = None
) -> str:
    """Return the question with what it leaves out filled in from the last turns, or as it is.

    The rules know how questions follow questions; `rewrite` (a trained model) is heard where it is sure, and
    where the rules do not apply.
    """
    turns = turns_of(history)
    if not turns:
        return question
    asked = question.strip()
    last = turns[-1]
    swapped = swap(asked, last)
    if swapped:
        return swapped
    modelled = rewrite(last.question, MARKER.sub("", last.answer), asked) if rewrite else None
    is_sure = modelled is not None and modelled.text != asked and modelled.confidence >= SURE
    follows_a_question = bool(
        _MARKED.search(last.question) or _MARKED.search(asked)
    )  # chat leaves the mark out
    if (follows_a_question or not is_sure) and FIRST_ASK.search(asked):
        ruled = _by_rule(asked, turns, answer_in)
        if ruled:
            return ruled
    if modelled and is_sure:
        return modelled.text
    if modelled and modelled.confidence >= (LIKELY if _stands_alone(asked) else POSSIBLE):
        return modelled.text
    return question


def _by_rule(asked: str, turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    if PRONOUN.search(OPENERS.sub("", asked)):
        return _resolve(asked, turns, answer_in)
    if _lacks_subject(asked):
        return _with_subject(OPENERS.sub("", asked), turns, answer_in)
    return None


def _stands_alone(asked: str) -> bool:
    """Tell whether a question has a subject and no pronoun: it is then left as it is."""
    return PRONOUN.search(asked) is None and not _lacks_subject(asked)


def _resolve(asked: str, turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    """Replace the first pronoun by what it stands for."""
    opener = OPENERS.match(asked)
    body = asked[opener.end() :] if opener and PRONOUN.search(asked[opener.end() :]) else asked
    match = PRONOUN.search(body)
    if match is None or _named_before(body, match):
        return None
    found = antecedent(match, turns, answer_in)
    if not found or found in body:
        return None
    joined = found + ("的" if match["its"] and not body[match.end() :].startswith("的") else "")
    if match["time"]:
        joined = found
    return body[: match.start()] + joined + body[match.end() :]


def _named_before(body: str, match: re.Match[str]) -> bool:
    """Tell whether the pronoun stands for a name in the question itself (王兰说她…)."""
    kinds = {
        "person": ("person",),
        "it": ("quoted", "organisation", "latin"),
        "its": ("quoted", "organisation", "latin", "person"),
    }
    wanted = kinds.get(match.lastgroup or "", ())
    return any(name.kind in wanted for name in find_names(fold(body[: match.start()])))


def _lacks_subject(asked: str) -> bool:
    """Tell whether a question leaves its subject out: it begins by asking, or says too little to stand alone."""
    body = OPENERS.sub("", asked)
    if any(name.kind != "place" or len(body) > 8 for name in find_names(fold(body))):
        return False
    words = [word for word in words_of(body) if not word.text.isdigit()]
    weight = sum(word.weight for word in words)
    if _NO_SUBJECT.match(body):
        return weight < 1.6
    return len(body) <= 12 and weight < 1.7 and max((word.weight for word in words), default=0.0) < 0.95


def _with_subject(asked: str, turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    last = turns[-1]
    subject = None
    if kind_of(last.question) == "person" and re.search(
        r"毕业|出生|几岁|多大|说了|认为|表示|职务|担任|学历|籍贯", asked
    ):
        subject = person_of(last, answer_in)
    subject = subject or subject_of(last.question)
    if not subject or subject in asked:
        return None
    if re.fullmatch(r"(?:为什么|为何|原因是?什么?|怎么回事)[呢]?[？?]?", asked):
        claim = FIRST_ASK.sub("", last.question.rstrip("？?"), count=1)
        return f"{claim}，为什么？" if len(claim) > 3 else None
    glue = "" if _NO_SUBJECT.match(asked) or STARTS_WITH_VERB.match(asked) or asked.startswith("的") else "的"
    return f"{subject}{glue}{asked}"
