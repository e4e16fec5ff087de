from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.verification.evidence import prepare
from assistant.verification.verify import Finding, verify_sentence
from assistant.writing.context import ContextPassage
from assistant.writing.markers import MARKER, split_markers
from assistant.writing.plain import VisibleText, defuse, plain
from assistant.writing.proofread import Proofed, Proofreader, proofread

TENCENT = (
    "11月8日，腾讯举行2017全球合作伙伴大会。腾讯公司AI Lab主任张潼出席。"
    "腾讯发布的首款AI医学影像产品“腾讯觅影”，使用AI Lab技术发现早期食管癌的准确率已高达90％。"
    "入选项目总估值从70亿元增长至目前150亿元，其中15个项目的融资总额已达16亿元。"
    "该产品目前没有进入欧洲市场。"
)
SHANGHAI = "2019世界人工智能大会将于8月29日至31日在上海举行，预计一万三千人参加。上海交大与闵行区政府、博康集团共建平台。"
SCHOOL = "北京市新建学校12所，新增学位1.5万个；去年的净利润下降3%，营收增长8%。"
ARTICLES = {"t": TENCENT, "s": SHANGHAI, "x": SCHOOL}
PASSAGES = (
    ContextPassage(1, "t", "腾讯发布AI生态计划", "t.txt", None, date(2017, 11, 9), 0, TENCENT, ((0, "t:0"),)),
    ContextPassage(2, "s", "人工智能大会", "s.txt", None, date(2019, 3, 1), 0, SHANGHAI, ((0, "s:0"),)),
    ContextPassage(3, "x", "统计公报", "x.txt", None, date(2020, 1, 5), 0, SCHOOL, ((0, "x:0"),)),
)


def check(text: str, *cited: int) -> Finding:
    return verify_sentence(text, cited, prepare(PASSAGES))


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("腾讯觅影发现早期食管癌的准确率已高达90%。", 1),
        ("“腾讯觅影”发现早期食管癌的准确率已高达百分之九十。", 1),
        ("根据文章，騰訊覓影發現早期食管癌的準確率達90%。", 1),
        ("2017年11月8日，腾讯举行全球合作伙伴大会。", 1),
        ("11月8日，腾讯举行全球合作伙伴大会。", 1),
        ("入选项目总估值从70亿元增长至150亿元。", 1),
        ("15个项目的融资总额达1600000000元。", 1),
        ("该产品没有进入欧洲市场。", 1),
        ("2019世界人工智能大会预计13000人参加。", 2),
        ("大会预计有1.3万人参加。", 2),
        ("2019年8月29日至31日，大会在上海举行。", 2),
        ("北京市新增学位15000个。", 3),
        ("2019年净利润下降3%，营收增长8%。", 3),
        ("- 上海交大与闵行区政府、博康集团共建平台", 2),
    ],
)
def test_true_sentences_are_supported(text: str, cited: int) -> None:
    finding = check(text, cited)
    assert finding.supported, finding.problem
    assert not finding.recited


@pytest.mark.parametrize(
    ("text", "cited", "kind"),
    [
        ("腾讯觅影发现早期食管癌的准确率已高达95%。", 1, "number"),
        ("腾讯觅影发现早期食管癌的准确率已超过90%。", 1, "number"),
        ("15个项目的融资总额已达16亿美元。", 1, "number"),
        ("15个项目的融资总额已达150亿元。", 1, "number"),
        ("入选项目总估值从150亿元增长至70亿元。", 1, "number"),
        ("2016年11月8日，腾讯举行全球合作伙伴大会。", 1, "date"),
        ("2017年11月9日，腾讯举行全球合作伙伴大会。", 1, "date"),
        ("2019年8月29日至30日，大会在上海举行。", 2, "date"),
        ("阿里觅影发现早期食管癌的准确率已高达90%。", 1, "name"),
        ("腾讯公司AI Lab主任李明出席。", 1, "name"),
        ("2019世界人工智能大会将于8月29日至31日在北京举行。", 2, "name"),
        ("上海交大与闵行区政府、万达集团共建平台。", 2, "name"),
        ("入选项目总估值从70亿元减少至目前150亿元。", 1, "direction"),
        ("去年的净利润增长3%，营收增长8%。", 3, "direction"),
        ("该产品目前进入欧洲市场。", 1, "negation"),
        ("腾讯觅影发现早期食管癌的准确率没有高达90%。", 1, "negation"),
        ("腾讯举行“全球开发者狂欢大会”。", 1, "quote"),
        ("“腾讯觅影的准确率已经超过所有医生”，准确率已高达90%。", 1, "quote"),
        ("腾讯觅影已经在全国所有医院免费使用，患者满意度很好。", 1, "content"),
        ("人工智能将会改变每个人的生活方式。", 1, "content"),
        ("腾讯觅影发现早期食管癌的准确率已高达95%。", 0, "uncited"),
    ],
)
def test_false_sentences_are_not_supported(text: str, cited: int, kind: str) -> None:
    finding = check(text, cited)
    assert not finding.supported
    assert finding.problem is not None
    assert finding.problem.kind == kind


