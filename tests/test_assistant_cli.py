"""The command line: the contract of DESIGN §1, as a program outside sees it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from assistant.cli import main
from ingest.pipeline import ingest_paths, remove_article
from ingest.sync import article_id

ARTICLE = """# 星桥科技发布仓储机器人 - 观察者 - 博客
2018年05月06日 10:00:00[观察者](https://example.com/u)阅读数：10
星桥科技5月6日在苏州发布仓储机器人“远山”。该机器人每小时可搬运320箱货物。
公司首席执行官李远航表示，第一批产品将供应12家物流企业。
"""
ANSWER_KEYS = {
    "question", "standalone_question", "answer", "short_answer", "refused", "citations", "hits", "answered_by",
    "timings_ms", "warnings",
}  # fmt: skip
CITATION_KEYS = {
    "number", "cited_text", "article_id", "title", "source", "url", "published", "start_char", "end_char",
    "passage_id",
}  # fmt: skip
HIT_KEYS = {"rank", "score", "passage_id", "article_id", "start_char", "end_char", "text"}
REPORT_KEYS = {
    "added", "changed", "moved", "removed", "unchanged", "failed", "articles", "passages", "seconds",
}  # fmt: skip


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def yinju(*arguments: object) -> Done:
    """Run the command in this process: the same `main`, without paying for imports each time."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv, signal.getsignal(signal.SIGTERM)
    sys.argv = ["yinju", *map(str, arguments)]
    try:
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setenv("YINJU_EMBEDDER", "hash")
            with pytest.raises(SystemExit) as stopped:
                main()
    finally:
        sys.argv, handler = before
        signal.signal(signal.SIGTERM, handler)
    return Done(int(stopped.value.code or 0), out.getvalue(), err.getvalue())


def run_json(*arguments: object) -> Any:
    done = yinju(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("cli")
    (base / "articles").mkdir()
    (base / "articles" / "robot.md").write_text(ARTICLE, encoding="utf-8")
    (base / "articles" / "empty.txt").write_text("", encoding="utf-8")
    report = run_json("ingest", base / "articles", "--library", base / "library")
    assert set(report) == REPORT_KEYS
    assert (report["added"], report["articles"]) == (1, 1)
    assert "empty.txt" in report["failed"][0]["source"]
    return base / "library"


def test_ingest_twice_changes_nothing(library: Path) -> None:
    report = run_json("reingest", "--library", library)
    assert (report["added"], report["changed"], report["removed"], report["unchanged"]) == (0, 0, 0, 1)


def test_ask_follows_the_contract(library: Path) -> None:
    answer = run_json("ask", "机器人“远山”每小时可搬运多少箱货物？", "--library", library)
    assert set(answer) >= ANSWER_KEYS
    assert not answer["refused"]
    assert is_cited_in(answer, "320箱")
    for citation in answer["citations"]:
        assert set(citation) == CITATION_KEYS
        assert f"[{citation['number']}]" in answer["answer"]
        article = run_json("articles", "show", citation["article_id"], "--library", library)
        assert article["text"][citation["start_char"] : citation["end_char"]] == citation["cited_text"]
        assert citation["published"] == article["published"] == "2018-05-06"
    for hit in answer["hits"]:
        assert set(hit) >= HIT_KEYS


def is_cited_in(answer: dict[str, Any], gold: str) -> bool:
    return any(gold in citation["cited_text"] for citation in answer["citations"])


def test_a_refusal_has_hits_but_no_citations(library: Path) -> None:
    answer = run_json("ask", "《流浪地球》的票房是多少？", "--library", library)
    assert answer["refused"]
    assert answer["citations"] == []
    assert answer["short_answer"] is None
    assert answer["hits"]


def test_search_gives_passages(library: Path) -> None:
    hits = run_json("search", "仓储机器人", "--library", library)["hits"]
    assert hits[0]["rank"] == 1
    assert "机器人" in hits[0]["text"]


def test_articles_can_be_listed_shown_and_removed(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "b.txt").write_text("标题: 海豚\n总结: 海豚能用声音定位。\n", encoding="utf-8")
    library = tmp_path / "library"
    run_json("ingest", tmp_path / "a.md", tmp_path / "b.txt", "--library", library)
    listed = run_json("articles", "list", "--library", library)["articles"]
    assert listed == run_json("articles", "--library", library)["articles"]
    assert len(listed) == 2
    for row in listed:
        shown = run_json("articles", "show", row["id"], "--library", library)
        assert row == {name: value for name, value in shown.items() if name != "text"}
    run_json("articles", "remove", listed[0]["id"], "--library", library)
    left = run_json("articles", "list", "--library", library)["articles"]
    assert [article["id"] for article in left] == [listed[1]["id"]]
    assert run_json("reingest", "--library", library)["articles"] == 1
    gone = yinju("articles", "show", listed[0]["id"], "--library", library)
    assert gone.returncode == 1
    assert len(gone.stderr.strip().splitlines()) == 1


def test_only_questions_need_the_chat_model(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINJU_CHAT_MODEL", "nobody:x")
    (row,) = run_json("articles", "list", "--library", library)["articles"]
    assert "text" not in row
    table = yinju("articles", "list", "--library", library)
    assert table.returncode == 0
    assert row["id"] in table.stdout.replace("\n", "")
    assert run_json("articles", "show", row["id"], "--library", library)["id"] == row["id"]
    assert run_json("search", "机器人", "--library", library)["hits"][0]["article_id"] == row["id"]
    assert yinju("ask", "机器人？", "--library", library).returncode == 1


def test_the_library_may_be_named_in_a_dot_env_file(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"YINJU_LIBRARY={library}\n", encoding="utf-8")
    assert len(run_json("articles", "list")["articles"]) == 1
    assert run_json("search", "机器人")["hits"]
    assert yinju("articles", "list", "--library", tmp_path / "none").returncode == 1, "the option goes first"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("ask", "什么？", "--library", "{empty}"), 1, "yinju ingest"),
        (("ingest", "{empty}/missing", "--library", "{empty}/l"), 1, "no such file or folder"),
        (("reingest", "--library", "{empty}/l"), 1, "yinju ingest"),
        (("ingest", "{empty}", "--library", "{empty}"), 1, "is the library's own folder"),
        (("ask", "", "--library", "{library}"), 2, "question is empty"),
        (("ask", "问" * 20_000, "--library", "{library}"), 2, "20000"),
        (("ask", "问", "--since", "yesterday", "--library", "{library}"), 2, "YYYY-MM-DD"),
        (
            ("ask", "问", "--since", "2019-02-01", "--until", "2019-01-01", "--library", "{library}"),
            2,
            "since is after",
        ),
        (("articles", "show", "nope", "--library", "{library}"), 1, "nope"),
        (("search", " ", "--library", "{library}"), 2, "nothing to look for"),
        (("ask", "问", "--trace", "{empty}/none/x.json", "--library", "{empty}"), 2, "none/x.json"),
        (("ask", "问", "--trace", "{empty}", "--library", "{empty}"), 2, "cannot write"),
        (("ingest", "{empty}", "--dry-run", "--watch", "--library", "{empty}/l"), 2, "--dry-run"),
        (("reingest", "--dry-run", "--watch", "--library", "{library}"), 2, "--dry-run"),
    ],
)
def test_bad_input_gets_one_clear_line(
    arguments: tuple[str, ...], code: int, words: str, library: Path, tmp_path: Path
) -> None:
    done = yinju(*(part.format(empty=tmp_path, library=library) for part in arguments))
    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("encoding", "option"), [("gbk", []), ("ascii", []), ("ascii", ["--json"])])
