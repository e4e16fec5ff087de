from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from assistant.both_languages import halves
from assistant.errors import ChatModelError, ChatModelKeyMissing, ChatModelMissing, ChatModelUnknown
from assistant.settings import Settings
from assistant.writing.chat_model import context_window, model_arguments, open_chat_model, read_environment

KEY = "sk-very-secret-0123456789"


def settings(chat_model: str, **values: object) -> Settings:
    return Settings.model_validate({"chat_model": chat_model, **values})


def test_openai_sets_every_limit() -> None:
    arguments = model_arguments(
        "openai", "m", settings("openai:m", output_tokens=99), {"OPENAI_API_KEY": KEY}
    )
    assert arguments["max_tokens"] == 99
    assert arguments["timeout"] == 60.0
    assert arguments["max_retries"] == 0
    assert "base_url" not in arguments


def test_a_compatible_server_needs_no_key() -> None:
    model = open_chat_model(settings("openai:qwen"), environment={"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
    assert model.openai_api_key.get_secret_value() == "EMPTY"  # type: ignore[attr-defined]  # ChatOpenAI's own
    assert model.openai_api_base == "http://127.0.0.1:1/v1"  # type: ignore[attr-defined]  # ChatOpenAI's own


@pytest.mark.parametrize("variable", ["OPENAI_BASE_URL", "OPENAI_API_BASE"])
def test_the_output_limit_reaches_compatible_servers(variable: str) -> None:
    arguments = model_arguments(
        "openai", "m", settings("openai:m", output_tokens=77), {variable: "http://x/v1"}
    )
    assert arguments["extra_body"] == {"max_tokens": 77}


def test_ollama_gets_a_window_that_holds_the_budget() -> None:
    chosen = settings("ollama:qwen3:8b", context_tokens=6000, output_tokens=512)
    arguments = model_arguments("ollama", "qwen3:8b", chosen, {"OLLAMA_HOST": "http://box:11434"})
    assert arguments["num_ctx"] == context_window(chosen) >= 6000 + 512 + 1500
    assert arguments["num_ctx"] % 1024 == 0
    assert arguments["num_predict"] == 512
    assert arguments["base_url"] == "http://box:11434"


def test_deepseek_takes_its_key_and_address() -> None:
    environment = {"DEEPSEEK_API_KEY": KEY, "DEEPSEEK_API_BASE": "http://x"}
    arguments = model_arguments("deepseek", "deepseek-chat", settings("deepseek:deepseek-chat"), environment)
    assert arguments["api_base"] == "http://x"
    assert arguments["max_tokens"] == 1024


def test_no_key_no_server_says_where_to_put_the_key() -> None:
    with pytest.raises(ChatModelKeyMissing, match=r"OPENAI_API_KEY.*\.env"):
        open_chat_model(settings("openai:gpt-4o-mini"), environment={})


@pytest.mark.parametrize(
    ("chat_model", "install"),
    [
        ("ollama:qwen3:8b", r"langchain-ollama"),
        ("deepseek:deepseek-chat", r"langchain-deepseek"),
        ("anthropic:claude", r"langchain-anthropic"),
        ("groq:llama", "langchain-groq"),
    ],
)
def test_a_missing_package_names_the_install_line(
    chat_model: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, f"langchain_{chat_model.partition(':')[0]}", None)
    keys = {"DEEPSEEK_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY, "GROQ_API_KEY": KEY}
    with pytest.raises(ChatModelMissing, match=f"pip install {install}") as raised:
        open_chat_model(settings(chat_model), environment=keys)
    chinese, english = halves(str(raised.value))
    assert re.search(f"先安装：pip install {install}$", chinese)
    assert re.search(f"needs a package: pip install {install}$", english)


@pytest.mark.parametrize("chat_model", ["gpt-4o-mini", "openai:", ":x", "", "nobody:x"])
def test_an_unknown_model_is_explained(chat_model: str) -> None:
    with pytest.raises(ChatModelUnknown, match="厂商:模型"):
        open_chat_model(settings(chat_model), environment={})


def test_huggingface_takes_local_folders_only() -> None:
    with pytest.raises(ChatModelUnknown, match="不存在"):
        open_chat_model(settings("huggingface:Qwen/Qwen3-8B"), environment={})


def test_keys_come_from_dot_env_under_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\nOPENAI_BASE_URL=http://a/v1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://b/v1")
    environment = read_environment()
    assert (environment["OPENAI_API_KEY"], environment["OPENAI_BASE_URL"]) == (KEY, "http://b/v1")


def test_a_key_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    model = open_chat_model(settings("openai:m"), environment={"OPENAI_API_KEY": KEY})
    shown = repr(model) + str(model) + str(model.lc_attributes) + caplog.text
    assert KEY not in shown


def test_every_error_is_one_family() -> None:
    assert issubclass(ChatModelMissing, ChatModelError)
    assert issubclass(ChatModelKeyMissing, ChatModelError)
