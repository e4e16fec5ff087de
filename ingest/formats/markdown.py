"""Read a Markdown article: a blog page scraped to Markdown, a note with front matter, or plain text.

The title, the byline and the credit lines become data; images, links and marks go; lines that the
scraper broke inside a word are joined.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile

from ingest.clean import clean_line, clean_text
from ingest.dates import parse_date
from ingest.formats.byline import Byline, read_byline
from ingest.formats.edges import signed_date, take_bylines
from ingest.formats.markup import has_marks, heading, inline_text, plain_lines
from ingest.formats.news import read_mail
from ingest.formats.titles import is_label
from ingest.parsed import ParsedArticle

_MAX_TITLE_CHARS = 80
_TITLE_LINES = 5  # how far down a heading may stand to be the title
_FRONT_MATTER = re.compile(r"\A\n*(---|\+\+\+)[ \t]*\n(.{0,20000}?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"([\w.-][\w .-]{0,40}?)\s*[:：](?:\s+|$)(.*)")
_TITLE_BREAK = re.compile(
    r"\s+[-–—|｜]\s+|\s*[_|｜](?=[^_|｜]{2,20}(?:$|[_|｜]))|\s?-{1,2}(?=[\u4e00-\u9fffA-Z]{2,10}(?:网|博客|频道|新闻|社区)$)"
)
_SITE = re.compile(
    r"(?:博客|网|網|新闻|新聞|资讯|频道|日报|晚报|时报|周刊|客户端|论坛|社区|知乎|简书|CSDN|搜狐|新浪|腾讯|网易|百家号|头条|"
    r"公众号|专栏|科技|财经|之家|在线|官网|blog|news)$",
    re.IGNORECASE,
)
_PLATFORM = re.compile(r"博客|CSDN|知乎|简书|专栏|公众号|百家号|搜狐号|头条号|论坛|社区|blog", re.IGNORECASE)
_MAX_SITE_CHARS = 14
_OPENS_BODY = re.compile(r"[。！？；…]")
_ENDS_SENTENCE = re.compile(r"[。；，、：,;:]$")
_TITLE_LABEL = re.compile(r"^(?:标题|標題|题目)\s?[:：]\s*")
_QUOTED = re.compile(r"([\"'])(.*)\1(?:\s+#.*)?$")
_COMMENT = re.compile(r"(?:^|\s)#(?:\s.*)?$")
_NAMED = re.compile(r"(?:name|姓名|名称)\s?[:：]\s?(.+)", re.IGNORECASE)
_FRONT_NAMES = {
    "title": "title", "标题": "title", "標題": "title", "headline": "title",
    "date": "date", "published": "date", "pubdate": "date", "publish_date": "date", "日期": "date",
    "发布时间": "date", "发布日期": "date", "發布時間": "date", "时间": "date",
    "author": "author", "authors": "author", "作者": "author",
    "source": "publisher", "publisher": "publisher", "site": "publisher", "来源": "publisher",
    "來源": "publisher", "媒体": "publisher",
    "url": "url", "link": "url", "canonical": "url", "链接": "url", "連結": "url", "网址": "url",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Headline:
    """A page title taken apart: the article's title, the outlet, the platform that carries it."""

    title: str
    publisher: str | None = None
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class _FrontMatter:
    known: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


def parse_markdown(text: str) -> ParsedArticle:
    """Return the article in a Markdown or plain-text file; its title and text may come out empty."""
    front, text = _split_front_matter(text)
    marked = has_marks(text)
    mail = read_mail(text.split("\n"))
    title, rest = _take_title(list(mail.body), stated=front.known.get("title") or mail.subject or None)
    lines = plain_lines("\n".join(rest)) if marked else rest
    byline, body = take_bylines(lines)
    headline = split_title(clean_line(inline_text(title) if marked else title))
    known = front.known
    stated = Byline(
        parse_date(known.get("date")), known.get("publisher"), known.get("author"), fields=front.fields
    )
    byline = stated.over(mail.byline).over(byline)
    fields = dict(byline.fields)
    body_text = clean_text("\n".join(body))
    if headline.platform:
        fields["平台"] = headline.platform
    if headline.publisher and byline.publisher and headline.publisher != byline.publisher:
        fields["来源"] = byline.publisher
    return ParsedArticle(
        key="",
        title=headline.title,
        text=body_text,
        url=known.get("url") or byline.url,
        published=byline.published or signed_date(body_text),
        publisher=headline.publisher or byline.publisher,
        author=byline.author or byline.account,
        fields=fields,
    )


