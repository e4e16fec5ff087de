"""A summary is asked of one article, or of several; and of a topic, or of all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.question import read_question
from assistant.reading.focus import LONGEST, summarised, topic_of, wants_summing_up
from vectorstore.article import Article, Hit


def article(number: int, title: str, text: str) -> Article:
    return Article(id=f"a{number}", title=title, text=text, source=f"{number}.md")


def hits(articles: list[Article]) -> list[Hit]:
    return [
        Hit(rank, 0.5, f"p{rank}", one.id, 0, len(one.text), one.text, one.title, one.source, None, None)
        for rank, one in enumerate(articles, start=1)
    ]


REPORTS = [
    article(1, "青桥实业有限公司", "青桥实业有限公司做木材。环保措施有三项。"),
    article(2, "云湖建材有限公司", "云湖建材有限公司做水泥。环保措施有两项。"),
    article(3, "北山物流有限公司", "北山物流有限公司做运输。环保措施有一项。"),
]


def meant(question: str, articles: list[Article]) -> str | None:
    found = summarised(question, articles, hits(articles))
    return found.title if found else None


def test_the_article_that_a_clause_names_is_meant_whatever_was_found_first() -> None:
    assert meant("根据云湖建材有限公司2021年的报告，总结其环保措施。", REPORTS) == "云湖建材有限公司"


def test_an_article_that_alone_holds_the_subject_is_meant() -> None:
    assert meant("总结北山物流的环保措施", REPORTS) == "北山物流有限公司"


@pytest.mark.parametrize(
    "question", ["总结各家公司的环保措施", "根据这些报告，总结环保措施", "根据南江化工的报告，总结环保措施"]
)
def test_without_a_name_that_one_of_them_bears_none_is_meant(question: str) -> None:
    assert meant(question, REPORTS) is None


def test_where_several_articles_tell_of_the_subject_none_is_meant() -> None:
    news = [
        article(1, "石门港扩建开工", "石门港扩建工程昨日开工。"),
        article(2, "石门港扩建获批", "石门港扩建工程获批。"),
    ]
    assert meant("总结石门港扩建工程的进展", news) is None


def test_a_book_is_not_read_through() -> None:
    book = article(1, "青桥实业有限公司", "青桥实业有限公司做木材。" + "一" * LONGEST)
    assert meant("根据青桥实业有限公司的报告，总结其环保措施。", [book]) is None


def test_nothing_found_is_of_no_article() -> None:
    assert summarised("总结环保措施", [], []) is None


@pytest.mark.parametrize(
    ("question", "title", "words"),
    [
        ("根据云湖建材有限公司的报告，总结其采取的环保措施。", "云湖建材有限公司", ["环保", "措施"]),
        ("总结被告人周某某的犯罪证据", "石门区人民法院", ["犯罪", "证据"]),
        ("请对青桥实业有限公司的未来展望进行概括", "青桥实业有限公司", ["未来", "展望"]),
        ("青桥实业是如何通过节能和融资来发展的？", "青桥实业有限公司", ["节能", "融资"]),
        ("石门区法院的判决书主要讲了什么？", "石门区法院", []),
        ("总结石门港扩建的主要内容", "石门港扩建开工", []),
    ],
)
def test_the_topic_is_what_is_left_without_the_name(question: str, title: str, words: list[str]) -> None:
    assert [word.text for word in topic_of(question, title)] == words


def test_a_fact_needs_no_summing_up() -> None:
    assert wants_summing_up(read_question("总结环保措施"))
    assert wants_summing_up(read_question("公司是如何通过节能和融资来发展的？"))
    assert not wants_summing_up(read_question("公司是如何节能的？"))
    assert not wants_summing_up(read_question("公司的营收是多少？"))


def test_an_article_that_the_search_believes_in_far_more_is_meant() -> None:
    news = [article(1, "石门港的一年", "石门港今年扩建。"), article(2, "青桥的一年", "青桥今年通车。")]
    first, second = hits(news)
    sure = [replace(first, score=0.9), replace(second, score=0.02)]
    found = summarised("总结扩建的情况", news, sure)
    assert found is news[0]
    assert summarised("总结扩建的情况", news, [first, second]) is None


def test_what_the_title_says_is_no_topic_of_its_own() -> None:
    assert topic_of("总结石门港扩建的主要内容", "石门港扩建开工") == []
