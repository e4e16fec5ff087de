from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.passage_set import PassageSet, stored
from ingest import ingest_paths
from vectorstore.allowed import Allowed, id_of, key_of
from vectorstore.article import Hit
from vectorstore.catalog_reader import Filters
from vectorstore.embedders import HashEmbedder
from vectorstore.library import Library
from vectorstore.retriever import HybridRetriever
from vectorstore.search import Plan, search
from vectorstore.time_wish import TimeWish

ARTICLES = {
    "a": "# 云帆公司发布新款无人机\n\n2019-08-16 来源：江岸新闻\n\n云帆公司今天发布新款无人机，型号C919，售价1.3万元。\n\n"
    "发布会在杭州举行，共有三千人参加。\n",
    "b": "# 云帆公司公布年度净利润\n\n2022-03-01 来源：江岸新闻\n\n云帆公司公布年报，净利润为3.5亿元，同比增长百分之九十。\n",
    "c": "# 雲帆公司公布年度淨利潤\n\n2020-03-02 來源：江岸新聞\n\n雲帆公司公布年報，淨利潤為兩億元。\n",
    "d": "# 杭州天气\n\n2021-05-05 来源：江岸新闻\n\n杭州今天多云，气温二十度，明天有雨。\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    home = tmp_path_factory.mktemp("search")
    (home / "articles").mkdir()
    for name, text in ARTICLES.items():
        (home / "articles" / f"{name}.md").write_text(text, encoding="utf-8")
    ingest_paths([home / "articles"], library=home / "library", embedder="hash")
    opened = Library.open(home / "library", embedder="hash")
    yield opened
    opened.close()


def names(hits: list[Hit]) -> list[str]:
    return [Path(hit.source).stem for hit in hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("云帆公司的无人机多少钱？", "a"),
        ("Ｃ９１９", "a"),
        ("13000元", "a"),
        ("增长90%", "b"),
        ("兩億元淨利潤", "c"),
        ("杭州氣溫20度", "d"),
    ],
)
def test_the_passage_that_answers_comes_first(library: Library, query: str, first: str) -> None:
    with library.reading() as snapshot:
        assert names(search(snapshot, query, limit=3))[0] == first


def test_scores_fall_and_lie_between_0_and_1(library: Library) -> None:
    with library.reading() as snapshot:
        hits = search(snapshot, "云帆公司净利润", limit=8)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))


@pytest.mark.parametrize("query", ["", "  ", "？？"])
def test_a_query_without_words_is_no_error(library: Library, query: str) -> None:
    with library.reading() as snapshot:
        search(snapshot, query, limit=3)


def test_filters_are_hard(library: Library) -> None:
    with library.reading() as snapshot:
        hits = search(snapshot, "云帆公司", limit=8, filters=Filters(since=date(2022, 1, 1)))
        none = search(snapshot, "云帆公司", limit=8, filters=Filters(since=date(2030, 1, 1)))
    assert set(names(hits)) == {"b"}
    assert none == []


def test_a_time_wish_reorders_and_hides_nothing(library: Library) -> None:
    query = "云帆公司年度净利润"
    with library.reading() as snapshot:
        plain = search(snapshot, query, limit=8)
        for year, first in ((2020, "c"), (2022, "b")):
            wish = TimeWish(date(year, 1, 1), date(year, 12, 31), f"{year}年")
            timed = search(snapshot, query, limit=8, time=wish)
            assert names(timed)[0] == first
            assert set(names(timed)) == set(names(plain))


def test_newest_comes_first_where_all_else_is_near(library: Library) -> None:
    wish = TimeWish(None, None, "最新", prefers_recent=True, words="最新", relative=True)
    with library.reading() as snapshot:
        assert names(search(snapshot, "云帆公司最新净利润", limit=3, time=wish))[0] == "b"


@pytest.mark.parametrize("plan", [Plan(lexical=False), Plan(dense=False), Plan(rerank=False)])
def test_every_part_can_be_off(library: Library, plan: Plan) -> None:
    with library.reading() as snapshot:
        assert search(snapshot, "云帆公司的无人机", limit=2, plan=plan)


def test_synonyms_find_each_other(library: Library, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("航拍器 无人机\n", encoding="utf-8")
    retriever = HybridRetriever(library=library, synonyms=words)
    assert names(retriever.search("航拍器"))[0] == "a"


def test_a_large_filter_finds_the_same_by_over_fetching(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = ("2019-01-01", "2021-01-01")
    passages = [
        stored(f"p{at:04}", "", f"云帆公司第{at}号公告，编号{at * 7}。", days[at % 2]) for at in range(1400)
    ]
    snapshot = PassageSet(passages, embedder=HashEmbedder(), folder=tmp_path / "index").snapshot
    filters = Filters(since=date(2020, 1, 1))
    plan = Plan(dense=False, rerank=False)
    fetched = search(snapshot, "云帆公司编号77公告", limit=5, filters=filters, plan=plan)
    monkeypatch.setattr("vectorstore.lexical.FETCHED_PER_NAMED", 0)
    named = search(snapshot, "云帆公司编号77公告", limit=5, filters=filters, plan=plan)
    assert [hit.score for hit in fetched] == pytest.approx([hit.score for hit in named])
    assert fetched[0].passage_id == named[0].passage_id == "p0011"
    assert {hit.published for hit in fetched} == {date(2021, 1, 1)}


@given(st.sets(st.integers(0, 2**64 - 1)), st.lists(st.integers(0, 2**64 - 1)))
def test_a_filter_holds_its_passages_and_no_others(inside: set[int], others: list[int]) -> None:
    allowed = Allowed(map(id_of, inside))
    assert [key_of(id_of(key)) for key in sorted(inside)] == allowed.keys.tolist()
    asked = [*inside, *others]
    assert allowed.holds(np.array(asked, dtype=np.uint64)).tolist() == [key in inside for key in asked]
