"""Find what a question is about: its quoted name, its first name, or the words before it asks. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.subject import Word, cut, words_of
from assistant.verification.names import find_names
from vectorstore.fold import fold

NOT_THAT = r"(?!曲(?![阜靖江线])|英(?=[呢的是有在出唱])|霸(?!州)|不勒斯)"
"""Behind 那: not the first character of a name (那曲, 那英, 那霸, 那不勒斯)."""
OPENERS = re.compile(
    rf"^(?:那么|那{NOT_THAT}(?!一(?![共般直])|[年里时天个家款项座场位部种些是儿])|请问|另外|还有|然后|接着|所以|因此)[，,]?"
)
ASKS = (
    r"什么时候|为什么|为何|什么|多少|哪一?[年天个家里些位种款项届国]?|哪里|怎么样?|怎样|如何|是谁|谁|是否|是不是|有没有|有哪|何时|何处"
    r"|多[大高长久远重快宽深]|几|吗|呢"
)
FIRST_ASK = re.compile(ASKS)
_SUBJECT_ENDS = re.compile(
    rf"的(?!确)|是|有(?!限|色|机|轨)|(?<![现存潜实内所])在|将|被|由|与|和(?!平)|把|叫|(?<![方动走意导取倾])向(?![日阳导])|(?<!供)给(?![予力水排])|可以|正式|已经|一共|总共|到底|究竟|计划于|打算|{ASKS}"
)
_VERB_WORDS = (
    "发现|推出|发布|开放|打造|成立|创立|创办|建立|举办|举行|召开|收购|投资|融资|获得|研发|开发|生产|制造|销售|上市|上映|发售|开业|落户|签约|签署"
    "|担任|出任|毕业|出生|去世|加入|离开|宣布|表示|提出|提供|实现|达到|增长|下降|减少|增加|完成|建成|启动|开始|结束|设立|引进|吸引|采用|使用|支持|赢得|夺得"
    "|当选|赋能|孵化|精选|选出|入选|努力|着力|着重|专注|覆盖|包括|拥有|面向|计划(?=[于在推投])|预计|占|位于|属于|来自|导致|造成|引发|死亡|受伤|发生|围绕|开幕|闭幕"
    "|解体|拟|从|自(?=成立)|卖|花|享年|上台|上任|执政|[收赢输拿判得]了"
)
_VERBS = re.compile(rf"(?:{_VERB_WORDS}).*$")
_ATTRIBUTES = re.compile(
    "(?:全长|总长|长度|高度|宽度|深度|海拔|面积|人口|人数|员工数|造价|总价|单价|价格|售价|年?产能|年?产量|年?销量|营收|净?利润|市值|估值)$"
)
"""What a question may ask of its subject without 的 between them (三峡奇潭全长多少)."""
STARTS_WITH_VERB = re.compile(rf"(?:{_VERB_WORDS})")


def subject_of(question: str) -> str | None:
    """Return what a question is about: its quoted name, its first name, or the words before it asks."""
    text = OPENERS.sub("", question.strip().rstrip("？?。"))
    head = _head(text)
    if head:
        return head
    names = [
        name for name in find_names(fold(text)) if name.kind in ("quoted", "organisation", "person", "latin")
    ]
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
        return (
            text[: quoted.end()]
            if quoted.start(1) and not _SUBJECT_ENDS.search(text[: quoted.start(1)])
            else quoted[1]
        )
    for match in _SUBJECT_ENDS.finditer(text):
        head = text[: match.start()]
        if len(head) >= 2 and head not in ("为了", "关于", "对于", "因为", "目前", "现在"):
            return clean_subject(head)
    return None


def clean_subject(head: str) -> str | None:
    """Return the noun part of a head: without a leading time, and without the verb that ends it."""
    dated = r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?"
    cleaned = re.sub(
        rf"^(?:{dated}[，,]?|后来|那年|当年|同年|当时|在|对于|关于|截至|自从|自)|(?:{dated}|现在|目前)$",
        "",
        head,
    ).strip("，, ")
    cleaned = _without_done(cleaned)
    words = words_of(cleaned)
    heavy = [word for word in words if word.weight >= 0.55]
    if not heavy:
        return cleaned if 2 <= len(cleaned) <= 16 else None
    kept = _nouns(cleaned)
    return kept if len(kept) >= 2 else None


def _without_done(text: str) -> str:
    """Return a head without the word that 了 or 过 marks as a verb (知穗农业布设了)."""
    text = text.removesuffix("为了")
    if text[-1:] not in ("了", "过"):
        return text
    _, start = cut(text[:-1])[-1] if text[:-1] else ("", 0)
    return text[:start] if start >= 2 else text


def _nouns(text: str) -> str:
    attribute = _ATTRIBUTES.search(text)
    text = text[: attribute.start()] if attribute and attribute.start() >= 2 else text
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
