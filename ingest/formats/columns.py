"""Tell what a column of a table, or a name in JSON, holds: the text, the title, the date, who and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

# Names without case, spaces, dots, hyphens and underscores; of two filled columns the earlier name wins.
_COLUMNS = {
    "text": ("text", "content", "body", "article", "maintext", "contenttext", "正文", "内容", "內容", "全文", "文章",
             "文本", "总结", "總結", "contents", "paragraphs", "articlebody", "articlecontent", "newscontent", "fulltext",
             "passage", "description"),
    "title": ("title", "headline", "标题", "標題", "题目", "新闻标题", "文章标题", "newstitle", "articletitle", "name"),
    "url": ("url", "link", "href", "sourceurl", "链接", "連結", "鏈接", "网址", "原文链接", "地址"),
    "date": ("published", "date", "pubdate", "publishdate", "publishtime", "publishedat", "publishat", "datepublished",
             "pubtime", "发布时间", "发布日期", "發布時間", "發佈日期", "发表时间", "日期", "时间",
             "時間", "datetime", "time", "createtime", "createdat", "createdate", "ctime"),
    "publisher": ("publisher", "source", "media", "site", "来源", "來源", "媒体", "媒體", "出处", "网站", "medianame",
                  "sourcename", "sitename"),
    "author": ("author", "authors", "byline", "作者", "记者", "記者", "撰文"),
    "id": ("id", "docid", "articleid", "newsid", "uuid", "编号", "編號", "序号"),
}  # fmt: skip
_RANKS = {name: (role, rank) for role, names in _COLUMNS.items() for rank, name in enumerate(names)}
_ENDINGS = {
    "正文": "text", "内容": "text", "內容": "text", "标题": "title", "標題": "title", "时间": "date", "時間": "date",
    "日期": "date", "来源": "publisher", "來源": "publisher", "作者": "author",
}  # fmt: skip
_BY_ENDING = 1000  # after every name that we know
_MAX_NAME_CHARS = 12
# 活动时间 and 数据来源 tell of something else than the article.
_OF_ARTICLE = re.compile(
    "新闻|新聞|稿|文章|报道|報道|资讯|信息|消息|通知|公告|政策|文件|帖子|博文|推文|原文|发布|發布|發佈|发稿|发表|發表|"
    "发文|发帖|刊发|刊登|刊载|登载|见报|出版|公开|上线|推送|撰写|成文|印发"
)


def assign(row: Mapping[object, object]) -> dict[str, list[object]]:
    """Return the filled columns of `row` that can play each role, the most specific name first."""
    found: dict[str, list[tuple[int, object]]] = {}
    for name, value in row.items():
        role, rank = _role(str(name))
        if role and is_filled(value) and (role != "text" or isinstance(value, str | list)):
            found.setdefault(role, []).append((rank, name))
    return {
        role: [name for _, name in sorted(ranked, key=lambda pair: pair[0])] for role, ranked in found.items()
    }


def joined_text(value: object, *, between: str = "\n\n") -> str:
    """Return the text of a cell; blocks ({"type": …, "text": …}) are paragraphs, what a block is made of runs on."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        names = assign(value).get("text", [])
        return joined_text(value[names[0]], between="") if names else ""
    if isinstance(value, list):
        return between.join(filter(None, (joined_text(item, between="") for item in value)))
    return ""


@lru_cache(maxsize=4096)  # every row of a table asks for the same names
def _role(name: str) -> tuple[str, int]:
    """Return the role of a name and its rank in it, ("", 0) where it has none."""
    plain = re.sub(r"[\s_.\ufeff\"'-]+", "", name).lower()
    if plain in _RANKS or len(plain) > _MAX_NAME_CHARS:
        return _RANKS.get(plain, ("", 0))
    role = next((role for ending, role in _ENDINGS.items() if plain.endswith(ending)), "")
    if role in ("date", "publisher", "author") and not _OF_ARTICLE.match(plain):
        return "", 0
    return role, _BY_ENDING


def is_filled(value: object) -> bool:
    """Say whether a cell holds anything."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value != []
