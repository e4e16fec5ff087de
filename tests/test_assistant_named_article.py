"""A long article that a question names is read beyond its best passages: inside it, the name is seldom said again."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.named_article import freed_of_years, named_article
from assistant.session import Assistant
from ingest import ingest_paths
from vectorstore.article import Article
from vectorstore.catalog_reader import Filters
from vectorstore.library import Library
from vectorstore.search import search

REPORT = "青桥实业有限公司2021年度报告"
TOPICS = (
    "厂房的通风设备",
    "员工的食堂",
    "仓库的消防通道",
    "车间的照明",
    "园区的绿化",
    "物流车辆的保养",
    "质检的流程",
)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    chapters = [
        f"公司在本年度改进了{topic}，" + "相关工作由专人负责，进展顺利，计划如期完成。" * 8
        for topic in TOPICS
    ]
    chapters.insert(4, "公司的资产负债率为37.5%，比上年下降。" + "其余各项保持稳定，没有大的变化。" * 12)
    body = "青桥实业有限公司成立于2001年，主要从事木材加工。\n\n" + "\n\n".join(chapters)
    (tmp_path / "report.md").write_text(f"# {REPORT}\n\n{body}\n", encoding="utf-8")
    for at, name in enumerate(("云湖建材有限公司", "北山物流有限公司")):
        text = f"{name}的资产负债率为{61 + at}%。" + "公司的经营情况良好，市场份额有所上升。" * 6
        (tmp_path / f"{at}.md").write_text(f"# {name}公告\n\n{text}\n", encoding="utf-8")
    ingest_paths([tmp_path], library=tmp_path / "library")
    return tmp_path / "library"


def test_what_a_long_article_says_without_its_name(library: Path) -> None:
    with Assistant.open(library) as assistant:
        answer = assistant.ask("青桥实业有限公司的资产负债率是多少？")
        assert answer.short_answer == "37.5%"
        assert {citation.title for citation in answer.citations} == {REPORT}
        cited = {citation.passage_id for citation in answer.citations}
        assert cited <= {hit.passage_id for hit in answer.hits}, "what is cited is listed"
        assert [hit.rank for hit in answer.hits] == list(range(1, len(answer.hits) + 1))


def test_a_search_can_be_kept_to_one_article(library: Path) -> None:
    opened = Library.open(library)
    with opened.reading() as snapshot:
        article = next(one for one in snapshot.reader.articles() if one.title == REPORT)
        hits = search(snapshot, "资产负债率", limit=3, filters=Filters(article=article.id))
        assert {hit.article_id for hit in hits} == {article.id}
        assert "37.5%" in hits[0].text
    opened.close()


def article(text: str, title: str = REPORT) -> Article:
    return Article(id=title, source=title, title=title, text=text)


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("青桥实业有限公司2021年度的负债率是多少？", "的负债率是多少？"),
        ("青桥实业有限公司的负债率是多少？", "负债率是多少？"),
        ("根据青桥实业有限公司的年报，负债率是多少？", "根据年报，负债率是多少？"),
    ],
)
def test_the_question_is_freed_of_the_name(question: str, rest: str) -> None:
    found = named_article(question, [article("正文。" * 700)], [])
    assert found is not None
    assert found[1] == rest.removeprefix("的")


@pytest.mark.parametrize(
    ("rest", "read"),
    [
        ("2021年的净利润是多少？", "净利润是多少？"),
        ("在2021年度的净利润是多少？", "净利润是多少？"),
        ("2020年的净利润是多少？", "2020年的净利润是多少？"),  # of another year than the report
        ("2021年3月做了什么？", "2021年3月做了什么？"),
        ("2021年底有多少人？", "2021年底有多少人？"),
    ],
)
def test_the_year_of_a_report_is_not_said_again_inside_it(rest: str, read: str) -> None:
    assert freed_of_years(rest, article("正文。" * 700)) == read


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("人工智能的应用有哪些？", "人工智能的应用。" * 300),  # no name
        ("青桥实业有限公司2021年度报告？", "正文。" * 700),  # nothing is asked of it
        ("云湖建材有限公司的负债率是多少？", "正文。" * 700),
    ],
)
def test_no_article_is_named(question: str, text: str) -> None:
    assert named_article(question, [article(text)], []) is None
