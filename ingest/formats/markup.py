"""Strip Markdown and stray HTML marks from lines of text, keeping every word; tell a platform's own lines.

A heading, a caption or an image stands between blank lines afterwards, so that joining broken lines
never runs it into a paragraph.
"""

from __future__ import annotations

import re

_LABEL = r"\[((?:[^\[\]\n]|\[[^\[\]\n]*+\])*+)\]"
_TARGET = r"\((?:[^()\n]|\([^()\n]*+\))*+\)"
_IMAGE = re.compile(rf"!{_LABEL}(?:{_TARGET}|\[[^\[\]\n]*+\])")
_LINKED_IMAGE = re.compile(rf"\[\s*{_IMAGE.pattern}\s*\]{_TARGET}")
_LINK = re.compile(rf"{_LABEL}{_TARGET}")
_REFERENCE_LINK = re.compile(r"\[([^\[\]\n]+)\]\[[^\[\]\n]*+\]")
# a footnote ("[^1]: …") and a speaker ("[记者]: …") are words of the article
_REFERENCE = re.compile(
    r" {0,3}\[(?!\^)[^\[\]\n]+\]:\s*(?:<[^<>\n]*>|https?:\S+|[!-~]+)(?:\s+[\"'(].*)?$", re.IGNORECASE
)
_EMBEDDED_IMAGE = re.compile(
    r"!\[\[[^\[\]\n]+\.(?:png|jpe?g|gif|webp|svg|bmp)(?:\|[^\[\]\n]*)?\]\]", re.IGNORECASE
)
# a note's name, or what is shown for it; a number ("[[1]]") is a reference of the text
_WIKI_LINK = re.compile(r"!?\[\[(?![0-9,. ]+\]\])(?:[^\[\]|\n]+\|)?([^\[\]|\n]+)\]\]")
_AUTOLINK = re.compile(r"<((?:https?|mailto):[^<>\s]+)>")
_HEADING = re.compile(r" {0,3}(?:#{1,6}\s+|#{2,6}(?=[^#\s][^#]*$))")
_RULE_MARKS = ("*", "-", "_", "=")
_QUOTE = re.compile(r"^\s{0,3}(?:>\s?)+")
_BULLET = re.compile(r"^\s{0,12}[-*+]\s+(?:\[[ xX]\]\s+)?(?=\S)")
_FENCE = re.compile(r"^\s{0,3}(?:`{3,}|~{3,})[\w+#.-]*\s*$")
_TAG = re.compile(
    r"</?(?:p|br|hr|div|span|img|a|b|i|u|s|em|strong|font|center|small|big|sub|sup|ul|ol|li|table|thead|tbody|tr|td|th|"
    r"h[1-6]|section|article|blockquote|pre|code|figure|figcaption|video|audio|source|iframe|mark|del|ins)\b[^<>\n]{0,2000}>",
    re.IGNORECASE,
)
_BREAKING_TAG = re.compile(r"<(?:br|/p|p|/div|/li|/h[1-6]|/tr)\b[^<>\n]{0,200}>", re.IGNORECASE)
# each looks no further than the next mark, so that a line of a million marks takes no longer than another
_BOLD_ITALIC = re.compile(r"\*\*\*(?=\S)([^*\n]++)(?<=\S)\*\*\*")
_BOLD = re.compile(r"\*\*(?=\S)((?:[^*\n]|\*(?!\*))++)(?<=\S)\*\*")
_BOLD_UNDERSCORED = re.compile(r"(?<![A-Za-z0-9_])__(?=\S)((?:[^_\n]|_(?!_))++)(?<=\S)__(?![A-Za-z0-9_])")
_ITALIC = re.compile(r"(?<![\\*])\*(?=[^\s*])([^*\n]++)(?<=[^\s\\])\*(?!\*)")
_UNDERSCORED = re.compile(r"(?<![A-Za-z0-9_\\])_(?=[^\s_])([^_\n]++)(?<=\S)_(?![A-Za-z0-9_])")
_HIGHLIGHTED = re.compile(r"(?<![A-Za-z0-9_=)\]])==(?=[^\s=])([^=\n]++)(?<=\S)==(?![A-Za-z0-9_=(\[])")
_STRUCK = re.compile(r"~~(?=\S)([^~\n]++)(?<=\S)~~")
_CODE = re.compile(r"(`{1,2})(?=\S)([^`\n]++)\1(?!`)")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")
_EMPHASISED_LINE = re.compile(r"[ \t\u3000]{0,8}(\*{1,3}|_{1,3})(?=[^\s*_]).+(?<=\S)\1$")
_MARKS = re.compile(
    rf"{_IMAGE.pattern}|\]\((?:https?:|/|#|\.)|\*\*[^*\n]+\*\*|{_WIKI_LINK.pattern}|{_HIGHLIGHTED.pattern}"
    rf"|^\s{{0,3}}#{{1,6}}\s+\S|<(?:p|br|div|img|strong|h[1-6])\b|^[ \t]{{0,3}}>[ \t]+\S|"
    r"^(?:```|~~~)|^\*[^*\s][^*\n]*\*\s*$|^\s{0,3}[-*+]\s+\S.*\n\s{0,3}[-*+]\s",
    re.MULTILINE | re.IGNORECASE,
)
# what accounts and platforms put above and below a text
_FURNITURE = re.compile(
    r"(?:点击|點擊|戳|长按|长摁).{0,12}(?:关注|關注|蓝字|订阅).{0,16}"
    r"|(?:请)?(?:长按|长摁|扫描|扫一扫|扫码|识别|点击).{0,12}二维码(?:[，,\s]?(?:即可|可)?(?:关注|订阅|添加|加入).{0,16})?"
    r"|[\W_]*(?:THE\s)?END[\W_]*|[-—–=·\s]{1,20}(?:完|全文完|正文完)[-—–=·\s]{1,20}"
    r"|(?:觉得.{1,6}[，,]?)?(?:请|就|记得)?(?:点个?|点击|戳).{0,4}(?:在看|赞|分享|收藏|转发)[”\"」]?(?:[、，,\s]?.{0,4}(?:在看|赞|分享|收藏|转发)[”\"」]?){0,3}"
    r"|(?:如需)?转载.{0,8}(?:联系|注明).{0,20}|往期(?:推荐|精彩|回顾|文章).{0,6}"
    r"|[0-9][0-9,.]*\s?[万kK]?\s?人(?:赞同|喜欢|收藏)了?(?:该|此|这篇)(?:回答|文章|专栏)"
    r"|.{0,4}声明\s?[:：].*(?:观点仅代表|仅代表(?:作者|本人)|信息(?:存储|发布)(?:空间|服务|平台)|不代表本?(?:平台|网站|网|站|公众号)).*"
    r"|Notice: The content above .*|.{0,24}尽在.{2,12}(?:APP|客户端)"
    r"|(?:当前位置|您的位置|分享到|分享至|返回(?:搜狐|首页|顶部|列表)|打印本页|关闭窗口|我要评论|字号|收藏本文|阅读(?:全文|原文)|点击查看)"
    r"(?:$|[\s:：，,|｜/].{0,30})"
    r"|.{0,30}(?:版权所有(?=[\s:：,，©]|$)|版權所有(?=[\s:：,，©]|$)|ICP备|Copyright\b).{0,60}"
    r"|(?:点赞|举报|收藏|分享|转发|打印|责任编辑\s?[:：]?)",
    re.IGNORECASE,
)
_MAX_FURNITURE_CHARS = 300
# A name whose second character is masked (王*明) is no emphasis.
SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻餘鐘譚鄒陸龍萬錢湯喬賀賴龔"
)


