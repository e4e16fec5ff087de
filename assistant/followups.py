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
from assistant.names import find_names
from assistant.question import kind_of
from assistant.subject import Word, cut, words_of
from vectorstore.fold import fold

History: TypeAlias = Sequence[Turn | tuple[str, str] | Mapping[str, str]]
AnswerIn: TypeAlias = Callable[[str, str], str | None]
"""Given an earlier question and its answer, return the few words that answered, or None."""

MAX_TURNS = 4
_MARKER = re.compile(r"\[\d+\]|（文章日期：[^）]*）")
_THING = (
    "公司|企业|集团|机构|项目|计划|产品|平台|系统|基地|实验室|大会|会议|活动|论坛|展会|协议|政策|办法|方案|文件|基金|模型|技术|软件|应用|手机|芯片|车型|机器人"
    "|城市|地区|地方|国家|省|市|区|园区|学校|大学|医院|团队|电影|书|剧|比赛|项奖|奖项|案件|案子|事故|事件|地震|疫情|法律|研究|论文|人|导演|作者|球员|球队|专家|教授"
)
_PRONOUN = re.compile(
    rf"(?P<place>那里|这里|当地|那儿)|(?P<time>那一年|那年|这一年|这年|当年|同年|那时|当时|那天|当天|当日)"
    rf"|(?:该|这一?[个家款项座次场届部位种本所]?|那一?[个家款项座次场届部位种本所]?|此)(?P<thing>{_THING})"
    r"|(?P<people>[他她]们(?:俩)?)|(?P<person>[他她])|(?P<things>它们)|(?P<it>它)|(?P<its>其)(?![他它次中实余间])"
    r"|(?P<both>两者|二者|双方)|^(?P<this>[这那])(?=是|有|在|会|和|要|对|叫)"
)
_SWAP = re.compile(r"^(?:那么?|那如果是|至于|换成|和|与|再?说说)?(?P<what>[^？?，,。]{1,24}?)(?:又|则|的话)?(?:呢|怎么样呢|如何呢)[？?]?$")
_OPENERS = re.compile(r"^(?:那么|那(?![一年里时天个家款项座场位部种些是儿])|请问|另外|还有|然后|接着|所以)[，,]?")
_ASKS = (
    r"什么时候|为什么|为何|什么|多少|哪一?[年天个家里些位种款项届国]?|哪里|怎么样?|怎样|如何|是谁|谁|是否|是不是|有没有|有哪|何时|何处|多[大高长久远]|几|吗|呢"
)
_FIRST_ASK = re.compile(_ASKS)
_SUBJECT_ENDS = re.compile(
    rf"的(?!确)|是|有(?!限|色|机|轨)|在|将|被|由|与|和(?!平)|把|可以|正式|已经|一共|总共|到底|究竟|计划于|打算|{_ASKS}"
)
_NO_SUBJECT = re.compile(
    rf"^(?:{_ASKS}|是|有|在|由|从|共|一共|总共|主要|还|又|都|目前|现在|后来|最后|最终|具体|其中|一般|通常|第[一二三四五])"
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


def standalone(question: str, history: History, *, answer_in: AnswerIn | None = None) -> str:
    """Return the question with what it leaves out filled in from the last turns, or as it is."""
    turns = turns_of(history)
    if not turns:
        return question
    asked = question.strip()
    last = turns[-1]
    swapped = _swap(asked, last)
    if swapped:
        return swapped
    pronoun = _PRONOUN.search(_OPENERS.sub("", asked))
    if pronoun:
        return _resolve(asked, turns, answer_in) or question
    if _lacks_subject(asked):
        return _with_subject(_OPENERS.sub("", asked), turns, answer_in) or question
    return question


def _resolve(asked: str, turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    """Replace the first pronoun by what it stands for."""
    opener = _OPENERS.match(asked)
    body = asked[opener.end() :] if opener and _PRONOUN.search(asked[opener.end() :]) else asked
    match = _PRONOUN.search(body)
    if match is None or _named_before(body, match):
        return None
    found = _antecedent(match, turns, answer_in)
    if not found or found in body:
        return None
    joined = found + ("的" if match["its"] and not body[match.end() :].startswith("的") else "")
    if match["time"]:
        joined = found
    return body[: match.start()] + joined + body[match.end() :]


def _named_before(body: str, match: re.Match[str]) -> bool:
    """Tell whether the pronoun stands for a name in the question itself (王兰说她…)."""
    kinds = {"person": ("person",), "it": ("quoted", "organisation", "latin"), "its": ("quoted", "organisation", "latin", "person")}
    wanted = kinds.get(match.lastgroup or "", ())
    return any(name.kind in wanted for name in find_names(fold(body[: match.start()])))


def _antecedent(match: re.Match[str], turns: Sequence[Turn], answer_in: AnswerIn | None) -> str | None:
    group = match.lastgroup
    for turn in reversed(turns):
        if group == "time":
            found = _time_of(turn, answer_in)
        elif group in ("person", "people"):
            found = _person_of(turn, answer_in) or subject_of(turn.question)
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
    answer = _MARKER.sub("", turn.answer).strip()
    if not answer:
        return None
    words = answer if len(answer) <= 16 and not re.search(r"[。；！？]", answer) else None
    if words is None and answer_in is not None:
        words = answer_in(turn.question, answer)
    return words if words and 2 <= len(words) <= 20 else None


def _time_of(turn: Turn, answer_in: AnswerIn | None) -> str | None:
    answered = _answered(turn, answer_in) if kind_of(turn.question) == "date" else None
    for text in (answered or "", turn.question, _MARKER.sub("", turn.answer)):
        match = re.search(r"(?:\d{4}年)(?:\d{1,2}月(?:\d{1,2}日)?)?", text)
        if match:
            return match[0]
    return None


def _person_of(turn: Turn, answer_in: AnswerIn | None) -> str | None:
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
    names_it = re.search(r"叫什么|(?:是|推出了?|发布了?|成立了?|提出了?|打造)什么[^时地人]{0,6}[？?]?$", turn.question)
    if asks_for_one or (names_it and kind_of(turn.question) not in ("reason", "manner")):
        answered = _answered(turn, answer_in)
        if answered:
            return answered
    if thing:
        quoted = re.search(rf"《[^》]*》|[“「][^”」]*{thing}[”」]", turn.question)
        if quoted and (thing in quoted[0] or thing in ("电影", "书", "剧", "论文")):
            return quoted[0]
        named = re.search(rf"[\w·+（）()]{{2,16}}?{thing}", _before_ask(turn.question))
        if named and _FIRST_ASK.search(named[0]) is None and len(named[0]) > len(thing) + 1:
            return _clean_subject(named[0])
    return subject_of(turn.question)


def _before_ask(question: str) -> str:
    match = _FIRST_ASK.search(question)
    return question[: match.start()] if match and match.start() > 1 else question


def subject_of(question: str) -> str | None:
    """Return what a question is about: its quoted name, its first name, or the words before it asks."""
    text = _OPENERS.sub("", question.strip().rstrip("？?。"))
    head = _head(text)
    if head:
        return head
    names = [name for name in find_names(fold(text)) if name.kind in ("quoted", "organisation", "person", "latin")]
    if names:
        start, end = names[0].start, names[0].end
        if names[0].kind == "quoted":
            start, end = start - 1, end + 1
        return text[start:end]
    heavy = [word for word in words_of(text) if word.weight >= 0.55 and not word.text.isdigit()]
    return _joined(text, heavy) if heavy else None


def _head(text: str) -> str | None:
    """Return the words before the first 的, 是, verb-like or asking word, where they name something."""
    quoted = re.match(r"(?:[^《“「]{0,6})?(《[^》]+》|[“「][^”」]+[”」])", text)
    if quoted:
        return text[: quoted.end()] if quoted.start(1) and not _SUBJECT_ENDS.search(text[: quoted.start(1)]) else quoted[1]
    for match in _SUBJECT_ENDS.finditer(text):
        head = text[: match.start()]
        if len(head) >= 2 and head not in ("为了", "关于", "对于", "因为", "目前", "现在"):
            return _clean_subject(head)
        if match.start() <= 1:
            continue
    return None


def _clean_subject(head: str) -> str | None:
    """Return the noun part of a head: without a leading time, and without the verb that ends it."""
    dated = r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?"
    cleaned = re.sub(rf"^(?:{dated}[，,]?|在|对于|关于|截至|自从|自)|{dated}$", "", head).strip("，, ")
    words = words_of(cleaned)
    heavy = [word for word in words if word.weight >= 0.55]
    if not heavy:
        return cleaned if 2 <= len(cleaned) <= 16 else None
    kept = _nouns(cleaned)
    return kept if len(kept) >= 2 else None


_VERB_WORDS = (
    "发现|推出|发布|开放|打造|成立|创立|创办|建立|举办|举行|召开|收购|投资|融资|获得|研发|开发|生产|制造|销售|上市|上映|发售|开业|落户|签约|签署"
    "|担任|出任|毕业|出生|去世|加入|离开|宣布|表示|提出|提供|实现|达到|增长|下降|减少|增加|完成|建成|启动|开始|结束|设立|引进|吸引|采用|使用|支持|赢得|夺得"
    "|当选|赋能|孵化|精选|选出|入选|努力|着力|着重|专注|覆盖|包括|拥有|面向|计划(?=[于在推投])|预计|占|位于|属于|来自|导致|造成|引发|死亡|受伤|发生|围绕|开幕|闭幕"
    "|解体|拟|从|自(?=成立)|卖|花"
)
_VERBS = re.compile(rf"(?:{_VERB_WORDS}).*$")
_STARTS_WITH_VERB = re.compile(rf"(?:{_VERB_WORDS})")


def _nouns(text: str) -> str:
    match = _VERBS.search(text)
    return text[: match.start()] if match and match.start() >= 2 else text


def _joined(text: str, heavy: Sequence[Word]) -> str:
    """Return the heavy words that stand side by side, from the first one."""
    start = heavy[0].start
    end = start + len(heavy[0].text)
    for word in heavy[1:]:
        if word.start != end:
            break
        end += len(word.text)
    return text[start:end]


def _lacks_subject(asked: str) -> bool:
    """Tell whether a question leaves its subject out: it begins by asking, or says too little to stand alone."""
    body = _OPENERS.sub("", asked)
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
    if kind_of(last.question) == "person" and re.search(r"毕业|出生|几岁|多大|说了|认为|表示|职务|担任|学历|籍贯", asked):
        subject = _person_of(last, answer_in)
    subject = subject or subject_of(last.question)
    if not subject or subject in asked:
        return None
    if re.fullmatch(r"(?:为什么|为何|原因是?什么?|怎么回事)[呢]?[？?]?", asked):
        claim = _FIRST_ASK.sub("", last.question.rstrip("？?"), count=1)
        return f"{claim}，为什么？" if len(claim) > 3 else None
    glue = "" if _NO_SUBJECT.match(asked) or _STARTS_WITH_VERB.match(asked) or asked.startswith("的") else "的"
    return f"{subject}{glue}{asked}"


def _swap(asked: str, last: Turn) -> str | None:
    """Return the last question with one part swapped (那上海呢？), or its subject asked another thing (总估值呢？)."""
    match = _SWAP.match(asked)
    if match is None or _FIRST_ASK.search(match["what"]):
        return None
    what = match["what"].strip()
    old = last.question.strip()
    pronoun = _PRONOUN.match(what)
    if pronoun and pronoun.end() < len(what):
        what = what[pronoun.end() :].lstrip("的")
    part = _same_kind(what, old)
    if part:
        return old.replace(part, what, 1)
    asked_for = _attribute(old)
    if asked_for:
        return old.replace(asked_for, what, 1)
    subject = subject_of(old)
    return f"{subject}的{what}是什么？" if subject else None


_YEAR = re.compile(r"(?:\d{4}|[今去前明后])年(?:\d{1,2}月|[上下]半年|第[一二三四]季度|[一二三四]季度)?")
_MONTH = re.compile(r"\d{1,2}月(?:\d{1,2}日)?|[上下]半年|第?[一二三四]季度")


def _same_kind(what: str, old: str) -> str | None:
    """Return the part of the old question that is of the same kind as the new one: a year, a place, a name."""
    for pattern in (_YEAR, _MONTH):
        if pattern.fullmatch(what):
            found = pattern.search(old)
            return found[0] if found else None
    twin = _twin_ending(what, old)
    if twin:
        return twin
    new = [name for name in find_names(fold(what)) if name.end - name.start >= len(what) - 2]
    kinds = {name.kind for name in new}
    places = [name for name in find_names(fold(old)) if name.kind in kinds and name.kind != "latin"]
    if places:
        longest = max(places, key=lambda name: (name.end - name.start, -name.start))
        return old[longest.start : longest.end]
    if kinds or max((word.weight for word in words_of(what)), default=0.0) >= 0.8:
        unknown = [name for name in find_names(fold(old)) if name.kind in ("organisation", "person", "quoted")]
        if unknown and not _is_attribute(what):
            return old[unknown[0].start : unknown[0].end]
        subject = subject_of(old)
        return subject if subject and not _is_attribute(what) else None
    return None


def _twin_ending(what: str, old: str) -> str | None:
    """Return the word of the old question that ends alike (闵行区 and 嘉定区)."""
    pieces = [piece for run in re.findall(r"[㐀-鿿]+", fold(old)) for piece, _ in cut(run)]
    alike = [piece for piece in pieces if len(piece) >= 2 and piece[-1] == what[-1] and piece != what]
    alike = [piece for piece in alike if abs(len(piece) - len(what)) <= 1 and piece[-1] in "区市省县州国队厂"]
    if alike:
        return alike[0]
    if len(what) == 2 and not _is_attribute(what):
        alike = [piece for piece in pieces if len(piece) == 2 and len({*piece} & {*what}) == 1]
    return alike[0] if alike else None


_ATTRIBUTE_ENDS = (
    "额|值|率|量|数|价|价格|时间|地点|人数|规模|面积|收入|利润|营收|票房|成本|速度|比例|作者|导演|主演|编剧|主任|院长|校长|总裁|总经理|董事长|创始人|负责人|ceo|cto"
    "|原因|目的|意义|方法|结果|特点|作用|影响|内容|对象|范围|金额|投资|估值|融资|产值|销量|产量|技术|产品|项目|计划|目标|政策|方面|层面|资金|人才"
)


def _is_attribute(what: str) -> bool:
    return re.search(rf"(?:{_ATTRIBUTE_ENDS})$", fold(what)) is not None


def _attribute(old: str) -> str | None:
    """Return the thing that a question asks of its subject: the words between 的 and the asking word."""
    match = re.search(rf"的(?P<what>[^的，,？?]{{1,12}}?)(?:是|为|有|达到?|约)?(?:{_ASKS})", old)
    return match["what"] if match else None
