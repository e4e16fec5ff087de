"""A summary of one article shows what it says of the topic asked: sections, paragraphs, rows and enumerations."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.question import read_question
from assistant.reading.digest import MOST_CHARS, choose_of_article, in_full
from assistant.session import Assistant
from ingest import ingest_paths
from vectorstore.catalog_reader import StoredPassage

FORM = (
    "检修单\n编号：17\n主诉：\n三号水泵漏水两天。\n现场检查：\n外观：泵壳有裂纹。\n轴承：转动灵活。\n"
    "处理方案：\n先停机放水，再更换泵壳。\n次日试运行两小时。\n备注：\n无其他事项需要说明。"
)
PROSE = (
    "青桥实业成立于2001年，主要从事木材加工，产品销往全国各地。\n"
    "在社会责任方面，青桥实业做了不少工作。\n首先，三月给村小学捐了桌椅。\n其次，五月为老人修了食堂。\n最后，九月办了夜校。\n"
    "在财务方面，青桥实业的收入增长了两成，负债有所下降。这一变化得益于新的生产线。\n"
    "综上所述，青桥实业在社会责任和财务方面都有进步。"
)


def told(question: str, text: str, *, title: str = "青桥实业", cut: int = 10_000) -> list[str]:
    passages = [
        StoredPassage(
            f"p{at}",
            "a",
            at,
            at + len(text[at : at + cut]),
            text[at : at + cut],
            title,
            "来源",
            None,
            None,
            None,
        )
        for at in range(0, len(text), cut)
    ]
    return [item.text for item in choose_of_article(read_question(question), in_full(passages))]


def test_the_section_that_is_asked_for() -> None:
    assert told("总结这张单子的处理方案", FORM, title="检修单") == [
        "先停机放水，再更换泵壳。",
        "次日试运行两小时。",
    ]


def test_the_rows_of_a_form_are_shown_under_its_heading() -> None:
    assert told("总结现场检查的结果", FORM, title="检修单")[:2] == ["外观：泵壳有裂纹。", "轴承：转动灵活。"]


def test_an_enumeration_is_shown_with_all_its_items() -> None:
    shown = told("总结其社会责任工作", PROSE)
    assert [words[:2] for words in shown][:4] == ["在社", "首先", "其次", "最后"]
    assert not any("收入" in words for words in shown)


def test_what_points_back_is_not_shown_without_what_it_means() -> None:
    shown = told("总结其生产线", PROSE)
    assert not any(words.startswith("这一变化") for words in shown) or any("收入" in words for words in shown)


def test_where_all_is_asked_the_lead_is_shown() -> None:
    assert told("介绍一下青桥实业", PROSE)[0].startswith("青桥实业成立于2001年")


def test_a_topic_that_the_article_does_not_tell_of_leaves_the_lead() -> None:
    assert told("总结青桥实业的航天发射", PROSE)[0].startswith("青桥实业成立于2001年")


def test_a_summary_is_no_longer_than_a_reader_wants() -> None:
    text = "\n".join(
        f"第{number}项环保措施是改造{number}号炉，费用由公司承担。" for number in range(100, 160)
    )
    shown = told("总结其环保措施", text)
    assert MOST_CHARS / 2 < sum(map(len, shown)) <= MOST_CHARS
    assert shown == sorted(shown), "in reading order"


def test_passages_cut_a_line_and_it_stays_one() -> None:
    cut = PROSE.index("这一变化")
    assert told("总结其财务变化", PROSE, cut=cut) == told("总结其财务变化", PROSE)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    filler = "公司按计划开展了各项日常工作，没有发生需要特别说明的情况。" * 12
    plans = "未来计划\n青桥实业将在明年春天新建一座泵房，并换掉全部旧水泵。同时，公司会培训二十名维修工。"
    body = f"青桥实业有限公司成立于2001年，主要从事木材加工。\n\n{filler}\n\n{filler}\n\n{plans}"
    (tmp_path / "a.md").write_text(f"# 青桥实业有限公司\n\n{body}\n", encoding="utf-8")
    for name in ("云湖建材有限公司", "北山物流有限公司"):
        text = f"{name}未来计划开拓海外市场，并加大研发投入。" * 3
        (tmp_path / f"{name}.md").write_text(f"# {name}\n\n{text}\n", encoding="utf-8")
    ingest_paths([tmp_path], library=tmp_path / "library")
    return tmp_path / "library"


def test_a_summary_asked_of_one_article_is_made_of_it_alone(library: Path) -> None:
    with Assistant.open(library) as assistant:
        answer = assistant.ask("根据青桥实业有限公司的报告，总结其未来计划。")
        assert {citation.title for citation in answer.citations} == {"青桥实业有限公司"}
        assert "换掉全部旧水泵" in answer.answer
        assert "培训二十名维修工" in answer.answer
        assert {citation.passage_id for citation in answer.citations} <= {
            hit.passage_id for hit in answer.hits
        }
        for citation in answer.citations:
            article = assistant.article(citation.article_id)
            assert article is not None
            assert article.text[citation.start_char : citation.end_char] == citation.cited_text


def test_a_row_of_names_is_no_lead() -> None:
    guests = "出席青桥大会的有张三、李四、王五、赵六、钱七、孙八等来宾。"
    text = f"青桥大会昨天开幕，会期三天。\n{guests}\n青桥大会发布了新的计划，投资12亿元。\n青桥大会下次在云湖举行。\n青桥大会由三家单位主办。"
    shown = told("介绍一下青桥大会", text, title="青桥大会开幕")
    assert guests not in shown
    assert len(shown) == 4