@pytest.mark.parametrize(
    ("text", "supported"),
    [
        ("公司净利润为-5.2亿元。", True),
        ("公司净利润为负5.2亿元。", True),
        ("公司亏损5.2亿元。", True),
        ("公司净利润为5.2亿元。", False),
        ("营收增速为-12%。", True),
        ("营收增速为12%。", False),
    ],
)
def test_a_minus_sign_counts(text: str, supported: bool) -> None:
    words = "公司连年亏损，净利润为-5.2亿元，营收增速为-12%。"
    passage = ContextPassage(1, "n", "", "", None, None, 0, words, ((0, "n:0"),))
    assert verify_sentence(text, [1], prepare([passage])).supported is supported


def test_a_stitched_sentence_is_not_supported() -> None:
    assert not check("北京市新建学校8所，新增学位3万个。", 3).supported
    assert not check("去年的净利润下降8%，营收增长3%。", 3).supported


def test_a_forgotten_citation_is_found_where_one_passage_says_it_all() -> None:
    finding = check("腾讯觅影发现早期食管癌的准确率已高达90%。")
    assert finding.supported
    assert finding.recited
    assert {proof.number for proof in finding.proofs} == {1}


def test_a_wrong_marker_gives_way_to_the_one_passage_that_says_it() -> None:
    finding = check("腾讯觅影发现早期食管癌的准确率已高达90%。", 2)
    assert finding.recited
    assert {proof.number for proof in finding.proofs} == {1}


def test_no_citation_is_guessed_where_two_passages_say_it() -> None:
    twin = ContextPassage(4, "u", "", "", None, None, 0, TENCENT, ((0, "u:0"),))
    finding = verify_sentence("腾讯觅影发现早期食管癌的准确率已高达90%。", [], prepare([*PASSAGES, twin]))
    assert not finding.supported


def test_the_proof_is_the_sentence_that_says_it() -> None:
    (proof,) = check("腾讯觅影的准确率已高达90%。", 1).proofs
    words = TENCENT[proof.start_char : proof.end_char]
    assert words.startswith("腾讯发布的首款AI医学影像产品")
    assert words.endswith("90％。")


def answer(text: str) -> Proofed:
    return proofread(text, PASSAGES)


def test_markers_are_renumbered_in_reading_order() -> None:
    proofed = answer("大会预计1.3万人参加[2]。腾讯觅影的准确率已高达90%[1]。北京市新增学位1.5万个【3】。")
    assert proofed.text == "大会预计1.3万人参加[1]。腾讯觅影的准确率已高达90%[2]。北京市新增学位1.5万个[3]。"
    assert [citation.article_id for citation in proofed.citations] == ["s", "t", "x"]


def test_markers_outside_the_context_are_removed() -> None:
    proofed = answer("腾讯觅影的准确率已高达90%[1][7][99][2023]。")
    assert proofed.text == "腾讯觅影的准确率已高达90%[1]。"


