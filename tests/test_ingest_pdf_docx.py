"""PDF and Word files: their text, their pages without text, and the ones that are traps."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import pytest

from ingest.errors import LimitExceeded, UnreadableFile
from ingest.formats.docx import parse_docx
from ingest.formats.markdown import parse_markdown
from ingest.formats.pdf import parse_pdf
from ingest.formats.pdf_pages import join_pages
from ingest.parse import parse_stream
from ingest.parsed import Failure, ParsedArticle


def cmap_of(characters: set[str]) -> bytes:
    """Return the map from codes to characters, each its own code; of all 65,536 pypdf takes half a second a page."""
    codes = [character.encode("utf-16-be").hex().upper().encode() for character in sorted(characters)]
    pairs = b" ".join(b"<%s> <%s>" % (code, code) for code in codes)
    return (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def 1 begincodespacerange <0000> <FFFF> "
        b"endcodespacerange %d beginbfchar %s endbfchar endcmap end end" % (len(codes), pairs)
    )


def make_pdf(pages: Sequence[Sequence[str]], title: str = "") -> bytes:
    """Return a small PDF whose pages show these lines; a page without lines has no text."""
    objects: list[bytes] = [b"", b""]

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    def stream(data: bytes) -> int:
        return add(b"<< /Length %d >>\nstream\n" % len(data) + data + b"\nendstream")

    cmap = stream(cmap_of({character for lines in pages for line in lines for character in line}))
    inner = add(
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /DW 1000 >>"
    )
    font = add(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>"
        % (inner, cmap)
    )
    kids = []
    for lines in pages:
        shown = b"".join(b"<%s> Tj 0 -20 Td " % line.encode("utf-16-be").hex().encode() for line in lines)
        content = stream(b"BT /F1 12 Tf 50 800 Td " + shown + b"ET" if lines else b"0 0 10 10 re f")
        kids.append(
            add(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 %d 0 R >> >> >>"
                % (content, font)
            )
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (
        b" ".join(b"%d 0 R" % kid for kid in kids),
        len(kids),
    )
    info = add(
        b"<< /Title <FEFF%s> /CreationDate (D:20240102030405) >>" % title.encode("utf-16-be").hex().encode()
    )
    return _assemble(objects, info)


def _assemble(objects: Sequence[bytes], info: int) -> bytes:
    """Return the objects as a file with its table of offsets."""
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        info,
        start,
    )
    return bytes(out)


FIRST = [
    "某平台年度报告发布",
    "2018年6月7日 来源：江岸网",
    "报告用了一年零两个月的时间完成，一共走访了八个省份的四",
    "十多家企业，收集到九千多份有效问卷，规模是上一次的两倍，",
    "其中制造业企业占了六成以上，服务业企业占三成。",
]
SECOND = [
    "江岸研究",
    "第二页接着讲人才的问题，受访企业普遍认为有经验的工程师",
    "仍然不足，平均要用四个月才能招到一个人。",
    "- 2 -",
]


def test_pdf_lines_are_rejoined_and_the_file_date_is_no_publication_date() -> None:
    (article,) = parse_pdf(make_pdf([FIRST, SECOND[1:]]), source="a.pdf")
    assert isinstance(article, ParsedArticle)
    assert article.title == "某平台年度报告发布"
    assert (article.published, article.publisher) == (date(2018, 6, 7), "江岸网")
    assert article.text.split("\n") == ["".join(FIRST[2:]), "".join(SECOND[1:3])]


def test_pdf_radicals_are_read_as_characters() -> None:
    page = ["清河⽔利年报", "来源：清河⽹ 2021年2⽉9⽇", "鱼类由⼗⼀种恢复到⼆⼗六种，⻥塘归居⺠所有。"]
    (article,) = parse_pdf(make_pdf([page]), source="a.pdf")
    assert isinstance(article, ParsedArticle)
    assert (article.title, article.published) == ("清河水利年报", date(2021, 2, 9))
    assert article.text == "鱼类由十一种恢复到二十六种，鱼塘归居民所有。"


def test_pdf_pages_without_text_are_reported() -> None:
    entries = list(parse_pdf(make_pdf([FIRST, [], SECOND]), source="a.pdf"))
    assert [entry.source for entry in entries if isinstance(entry, Failure)] == ["a.pdf#page=2"]
    assert sum(isinstance(entry, ParsedArticle) for entry in entries) == 1


def test_pdf_title_property() -> None:
    (article,) = parse_pdf(make_pdf([FIRST], title="属性里的题目"), source="a.pdf")
    assert isinstance(article, ParsedArticle)
    assert article.title == "属性里的题目"
    assert article.text.startswith("某平台年度报告发布\n")
    (article,) = parse_pdf(make_pdf([FIRST], title="Microsoft Word - 报告.doc"), source="a.pdf")
    assert isinstance(article, ParsedArticle)
    assert article.title == "某平台年度报告发布"


def test_pdf_running_heads_go() -> None:
    pages = [["江岸研究 2018", f"这是第{n}页的正文，讲的是不同的事情。", f"{n}"] for n in "一二三四"]
    (article,) = parse_pdf(make_pdf(pages), source="a.pdf")
    assert isinstance(article, ParsedArticle)
    assert "江岸研究" not in article.text


def _lines_of(pages: Sequence[Sequence[str]]) -> list[str]:
    article = parse_markdown(join_pages(["\n".join(page) for page in pages]))  # as of a PDF, without one
    return [article.title, *article.text.split("\n")]


_BODY = ["全年用水量为", "356", "亿立方米。", "其中农业用水最多。", "工业用水次之。"]


@pytest.mark.parametrize(
    "foots",
    [
        ["1", "2", "3", "4"],
        ["— 1 —", "— 2 —", "— 3 —", "— 4 —"],
        ["第 1 页 共 4 页", "第 2 页 共 4 页", "第 3 页 共 4 页", "第 4 页 共 4 页"],
        ["121", "122", "123", "124"],
        ["", "1", "2", "3"],
    ],
)
def test_pdf_page_numbers_are_those_that_rise_with_the_pages(foots: list[str]) -> None:
    pages = [[f"用水{word}", *_BODY, foot] for word, foot in zip("甲乙丙丁", foots, strict=True)]
    lines = _lines_of([[line for line in page if line] for page in pages])
    assert lines.count("356") == 4
    assert not any(foot in lines for foot in foots)


@pytest.mark.parametrize(
    "pages",
    [
        [
            ["大事记", "2018", "大桥开工。", "主塔封顶。", "2019"],
            ["大桥通车。", "桥头公园建成。", "2021", "检修。"],
        ],
        [["客流统计", "全市有三个渡口。", "全年总班次", "6889"]],
    ],
)
def test_pdf_numbers_that_only_stand_alone_stay(pages: list[list[str]]) -> None:
    assert _lines_of(pages) == [line for page in pages for line in page]


def test_pdf_heads_of_left_and_right_pages_go() -> None:
    heads = ["江岸文库", "治水研究"] * 2 + ["江岸文库"]
    pages = [
        [head, f"这是第{n}部分，讲的是不同的事情。", f"{n}完。"]
        for head, n in zip(heads, "一二三四五", strict=True)
    ]
    assert not {"江岸文库", "治水研究"} & set(_lines_of(pages))


def test_pdf_lines_spread_to_the_margin_are_closed_up() -> None:
    spread = "“ 关 停 不 是 目 的 。” 总 工 程 师 贺 兰 山说，"
    assert _lines_of([["治水", spread, "水 利 与 Lab 2 合作。"]])[1] == "“关停不是目的。”总工程师贺兰山说，"


def test_scanned_pdf() -> None:
    with pytest.raises(UnreadableFile, match="扫描件"):
        list(parse_pdf(make_pdf([[], []]), source="a.pdf"))


@pytest.mark.parametrize(
    "data", [b"%PDF-1.4", b"%PDF-1.4\n" + b"x" * 500, make_pdf([FIRST])[:400], b"\x00" * 50]
)
def test_broken_pdf(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="PDF"):
        list(parse_pdf(data, source="a.pdf"))


def test_encrypted_pdf() -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf([FIRST]))))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(UnreadableFile, match=r"密码|加密"):
        list(parse_pdf(out.getvalue(), source="a.pdf"))


def make_docx(**properties: object) -> bytes:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.core_properties.title = properties.get("title", "")
    document.core_properties.author = properties.get("author", "")
    if created := properties.get("created"):
        document.core_properties.created = created
    document.add_heading("某平台发布语音助手", 0)
    document.add_paragraph(str(properties.get("byline", "2018年5月3日 来源：江岸网 作者：某人")))
    document.add_paragraph("第一段正文，介绍新产品。")
    document.add_heading("小标题", 1)
    table = document.add_table(2, 2)
    for row, column, text in ((0, 0, "指标"), (0, 1, "数值"), (1, 0, "准确率"), (1, 1, "95%")):
        table.cell(row, column).text = text
    document.add_paragraph("最后一段。").add_run("补充一句。")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_docx() -> None:
    (article,) = parse_docx(make_docx())
    assert article.title == "某平台发布语音助手"
    assert (article.published, article.publisher, article.author) == (date(2018, 5, 3), "江岸网", "某人")
    assert article.text == "第一段正文，介绍新产品。\n小标题\n指标 数值\n准确率 95%\n最后一段。补充一句。"


def test_docx_core_properties() -> None:
    (article,) = parse_docx(
        make_docx(byline="正文的第一段，没有署名。", author="某作者", created=datetime(2019, 3, 4))
    )
    assert (article.published, article.author) == (date(2019, 3, 4), "某作者")
    (article,) = parse_docx(make_docx(byline="正文的第一段，没有署名。", author="python-docx"))
    assert (article.published, article.author) == (None, None)  # what its template says is not this file's


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _package(document: str | bytes, **parts: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", document)
        for name, xml in parts.items():
            package.writestr(f"word/{name}.xml", f"<w:{name} {_W}>{xml}</w:{name}>")
    return out.getvalue()


def _word(*paragraphs: str, **parts: str) -> ParsedArticle:
    """Return the article of a Word file whose body is these paragraphs: words, or XML."""
    body = "".join(words if words.startswith("<w:") else _p(words) for words in paragraphs)
    (article,) = parse_docx(_package(f"<w:document {_W}><w:body>{body}</w:body></w:document>", **parts))
    return article


def _p(runs: str, properties: str = "") -> str:
    text = runs if runs.startswith("<w:") else f"<w:r><w:t>{runs}</w:t></w:r>"
    return f"<w:p><w:pPr>{properties}</w:pPr>{text}</w:p>"


def _run(text: str, inner: str = "") -> str:
    return f"<w:r><w:t>{text}</w:t>{inner}</w:r>"


def _tr(*cells: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{_p(cell)}</w:tc>" for cell in cells) + "</w:tr>"


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ("<w:noBreakHyphen/>", "2021-2025年"),
        (
            "<w:ruby><w:rt><w:r><w:t>dào</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>到</w:t></w:r></w:rubyBase></w:ruby>",
            "2021到2025年",
        ),
        ('<w:sym w:font="Symbol" w:char="F02D"/>', "2021−2025年"),
        ('<w:sym w:font="Symbol" w:char="F0B1"/>', "2021±2025年"),
        ('<w:sym w:font="Symbol" w:char="F0B3"/>', "2021≥2025年"),
        ('<w:sym w:font="Symbol" w:char="F06D"/>', "2021μ2025年"),
        ('<w:sym w:font="Arial" w:char="2103"/>', "2021℃2025年"),
        ('<w:sym w:font="Wingdings" w:char="F0FC"/>', "2021□2025年"),
        ('<w:sym w:font="Symbol" w:char="?"/>', "2021□2025年"),
    ],
)
def test_docx_signs_that_are_no_text_are_read(inner: str, text: str) -> None:
    assert _word("题目", _p(_run("2021", inner) + _run("2025年"))).text == text


def test_docx_notes_follow_the_paragraph_that_refers_to_them() -> None:
    note = '<w:footnote w:id="2"><w:p><w:r><w:t>不含郊县。</w:t></w:r></w:p></w:footnote>'
    end = '<w:endnote w:id="2"><w:p><w:r><w:t>见第四章。</w:t></w:r></w:p></w:endnote>'
    article = _word(
        "题目",
        _p(_run("共1286辆", '<w:footnoteReference w:id="2"/>') + _run("。")),
        "<w:tbl>" + _tr("车辆", _run("72", '<w:endnoteReference w:id="2"/>')) + "</w:tbl>",
        "下一段。",
        footnotes=f'<w:footnote w:id="0"><w:p/></w:footnote>{note}',
        endnotes=end,
    )
    assert article.text == "共1286辆。\n不含郊县。\n车辆 72\n见第四章。\n下一段。"


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (["夜班3路", "", "0.3"], "夜班3路 — 0.3"),
        (["", "2019年", "2020年"], "— 2019年 2020年"),
        (["1路", "48", ""], "1路 48"),
        (["", "合计", ""], "合计"),
    ],
)
def test_docx_empty_cells_keep_their_place(cells: list[str], line: str) -> None:
    assert _word("题目", f"<w:tbl>{_tr(*cells)}</w:tbl>", "完。").text == f"{line}\n完。"


def test_docx_cells_that_continue_the_one_above_are_no_empty_cells() -> None:
    merged = f"<w:tc><w:tcPr><w:vMerge/></w:tcPr>{_p('')}</w:tc>"
    row = _tr("甲", "3").replace("<w:tr>", f"<w:tr>{merged}")
    assert _word("题目", f"<w:tbl>{row}</w:tbl>", "完。").text == "甲 3\n完。"


_STYLES = "".join(
    f'<w:style w:styleId="{identity}"><w:name w:val="{name}"/></w:style>'
    for identity, name in (("a3", "Normal (Web)"), ("a4", "Title"), ("1", "heading 1"), ("11", "toc 1"))
)
_LONG = "码头自投产以来，夜间作业几乎不需要现场照明，最难的不是设备，而是让调度系统学会避让" * 3 + "。"


@pytest.mark.parametrize(
    ("paragraphs", "title"),
    [
        ([("", "临江港的一年"), ("a3", _LONG), ("a3", "二期工程明年开工。")], "临江港的一年"),
        ([("", "内部材料"), ("a4", "临江港的一年"), ("", "正文。")], "临江港的一年"),
        ([("a4", _LONG), ("", "正文。")], ""),
        ([("1", "临江港的一年"), ("", "正文。")], "临江港的一年"),
        ([("", "临江港的一年"), ("11", "一、总体要求 1"), ("", "正文。")], "临江港的一年"),
        ([("", "附件1"), ("", "临江港管理办法"), ("", "正文。")], "临江港管理办法"),
        ([("", "https://example.com/1.html"), ("", "临江港的一年"), ("", "正文。")], "临江港的一年"),
        ([("", "港口周刊 第12期"), ("", "临江港的一年"), ("", "正文。")], "临江港的一年"),
        ([("", "临江港第3期工程开工"), ("", "正文。")], "临江港第3期工程开工"),
    ],
)
def test_docx_title_by_the_names_of_styles(paragraphs: list[tuple[str, str]], title: str) -> None:
    article = _word(*(_p(text, f'<w:pStyle w:val="{style}"/>') for style, text in paragraphs), styles=_STYLES)
    assert article.title == title
    shown = [text for style, text in paragraphs if text != title and style != "11"]
    assert article.text == "\n".join(shown)


def test_docx_the_page_goes_before_the_title_property() -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.core_properties.title = "关于报送2019年度工作总结的函"
    document.add_paragraph("关于开展城市更新试点工作的通知")
    document.add_paragraph("试点期为两年。")
    out = io.BytesIO()
    document.save(out)
    (article,) = parse_docx(out.getvalue())
    assert (article.title, article.text) == ("关于开展城市更新试点工作的通知", "试点期为两年。")


def test_docx_hidden_words_are_not_read() -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>显示</w:t></w:r>'
    assert _word("题目", _p(hidden + shown)).text == "显示"


def _level(depth: int, form: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def _numbered(words: str, depth: int = 0, number: int = 1) -> str:
    return _p(words, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


@pytest.mark.parametrize(
    ("levels", "shown"),
    [
        (
            [("decimal", "%1."), ("decimal", "%1.%2")],
            ["1. 甲。", "1.1 乙。", "1.2 丙。", "2. 丁。", "2.1 戊。"],
        ),
        (
            [("chineseCountingThousand", "第%1条"), ("chineseCounting", "（%2）")],
            ["第一条 甲。", "（一） 乙。", "（二） 丙。", "第二条 丁。", "（一） 戊。"],
        ),
        ([("bullet", "•"), ("lowerRoman", "%2.")], ["甲。", "乙。", "丙。", "丁。", "戊。"]),
    ],
)
def test_docx_numbers_are_counted(levels: list[tuple[str, str]], shown: list[str]) -> None:
    lists = "".join(_level(depth, *level) for depth, level in enumerate(levels))
    numbering = (
        f'<w:abstractNum w:abstractNumId="9">{lists}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="9"/></w:num>'
    )
    depths = (0, 1, 1, 0, 1)
    paragraphs = [_numbered(f"{words}。", depth) for words, depth in zip("甲乙丙丁戊", depths, strict=True)]
    assert _word("题目", *paragraphs, numbering=numbering).text.split("\n") == shown


def test_docx_numbers_of_a_style_and_of_a_list_that_starts_over() -> None:
    level = _level(0, "chineseCountingThousand", "第%1条", '<w:suff w:val="nothing"/>')
    numbering = (
        f'<w:abstractNum w:abstractNumId="9">{level}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="9"/></w:num>'
        '<w:num w:numId="2"><w:abstractNumId w:val="9"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="120"/></w:lvlOverride></w:num>'
    )
    styles = '<w:style w:styleId="b"><w:name w:val="条"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    article = _word(
        "题目", _p("甲。", '<w:pStyle w:val="b"/>'), _numbered("乙。", 0, 2), _numbered("丙。"), _numbered("丁。", 0, 0),
        numbering=numbering, styles=styles,
    )  # fmt: skip
    assert article.text.split("\n") == ["第一条甲。", "第一百二十条乙。", "第一百二十一条丙。", "丁。"]


def test_docx_with_a_password_says_what_to_do() -> None:
    with pytest.raises(UnreadableFile, match=r"密码.*另存为 \.docx"):
        list(parse_docx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))


def test_docx_skips_deleted_words_and_keeps_text_boxes() -> None:
    xml = (
        f"<w:document {_W}><w:body><w:p><w:r><w:t>保留</w:t></w:r><w:del><w:r><w:t>删去</w:t></w:r></w:del>"
        "<w:r><w:t>的话。</w:t><w:txbxContent><w:p><w:r><w:t>框里的话。</w:t></w:r></w:p></w:txbxContent></w:r></w:p></w:body></w:document>"
    )
    (article,) = parse_docx(_package(xml))
    assert article.text == "保留的话。\n框里的话。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_docx_entity_bomb(encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "哈"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    with pytest.raises(UnreadableFile, match="实体"):
        list(parse_docx(_package(bomb.encode(encoding))))


def test_docx_zip_bomb() -> None:
    with pytest.raises(LimitExceeded, match="太大"):
        list(parse_docx(_package(f"<w:document {_W}>" + " " * 30_000_000 + "</w:document>")))


@pytest.mark.parametrize("data", [b"PK\x03\x04broken", _package("<broken"), b""])
def test_broken_docx(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="Word"):
        list(parse_docx(data))


def test_a_package_is_known_by_its_content() -> None:
    entries = list(parse_stream(io.BytesIO(make_docx()), name="a.txt", source="a.txt", max_bytes=10**8))
    assert [type(entry) for entry in entries] == [ParsedArticle]


def test_tables_inside_tables_are_read_once() -> None:
    inner = f"<w:p><w:r><w:t>{'一段很长的话。' * 20}</w:t></w:r></w:p>"
    for _ in range(40):
        inner = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    xml = f"<w:document {_W}><w:body>{inner}</w:body></w:document>"
    (article,) = parse_docx(_package(xml.encode()))
    assert article.text == "一段很长的话。" * 20