def has_marks(text: str) -> bool:
    """Say whether `text` shows signs of Markdown or HTML rather than plain prose."""
    return _MARKS.search(text) is not None


def is_furniture(line: str) -> bool:
    """Say whether a line above or below a text is its platform's or account's, not its author's."""
    words = line.strip(" \t\u3000。！!~")
    return 0 < len(words) <= _MAX_FURNITURE_CHARS and _FURNITURE.fullmatch(words) is not None


def heading(line: str) -> str | None:
    """Return the words of a Markdown heading line, or None for another line."""
    match = _HEADING.match(line)
    return inline_text(line[match.end() :].rstrip().rstrip("#").rstrip()) if match else None


def plain_lines(text: str) -> list[str]:
    """Return the lines of Markdown `text` without marks; blocks that stand alone between blank lines."""
    text = _without_comments(text) if "-->" in text else text
    text = _BREAKING_TAG.sub("\n", text) if "<" in text else text
    lines: list[str] = []
    for line in text.split("\n"):
        line = line.rstrip()  # noqa: PLW2901 (only its words matter from here on)
        if _is_rule(line) or _FENCE.match(line) or _REFERENCE.match(line):
            lines.append("")
        else:
            lines.extend(_plain_line(line))
    return lines


def inline_text(text: str) -> str:
    """Return a line without images, link targets, emphasis, code marks and escapes."""
    if "[" in text:
        text = _WIKI_LINK.sub(r"\1", _EMBEDDED_IMAGE.sub("", text)) if "[[" in text else text
        text = _LINKED_IMAGE.sub("", text)
        text = _IMAGE.sub("", text)
        text = _LINK.sub(r"\1", text)
        text = _REFERENCE_LINK.sub(r"\1", text)
    if "<" in text:
        text = _TAG.sub("", _AUTOLINK.sub(r"\1", text))
    if "`" in text:
        text = _CODE.sub(r"\2", text)
    if "*" in text or "_" in text or "~" in text or "==" in text:
        text = _HIGHLIGHTED.sub(r"\1", _without_emphasis(text))
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text