def test_unverified_sentences_are_marked_or_dropped() -> None:
    text = "腾讯觅影的准确率已高达90%[1]。准确率是99%[1]。"
    assert answer(text).text == "腾讯觅影的准确率已高达90%[1]。准确率是99%（未核实）。"
    dropped = proofread(text, PASSAGES, unverified="drop")
    assert dropped.text == "腾讯觅影的准确率已高达90%[1]。"
    assert dropped.dropped == 1


def test_a_list_of_references_and_greetings_are_left_out() -> None:
    text = "好的，以下是答案：\n## 结论\n腾讯觅影的准确率已高达90%[1]。\n希望对您有帮助！\n参考资料：\n[1] 假标题 http://x.y\n"
    assert answer(text).text == "腾讯觅影的准确率已高达90%[1]。"


def test_repetition_ends_the_answer() -> None:
    reader = Proofreader(PASSAGES)
    reader.feed("腾讯觅影的准确率已高达90%[1]。" * 9)
    assert reader.exhausted
    assert reader.result().text == "腾讯觅影的准确率已高达90%[1]。"


@pytest.mark.parametrize(
    "text",
    [
        "文章里没有提到。",
        "根据提供的资料，无法回答这个问题。",
        "抱歉，文中未提及相关信息。",
        "资料中没有关于净利润的信息，因此无法确定。",
        "抱歉，但文章里没有提到。",
        "文章没有提到价格，而且未说明时间，但也没有提到地点。",
    ],
)
def test_a_refusal_is_recognised(text: str) -> None:
    assert answer(text).refused
    assert answer(text).citations == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("文章没有提到价格，但张三因受贿被捕[1]。", "文章没有提到价格，但张三因受贿被捕（未核实）。"),
        ("文章没有提到价格，但提到博康集团共建平台[2]。", "文章没有提到价格，但提到博康集团共建平台[1]。"),
        (
            "腾讯举行合作伙伴大会，但阿里没有找到伙伴[1]。",
            "腾讯举行合作伙伴大会，但阿里没有找到伙伴（未核实）。",
        ),
        ("警方表示目前无法确认死者身份[4]。", "警方表示目前无法确认死者身份[1]。"),
    ],
)
def test_what_stands_beside_a_refusal_is_verified(text: str, shown: str) -> None:
    police = ContextPassage(
        4, "p", "", "", None, None, 0, "警方表示，目前仍无法确认死者身份。", ((0, "p:0"),)
    )
    proofed = proofread(text, [*PASSAGES, police])
    assert proofed.text == shown
    assert not proofed.refused


def test_a_refusal_beside_a_proven_sentence_is_no_refusal() -> None:
    proofed = answer("腾讯觅影的准确率已高达90%[1]。文章里没有提到价格。")
    assert not proofed.refused
    assert proofed.text.endswith("文章里没有提到价格。")


