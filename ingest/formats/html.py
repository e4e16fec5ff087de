"""Read the article of a web page: not its menus, lists, comments and footers.

The text is the smallest element that holds nearly all of the page's prose (words outside links, in
blocks with sentence punctuation), however deep it nests; metadata comes from the page's head and byline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.clean import clean_line, clean_paragraphs
from ingest.dates import date_from_url
from ingest.formats.blocks import Block, Page, parse_tree, read_page
from ingest.formats.byline import Byline, read_byline
from ingest.formats.edges import signed_date, states_issue, take_bylines
from ingest.formats.markup import is_furniture
from ingest.formats.news import read_mail
from ingest.formats.pagemeta import read_meta
from ingest.parsed import ParsedArticle

_MIN_SHARE = 0.75  # of the prose that an inner element must hold to be preferred
_MIN_PROSE_CHARS = 25
_MAX_LINK_SHARE = 0.4
_BYLINE_BLOCKS = 8
_FOOT_BLOCKS = 3
_BRACKETS = "（）()【】[] "
_CHARSET = re.compile(
    rb"<(?:meta\b[^>]{0,200}?charset|\?xml\b[^>]{0,100}?encoding)\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE
)
_PUNCTUATION = re.compile(r"[，。！？；：,.!?]")
_COMMENTS = re.compile(
    r"[\s【\[（(—-]*(?:网友|最新|热门|全部|精彩|精选|用户|发表|發表|我要)?(?:评论|評論|留言|跟帖|跟贴)[\s】\]）):：0-9（(条條]*"
)
_BOX = re.compile(
    r"[\s【\[（(—-]*(?:相关(?:阅读|新闻|文章|链接|推荐|报道|内容)|相關(?:閱讀|新聞|文章)|热门(?:文章|推荐|新闻)"
    r"|推荐阅读|推薦閱讀|延伸阅读|延伸閱讀|猜你喜欢|更多精彩|为您推荐|往期(?:推荐|精彩|回顾))[\s】\]）):：0-9（(条>》-]*"
    r"|(?:上|下)一篇(?:\s?[:：].{0,60})?"
)
_ENDS_SENTENCE = re.compile(r"[。！？!?…；][”’」』）)\]】]*$")
_STOP = re.compile(r"[。！？]")
_TAIL_CHARS = 60
_MAX_LABEL_CHARS = 45
_MAX_LINKS_CHARS = 180
# a platform's invitation at the end of a paragraph
_APPENDED = re.compile(
    r"\s*返回搜狐[，,]?\s?(?:查看更多)?\s*$|(?<=[。！？…”])\s*(?:点击)?(?:查看|阅读)(?:更多|全文|原文)\s*$"
)
_CREDIT = re.compile(r"(?<=[。！？”」）)])\s*([（(【\[]?[^。！？”“（(【\[]{2,45})$")


def declared_charset(data: bytes) -> str | None:
    """Return the charset that a page declares for itself; many declare a wrong one."""
    match = _CHARSET.search(data[:4096])
    return match[1].decode("ascii", "ignore") if match else None


def parse_html(text: str) -> ParsedArticle:
    """Return the article of a page; its text comes out empty where there is no prose."""
    tree = parse_tree(text)
    meta = read_meta(tree)
    page = read_page(tree.body) if tree.body is not None else Page()
    start = _title_position(page.blocks, meta.title)
    body = _body(page, start, title=meta.title)
    before = page.blocks[start : body[0]] if body and meta.title else []
    mail = read_mail(_apart(page.blocks[index].text for index in body))
    stated, lines = take_bylines(mail.body)
    byline = mail.byline.over(_read_bylines(before)).over(stated)
    if body:
        byline = byline.over(_issued(page.blocks[body[-1] + 1 :]))
    text = clean_paragraphs(lines)
    fields = dict(byline.fields)
    if meta.site and byline.publisher and meta.site != byline.publisher:
        fields["来源"] = byline.publisher
    return ParsedArticle(
        key="",
        title=mail.subject or meta.title or "",
        text=text,
        url=meta.url or byline.url,
        published=meta.published or byline.published or date_from_url(meta.url or "") or signed_date(text),
        publisher=meta.site or byline.publisher,
        author=byline.author or meta.author or byline.account,
        fields=fields,
    )


def fragment_text(html: str) -> str:
    """Return the text of an HTML fragment, as found in a table cell: all of it, one block a line."""
    tree = parse_tree(html)
    return clean_paragraphs(block.text for block in read_page(tree.body).blocks) if tree.body else ""


def _title_position(blocks: Sequence[Block], title: str | None) -> int:
    """Return the index after the block that shows the title, or 0."""
    if not title:
        return 0
    exact = [index for index, block in enumerate(blocks) if clean_line(block.text) == title]
    headings = [index for index in exact if blocks[index].tag in ("h1", "h2")]
    return (headings or exact or [-1])[0] + 1


def _read_bylines(blocks: Sequence[Block]) -> Byline:
    """Return what the short blocks between the title and the text state."""
    byline = Byline()
    for block in blocks[:_BYLINE_BLOCKS]:
        if _prose(block) > 2 * _MIN_PROSE_CHARS:
            break
        byline = byline.over(read_byline(block.text) or Byline())
    return byline


def _issued(blocks: Sequence[Block]) -> Byline:
    """Return what the first blocks below the text state about its issue ("编辑于 2021-05-02")."""
    found = (read_byline(block.text) for block in blocks[:_FOOT_BLOCKS] if states_issue(block.text))
    return next((Byline(published=byline.published) for byline in found if byline), Byline())


def _apart(texts: Iterable[str]) -> list[str]:
    """Return the paragraphs without a platform's invitations; a credit after the last sentence stands apart."""
    lines = [text[: found.start()] if (found := _tail(_APPENDED, text)) else text for text in texts]
    last = next((index for index in reversed(range(len(lines))) if _STOP.search(lines[index])), None)
    credit = _tail(_CREDIT, lines[last]) if last is not None else None
    if (
        last is None
        or credit is None
        or not (is_furniture(credit[1]) or read_byline(credit[1].strip(_BRACKETS)))
    ):
        return lines
    return [*lines[:last], lines[last][: credit.start()], credit[1], *lines[last + 1 :]]