def _without_comments(text: str) -> str:
    first, *others = text.split("<!--")
    kept = [first]
    for part in others:
        _, closed, after = part.partition("-->")
        kept.append(after if closed else f"<!--{part}")
    return "".join(kept)


def _is_rule(line: str) -> bool:
    """Say whether a line only draws: a rule, the underline of a heading, the rule of a table."""
    marks = line.replace(" ", "").replace("\t", "")
    if len(marks) < 3 or not marks.startswith(("*", "-", "_", "=", "|", ":")):
        return False
    kinds = set(marks)
    return (len(kinds) == 1 and marks[0] in _RULE_MARKS) or (kinds <= set("|:-") and "--" in marks)


def _plain_line(line: str) -> list[str]:
    """Return one source line as plain lines, with the blank lines that keep a block apart."""
    title = heading(line)
    if title is not None:
        return ["", title, ""]
    if line.lstrip().startswith("|") and line.rstrip().endswith("|"):
        return ["", " ".join(cell.strip() for cell in inline_text(line).strip(" |").split("|")), ""]
    without_images = _IMAGE.sub("\n", _LINKED_IMAGE.sub("\n", line)) if "![" in line else line
    plain: list[str] = []
    for piece in without_images.split("\n"):
        bare = _QUOTE.sub("", piece)
        item = _BULLET.sub("", bare)
        apart = item != bare or bare != piece or _EMPHASISED_LINE.match(item) or "![" in line
        plain.extend(["", inline_text(item), ""] if apart else [inline_text(item)])
    return plain


def _without_emphasis(text: str) -> str:
    for _ in range(3):  # marks nest: ***bold italic***, **bold *italic***
        before = text
        text = _BOLD_ITALIC.sub(r"\1", text)
        text = _BOLD.sub(_unless_masked, text)
        text = _BOLD_UNDERSCORED.sub(r"\1", text)
        text = _ITALIC.sub(_unless_masked, text)
        text = _UNDERSCORED.sub(r"\1", text)
        text = _STRUCK.sub(r"\1", text)
        if text == before:
            break
    return text


def _unless_masked(match: re.Match[str]) -> str:
    """Return the emphasised words, or the whole match where its marks mask names or multiply numbers."""
    text, start, end = match.string, match.start(), match.end()
    before, inner = text[start - 1 : start], match[match.lastindex or 1]
    after = text[end : end + 1]
    masks = before in SURNAMES and inner[-1:] in SURNAMES if before else False
    numbers = before.isdigit() and inner[:1].isdigit() and (inner[-1:].isdigit() or after.isdigit())
    return match[0] if masks or numbers else inner
