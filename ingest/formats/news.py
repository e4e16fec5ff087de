"""Read texts with a head of their own: dated news lines (`日期 2019-08-20 10:14:27，正文：…`) and e-mail.

News stands one article per line or one per file; a mail's head is a few labelled lines above its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingest.clean import clean_line, clean_text
from ingest.dates import parse_date
from ingest.formats.byline import Byline
from ingest.formats.lines import Line
from ingest.keys import KeyMaker
from ingest.parsed import Failure, ParsedArticle

_MAX_LINES = 20_000  # of one article
_HEAD = re.compile(
    r"^[ \t\u3000]*(?:(?:日期|时间|時間|发布时间|發布時間)\s{0,2}[:：]?\s{0,2})?"
    r"((?:19|20)[0-9]{2}\s?(?:[-/.]\s?[0-9]{1,2}[-/.][0-9]{1,2}|年\s?[0-9]{1,2}\s?月\s?[0-9]{1,2}\s?日)"
    r"(?:[T\s]{0,2}[0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?)?)\s{0,3}[，,；;]?\s{0,3}"
    r"(?:(?:标题|標題)[:：]\s{0,3}([^\n]{1,150}?)\s{0,3}[，,；;。]?\s{0,3})?正文\s?[:：][ \t]{0,3}"
)

_MAIL_LABELS = {
    "发件人": "from", "發件人": "from", "寄件者": "from", "From": "from",
    "收件人": "to", "收件者": "to", "To": "to", "抄送": "", "密送": "", "副本": "", "Cc": "", "CC": "", "Bcc": "", "Reply-To": "",
    "发送时间": "date", "發送時間": "date", "发送日期": "date", "寄件日期": "date", "时间": "date", "日期": "date", "Sent": "date", "Date": "date",
    "主题": "subject", "主旨": "subject", "主題": "subject", "Subject": "subject",
    "附件": "", "重要性": "", "Message-ID": "", "MIME-Version": "", "Content-Type": "", "Content-Transfer-Encoding": "",
}  # fmt: skip
_MAIL_LINE = re.compile(rf"[\s>*_]*({'|'.join(_MAIL_LABELS)})[*_]*[ \t]*[:：][*_ \t]*(.*)")
_FORWARDED = re.compile(
    r"[\s>-]*-{2,}\s*(?:原始邮件|原始郵件|转发邮件|转发的邮件|邮件原件|Original Message|Forwarded message)\s*-{2,}\s*",
    re.IGNORECASE,
)
_MIN_MAIL_LABELS = 3
_MAIL_ADDRESS = re.compile(r"\s*[<(（\[]?[\w.+-]+@[\w.-]+[>)）\]]?\s*")


@dataclass(frozen=True, slots=True)
class Mail:
    """The lines of a text, and what the mail head above them stated, if there was one."""

    body: Sequence[str]
    subject: str = ""
    byline: Byline = field(default_factory=Byline)


def read_mail(lines: Sequence[str]) -> Mail:
    """Take a mail's head off the lines of a text; a text that begins without one keeps all its lines."""
    stated: dict[str, str] = {}
    first = next(
        (index for index, line in enumerate(lines) if line.strip() and not _FORWARDED.fullmatch(line)), 0
    )
    end = first
    while end < len(lines) and (match := _MAIL_LINE.fullmatch(lines[end])) and match[1] not in stated:
        stated[match[1]] = clean_line(match[2])
        end += 1
    roles = {_MAIL_LABELS[label]: value for label, value in reversed(stated.items())}
    if "from" not in roles or len(roles.keys() - {""}) < _MIN_MAIL_LABELS:
        return Mail(lines)
    sent, sender = parse_date(roles.get("date")), _MAIL_ADDRESS.sub("", roles["from"]).strip("\"' ")
    told = ("subject", "date") if sent else ("subject",)
    others = {label: value for label, value in stated.items() if value and _MAIL_LABELS[label] not in told}
    if others.get("发件人") == sender:
        del others["发件人"]
    return Mail(
        lines[end:], roles.get("subject", ""), Byline(published=sent, author=sender or None, fields=others)
    )


def is_news(text: str) -> bool:
    """Say whether `text` begins with a dated news head."""
    return _HEAD.match(text.lstrip("\ufeff\n\r \t")) is not None


def read_news(text: str) -> ParsedArticle | None:
    """Return the article of one dated news text, or None where it has no such head."""
    match = _HEAD.match(text)
    if match is None:
        return None
    return ParsedArticle(
        key="",
        title=clean_line(match[2] or ""),
        text=clean_text(text[match.end() :]),
        published=parse_date(match[1]),
    )


def parse_news(lines: Iterable[Line], *, source: str) -> Iterator[ParsedArticle | Failure]:
    """Yield the articles of a news file as its lines come; lines without a head continue an article.

    A file's only article has the key ""; articles of a longer file are named by their words.
    """
    keys = KeyMaker()
    first: ParsedArticle | Failure | None = None
    several = False
    for entry in _entries(lines, source=source):
        if first is None:
            first = entry
            continue
        if not several:
            several = True
            yield _keyed(first, keys)
        yield _keyed(entry, keys)
    if first is not None and not several:
        yield first


def _entries(lines: Iterable[Line], *, source: str) -> Iterator[ParsedArticle | Failure]:
    started, parts = 0, list[str]()
    for line in lines:
        if line.problem is not None:
            yield Failure(f"{source}#line={line.number}", line.problem)
        elif _HEAD.match(line.text) or len(parts) >= _MAX_LINES:
            yield from _entry(parts, source=source, number=started)
            started, parts = line.number, [line.text]
        elif parts or line.text.strip():
            started = started or line.number
            parts.append(line.text)
    yield from _entry(parts, source=source, number=started)


def _entry(parts: list[str], *, source: str, number: int) -> Iterator[ParsedArticle | Failure]:
    if not parts:
        return
    article = read_news("\n".join(parts))
    if article is None or not article.text:
        yield Failure(f"{source}#line={number}", "这一行没有“日期，正文：” (no date and text in this line)")
    else:
        yield article


def _keyed(entry: ParsedArticle | Failure, keys: KeyMaker) -> ParsedArticle | Failure:
    return entry if isinstance(entry, Failure) else replace(entry, key=keys.key(None, entry))
