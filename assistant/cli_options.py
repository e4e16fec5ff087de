"""What the commands share: their options, the library they work on, the settings, JSON on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assistant.session import Assistant
    from assistant.settings import Settings
    from vectorstore.catalog_reader import Filters
    from vectorstore.library import Library

LibraryOption = Annotated[
    Path | None,
    typer.Option("--library", envvar="YINJU_LIBRARY", help="资料库文件夹 library folder", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON print one JSON object")]
DebugOption = Annotated[bool, typer.Option("--debug", help="出错时显示完整信息 show tracebacks", hidden=True)]
SinceOption = Annotated[
    str | None, typer.Option(help="只用此日期（含）之后的文章 only articles since, YYYY-MM-DD")
]
UntilOption = Annotated[
    str | None, typer.Option(help="只用此日期（含）之前的文章 only articles until, YYYY-MM-DD")
]
SourceOption = Annotated[str | None, typer.Option(help="只用此来源的文章 only this source or publisher")]
FieldOption = Annotated[
    list[str] | None,
    typer.Option("--field", help="只用此字段的文章，如 行业=医疗 only articles with this field"),
]


class WrongUsage(ValueError):
    """What was typed or set cannot be meant; the message says what can. The command exits with 2."""


@contextmanager
def told_as_usage() -> Iterator[None]:
    """Tell what is wrong with the values given on the command line as wrong usage."""
    try:
        yield
    except ValueError as error:
        raise WrongUsage(str(error)) from error


def library_folder(chosen: Path | None) -> Path:
    """Return the library that a command works on: the option, the settings, or the user's data folder."""
    known = chosen or open_settings().library
    if known is not None:
        return known.expanduser()
    from platformdirs import user_data_path

    return user_data_path("yinju", appauthor=False)


def open_settings(**changed: Any) -> Settings:
    """Return the settings, with those that the command line gives instead.

    Raises:
        WrongUsage: one of them cannot be understood; the message names it, and does not show its value.
    """
    from pydantic import ValidationError

    from assistant.settings import Settings

    try:
        return Settings(**{name: value for name, value in changed.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise WrongUsage(
            f"设置不对，请改正 YINJU_… 变量或命令的选项 (a setting is wrong): {wrong}"
        ) from error


def chosen_filters(
    *, since: str | None, until: str | None, source: str | None, fields: list[str] | None
) -> Filters | None:
    """Return the filters that the options name.

    Raises:
        WrongUsage: one of them cannot be meant.
    """
    from assistant.characters import whole_values
    from assistant.filters import parse_filters

    with told_as_usage():
        return parse_filters(
            since=since, until=until, source=whole_values(source), fields=whole_values(fields)
        )


def check_place(file: Path) -> None:
    """Look whether a file can be written, before an answer is made for nothing.

    Raises:
        WrongUsage: it cannot.
    """
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise WrongUsage(
            f"不能写入 {str(file)!r}：请给出一个已有文件夹里的文件名 "
            f"(cannot write {str(file)!r}: name a file in a folder that exists)"
        )


@contextmanager
def open_assistant(library: Path | None, **changed: Any) -> Iterator[Assistant]:
    """Open the assistant for one command."""
    from assistant.session import Assistant

    with Assistant.open(library_folder(library), settings=open_settings(**changed)) as assistant:
        yield assistant


@contextmanager
def open_library(library: Path | None) -> Iterator[Library]:
    """Open the library alone, for a command that asks it nothing: no reader and no chat model."""
    from vectorstore.library import Library

    settings = open_settings()
    opened = Library.open(
        library_folder(library), embedder=settings.embedder, server_url=settings.chroma_url,
        server_headers=settings.server_headers,
    )  # fmt: skip
    with closing(opened):
        yield opened


def print_json(value: object) -> None:
    """Print one JSON object on stdout, indented for a person; escaped where stdout is not UTF-8."""
    import json

    encoding = sys.stdout.encoding or "utf-8"
    escaped = not encoding.lower().startswith("utf")
    typer.echo(json.dumps(value, ensure_ascii=escaped, indent=None if not sys.stdout.isatty() else 2))
