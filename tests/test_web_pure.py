"""The page's pure parts: words, escaping, evidence, questions, charts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.both_languages import both, halves
from assistant.web import charts, plots, render, texts
from assistant.web.charts import Period
from assistant.web.evidence import REACH, Quote, locate, web_address, words_digest
from assistant.web.questions import candidates
from ingest import Failure, IngestReport
from ingest.notices import not_read
from vectorstore import Article

HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def test_both_languages_have_the_same_words_with_the_same_names() -> None:
    zh, en = texts.tables()["zh"], texts.tables()["en"]
    assert zh.keys() == en.keys()
    for key, words in zh.items():
        assert set(re.findall(r"\{(\w+)\}", words)) == set(re.findall(r"\{(\w+)\}", en[key])), key
    assert not [key for key, words in en.items() if re.search("[\u4e00-\u9fff]", words)]


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,en", "en"), ("de-DE,zh;q=0.5", "zh"), ("de", "en"), (None, "zh"), ("*", "zh")],
)  # fmt: skip
def test_the_browsers_first_known_language_is_spoken(header: str | None, language: str) -> None:
    assert texts.language_of(header) == language


def test_a_message_in_both_languages_is_shown_in_one() -> None:
    both = "端口 7860 已被占用 (port 7860 is in use)"
    assert texts.one_language("zh", both) == "端口 7860 已被占用"
    assert texts.one_language("en", both) == "port 7860 is in use"
    assert texts.one_language("en", "2 句核实不了。 2 sentences unverified.") == "2 sentences unverified."
    assert texts.one_language("en", "只有中文（和注）") == "只有中文（和注）"
    named = "目录 '/文章' 不见了 (the folder '/文章' is gone (or closed))"
    assert texts.one_language("zh", named) == "目录 '/文章' 不见了"
    assert texts.one_language("en", named) == "the folder '/文章' is gone (or closed)"
    assert texts.one_language("en", "程序 (program) 坏了") == "程序 (program) 坏了"


@given(st.text(alphabet="好中(ab')", max_size=20), st.text(alphabet="abc 1:;,", min_size=1, max_size=20))
def test_what_is_said_in_both_languages_is_taken_apart_again(chinese: str, english: str) -> None:
    chinese, english = f"中{chinese}".strip(), f"a{english}".strip()
    assert halves(both(chinese, english)) == (chinese, english)


@given(st.text(min_size=1, max_size=60), st.data())
def test_words_are_found_in_their_place_or_where_they_moved(words: str, data: st.DataObject) -> None:
    text = f"前文。{words}后文。"
    place = locate(text, 3, 3 + len(words), words_digest(words))
    assert (text[place.start_char : place.end_char], place.state) == (words, "same")
    shift = data.draw(st.text(min_size=1, max_size=9))
    moved = locate(shift + text, 3, 3 + len(words), words_digest(words))
    assert (shift + text)[moved.start_char : moved.end_char] == words


@given(st.text(max_size=40), st.integers(-5, 60), st.integers(-5, 60))
def test_any_permalink_opens_without_an_error(text: str, start: int, end: int) -> None:
    place = locate(text, start, end, "0" * 12)
    assert 0 <= place.start_char <= place.end_char <= len(text)
    assert place.state == "changed"


def test_a_permalink_out_of_all_bounds_is_not_searched_for() -> None:
    text = "一" * 300_000
    assert locate(text, 2_000_000_000, 0, "x") == Quote(300_000, 300_000, "changed")
    assert locate(text, 0, 150_000, "x") == Quote(0, 150_000, "changed")
    near, far = f"{text[:REACH]}白鹭", f"{text[: REACH + 1]}白鹭"
    assert locate(near, 0, 2, words_digest("白鹭")) == Quote(REACH, REACH + 2, "moved")
    assert locate(far, 0, 2, words_digest("白鹭")) == Quote(0, 2, "changed")


def test_only_web_addresses_become_links() -> None:
    assert web_address("https://a.example/b") == "https://a.example/b"
    assert [
        web_address(url) for url in ("javascript:alert(1)", "data:text/html,x", "//evil.example", None)
    ] == [None] * 4


def test_everything_written_into_the_page_is_escaped() -> None:
    report = IngestReport(1, 0, 0, 0, 0, (Failure(f"/x/{HOSTILE}", HOSTILE),), 1, 1, 0.1)
    written = [
        render.notice(HOSTILE, "warning"),
        render.report("zh", report, uploaded=[HOSTILE], refused=[(HOSTILE, HOSTILE)]),
        render.bars("zh", "publisher", [(HOSTILE, 2)]),
        render.facts([(HOSTILE, HOSTILE)]),
        render.progress("zh", "read", 1, 2),
    ]
    assert not [part for part in written if "<img" in part or "onerror=alert(1)>" in part.replace("&gt;", "")]
    assert 'aria-valuenow="50"' in written[-1]


def test_questions_are_made_from_sentences_that_answer_them() -> None:
    text = (
        "听澜语音产品负责人周以宁表示，平台首批支持14种方言。\n"
        "云汀产业园将于2019年6月1日举办第二届开放日。\n"
        "其中，他们去年完成了3项。\n“乡音”平台的识别准确率达到92%。"
    )
    made = {
        one.question: text[one.start : one.end]
        for one in candidates(Article("a", "听澜语音开放方言平台", text, "s"))
    }
    assert made["听澜语音产品负责人是谁？"].startswith("听澜语音产品负责人周以宁")
    assert "云汀产业园将于什么时候举办第二届开放日？" in made
    assert "“乡音”平台的识别准确率达到多少？" in made
    assert not [question for question in made if "其中" in question or "他们" in question]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("云汀团队的目标是到2020年年中缩短到2天以内。", None),  # the gap would cut a date
        ("云汀开放日将于2019年6月1日14时在园区启动。", None),
        ("云汀产业园什么展品都没有的2019年世界博览盛会。", None),  # a year that names something
        ("云汀农场的农药用量却少了28%。", None),  # set against the sentence before
        ("云汀农场今年增加到34至40家。", None),  # the gap would cut a number
        ("云汀联合发改委等12家单位推进工作。", None),
        ("云汀农场布设了420个摄像头和9架无人机。", "云汀农场布设了多少个摄像头？"),  # a list: its first only
        ("云汀农场提供了5台和6套设备。", None),
        ("云汀农场今年投入大约300万元人民币左右,还有余款。", "云汀农场今年投入多少钱？"),
    ],
)
def test_a_question_is_dropped_where_its_gap_cuts_what_belongs_together(
    sentence: str, question: str | None
) -> None:
    made = [one.question for one in candidates(Article("a", "云汀农场", sentence, "s"), alone=False)]
    assert made == ([question] if question else [])


@given(st.text(alphabet="云汀产业园2019年6月1日有34家，。“”《》\n听澜", max_size=200))
def test_any_text_makes_questions_with_true_places(text: str) -> None:
    for one in candidates(Article("a", "云汀产业园", text, "s")):
        assert 0 <= one.start < one.end <= len(text)
        assert one.question.endswith("？")


def test_time_is_counted_in_the_finest_readable_unit() -> None:
    days = ["2019-01-05", "2019-03-01", "2019-03-30", None]
    assert charts.over_time([{"published": day} for day in days]) == [
        Period("month", 2019, 1, 1),
        Period("month", 2019, 2, 0),
        Period("month", 2019, 3, 2),
    ]
    quarters = charts.over_time([{"published": day} for day in ("2017-11-09", "2019-08-30")])
    assert (quarters[0], quarters[-1]) == (Period("quarter", 2017, 4, 1), Period("quarter", 2019, 3, 1))
    years = charts.over_time([{"published": day} for day in ("1999-11-09", "2019-08-30")])
    assert (len(years), years[-1]) == (21, Period("year", 2019, 1, 1))
    assert charts.over_time([]) == []


def test_the_chart_over_time_speaks_the_readers_language() -> None:
    month, quarter, year = (
        Period("month", 2019, 3, 2),
        Period("quarter", 2019, 1, 2),
        Period("year", 2019, 1, 2),
    )
    assert [plots.label("zh", one) for one in (month, quarter, year)] == [
        "3月\n2019年",
        "一季度\n2019年",
        "2019年",
    ]
    assert [plots.label("en", one) for one in (month, quarter, year)] == ["Mar\n2019", "Q1\n2019", "2019"]
    assert [plots.said("zh", one) for one in (quarter, year)] == ["2019年一季度：2 篇", "2019年：2 篇"]
    assert plots.said("en", quarter) == "Q1 2019: 2 articles"
    assert "一季度" in plots.over_time("zh", [quarter])


def test_the_axis_counts_in_whole_numbers() -> None:
    assert plots.ticks(0) == [0]
    assert plots.ticks(2) == [0, 1, 2]
    assert plots.ticks(7) == [0, 2, 4, 6]
    assert plots.ticks(17_000) == [0, 5000, 10_000, 15_000]


def test_names_in_one_field_are_counted_apart() -> None:
    facts: list[dict[str, str | None]] = [
        {"industry": "教育, 医疗"},
        {"industry": "医疗、教育"},
        {"industry": "医疗"},
        {"industry": None},
    ]
    assert charts.by_name(facts, "industry") == [("医疗", 3), ("教育", 2)]
    assert charts.by_name([{"publisher": "New Times"}], "publisher") == [("New Times", 1)]


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("集成电路, 智能家居", {"集成电路", "智能家居"}),  # a labelled record
        ("人工智能,  上海,  高质量发展", {"人工智能", "上海", "高质量发展"}),
        ("制造、教育", {"制造", "教育"}),  # a JSON list, as ingest joins it
        ("信息传输、软件和信息技术服务业", {"信息传输、软件和信息技术服务业"}),
        ("农、林、牧、渔业、教育", {"农、林、牧、渔业", "教育"}),
        ("教育、农、林、牧、渔专业及辅助性活动", {"教育", "农、林、牧、渔专业及辅助性活动"}),
        ("C39计算机、通信和其他电子设备制造业，电力、热力生产和供应业",
         {"C39计算机、通信和其他电子设备制造业", "电力、热力生产和供应业"}),
        ("文化、体育和娱乐业;卫生和社会工作", {"文化、体育和娱乐业", "卫生和社会工作"}),
        ("批发和零售业、软件", {"批发和零售业", "软件"}),
        ("人工智能 芯片\nAI 芯片, Real Estate", {"人工智能", "芯片", "AI 芯片", "Real Estate"}),
        ("、，", set()),
        ("", set()),
    ],
)  # fmt: skip
def test_a_field_is_parted_where_it_lists_names(value: str, names: set[str]) -> None:
    assert charts.names_in(value) == names


def test_what_an_ingest_should_tell_is_shown_in_the_readers_language() -> None:
    done = IngestReport(0, 0, 0, 0, 1, (not_read("/articles/纪要.doc"),), 1, 1, 0.1)
    shown = render.report("zh", done)
    assert "纪要.doc" in shown
    assert "另存为 .docx" in shown
    assert "save it as" not in shown