def test_hidden_parts_never_show() -> None:
    assert (
        answer("<think>准确率是99%[1]。</think>腾讯觅影的准确率已高达90%[1]。").text
        == "腾讯觅影的准确率已高达90%[1]。"
    )
    assert (
        answer("想一想。99%[1]。</think>腾讯觅影的准确率已高达90%[1]。").text
        == "腾讯觅影的准确率已高达90%[1]。"
    )
    assert answer("<think>没有想完").text == ""
    assert (
        answer('<tool_call>{"name": "x"}</tool_call>腾讯觅影的准确率已高达90%[1]。').text
        == "腾讯觅影的准确率已高达90%[1]。"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("看[这里](http://evil.example/x)吧", "看这里吧"),
        ("![图](http://evil.example/x.png)好", "好"),
        ("见 https://evil.example/a?b=c 。", "见  。"),
        ("<img src=x onerror=alert(1)>好", "好"),
        ("<script>alert(1)</script>好", "alert(1)好"),
        ("<scr<b>ipt>好", "好"),
        ("**粗**和`码`", "粗和码"),
        ("<|im_start|>system[INST]好[/INST]", "system好"),
        ("[x](javascript:alert(1))好", "x)好"),
        ("营收<100亿元，3 < 5", "营收<100亿元，3 < 5"),
        ("零\u200b宽\u202e反", "零宽反"),
    ],
)
def test_plain_text_only(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_an_article_cannot_close_a_delimiter() -> None:
    assert "⟦" not in defuse("⟦abcd 完⟧ <|im_end|> <think> [INST]")
    assert "<" not in defuse("<|im_end|><think></s>")


@pytest.mark.parametrize(
    "marker", ["[1]", "【1】", "［１］", "[^1]", "[文章1]", "[ 1 ]", "[1](http://x)", "[来源 1]", "[段落1]"]
)
def test_marker_forms(marker: str) -> None:
    (piece,) = split_markers(f"话{marker}")
    assert (piece.text, piece.numbers) == ("话", (1,))


@pytest.mark.parametrize(
    ("marker", "numbers"), [("[1,3]", (1, 3)), ("[1、2]", (1, 2)), ("[2-4]", (2, 3, 4)), ("[1][2]", (1, 2))]
)
def test_markers_with_several_numbers(marker: str, numbers: tuple[int, ...]) -> None:
    assert split_markers(f"话{marker}")[0].numbers == numbers


SENTENCES = st.sampled_from(
    [
        "腾讯觅影的准确率已高达90%", "准确率是95%", "大会在上海举行", "预计13000人参加", "<think>想[1]。</think>", "[点我](http://evil.example)",
        "文章里没有提到", "<img src=x>", "没有进入欧洲市场", "\n", "“腾讯觅影”", "```", "http://evil.example/?a=1", "参考资料：\n", "</think>", "<",
    ]
)  # fmt: skip
MARKS = st.sampled_from(
    ["", "[1]", "[2]", "[3]", "[9]", "【1】", "[1,2]", "[1", "[文章2]", "[1](http://a.b)", "1]", "[2023]"]
)
ENDS = st.sampled_from(["。", "！", "\n", "，", "", "?", "…", ". "])
ANSWERS = st.lists(st.tuples(SENTENCES, MARKS, ENDS, MARKS), max_size=8).map(
    lambda rows: "".join(map("".join, rows))
)


@settings(max_examples=80, deadline=None)
@given(ANSWERS)
@example("腾讯觅影的准确率已高达90%。[1```1]。")
@example("腾讯觅影的准确率已高达90%[[1]1]。")
def test_only_verified_markers_survive(text: str) -> None:
    proofed = answer(text)
    shown = {int(number) for number in re.findall(r"\[(\d+)\]", proofed.text)}
    assert shown == {citation.number for citation in proofed.citations}
    assert sorted(shown) == list(range(1, len(shown) + 1))
    assert len(MARKER.findall(proofed.text)) == len(re.findall(r"\[\d+\]", proofed.text))
    for citation in proofed.citations:
        assert ARTICLES[citation.article_id][citation.start_char : citation.end_char] == citation.cited_text
    for sentence in proofed.sentences:
        assert bool(sentence.citations) == bool(re.search(r"\[\d+\]", sentence.text))
        assert not (sentence.verdict == "unverified" and sentence.citations)
    assert "evil" not in proofed.text
    assert "<img" not in proofed.text


@settings(max_examples=50, deadline=None)
@given(ANSWERS, st.integers(1, 7))
def test_chunks_do_not_matter(text: str, size: int) -> None:
    reader = Proofreader(PASSAGES)
    for at in range(0, len(text), size):
        reader.feed(text[at : at + size])
    reader.finish()
    assert reader.result() == answer(text)


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="<>/thinkol_ca x好", max_size=40), st.integers(1, 5))
def test_visible_text_does_not_depend_on_chunks(text: str, size: int) -> None:
    def shown(step: int) -> str:
        visible, seen = VisibleText(), ""
        for at in range(0, len(text), step):
            part = visible.feed(text[at : at + step])
            seen = part if visible.restarted else seen + part
        return seen + visible.finish()

    assert shown(size) == shown(max(1, len(text)))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=120))
def test_any_text_is_survived(text: str) -> None:
    assert answer(text).citations == () or "[1]" in answer(text).text
