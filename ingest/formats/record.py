"""Read labelled records: 标题, 链接, 总结 (the article's text), and editorial labels beside it.

关键词, AI技术, 行业 and 重大事件摘要 were written about the article, not in it: they go to `fields` and are
never part of the text. A file may hold several records, each begun by 标题.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.clean import clean_line, clean_text
from ingest.dates import date_from_url, parse_date
from ingest.formats.byline import Byline, read_byline
from ingest.formats.markdown import split_title
from ingest.formats.markup import has_marks, plain_lines
from ingest.keys import KeyMaker
from ingest.parsed import Failure, ParsedArticle

_ROLES = {
    "标题": "title", "標題": "title", "题目": "title",
    "链接": "url", "鏈接": "url", "連結": "url", "网址": "url", "原文链接": "url", "URL": "url",
    "总结": "text", "總結": "text", "正文": "text", "内容": "text", "內容": "text", "全文": "text",
    "日期": "date", "时间": "date", "時間": "date", "发布时间": "date", "发布日期": "date", "發布時間": "date",
    "来源": "publisher", "來源": "publisher", "媒体": "publisher", "媒體": "publisher",
    "作者": "author", "记者": "author", "記者": "author",
    "关键词": "", "關鍵詞": "", "关键字": "", "AI技术": "", "AI技術": "", "行业": "", "行業": "",
    "重大事件摘要": "", "摘要": "", "标签": "", "分类": "", "编号": "",
}  # fmt: skip
_LABEL = re.compile(
    rf"^[ \t\u3000]*({'|'.join(sorted(_ROLES, key=len, reverse=True))})[ \t]*[:：][ \t]*(.*)$"
)
_MIN_LABELS = 3
_MAX_DISTANCE = 12  # lines within which a new record's 标题 is followed by its 链接 or 总结
_STUB = re.compile(r"^[ \t\u3000]*(原标题|原標題)[ \t]*[:：][ \t\u3000]*(.{0,120})$")
_HEAD_CHARS = 20_000


def is_record(text: str) -> bool:
    """Say whether `text` begins as a labelled record."""
    head = text[:_HEAD_CHARS].split("\n")
    first = next((line for line in head if line.strip()), "")
    if not _LABEL.match(first):
        return False
    labels = {match[1] for match in map(_LABEL.match, text.split("\n")) if match}
    roles = {_ROLES[label] for label in labels}
    return {"title", "text"} <= roles and (len(labels) >= _MIN_LABELS or "url" in roles)


def parse_records(text: str, *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the article of each record; a file's only record has the key ""."""
    records = list(_split_records(text.split("\n")))
    keys = KeyMaker()
    for number, lines in enumerate(records, start=1):
        article = _to_article(_read_labels(lines))
        if not article.text:
            yield Failure(f"{source}#record={number}", "记录没有正文 (the record has no text)")
        elif len(records) == 1:
            yield article
        else:
            yield replace(article, key=keys.key(None, article))


def _split_records(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines of each record; it begins at a 标题 that a 链接 or 总结 soon follows."""
    starts = []
    for index, line in enumerate(lines):
        match = _LABEL.match(line)
        if match and _ROLES[match[1]] == "title":
            following = map(_LABEL.match, lines[index + 1 : index + 1 + _MAX_DISTANCE])
            roles = [_ROLES[found[1]] for found in following if found]
            if "title" in roles:
                roles = roles[: roles.index("title")]
            if {"url", "text"} & set(roles):
                starts.append(index)
    if not starts:
        yield lines
        return
    first = next(index for index, line in enumerate(lines) if line.strip())
    starts[0] = first  # labels above the first 标题 belong to it
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start:end]


def _read_labels(lines: list[str]) -> dict[str, list[str]]:
    """Return the lines under each label; a label seen before is the text of the one it stands in."""
    values: dict[str, list[str]] = {}
    label = ""
    for line in lines:
        match = _LABEL.match(line)
        if match and match[1] not in values:
            label = match[1]
            values[label] = [match[2]]
        elif label:
            values[label].append(line)
    return values


def _to_article(values: dict[str, list[str]]) -> ParsedArticle:
    known: dict[str, str] = {}
    fields: dict[str, str] = {}
    body: list[str] = []
    for label, lines in values.items():
        role = _ROLES[label]
        if role == "text" and not body:
            body = lines
        elif role in ("", "text") or role in known:
            fields[label] = _field_text(lines)
        else:
            known[role] = clean_line(" ".join(lines))
    published = parse_date(known.get("date"))
    if published is None:  # 2021年8月 names no day: the words are kept
        fields |= {label: _field_text(lines) for label, lines in values.items() if _ROLES[label] == "date"}
    text, stated = _clean_body(body, fields)
    headline = split_title(known.get("title", ""))
    url = known.get("url") or None
    return ParsedArticle(
        key="",
        title=headline.title,
        text=text,
        url=url,
        published=published or stated.published or (date_from_url(url) if url else None),
        publisher=known.get("publisher") or stated.publisher or headline.publisher,
        author=known.get("author") or stated.author,
        fields={name: value for name, value in {**fields, **stated.fields}.items() if value},
    )


def _clean_body(lines: list[str], fields: dict[str, str]) -> tuple[str, Byline]:
    """Return the canonical text, and what the byline lines above it state; drops the 原标题 stub."""
    byline = Byline()
    kept = list(lines)
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        stub, found = _STUB.match(line), read_byline(line)
        if stub:
            fields[stub[1]] = clean_line(stub[2])
        elif found:
            byline = byline.over(found)
        else:
            break
        kept[index] = ""
    body = "\n".join(kept)
    return clean_text("\n".join(plain_lines(body)) if has_marks(body) else body), byline


def _field_text(lines: list[str]) -> str:
    """Return an editorial field as plain lines."""
    return clean_text("\n".join(line for raw in plain_lines("\n".join(lines)) for line in (raw, "")))
