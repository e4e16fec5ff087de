"""Read bylines: who published an article, who wrote it, when, and what else the source states about it.

A byline is a short line made of nothing but such statements, at the edge of the text: the same words inside
it tell of a book, a lecture or a day. Datelines inside the first sentence ("新华社北京8月8日电（记者王某）") are
read too, and stay in the text: they are the article's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import dropwhile

from ingest.clean import clean_line
from ingest.dates import date_from_head, first_date
from ingest.formats.markup import SURNAMES, is_furniture

_MAX_BYLINE_CHARS = 160
_MAX_HEAD_LINE_CHARS = 80
_HEAD_LINES, _FOOT_LINES = 8, 16  # how many lines above and below a text may be none of it
_MAX_NAME_CHARS = 30
_MAX_REST_CHARS = 16
_HEAD_CHARS = 200

_PUBLISHER_LABELS = (
    "文章来源", "文章來源", "信息来源", "新闻来源", "来源", "來源", "稿源", "媒体", "媒體", "Source",
)  # fmt: skip
_AUTHOR_LABELS = ("作者", "撰文", "撰稿", "记者", "記者", "文", "Author", "By")
_OTHER_LABELS = (
    "责任编辑", "責任編輯", "责编", "責編", "编辑", "編輯", "校对", "审核", "编译", "摄影", "图", "分类专栏", "文章标签",
)  # fmt: skip
_DATE_LABELS = (
    "发布时间", "发布日期", "发表时间", "发表于", "发布于", "發布時間", "發佈時間", "时间", "時間", "日期", "更新时间", "发送时间",
)  # fmt: skip
_EVENT_LABELS = ("时间", "時間", "日期")  # a notice states with them when something takes place
_COUNT = re.compile(
    r"(阅读次数|阅读数|阅读量|阅读|閱讀|浏览次数|浏览数|浏览量|浏览|访问量|点击次数|点击数|点击量|点击|评论数|评论|点赞数|点赞|收藏数|收藏|转发)\s?[:：]?\s?[(（]?([0-9][0-9,.]*\s?[万kKwW]?\+?)"
)
_STAMP = re.compile(
    r"(?:(?:19|20)[0-9]{2})\s?(?:年\s?[0-9]{1,2}\s?月\s?[0-9]{1,2}\s?[日号]|([-./])[0-9]{1,2}\1[0-9]{1,2}(?![0-9]))"
    r"(?:\s*(?:星期|周|週)[一二三四五六日天])?(?P<time>[\sT]*[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?)?"
)
_PAIR = re.compile(
    r"(?:(?<=\s)|(?<=^)|(?<=[0-9|｜丨)）\]】,，;；·/]))"
    rf"({'|'.join((*_PUBLISHER_LABELS, *_AUTHOR_LABELS, *_OTHER_LABELS, *_DATE_LABELS))})\s{{0,2}}(?:[:：]{{1,2}}|[|｜丨/]|(?<=By)\s)\s{{0,3}}"
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
_FILLER = ' \t\u3000|｜丨/·•・,，;；:：()（）[]【】-—_<>《》"“”'
_SENTENCE = re.compile(r"[。！？!?]")
_ENDS_HEAD = re.compile(r"[。！？；…]")
_LABEL = re.compile(r"\s{0,9}[（(【\[]?\s?([\u4e00-\u9fffA-Za-z]{1,8})\s{0,2}[:：|｜丨/]{1,2}\s{0,3}(?=\S)")
# what is said of the text itself may stand between bylines; any other label begins a list
_PARTS_OF_TEXT = frozenset(
    "标题 標題 原标题 原標題 副标题 题目 摘要 概要 提要 导读 導讀 导语 按语 编者按 核心提示 内容提要 内容摘要 关键词 關鍵詞".split()
)
_SIGNED = re.compile(
    r"[0-9〇○零一二三四五六七八九\s]{4,8}年[0-9一二三四五六七八九十\s]{1,4}月[0-9一二三四五六七八九十\s]{1,5}日"
)
_STATES_ISSUE = re.compile(r"发布|發布|發佈|发表|發表|编辑于|更新|修改|刊发|发送|Published|Posted|Updated")
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
    line = clean_line(line) if len(line) <= _MAX_BYLINE_CHARS else ""
    if whole := _read_formula(line):
        return whole
    if not line or _SENTENCE.search(line):
        return None
    counts = {match[1]: match[2].strip() for match in _COUNT.finditer(line)}
    rest = _COUNT.sub("  ", line)
    stamp = _STAMP.search(rest)
    published = first_date(stamp[0], today=today) if stamp else None
    rest = _STAMP.sub("  ", rest)
    stated, rest = _take_pairs(rest)
    rest = " ".join(_NOISE.sub(" ", rest).strip(_FILLER).split())
    precise = bool(stated or counts or (stamp and stamp["time"]))
    if len(rest) > _MAX_REST_CHARS or not (precise or published) or (rest and not precise):
        return None
    account = rest if published and rest and not any(map(str.isdigit, rest)) else None
    outlet = account if account and _IS_OUTLET.fullmatch(account) else None
    known = Byline(published, outlet, account=None if outlet else account, fields=counts)
    return _from_pairs(stated).over(known)


def take_bylines(lines: Sequence[str]) -> tuple[Byline, list[str]]:
    """Return what the lines at the edges of a text state about it, and the lines with those left blank."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    foot = _foot(lines, filled)
    head = _head(lines, [index for index in filled if index not in foot], last=filled[-1:])
    byline = Byline()
    for index in (*head, *reversed(foot)):
        byline = byline.over(_read_edge(lines[index]) or Byline())
    taken = {*head, *foot}
    if len(taken) == len(filled):  # a text of nothing else is still a text
        taken = {index for index in taken if not is_furniture(lines[index])}
    return byline, ["" if index in taken else line for index, line in enumerate(lines)]


