"""Read the article of a web page: not its menus, lists, comments and footers.

The text is the smallest element that holds nearly all of the page's prose (words outside links, in
blocks with sentence punctuation), however deep it nests; metadata comes from the page's head and byline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.blocks import Block, Page, parse_tree, read_page
from ingest.byline import Byline, read_byline
from ingest.clean import clean_line, clean_paragraphs
from ingest.dates import date_from_url
from ingest.pagemeta import read_meta
from ingest.parsed import ParsedArticle

_MIN_SHARE = 0.75  # of the prose that an inner element must hold to be preferred
_MIN_PROSE_CHARS = 25
_MAX_LINK_SHARE = 0.4
_BYLINE_BLOCKS = 8
_CHARSET = re.compile(
    rb"<(?:meta\b[^>]{0,200}?charset|\?xml\b[^>]{0,100}?encoding)\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE
)
_PUNCTUATION = re.compile(r"[，。！？；：,.!?]")
_END = re.compile(
    r"^[\s【\[（(—-]*(?:相关(?:阅读|新闻|文章|链接|推荐|报道|内容)|相關(?:閱讀|新聞|文章)|热门(?:评论|文章|推荐|新闻)|(?:网友|最新|全部|精彩|用户)?(?:评论|留言|跟帖)"
    r"|推荐阅读|推薦閱讀|延伸阅读|延伸閱讀|猜你喜欢|更多精彩|为您推荐|上一篇|下一篇|發表評論|发表评论)[\s】\]）):：0-9（(条)]*"
)
_FURNITURE = re.compile(
    r"分享到|分享至|扫一扫|扫描二维码|点击查看|返回(?:搜狐|首页|顶部)|打印本页|关闭窗口|字号[:：]|收藏本文|我要评论|版权所有|版權所有|Copyright|"
    r"ICP备|举报|点赞|阅读全文|微信公众号[:：]|责任编辑[:：]?\s*$|当前位置|您的位置|首页\s*[>»›]"
)
_MAX_FURNITURE_CHARS = 45


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
    byline = _read_bylines(page.blocks, start, title=meta.title)
    body = _body(page, start, title=meta.title)
    fields = dict(byline.fields)
    if meta.site and byline.publisher and meta.site != byline.publisher:
        fields["来源"] = byline.publisher
    return ParsedArticle(
        key="",
        title=meta.title or "",
        text=clean_paragraphs(block.text for block in body),
        url=meta.url or byline.url,
        published=meta.published or byline.published or (date_from_url(meta.url) if meta.url else None),
        publisher=meta.site or byline.publisher,
        author=byline.author or meta.author,
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


def _read_bylines(blocks: Sequence[Block], start: int, *, title: str | None) -> Byline:
    """Return what the short blocks around the title state."""
    byline = Byline()
    if not start and not title:
        return byline
    for block in blocks[start : start + _BYLINE_BLOCKS]:
        if _prose(block) > 2 * _MIN_PROSE_CHARS:
            break
        byline = byline.over(read_byline(block.text) or Byline())
    return byline


def _body(page: Page, start: int, *, title: str | None) -> list[Block]:
    """Return the blocks of the article in reading order."""
    prose = [0.0 if index < start else _prose(block) for index, block in enumerate(page.blocks)]
    total = _weigh(page, prose)
    if not total or not total[0]:
        return []
    kept_out = _junk_containers(page, total)
    prose = [
        0.0 if kept_out[block.container] else score for block, score in zip(page.blocks, prose, strict=True)
    ]
    chosen = _smallest_holder(page, _weigh(page, prose))
    body: list[Block] = []
    for index, block in enumerate(page.blocks):
        if index < start or kept_out[block.container] or not _inside(page, block.container, chosen):
            continue
        if body and len(block.text) <= _MAX_FURNITURE_CHARS and _END.match(block.text):
            break
        if not _is_furniture(block, title):
            body.append(block)
    return body


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


def _junk_containers(page: Page, total: Sequence[float]) -> list[bool]:
    """Return which containers are menus, lists and comments; one with half of the prose is the article."""
    out: list[bool] = []
    for index, parent in enumerate(page.parents):
        named = page.junk[index] and total[index] < 0.5 * total[0]
        out.append(named or (parent >= 0 and out[parent]))
    return out


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


def _is_furniture(block: Block, title: str | None) -> bool:
    """Say whether a block belongs to the page rather than to the article."""
    text = block.text
    if clean_line(text) == title or read_byline(text) is not None:
        return True
    if block.link_chars > 0.6 * len(text):
        return len(text) < 4 * _MAX_FURNITURE_CHARS
    return len(text) <= _MAX_FURNITURE_CHARS and _FURNITURE.search(text) is not None
