"""The command `yinju`. Heavy imports live inside the commands, so that `--help` answers at once."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli_library import articles_app, ingest, reingest
from assistant.cli_options import (
    DebugOption,
    FieldOption,
    JsonOption,
    LibraryOption,
    SinceOption,
    SourceOption,
    UntilOption,
    WrongUsage,
    check_place,
    chosen_filters,
    library_folder,
    open_assistant,
    open_library,
    open_settings,
    print_json,
    told_as_usage,
)

app = typer.Typer(
    name="yinju",
    help="引据 Yinju：从一个文件夹的中文文章里回答问题，每句话都注明出处。\n\n"
    "Answers from a folder of Chinese articles, every sentence cited to the exact words.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(ingest)
app.command()(reingest)
app.add_typer(articles_app, name="articles")


def main() -> None:
    """Run the command line; every error is a line or two, with what to do."""
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    gc.set_threshold(50_000)  # looking for garbage took a fifth of a cold answer: imports leave none
    atexit.register(gc.freeze)  # and at the end all goes with the process
    debug = "--debug" in sys.argv
    terminated = _leave_in_order()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal in GBK has no sign for an emoji in a title
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except (KeyboardInterrupt, SystemExit) as left:
        code = 143 if terminated else getattr(left, "code", 130)  # Typer makes a Ctrl+C an exit with 130
        if code == 130:
            typer.echo("已中断 interrupted", err=True)
        raise SystemExit(code) from None
    except BrokenPipeError:  # the reader of our output, say `head`, has gone
        sys.stderr.close()
        raise SystemExit(0) from None
    except Exception as error:
        if debug:
            raise
        typer.echo(f"错误 error: {_one_line(error)}", err=True)
        raise SystemExit(2 if isinstance(error, WrongUsage) else 1) from None


def _leave_in_order() -> list[int]:
    """Close locks and indexes when we are told to end; return a list that is empty until then.

    What we are in may take the signal for a Ctrl+C, as a watch does.
    """
    received: list[int] = []

    def leave(number: int, _frame: object) -> None:
        received.append(number)
        raise SystemExit(143)

    signal.signal(signal.SIGTERM, leave)
    return received


def _one_line(error: Exception) -> str:
    from assistant.errors import AssistantError
    from ingest.errors import IngestError
    from prompts import PromptInvalid
    from vectorstore.errors import VectorstoreError

    if isinstance(error, (AssistantError, IngestError, VectorstoreError, PromptInvalid, ValueError)):
        return " ".join(str(error).split())
    detail = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {detail}；加 --debug 查看详情 (run with --debug for details)"


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="问题 the question", show_default=False)],
    library: LibraryOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    fields: FieldOption = None,
    as_of: Annotated[
        str | None, typer.Option(help="“去年”“上周”的参照日期 reference date, YYYY-MM-DD")
    ] = None,
    strictness: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="拒答的严格程度 how readily to refuse")
    ] = None,
    trace: Annotated[
        Path | None, typer.Option(help="把回答的过程写入文件 write how the answer was made")
    ] = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """在终端回答一个问题 answer one question in the terminal."""
    from assistant.chain import check_question
    from assistant.events import Finished

    with told_as_usage():
        check_question(question)
    filters = chosen_filters(since=since, until=until, source=source, fields=fields)
    if trace is not None:
        check_place(trace)
    with open_assistant(library, as_of=as_of, strictness=strictness) as assistant:
        *_, last = assistant.stream(question, filters=filters)
    if not isinstance(last, Finished):
        raise TypeError("an answer ends with Finished")
    answer = last.answer
    if as_json:
        print_json(answer.to_dict())
    else:
        from assistant.terminal import print_answer

        print_answer(answer)
    if trace is not None:
        from assistant.writing.trace import write_trace

        write_trace(trace, answer, last.trace)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="要找的内容 what to look for", show_default=False)],
    library: LibraryOption = None,
    limit: Annotated[
        int, typer.Option("--limit", "-k", min=1, max=100, help="段落数 how many passages")
    ] = 10,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourceOption = None,
    fields: FieldOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """只找段落，不回答 passages only."""
    from assistant.characters import whole
    from vectorstore.retriever import HybridRetriever

    query = whole(query)
    if not query.strip():
        raise WrongUsage("要找的内容是空的：请输入几个词 (there is nothing to look for: type a few words)")
    filters = chosen_filters(since=since, until=until, source=source, fields=fields)
    with open_library(library) as opened:
        retriever = HybridRetriever(library=opened, synonyms=open_settings().synonyms)
        hits = retriever.search(query, limit=limit, filters=filters)
    if as_json:
        print_json({"query": query, "hits": [hit.to_dict() for hit in hits]})
    else:
        from assistant.terminal import print_hits

        print_hits(hits)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="问题文件 JSONL: {question, answers}", show_default=False)],
    library: LibraryOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """用一份问题文件评测 metrics on a question file."""
    from assistant.evaluate import evaluate_file
    from assistant.terminal import print_metrics

    with open_assistant(library) as assistant:
        metrics = evaluate_file(assistant, file)
    if as_json:
        print_json(metrics)
    else:
        print_metrics(metrics)


@app.command()
def doctor(
    library: LibraryOption = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="聊天页的端口 port of the chat page")] = 7860,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """检查一切，并给出修复每个问题的命令 check everything; print the command that repairs each fault."""
    from assistant.doctor import examine
    from assistant.terminal import print_findings

    findings = examine(library_folder(library), settings=open_settings(), port=port)
    if as_json:
        print_json({"ok": not any(f.is_fault for f in findings), "findings": [f.to_dict() for f in findings]})
    else:
        print_findings(findings)
    if any(finding.is_fault for finding in findings):
        raise typer.Exit(1)


@app.command()
def chat(
    library: LibraryOption = None,
    host: Annotated[str, typer.Option(help="监听地址 address to bind")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任选 port, 0 for any")] = 7860,
    auth: Annotated[Path | None, typer.Option(help="用户:密码 文件 file of user:password lines")] = None,
    allow_admin: Annotated[
        bool, typer.Option(help="对外时也允许改动资料库 allow changes beyond loopback")
    ] = False,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="自动打开浏览器 open the browser")
    ] = True,
    debug: DebugOption = False,
) -> None:
    """打开聊天页 open the chat page in the browser."""
    from assistant.web import serve

    serve(
        library_folder(library), settings=open_settings(), host=host, port=port, auth=auth,
        allow_admin=allow_admin, open_browser=browser,
    )  # fmt: skip


if __name__ == "__main__":
    main()