def test_an_emoji_needs_no_utf_8_terminal(library: Path, encoding: str, option: list[str]) -> None:
    command = [sys.executable, "-m", "assistant.cli", "search", "远山😀", "--library", str(library)]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "YINJU_EMBEDDER": "hash"}
    done = subprocess.run([*command, *option], env=environment, capture_output=True, check=True)
    said = done.stdout.decode(encoding)
    assert "远山" in said or encoding == "ascii"
    assert not option or json.loads(said)["query"] == "远山😀"


def test_bytes_that_are_no_utf_8_are_no_trouble(library: Path) -> None:
    answer = run_json("ask", "\udcff机器人“远山”每小时可搬运多少箱货物？", "--library", library)
    assert is_cited_in(answer, "320箱")
    assert run_json("search", "\udcff仓储机器人", "--library", library)["hits"]
    assert run_json("search", "机器人", "--source", "\udcff", "--library", library)["hits"] == []
    assert run_json("search", "机器人", "--field", "行\udcff=\udcff", "--library", library)["hits"] == []


def test_what_goes_wrong_with_data_is_no_wrong_usage(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("数据坏了 (broken data)")

    monkeypatch.setattr("vectorstore.retriever.HybridRetriever.search", broken)
    assert yinju("search", "机器人", "--library", library)[::2] == (1, "错误 error: 数据坏了 (broken data)\n")


@pytest.mark.parametrize(
    ("number", "code", "words"), [(signal.SIGINT, 130, "已中断 interrupted\n"), (signal.SIGTERM, 143, "")]
)
@pytest.mark.parametrize("taken_for_ctrl_c", [False, True])
def test_a_signal_ends_the_command_in_order(
    library: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int, words: str, taken_for_ctrl_c: bool
) -> None:
    def stopped(*_: object, **__: object) -> None:
        if number == signal.SIGINT:  # a shell has its background jobs ignore it
            signal.signal(number, signal.default_int_handler)
        try:
            signal.raise_signal(number)
        except SystemExit:  # watchfiles does so
            if taken_for_ctrl_c:
                raise KeyboardInterrupt from None
            raise

    monkeypatch.setattr("ingest.pipeline.ingest_paths", stopped)
    before = signal.getsignal(signal.SIGINT)
    try:
        assert yinju("reingest", "--library", library)[::2] == (code, words)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_watch_prints_what_changes_and_brings_nothing_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, library = tmp_path / "a.md", tmp_path / "library"
    file.write_text(ARTICLE, encoding="utf-8")

    def follow(_library: Path, again: Callable[[], None]) -> None:
        again()  # nothing has changed
        remove_article(article_id(str(file)), library=library, embedder="hash")
        again()
        file.write_text(ARTICLE.replace("320", "640"), encoding="utf-8")
        again()  # it stays removed
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "b.md").write_text(ARTICLE, encoding="utf-8")
        ingest_paths([tmp_path / "more"], library=library, embedder="hash")
        (tmp_path / "more" / "c.md").write_text(ARTICLE, encoding="utf-8")
        again()
        (tmp_path / "more" / "d.md").write_bytes(b"")
        again()
        again()

    monkeypatch.setattr("ingest.watch.follow", follow)
    done = yinju("ingest", file, "--library", library, "--watch", "--json")
    assert done.returncode == 0, done.stderr
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(report["added"], len(report["failed"])) for report in reports] == [(1, 0), (1, 0), (0, 1)]
    assert reports[-1]["articles"] == 2