def signed_date(text: str) -> date | None:
    """Return the date that stands alone under a text, where nothing in its head dates it."""
    above, _, last = text.rpartition("\n")
    if not above or not _SIGNED.fullmatch(last.strip()) or _recurs(last, above[-10_000:].split("\n")):
        return None
    return None if date_from_head(text) else first_date(last)


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


def _foot(lines: Sequence[str], filled: Sequence[int]) -> list[int]:
    """Return the lines below the text that credit it or are its platform's, the last one first.

    Credits that the text has more of are a list's: 作者 and 来源 of each book in turn.
    """
    foot: list[int] = []
    for index in reversed(filled[1:][-_FOOT_LINES:]):
        if not is_furniture(lines[index]) and not _is_credit(lines[index]):
            break
        foot.append(index)
    credited = [index for index in foot if not is_furniture(lines[index])]
    text = [lines[index] for index in filled[: len(filled) - len(foot)]]
    text = list(dropwhile(lambda line: _read_edge(line) is not None, text))  # the head may state the same
    beside = text[-1:] if foot[-1:] == credited[-1:] else []
    listed = any(_recurs(lines[index], text) for index in credited) or any(map(_is_item, beside))
    return [index for index in foot if not (listed and index in credited)]


def _head(lines: Sequence[str], filled: Sequence[int], *, last: Sequence[int]) -> list[int]:
    """Return the lines above the text that state something about it or are its platform's."""
    head: list[int] = []
    for place, index in enumerate(filled[:_HEAD_LINES]):
        line = lines[index]
        if _read_edge(line) is None:
            if _ENDS_HEAD.search(line) or len(line) > _MAX_HEAD_LINE_CHARS or _is_item(line):
                break
            continue
        label = _form(line)
        below = [lines[other] for other in filled[place + 1 :] if other not in last]
        outlet = label in _PUBLISHER_LABELS and len(head) == place  # charts below name their own sources
        beside = [lines[other] for other in filled[max(place - 1, 0) : place + 2]]
        event = label in _EVENT_LABELS and any(map(_is_item, beside))
        if event or (not outlet and _recurs(line, below)):
            break
        head.append(index)
    return head


def states_issue(line: str) -> bool:
    """Say whether a line says of its date that the text was issued or changed then."""
    return _STATES_ISSUE.search(line) is not None


def _read_edge(line: str) -> Byline | None:
    """Return what a line states that is no part of the text, None for a line of the text."""
    return Byline() if is_furniture(line) else read_byline(line.strip("（）() \u3000"))


def _is_credit(line: str) -> bool:
    """Say whether a line names who made or issued the text; a date under it is its signature, and stays."""
    byline = read_byline(line.strip("（）() \u3000"))
    if byline is None or _form(line) == "图":  # a caption is text
        return False
    return bool(byline.publisher or byline.author or byline.fields or states_issue(line))


def _form(line: str) -> str:
    """Return how a line opens: the label, or the shape of the date; "" for other lines."""
    line = line.strip(_FILLER)
    if stamp := _STAMP.match(line):
        return re.sub(r"[0-9]+", "0", stamp[0])
    label = _LABEL.match(line)
    return label[1] if label else ""


def _recurs(line: str, others: Iterable[str]) -> bool:
    """Say whether other lines open as this one: then it is one of a list, a chronicle or a conversation."""
    form = _form(line)
    alike = (other for other in others if form and len(other) <= _MAX_BYLINE_CHARS and _form(other) == form)
    return any(not form.startswith("0") or read_byline(other) is not None for other in alike)


def _is_item(line: str) -> bool:
    """Say whether a line is an item of labelled facts ("地点：三楼会议室")."""
    label = _LABEL.match(line)
    if label is None or label[1] in _PARTS_OF_TEXT or len(label[1]) < 2 or "/" in label[0]:
        return False
    return read_byline(line) is None


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
        if value.strip(_FILLER):
            stated[match[1]] = value.strip(" \t\u3000|｜丨/,，;；[]【】")[:80]
    return stated, " ".join(rest)


def _from_pairs(stated: Mapping[str, str]) -> Byline:
    def first(labels: tuple[str, ...]) -> str | None:
        return next((stated[label][:_MAX_NAME_CHARS] for label in labels if label in stated), None)

    others = {label: value for label, value in stated.items() if label in _OTHER_LABELS}
    return Byline(publisher=first(_PUBLISHER_LABELS), author=first(_AUTHOR_LABELS), fields=others)