def split_title(title: str) -> Headline:
    """Take a site's name off the end of a page title ("标题 - 某某学家 - CSDN博客")."""
    breaks = list(_TITLE_BREAK.finditer(title))
    publisher = platform = None
    for position in reversed(breaks):
        site, rest = title[position.end() :].strip(), title[: position.start()].strip()
        if len(site) > _MAX_SITE_CHARS or len(rest) < 4 or not (platform or _SITE.search(site)):
            break
        if _PLATFORM.search(site) and platform is None and publisher is None:
            platform = site
        else:
            publisher = site
        title = rest
        if platform and publisher:
            break
    return Headline(title, publisher or platform, platform if publisher else None)


def _take_title(lines: list[str], *, stated: str | None) -> tuple[str, list[str]]:
    """Return the title and the lines without it; an untitled text keeps all its lines."""
    filled = [index for index, line in enumerate(lines) if line.strip()][:_TITLE_LINES]
    for index in filled:
        words = heading(lines[index])
        if words is None and index + 1 < len(lines) and re.fullmatch(r"\s*={3,}\s*", lines[index + 1]):
            words = lines[index].strip()
        if words:
            same = stated is None or clean_line(words) == clean_line(stated)
            return stated or words, lines[:index] + lines[index + 1 :] if same else lines
        if len(lines[index]) > _MAX_TITLE_CHARS and _OPENS_BODY.search(lines[index]):
            break
    above = len(list(takewhile(lambda index: _is_above_title(lines[index]), filled)))
    if stated is not None or len(filled) - above < 2:
        return stated or "", lines
    filled = filled[above:]
    first = _TITLE_LABEL.sub("", lines[filled[0]].strip())
    if len(first) > _MAX_TITLE_CHARS or _ENDS_SENTENCE.search(first) or read_byline(inline_text(first)):
        return "", lines
    if len(_OPENS_BODY.findall(first)) > 1 or "![" in first:
        return "", lines
    return first, lines[: filled[0]] + lines[filled[0] + 1 :]


def _is_above_title(line: str) -> bool:
    """Say whether a line stands above titles (附件1, an address); a rule may begin a head that is not understood."""
    return is_label(clean_line(line)) and re.search(r"\w", line) is not None


def _split_front_matter(text: str) -> tuple[_FrontMatter, str]:
    """Take a head of YAML (between ---) or TOML (between +++) off the text."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return _FrontMatter(), text
    values = _toml_values(match[2]) if match[1] == "+++" else _yaml_values(match[2])
    if not values:
        return _FrontMatter(), text
    known: dict[str, str] = {}
    fields: dict[str, str] = {}
    for name, parts in values.items():
        value = "、".join(filter(None, map(_front_value, parts)))
        role = _FRONT_NAMES.get(name.lower())
        if value and role and role not in known and (role != "date" or parse_date(value)):
            names = _front_names(value)
            known[role] = "、".join(names) or value
            if len(names) in (0, len(value.split("、"))):
                continue
        if value:  # or what of it is not known whole
            fields[name] = value
    return _FrontMatter(known, fields), text[match.end() :]


def _yaml_values(head: str) -> dict[str, list[str]]:
    """Return the simple `key: value` pairs and lists of a YAML head, without YAML's other features."""
    values: dict[str, list[str]] = {}
    name = ""
    for line in head.split("\n"):
        pair = _FIELD.match(line)
        if pair and not line.startswith((" ", "\t", "-")):
            name = pair[1].strip()
            values[name] = [] if pair[2].strip() in ("", "|", ">", "|-", ">-") else [pair[2]]
        elif name and line.strip() and not line.lstrip().startswith("#"):
            values[name].append(re.sub(r"^\s*-\s+", "", line))
    return values


def _toml_values(head: str) -> dict[str, list[str]]:
    """Return the values of a TOML head, those of its tables among them; none where it is no TOML."""
    import tomllib  # few articles have such a head

    try:
        pairs = list(tomllib.loads(head).items())
    except tomllib.TOMLDecodeError:
        return {}
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if isinstance(value, dict) and name not in _FRONT_NAMES:
            pairs.extend(value.items())
        else:
            parts = value if isinstance(value, list) else [value]
            values.setdefault(name, [_field_value(part) for part in parts])
    return values


def _field_value(value: object) -> str:
    if isinstance(value, dict):
        return "、".join(f"{name}: {part}" for name, part in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _front_value(text: str) -> str:
    text = text.strip()
    if text.startswith("[") and text.endswith("]") and not text.startswith("[["):
        return "、".join(filter(None, map(_front_value, text[1:-1].split(","))))
    if text.startswith("{") and text.endswith("}"):
        return _front_value(f"[{text[1:-1]}]")
    if text in ("~", "null", "Null", "NULL"):
        return ""
    quoted = _QUOTED.match(text)
    value = quoted[2] if quoted else clean_line(_COMMENT.sub("", text))
    return inline_text(value) if "[[" in value else value


def _front_names(value: str) -> list[str]:
    """Return the names in a value of mappings ("name: 甲、url: …"); [] for another value."""
    named = map(_NAMED.fullmatch, value.split("、"))
    return [name[1].strip("\"' ") for name in named if name]
