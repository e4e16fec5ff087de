"""Turn a follow-up into a question that stands alone, by rule, from the last turns. Pure.

Four kinds are understood: a pronoun (它, 他们, 该公司, 这个项目, 那年), a swapped part (那上海呢？ 2018年呢？),
another thing asked of the same subject (总估值呢？), and a question whose subject is left out (什么时候推出的？).
A question that names its own subject is left as it is. A trained model, where one is given, is heard where it is
sure, and where no rule applies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from assistant.answer import REFUSAL
from assistant.characters import whole
from assistant.events import Turn
from assistant.followups.antecedents import (
    MARKER,
    AnswerIn,
    antecedent,
    find_pronoun,
    keeps_words,
    person_of,
)
from assistant.followups.rewriter import Rewritten
from assistant.followups.swaps import swap
from assistant.followups.topic import ASKS, FIRST_ASK, OPENERS, STARTS_WITH_VERB, subject_of
from assistant.question import kind_of
from assistant.subject import words_of
from assistant.verification.names import find_names
from vectorstore.fold import fold


class Message(Protocol):
    """A message as LangChain has them; `type` is human, ai, system or tool."""

    @property
    def type(self) -> str: ...
    @property
    def content(self) -> Any: ...


History: TypeAlias = Sequence[Turn | tuple[str, str | None] | Mapping[str, Any] | Message] | None
Rewrite: TypeAlias = Callable[[str, str, str], Rewritten]
"""Given an earlier question, its answer and the follow-up, return the follow-up completed."""
MAX_TURNS = 4
_SHAPES = (
    "看不懂对话历史 {0}：每一项应是 Turn、(问题, 答案)、带 question 和 answer 的字典、带 role 和 content 的字典或"
    " LangChain 的消息 (a history cannot hold {0}: its items are Turns, (question, answer) pairs, mappings with"
    " question and answer or with role and content, or LangChain's messages)"
)
SURE = 0.3  # from here on it is heard before the rules; chosen on rewrite dev and the news follow-ups
LIKELY = 0.15  # enough for a question that could stand alone
POSSIBLE = 0.02  # enough for one that cannot
_TIME = re.compile(r"[年月日天]|季度?$|时候?$|[现目]")
_MARKED = re.compile(r"[?？]\s*$")
_NO_SUBJECT = re.compile(
    rf"^(?:{ASKS}|[和跟与](?=哪|谁|什么)|是|有|在|由|从|共|一共|总共|主要|还|又|都|目前|现在|后来|最后|最终|具体|其中|一般|通常|第[一二三四五])"
)


_COMPARED = re.compile(r"同比|环比|占比|增[长速幅]|[较比](?:上年|去年|前年|上月|同期)")
"""How a follow-up begins that asks of the same figure in another way."""


def turns_of(history: History) -> list[Turn]:
    """Return the last turns of a history: turns, (question, answer) pairs, mappings of both, or messages.

    Messages are mappings with a role and content, or LangChain's. What no follow-up can mean is left out.

    Raises:
        ValueError: an item has none of these shapes.
    """
    if isinstance(history, (str, Mapping)) or not isinstance(history, Iterable | None):
        raise ValueError(_SHAPES.format(repr(history)[:80]))
    turns: list[Turn] = []
    for item in history or ():
        match item:
            case Turn(question, answer) | {"question": str(question), "answer": (str() | None) as answer}:
                turns.append(_turn(question, answer))
            case (str(question), (str() | None) as answer):
                turns.append(_turn(question, answer))
            case {"role": str(role), **rest}:
                _add_message(turns, role, rest.get("content"))
            case object(type=str(role), content=content):
                _add_message(turns, role, content)
            case _:
                raise ValueError(_SHAPES.format(repr(item)[:80]))
    return turns[-MAX_TURNS:]


def _turn(question: str, answer: str | None) -> Turn:
    return Turn(whole(question), whole(answer or ""))


def _add_message(turns: list[Turn], role: str, content: object) -> None:
    text = "".join(map(_words_of_part, content if isinstance(content, list) else [content]))
    if role in {"user", "human"}:
        turns.append(_turn(text, ""))
    elif role in {"assistant", "ai"} and turns:
        turns[-1] = _turn(turns[-1].question, text)


def _words_of_part(part: object) -> str:
    """Return the words of a message's content, or of a part of it: an image has none."""
    match part:
        case str():
            return part
        case {"type": "text", "text": str(text)}:
            return text
        case _:
            return ""