def _tail(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the match of a pattern at the end of a text, without a look at all of it."""
    return pattern.search(text, max(len(text) - _TAIL_CHARS, 0))


def _body(page: Page, start: int, *, title: str | None) -> list[int]:
    """Return the blocks of the article in reading order."""
    prose = [0.0 if index < start else _prose(block) for index, block in enumerate(page.blocks)]
    total = _weigh(page, prose)
    if not total or not total[0]:
        return []
    kept_out = _junk_containers(page, prose, total)
    prose = [
        0.0 if kept_out[block.container] else score for block, score in zip(page.blocks, prose, strict=True)
    ]
    chosen = _smallest_holder(page, _weigh(page, prose))
    inside = [
        index
        for index, block in enumerate(page.blocks)
        if index >= start and not kept_out[block.container] and _inside(page, block.container, chosen)
    ]
    body: list[int] = []
    for place, index in enumerate(inside):
        block = page.blocks[index]
        if body and _ends_article(page, block, before=body, after=inside[place + 1 :]):
            break
        if not _is_page_part(block, title):
            body.append(index)
    return body


def _ends_article(page: Page, block: Block, *, before: Sequence[int], after: Sequence[int]) -> bool:
    """Say whether a heading begins what follows the article: comments, or links after which it does not go on.

    It goes on where a sentence stands in an element of the same kind and place as those before.
    """
    if len(block.text) > _MAX_LABEL_CHARS or not (
        _COMMENTS.fullmatch(block.text) or _BOX.fullmatch(block.text)
    ):
        return False
    if _COMMENTS.fullmatch(block.text):
        return True
    places = {place for earlier in _sentences(page, before) for place in _places(page, earlier)}
    return all(places.isdisjoint(_places(page, later)) for later in _sentences(page, after))


def _sentences(page: Page, indexes: Sequence[int]) -> Iterator[Block]:
    """Yield the blocks that end as a sentence does, links not counted."""
    for block in map(page.blocks.__getitem__, indexes):
        if _prose(block) and _ENDS_SENTENCE.search(block.text):
            yield block


def _places(page: Page, block: Block) -> Iterator[tuple[str, int]]:
    """Yield the kind of a block with each element it stands in, as far as paragraphs of one text differ."""
    container = block.container
    yield block.tag, container
    yield block.tag, page.parents[container]
    while container >= 0:
        if page.bodies[container]:
            yield "", container
        container = page.parents[container]


def _prose(block: Block) -> float:
    """Return how many characters of a block are prose rather than links and labels."""
    chars = len(block.text)
    if block.link_chars > _MAX_LINK_SHARE * chars:
        return 0.0
    if not _PUNCTUATION.search(block.text) and chars < _MIN_PROSE_CHARS:
        return 0.0
    return chars - 2.0 * block.link_chars


def _weigh(page: Page, prose: Sequence[float]) -> list[float]:
    """Return the prose that each container holds, inner ones included."""
    total = [0.0] * len(page.parents)
    for block, score in zip(page.blocks, prose, strict=True):
        total[block.container] += score
    for index in range(len(total) - 1, 0, -1):  # a container always comes after the one that holds it
        total[max(page.parents[index], 0)] += total[index]
    return total


def _junk_containers(page: Page, prose: Sequence[float], total: Sequence[float]) -> list[bool]:
    """Return which containers are menus, lists and comments; one with half of the prose is the article.

    Names that leave no prose at all tell how the page was built ("elementor-widget"), and count for nothing.
    """
    out: list[bool] = []
    for index, parent in enumerate(page.parents):
        named = page.junk[index] and total[index] < 0.5 * total[0]
        out.append(named or (parent >= 0 and out[parent]))
    left = any(score and not out[block.container] for block, score in zip(page.blocks, prose, strict=True))
    return out if left else [False] * len(out)


def _smallest_holder(page: Page, total: Sequence[float]) -> int:
    """Return the innermost container on the way down that still holds nearly all of the prose.

    A list or a table of figures is part of an article, which has words before and after it too.
    """
    children: dict[int, list[int]] = {}
    for index, parent in enumerate(page.parents):
        children.setdefault(parent, []).append(index)
    chosen = 0
    while children.get(chosen) and not page.bodies[chosen]:
        best = max(children[chosen], key=lambda index: total[index])
        if total[best] < _MIN_SHARE * total[chosen] or total[best] == 0:
            break
        chosen = best
    while page.parts[chosen] and chosen:
        chosen = max(page.parents[chosen], 0)
    return chosen


def _inside(page: Page, container: int, holder: int) -> bool:
    while container > holder:
        container = page.parents[container]
    return container == holder


def _is_page_part(block: Block, title: str | None) -> bool:
    """Say whether a block inside the article is the page's: its title, links, a heading of links."""
    text = block.text
    if clean_line(text) == title:
        return True
    if block.link_chars > 0.6 * len(text):
        return len(text) < _MAX_LINKS_CHARS
    return len(text) <= _MAX_LABEL_CHARS and _BOX.fullmatch(text) is not None
