"""The lines of an article stand under its headings: marked, numbered, or short above a paragraph."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.outline import outline


def heads(text: str) -> dict[str, tuple[str, ...]]:
    return {text[line.start : line.end]: line.heads for line in outline(text)}


def test_a_label_alone_on_its_line_heads_what_follows() -> None:
    found = heads("检修记录：\n水泵运转正常。\n备件清单：\n皮带两条。")
    assert found["水泵运转正常。"] == ("检修记录",)
    assert found["皮带两条。"] == ("备件清单",)


def test_a_label_before_its_text_heads_its_line_and_those_without_one_below() -> None:
    found = heads("人员：老周、小陈。\n天气：晴。\n风力三级。")
    assert found["人员：老周、小陈。"] == ("人员",)
    assert found["风力三级。"] == ("天气",)


def test_numbers_and_marks_rank_headings() -> None:
    text = "一、概况\n全厂停机一天。\n二、经过\n（一）停机：\n八时断电。\n（二）复机：\n十时送电。\n三、结论\n无人受伤。"
    found = heads(text)
    assert found["八时断电。"] == ("经过", "停机")
    assert found["十时送电。"] == ("经过", "复机")
    assert found["无人受伤。"] == ("结论",)


def test_a_heading_right_below_another_stands_under_it() -> None:
    found = heads("现场检查：\n一般情况：\n设备完好。\n处理意见：\n继续使用。")
    assert found["设备完好。"] == ("现场检查", "一般情况")
    assert found["继续使用。"] == ("处理意见",)


def test_a_short_line_above_a_paragraph_is_a_heading_and_one_in_a_list_is_none() -> None:
    text = "未来计划\n厂里准备在明年春天换掉全部旧水泵，并且再建一座泵房。\n清单\n皮带\n轴承"
    lines = {text[line.start : line.end]: line for line in outline(text)}
    assert lines["未来计划"].is_heading
    assert not lines["皮带"].is_heading


@given(st.text(alphabet="一二、：:#*（）1. \n甲乙丙。，", max_size=60))
def test_lines_are_in_order_and_cover_all_but_white_space(text: str) -> None:
    lines = outline(text)
    assert "\n".join(text[line.start : line.end] for line in lines).split() == text.split()
    assert all(one.end <= other.start for one, other in pairwise(lines))