def standalone(
    question: str, history: History, *, answer_in: AnswerIn | None = None, rewrite: Rewrite | None = None
) -> str:
    """Return the question with what it leaves out filled in from the last turns, or as it is.

    The rules know how questions follow questions; `rewrite` (a trained model) is heard where it is sure, and
    where the rules do not apply.
    """
    turns: list[Turn] = []
    for turn in turns_of(history):  # an earlier question may have been a follow-up itself
        said = "" if turn.answer.startswith(REFUSAL.rstrip("。")) else turn.answer
        turns.append(Turn(_completed(turn.question, turns, answer_in, rewrite), said))
    return _completed(question, turns, answer_in, rewrite)


def _completed(
    question: str, turns: Sequence[Turn], answer_in: AnswerIn | None, rewrite: Rewrite | None
) -> str:
    """Return a question completed from turns whose questions stand alone."""
    if not turns:
        return question
    asked = question.strip()
    last = turns[-1]
    swapped = swap(asked, last)
    if swapped:
        return swapped
    modelled = rewrite(last.question, MARKER.sub("", last.answer), asked) if rewrite else None
    if modelled and not keeps_words(modelled.text, OPENERS.sub("", asked)):
        modelled = None
    is_sure = modelled is not None and modelled.text != asked and modelled.confidence >= SURE
    follows_a_question = bool(
        _MARKED.search(last.question) or _MARKED.search(asked)
    )  # chat leaves the mark out
    if (follows_a_question or not is_sure) and FIRST_ASK.search(asked):
        ruled = _by_rule(asked, turns, answer_in)
        if ruled:
            return ruled
    stands_alone = _stands_alone(asked)
    if modelled is None or (follows_a_question and stands_alone):
        return question
    is_heard = is_sure or modelled.confidence >= (LIKELY if stands_alone else POSSIBLE)
    return modelled.text if is_heard else question


def _by_rule(asked: str, turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    if find_pronoun(OPENERS.sub("", asked)):
        return _resolve(asked, turns, answer_in)
    if _lacks_subject(asked) and not _asks_the_same(asked, turns[-1].question):
        return _with_subject(OPENERS.sub("", asked), turns, answer_in)
    return None


def _asks_the_same(asked: str, last: str) -> bool:
    """Tell whether a question asks of a subject of its own what the last one asked (百度有多少员工？)."""
    before, body = (OPENERS.sub("", text.strip().rstrip("？?。")) for text in (last, asked))
    subject = subject_of(before)
    if not subject or not before.startswith(subject) or len(subject) == len(before):
        return False
    own = body.removesuffix(before[len(subject) :])
    return 2 <= len(own) < len(body) and _TIME.search(own) is None


def _stands_alone(asked: str) -> bool:
    """Tell whether a question has a subject and no pronoun: it is then left as it is."""
    return find_pronoun(asked) is None and not _lacks_subject(asked)


def _resolve(asked: str, turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    """Replace the first pronoun by what it stands for."""
    opener = OPENERS.match(asked)
    body = asked[opener.end() :] if opener and find_pronoun(asked[opener.end() :]) else asked
    match = find_pronoun(body)
    if match is None or _named_before(body, match):
        return None
    found = antecedent(match, turns, answer_in)
    if not found or found in body:
        return None
    before, after = body[: match.start()], body[match.end() :]
    glue = "的" if match["its"] and not after.startswith("的") and not before.endswith("与") else ""
    return f"{before}{found}{glue}{after}"


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
    if body.startswith(("其他", "其它")):  # 其他城市 may be other ones than the last subject, or others of it
        return False
    if any(name.kind != "place" or len(body) > 8 for name in find_names(fold(body))):
        return False
    words = [word for word in words_of(body) if not word.text.isdigit()]
    weight = sum(word.weight for word in words)
    if _NO_SUBJECT.match(body):
        return weight < 1.6
    named = any(word.is_name_like or word.weight >= 0.95 for word in words)
    return len(body) <= 12 and weight < 1.7 and not named


def _with_subject(asked: str, turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    last = turns[-1]
    if _COMPARED.match(asked):
        claim = re.sub("[是为有达到约共]+$", "", FIRST_ASK.split(last.question, maxsplit=1)[0])
        return f"{claim}{asked}" if len(claim) > 3 else None
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
