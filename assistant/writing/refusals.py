"""Recognise what is not a statement about the articles: refusals, greetings, headings."""

from __future__ import annotations

import re

from assistant.verification.claim import content_length, read_claim
from vectorstore.fold import fold

_SOURCES = "文章|文中|资料|材料|段落|上下文|原文|文本|报道|提供的|信息|内容|文档|片段"
_REFUSAL = re.compile(
    rf"(?:{_SOURCES}).{{0,16}}?(?:没有|并未|未曾|未能|均未|未|没|无)(?:有|明确|具体|直接|任何)*.{{0,6}}?"
    r"(?:提到|提及|说明|涉及|给出|提供|包含|记载|披露|找到|介绍|相关|答案|说)"
    r"|无法(?:从|根据|由|就|对|确定|回答|得知|判断|得出|确认|找到)"
    r"|(?:没有|未能?|找不到|没)(?:找到|检索到|查到|提到|提及).{0,12}"
    r"|(?:抱歉|对不起|很遗憾).{0,12}(?:无法|不能|没有|不知道)|我不知道|不得而知|无从得知|不清楚"
    r"|(?:do|does|did) not (?:say|mention|contain|provide|state|specify)|(?:cannot|can't|unable to) "
    r"(?:be )?(?:answer|determine|find)"
    r"|no (?:information|mention|answer)|not (?:mentioned|stated|provided|specified)",
    re.IGNORECASE,
)
_THE_SOURCES = re.compile("文章|文中|段落|上下文|原文|资料|材料")
_ADDS = re.compile(
    r"[,，;；]\s*(?:但是?|不过|然而|可是|而(?!且)|却)(?:(?:文章|文中|其中)?[只仅也]?(?:提到|提及|指出|显示|介绍)了?)?"
)
_LONGEST_APOLOGY = 4
_CHATTER = re.compile(
    r"\s*(?:好的|当然|您好|你好|谢谢|不客气|没问题|sure|certainly|of course|hello)[，,。.！!~\s]*(?:.{0,40}[:：])?\s*"
    r"|\s*(?:以下|下面|根据|综上|总结|here (?:is|are))[^。]{0,40}[:：]\s*"
    r"|\s*希望.{0,30}(?:帮助|有用|您|你).{0,6}|\s*如(?:果|需|有).{0,16}(?:告诉|联系|提问|问我|随时).{0,12}"
    r"|\s*(?:i )?hope this helps.{0,6}|\s*let me know.{0,40}",
    re.IGNORECASE,
)
_REFERENCES = re.compile(
    r"\s*(?:参考(?:文献|资料|来源|链接)?|资料来源|引用(?:来源|文献|列表)?|来源(?:列表)?|出处|references?|sources?|citations?)\s*[::]?\s*",
    re.IGNORECASE,
)


def is_refusal(text: str) -> bool:
    """Say whether a sentence says that the articles do not say."""
    return _REFUSAL.search(fold(text)) is not None


def stated(text: str) -> str:
    """Return what a sentence states: all of it, what 但 sets against 文章没有提到…, or nothing where it refuses."""
    parts = _ADDS.split(text)
    silent = [part for part in parts if _only_refuses(part)]
    if not silent:
        return "" if _only_refuses(text) else text
    claims = [part for part in parts if part not in silent]
    if content_length("".join(claims)) <= _LONGEST_APOLOGY:
        return ""
    return "，".join(claims) if all(map(names_the_sources, silent)) else text


def names_the_sources(text: str) -> bool:
    """Say whether a sentence speaks of the articles rather than of what they say."""
    return _THE_SOURCES.search(fold(text)) is not None


def _only_refuses(text: str) -> bool:
    return is_refusal(text) and not read_claim(text).facts.numbers


def is_chatter(text: str) -> bool:
    """Say whether a sentence only greets, announces or offers help."""
    return len(text) <= 60 and _CHATTER.fullmatch(text) is not None


def is_reference_heading(text: str) -> bool:
    """Say whether a line opens the model's own list of references."""
    return _REFERENCES.fullmatch(fold(text)) is not None


def is_heading(raw: str, text: str) -> bool:
    """Say whether a line is a heading or a lead-in: marked as one, or short and without a full stop."""
    if re.match(r"\s*#{1,6}\s|\s*\*\*[^*]+\*\*\s*$", raw):
        return True
    return raw.endswith("\n") and len(text) <= 24 and re.search(r"[。！？!?.]\s*$|\d", text) is None