def test_an_answer_is_printed_before_its_trace_is_written(library: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    answer = run_json("ask", "机器人“远山”每小时可搬运多少箱货物？", "--trace", trace, "--library", library)
    assert json.loads(trace.read_text(encoding="utf-8"))["answer"]["answer"] == answer["answer"]


def test_wrong_usage_exits_with_2() -> None:
    assert yinju("doctor", "--port", "99999").returncode == 2
    assert yinju("chat", "--port", "99999").returncode == 2
    assert yinju("ask").returncode == 2
    assert yinju("no-such-command").returncode == 2


def test_importing_the_command_line_is_light() -> None:
    heavy = "chromadb torch gradio langchain_core numpy tantivy sentence_transformers pydantic onnxruntime"
    code = f"import sys, assistant.cli; print([m for m in {heavy.split()!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_evaluate_reports_shares(library: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    rows = [
        {"question": "机器人“远山”每小时可搬运多少箱货物？", "answers": ["320箱"]},
        {"question": "《流浪地球》的票房是多少？", "answers": []},
    ]
    questions.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    metrics = run_json("evaluate", questions, "--library", library)
    assert metrics["cited_contains_answer"] == 1.0
    assert metrics["refusal_recall"] == 1.0


def test_a_wrong_setting_is_one_line_without_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("YINJU_AS_OF", "昨天"), ("YINJU_CHROMA_HEADERS", '["Bearer sk-1"]')):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            done = yinju("ask", "问？", "--library", tmp_path)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert name.removeprefix("YINJU_").lower() in done.stderr
        assert value not in done.stderr
        assert "sk-1" not in done.stderr


def test_synonyms_that_cannot_be_read_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text(ARTICLE, encoding="utf-8")
    assert yinju("ingest", tmp_path / "a.md", "--library", tmp_path / "library").returncode == 0
    (tmp_path / "words.txt").write_bytes("机器人 机械人".encode("gbk"))
    monkeypatch.setenv("YINJU_SYNONYMS", str(tmp_path / "words.txt"))
    done = yinju("ask", "机械人？", "--library", tmp_path / "library")
    assert done.returncode == 1
    assert "读不了同义词表" in done.stderr


def test_nothing_is_rebuilt_where_there_is_no_library(tmp_path: Path) -> None:
    done = yinju("reingest", "--rebuild", "--library", tmp_path / "typo")
    assert done.returncode == 1
    assert not (tmp_path / "typo").exists()
