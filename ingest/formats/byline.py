"""Read bylines: who published an article, who wrote it, when, and what else a line of its source states about it.

A byline is a short line made of nothing but such statements. Datelines inside the first sentence
("新华社北京8月8日电（记者王某）") are read too, and stay in the text: they are the article's own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ingest.clean import clean_line
from ingest.dates import date_from_head, first_date
from ingest.formats.markup import SURNAMES

MAX_BYLINE_CHARS = 160
_MAX_NAME_CHARS = 30
_MAX_REST_CHARS = 16
_HEAD_CHARS = 200

PUBLISHER_LABELS = (
    "文章来源", "文章來源", "信息来源", "新闻来源", "来源", "來源", "稿源", "媒体", "媒體", "Source",
)  # fmt: skip
_AUTHOR_LABELS = ("作者", "撰文", "撰稿", "记者", "記者", "文", "Author", "By")
_OTHER_LABELS = (
    "责任编辑", "責任編輯", "责编", "責編", "编辑", "編輯", "校对", "审核", "编译", "摄影", "图", "分类专栏", "文章标签",
)  # fmt: skip
_DATE_LABELS = (
    "发布时间", "发布日期", "发表时间", "发表于", "发布于", "發布時間", "發佈時間", "时间", "時間", "日期", "更新时间", "发送时间",
)  # fmt: skip
_COUNT = re.compile(
    r"(阅读次数|阅读数|阅读量|阅读|閱讀|浏览次数|浏览数|浏览量|浏览|访问量|点击次数|点击数|点击量|点击|评论数|评论|点赞数|点赞|收藏数|收藏|转发)\s?[:：]?\s?[(（]?([0-9][0-9,.]*\s?[万kKwW]?\+?)"
)
STAMP = re.compile(
    r"(?:(?:19|20)[0-9]{2})\s?(?:年\s?[0-9]{1,2}\s?月\s?[0-9]{1,2}\s?[日号]|([-./])[0-9]{1,2}\1[0-9]{1,2}(?![0-9]))"
    r"(?:\s*(?:星期|周|週)[一二三四五六日天])?(?P<time>[\sT]*[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?)?"
)
_PAIR = re.compile(
    r"(?:(?<=\s)|(?<=^)|(?<=[0-9|｜丨)）\]】,，;；·/]))"
    rf"({'|'.join((*PUBLISHER_LABELS, *_AUTHOR_LABELS, *_OTHER_LABELS, *_DATE_LABELS))})\s{{0,2}}(?:[:：]{{1,2}}|[|｜丨/]|(?<=By)\s)\s{{0,3}}"
)
_NOISE = re.compile(
    r"(?:发布|發布|發佈|发表|發表|编辑|編輯|更新|修改|刊发)(?:于|於)|最后(?:更新|修改)|(?:Published|Posted|Updated)(?: on)?(?=\s)"
    r"|IP\s?属地\s?[:：]?\s?[\u4e00-\u9fff]{0,8}|次(?=\s*$)|原创|转载|轉載|字号|字號|字体|字體|[大中小](?:\s?[大中小]){1,2}(?![\u4e00-\u9fff])|分享(?:到)?|收藏|打印|关闭|举报|版权|已于.{0,20}修改"
)
# what ends a value although no wide space does: the next label, a mark of the page, its tools
_VALUE_END = re.compile(
    r"  |【|\[(?=\s?[大中小字])|(?<=\S)\s(?=[\u4e00-\u9fff]{2,5}\s?[:：])"
    r"|(?<=\S)\s?(?=(?:字体|字號|字号|浏览次数|打印|举报|发送时间|责任编辑)(?:$|[\s:：\[（(【]))"
)
_BALANCED = re.compile(r"(?:[^（()）]|[（(][^（()）]*[）)]?)*")  # up to the bracket that the line stood in
FILLER = ' \t\u3000|｜丨/·•・,，;；:：()（）[]【】-—_<>《》"“”'
_SENTENCE = re.compile(r"[。！？!?]")
_ADDRESS = re.compile(r"(?:原文|文章|本文)?(?:链接|連結|鏈接|网址|地址)\s?[:：]\s{0,3}(https?://\S+)")
# Zhihu puts it above what is copied from it
_RIGHTS = re.compile(r"著作权归.{1,20}所有。商业转载请联系.{0,60}")

_OUTLET = r"[\u4e00-\u9fffA-Za-z0-9·]{1,14}?(?:社|网|報|报|台|刊|之家|客户端|频道|视点|财经|资本局|在线|新闻|周刊|日报|晚报|晨报|快报|时报|科技|号)"
_OUTLET_HEAD = re.compile(
    rf"(?:^|[。！？\n】\s])【?({_OUTLET})(?:\s?[\u4e00-\u9fff]{{0,8}}\s?(?:[0-9]{{4}}\s?年\s?)?[0-9]{{1,2}}\s?月\s?[0-9]{{1,2}}\s?日\s?(?:综合|专|外)?(?:电|讯|消息|报道)"
    r"|\s?(?:消息|讯|電|综合报道|报道|訊)(?=[\s（(】:：丨|]))"
)
_IS_OUTLET = re.compile(_OUTLET)
_STAFF = re.compile(
    r"(?:本[报刊网台社])?(?:见习|实习|特约|特派|全媒体|首席)?(?:记者|記者)[\s:：丨]{1,3}([\u4e00-\u9fff·、\s]{2,40})"
)
_NOT_OUTLET = re.compile(r"^(?:本|据|該|该|记者|近日|日前|多家|综合)")
_REPORTER = re.compile(
    r"[（(【]?(?:[\u4e00-\u9fff·]{2,10}\s)?(?:见习|实习|特约|特派|全媒体|首席)?(?:记者|記者)[\s:：丨]{0,2}([\u4e00-\u9fff·]{2,4}(?:[、\s]{1,2}[\u4e00-\u9fff·]{2,4}){0,3}?)(?=\s?(?:报道)?[）)】\]]|\s?(?:报道|摄影报道)|[、，\s]+(?:通讯员|实习|见习|摄影))"
)


@dataclass(frozen=True, slots=True)
class Byline:
    """What a byline states; None where it does not say. `account` is a name without a label."""

    published: date | None = None
    publisher: str | None = None
    author: str | None = None
    account: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None

    def over(self, other: Byline) -> Byline:
        """Return this byline, completed from `other` where it says nothing."""
        return Byline(
            self.published or other.published,
            self.publisher or other.publisher,
            self.author or other.author,
            self.account or other.account,
            {**other.fields, **self.fields},
            self.url or other.url,
        )


def read_byline(line: str, *, today: date | None = None) -> Byline | None:
    """Return what a line of plain text states where all of it is byline, else None."""
    line = clean_line(line) if len(line) <= MAX_BYLINE_CHARS else ""
    if whole := _read_formula(line):
        return whole
    if not line or _SENTENCE.search(line):
        return None
    counts = {match[1]: match[2].strip() for match in _COUNT.finditer(line)}
    rest = _COUNT.sub("  ", line)
    stamp = STAMP.search(rest)
    published = first_date(stamp[0], today=today) if stamp else None
    rest = STAMP.sub("  ", rest)
    stated, rest = _take_pairs(rest)
    rest = " ".join(_NOISE.sub(" ", rest).strip(FILLER).split())
    precise = bool(stated or counts or (stamp and stamp["time"]))
    if len(rest) > _MAX_REST_CHARS or not (precise or published) or (rest and not precise):
        return None
    account = rest if published and rest and not any(map(str.isdigit, rest)) else None
    outlet = account if account and _IS_OUTLET.fullmatch(account) else None
    known = Byline(published, outlet, account=None if outlet else account, fields=counts)
    return _from_pairs(stated).over(known)


def read_head(text: str, *, today: date | None = None) -> Byline:
    """Return what the first sentences of an article state about it: date, publisher, reporters."""
    head = text[:_HEAD_CHARS]
    outlet = next(
        (match[1] for match in _OUTLET_HEAD.finditer(head[:100]) if not _NOT_OUTLET.match(match[1])), None
    )
    reporter = _REPORTER.search(head[:120])
    return Byline(
        published=date_from_head(text, today=today),
        publisher=outlet,
        author="、".join(_names(reporter[1])) or None if reporter else None,
    )


def _read_formula(line: str) -> Byline | None:
    """Return what a line states that is wholly of one known form: an address, rights, reporters."""
    if address := _ADDRESS.fullmatch(line):
        return Byline(url=address[1])
    if _RIGHTS.fullmatch(line):
        return Byline()
    staff = _STAFF.fullmatch(line)
    names = _staff_names(staff[1]) if staff else []
    return Byline(author="、".join(names)) if names else None


def _staff_names(text: str) -> list[str]:
    """Return the names in a line of reporters, those spread over two columns ("孙　振") joined; [] for other words."""
    text = re.sub(r"(?<![^\s、])([\u4e00-\u9fff])\s+([\u4e00-\u9fff])(?![^\s、])", r"\1\2", text)
    names = [name for name in re.split(r"[、\s]+", text) if name]
    return names if all(2 <= len(name) <= 4 and name[0] in SURNAMES for name in names) else []


def _names(text: str) -> list[str]:
    """Return the reporters named in a dateline, without the place they report from ("上海报道")."""
    return [name for name in re.split(r"[、\s]+", text) if name and not name.endswith("报道")]


def _take_pairs(text: str) -> tuple[dict[str, str], str]:
    """Return the labelled statements of `text` and what is left of it."""
    matches = list(_PAIR.finditer(text))
    if not matches:
        return {}, text
    stated: dict[str, str] = {}
    rest = [text[: matches[0].start()]]
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        value = text[match.end() : following.start() if following else len(text)]
        whole = len(value) - len(_BALANCED.sub("", value, count=1))
        end = _VALUE_END.search(value, 0, whole)
        cut = end.start() if end else whole
        rest.append(value[cut:])
        value = value[:cut]
        if value.strip(FILLER):
            stated[match[1]] = value.strip(" \t\u3000|｜丨/,，;；[]【】")[:80]
    return stated, " ".join(rest)


def _from_pairs(stated: Mapping[str, str]) -> Byline:
    def first(labels: tuple[str, ...]) -> str | None:
        return next((stated[label][:_MAX_NAME_CHARS] for label in labels if label in stated), None)

    others = {label: value for label, value in stated.items() if label in _OTHER_LABELS}
    return Byline(publisher=first(PUBLISHER_LABELS), author=first(_AUTHOR_LABELS), fields=others)
