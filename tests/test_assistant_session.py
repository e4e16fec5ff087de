"""The assistant answers, refuses, understands follow-ups, and says what it did."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Answer, Assistant, Finished, Found, Sentence, Settings, Turn, Understood
from assistant.answering import MAX_QUESTION_CHARS
from assistant.reading.reader import OverlapReader
from ingest import ingest_paths
from vectorstore import Library

ARTICLES = {
    "a.md": "# 腾讯发布AI生态计划\n2017年11月09日 00:00:00\n腾讯在成都发布“AI生态计划”，将开放100项AI技术。腾讯AI Lab主任张潼出席论坛。"
    "该计划还将孵化100个创业项目。\n腾讯觅影发现早期食管癌的准确率高达90%。\n",
    "b.md": "# 世界人工智能大会\n2019年08月20日 00:00:00\n今年8月29日至31日，2019世界人工智能大会将在上海举办。闵行区努力打造人工智能体验示范地。"
    "嘉定区着力打造智能制造示范区。\n",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    library = tmp_path_factory.mktemp("library") / "L"
    ingest_paths([folder], library=library, embedder="hash")
    settings = Settings(embedder="hash")
    with Assistant(
        Library.open(library, embedder="hash"), settings=settings, reader=OverlapReader()
    ) as opened:
        yield opened


def assert_sound(assistant: Assistant, answer: Answer) -> None:
    for citation in answer.citations:
        article = assistant.article(citation.article_id)
        assert article is not None
        assert article.text[citation.start_char : citation.end_char] == citation.cited_text
        assert f"{citation.cited_text}[{citation.number}]" in answer.answer
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert answer.refused == (not answer.citations)


def test_an_answer_cites_the_exact_words(assistant: Assistant) -> None:
    answer = assistant.ask("腾讯AI生态计划将开放多少项AI技术？")
    assert "100项" in answer.citations[0].cited_text
    assert answer.short_answer == "100项"
    assert answer.answered_by == "reader"
    assert_sound(assistant, answer)


def test_what_the_articles_do_not_say_is_refused_with_the_nearest_passages(assistant: Assistant) -> None:
    answer = assistant.ask("《流浪地球》的票房是多少？")
    assert answer.refused
    assert answer.answer == "文章里没有提到。"
    assert answer.short_answer is None
    assert answer.hits
    assert answer.warnings == ("文章里没有出现：流浪地球、票房 (the articles do not have: 流浪地球、票房)",)


def test_a_stream_understands_finds_reads_and_finishes(assistant: Assistant) -> None:
    events = list(assistant.stream("闵行区努力打造什么？"))
    assert isinstance(events[0], Understood)
    assert isinstance(events[1], Found)
    assert isinstance(events[-1], Finished)
    sentences = [event for event in events if isinstance(event, Sentence)]
    assert "".join(sentence.text for sentence in sentences) == events[-1].answer.answer
    assert sentences[0].verdict == "supported"


@pytest.mark.parametrize(
    "history",
    [
        [Turn("闵行区努力打造什么？", "人工智能体验示范地")],
        [("闵行区努力打造什么？", "人工智能体验示范地")],
        [
            {"role": "user", "content": "闵行区努力打造什么？"},
            {"role": "assistant", "content": "人工智能体验示范地"},
        ],
    ],
)
def test_a_follow_up_is_answered_and_its_standalone_question_shown(
    assistant: Assistant, history: list[Turn]
) -> None:
    answer = assistant.ask("嘉定区呢？", history=history)
    assert answer.question == "嘉定区呢？"
    assert answer.standalone_question == "嘉定区努力打造什么？"
    assert "智能制造示范区" in answer.citations[0].cited_text


def test_without_a_follow_up_the_question_stands_alone(assistant: Assistant) -> None:
    assert assistant.ask("闵行区努力打造什么？").standalone_question == "闵行区努力打造什么？"


def test_strictness_moves_the_threshold(assistant: Assistant) -> None:
    loose = assistant.with_settings(Settings(embedder="hash", strictness=0.0))
    strict = assistant.with_settings(Settings(embedder="hash", strictness=1.0))
    assert not loose.ask("腾讯的营业收入是多少？").refused
    assert strict.ask("腾讯的营业收入是多少？").refused


@pytest.mark.parametrize(
    ("question", "message"),
    [("", "问题是空的"), ("  \n", "问题是空的"), ("问" * 100_000, "问题太长：100000 个字")],
)
def test_what_is_no_question_is_refused_in_one_line(
    assistant: Assistant, question: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as error:
        assistant.ask(question)
    assert "\n" not in str(error.value)


def test_a_question_of_the_greatest_length_is_answered(assistant: Assistant) -> None:
    assert_sound(assistant, assistant.ask("腾讯" * (MAX_QUESTION_CHARS // 2)))


@pytest.mark.parametrize(
    "question", ["？？？", "😀", "abc", "\u0000", "的的的", "2018", "《", "[1]", "<script>"]
)
def test_odd_questions_do_no_harm(assistant: Assistant, question: str) -> None:
    assert_sound(assistant, assistant.ask(question, history=[("", ""), ("《", "[1]")]))


def test_the_asynchronous_ways_give_the_same_answer(assistant: Assistant) -> None:
    async def both() -> tuple[Answer, list[object]]:
        answer = await assistant.aask("闵行区努力打造什么？")
        return answer, [event async for event in assistant.astream("闵行区努力打造什么？")]

    answer, events = asyncio.run(both())
    last = events[-1]
    assert isinstance(last, Finished)
    assert last.answer.answer == answer.answer == assistant.chain.invoke("闵行区努力打造什么？").answer


def test_the_shipped_reader_and_embedder_answer_the_samples(samples_library: Path) -> None:
    with Assistant.open(samples_library) as opened:
        article = opened.articles()[0]
        answer = opened.ask(f"{article.title}说了什么？")
        assert_sound(opened, answer)


def test_a_library_is_named_as_a_user_would(samples_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(samples_library.parent))
    monkeypatch.chdir(samples_library.parent)
    for name in (f"~/{samples_library.name}", samples_library.name):
        with Assistant.open(name) as opened:
            assert opened.articles()


def test_a_blank_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIBRARY", "CHAT_MODEL", "CHROMA_URL", "AS_OF", "PASSAGES"):
        monkeypatch.setenv(f"YINJU_{name}", "")
    assert Settings() == Settings(_env_file=None)
    assert (Settings().library, Settings().passages) == (None, 8)


def test_a_view_with_other_settings_of_writing_has_its_own_writer(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings = Settings(chat_model="openai:none", unverified="mark")
    first = assistant.with_settings(settings)
    stricter = first.with_settings(settings.model_copy(update={"strictness": 0.7}))
    dropping = first.with_settings(settings.model_copy(update={"unverified": "drop"}))
    writers = [view._answering.writer for view in (first, stricter, dropping)]
    assert writers[0] is writers[1]
    assert writers[0] is not writers[2]


def test_half_an_emoji_crashes_no_search(assistant: Assistant) -> None:
    assert assistant.search("腾讯\ud83d AI") == assistant.search("腾讯\ufffd AI")
