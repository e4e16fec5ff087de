"""Find what a pronoun of a follow-up stands for (它, 该公司, 那年), in the turns before it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from assistant.events import Turn
from assistant.followups.topic import FIRST_ASK, clean_subject, subject_of
from assistant.question import kind_of, named_person
from assistant.subject import words_of
from assistant.verification.names import find_names
from assistant.writing import markers
from vectorstore.fold import fold

_THING = (
    "公司|企业|集团|机构|项目|计划|产品|平台|系统|基地|实验室|大会|会议|活动|论坛|展会|协议|政策|办法|方案|文件|基金|模型|技术|软件|应用|手机|芯片|车型|机器人"
    "|城市|地区|地方|国家|省|市|区|园区|学校|大学|医院|团队|电影|书|剧|比赛|项奖|奖项|案件|案子|事故|事件|地震|疫情|法律|研究所|研究院|研究|论文|人|导演|作者|球员|球队|专家|教授"
)
_PRONOUN = re.compile(
    rf"(?P<place>那里|这里|当地|那儿)|(?P<time>那一年|那年|这一年|这年|当年|同年|那时|当时|那天|当天|当日)"
    rf"|(?:该|这一?[个家款项座次场届部位种本所]?|那一?[个家款项座次场届部位种本所]?|此)(?P<thing>{_THING})"
    r"|(?P<people>[他她]们(?:俩)?)|(?P<person>[他她])|(?P<things>它们)|(?P<it>它)|(?P<its>其)(?![次中实余间])"
    r"|(?P<both>两者|二者|双方)|^(?P<this>[这那])(?=是|有|在|会|和|要|对|叫)"
)
_NO_PRONOUN = re.compile(
    r"土耳其|马其顿|米其林|马耳他|吉他|维他|排他|其[他它]|[尤极及何]其|与其(?=.*不如)|[因由彼如]此"
)
AnswerIn: TypeAlias = Callable[[str, str], str | None]
"""Given an earlier question and its answer, return the few words that answered, or None."""
MARKER = re.compile(rf"{markers.MARKER.pattern}|（文章日期：[^）]*）", re.IGNORECASE)


def find_pronoun(text: str) -> re.Match[str] | None:
    """Return the first pronoun of a text; 土耳其, 其他 and 因此 hold none."""
    return _PRONOUN.search(_NO_PRONOUN.sub(lambda word: "＿" * len(word[0]), text))


def keeps_words(text: str, asked: str) -> bool:
    """Tell whether a completed question still has the words that only look as if they held a pronoun."""
    return all(word in text for word in _NO_PRONOUN.findall(asked))


def antecedent(match: re.Match[str], turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    """Return what the matched pronoun stands for, from the latest turn that says it, or None."""
    group = match.lastgroup
    for turn in reversed(turns):
        if group == "time":
            found = _time_of(turn, answer_in)
        elif group in ("person", "people"):
            found = person_of(turn, answer_in) or subject_of(turn.question)
        elif group == "place":
            found = _place_of(turn, answer_in) or subject_of(turn.question)
        elif group == "thing":
            found = _thing_of(turn, match["thing"], answer_in)
        else:
            found = _thing_of(turn, "", answer_in)
        if found:
            return found
    return None


def _answered(turn: Turn, answer_in: AnswerIn | None) -> str | None:
    """Return the few words that answered an earlier question, where they name something."""
    answer = MARKER.sub("", turn.answer).strip()
    if not answer:
        return None
    words = answer.rstrip("。") if len(answer) <= 16 and not re.search(r"[。；！？].", answer) else None
    if words is None and answer_in is not None:
        words = answer_in(turn.question, answer)
    return words if words and 2 <= len(words) <= 20 else None


def _time_of(turn: Turn, answer_in: AnswerIn | None) -> str | None:
    answered = _answered(turn, answer_in) if kind_of(turn.question) == "date" else None
    for text in (answered or "", turn.question, MARKER.sub("", turn.answer)):
        match = re.search(r"(?:\d{4}年)(?:\d{1,2}月(?:\d{1,2}日)?)?", text)
        if match:
            return match[0]
    return None


def person_of(turn: Turn, answer_in: AnswerIn | None) -> str | None:
    """Return the person a turn was about: the one it asks about (张三是谁？) or for, or the first it names."""
    if who := named_person(fold(turn.question)):
        return turn.question[: len(who)]
    if kind_of(turn.question) == "person":
        answered = _answered(turn, answer_in)
        if answered:
            return answered
    people = [name for name in find_names(fold(turn.question)) if name.kind == "person"]
    if people:
        return turn.question[people[0].start : people[0].end]
    return None


def _place_of(turn: Turn, answer_in: AnswerIn | None) -> str | None:
    if kind_of(turn.question) == "place":
        answered = _answered(turn, answer_in)
        if answered:
            return answered
    places = [name for name in find_names(fold(turn.question)) if name.kind == "place"]
    return turn.question[places[-1].start : places[-1].end] if places else None


def _thing_of(turn: Turn, thing: str, answer_in: AnswerIn | None) -> str | None:
    """Return what a turn was about; the thing asked for (哪家公司) is meant before the question's subject."""
    asks_for_one = thing and re.search(rf"(?:哪|什么|几)[一个家款项座些位种所]*{thing}", turn.question)
    names_it = re.search(
        r"叫什么|(?:是|推出了?|发布了?|成立了?|提出了?|打造)什么[^时地人]{0,6}[？?]?$", turn.question
    )
    kind = kind_of(turn.question)
    defines = kind == "definition" and any(word.is_name_like for word in words_of(turn.question))
    answered = _answered(turn, answer_in)
    if answered and (asks_for_one or (names_it and not defines and kind not in ("reason", "manner"))):
        return answered
    if answered and thing and answered.endswith(thing):
        return answered
    if thing:
        quoted = re.search(rf"《[^》]*》|[“「][^”」]*{thing}[”」]", turn.question)
        if quoted and (thing in quoted[0] or thing in ("电影", "书", "剧", "论文")):
            return quoted[0]
        named = re.search(rf"[\w·+（）()]{{2,16}}?{thing}", _before_ask(turn.question))
        if named and FIRST_ASK.search(named[0]) is None and len(named[0]) > len(thing) + 1:
            return clean_subject(named[0])
    return subject_of(turn.question)


def _before_ask(question: str) -> str:
    match = FIRST_ASK.search(question)
    return question[: match.start()] if match and match.start() > 1 else question
