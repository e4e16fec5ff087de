"""Open the chat model that the user named, through LangChain's `init_chat_model`.

Limits are always set explicitly: output tokens, time, and (Ollama) the size of the context window. Keys come
from the environment or `.env`, travel as `SecretStr`, and appear in no message, repr or log of ours.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.both_languages import both
from assistant.errors import ChatModelError, ChatModelKeyMissing, ChatModelMissing, ChatModelUnknown

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.settings import Settings

_KEYS = {"openai": "OPENAI_API_KEY", "deepseek": "DEEPSEEK_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_BASES = {
    "openai": ("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    "deepseek": ("DEEPSEEK_BASE_URL", "DEEPSEEK_API_BASE"),
    "anthropic": ("ANTHROPIC_BASE_URL",),
    "ollama": ("OLLAMA_BASE_URL", "OLLAMA_HOST"),
}
_PROMPT_TOKENS = 1500
"""Room for the instructions, the question and the history beside the context."""


def open_chat_model(settings: Settings, *, environment: Mapping[str, str] | None = None) -> BaseChatModel:
    """Return the chat model of `settings.chat_model` (`provider:name`).

    `environment` (default: `.env`, then the process environment over it) is where keys and addresses are read.
    """
    provider, name = _split(settings.chat_model)
    arguments = model_arguments(
        provider, name, settings, read_environment() if environment is None else environment
    )
    from langchain.chat_models import init_chat_model  # 0.5 s: only when a chat model is used

    try:
        model: BaseChatModel = init_chat_model(name, model_provider=provider, **arguments)
    except ImportError as error:
        raise _missing(provider) from error
    except ValueError as error:
        if "nsupported" in str(error):
            raise ChatModelUnknown(_unknown(settings.chat_model)) from None
        raise ChatModelError(
            f"打不开对话模型 {settings.chat_model!r}（{type(error).__name__}），请检查它的设置。 "
            "Cannot open the chat model: check its settings."
        ) from None  # the cause may repeat a key
    return model


def read_environment() -> dict[str, str]:
    """Return the variables of `.env` in the working folder with those of the process over them."""
    from dotenv import dotenv_values  # comes with pydantic-settings

    return {name: value for name, value in dotenv_values(".env").items() if value} | dict(os.environ)


def _split(chat_model: str | None) -> tuple[str, str]:
    provider, _, name = (chat_model or "").strip().partition(":")
    if not provider or not name:
        raise ChatModelUnknown(_unknown(chat_model))
    return provider.lower().replace("-", "_"), name


def _unknown(chat_model: str | None) -> str:
    return (
        f"看不懂对话模型 {chat_model!r}，请写成“厂商:模型”，例如 openai:gpt-4o-mini、ollama:qwen3:8b。 "
        "Write it as provider:model."
    )


def _missing(provider: str) -> ChatModelMissing:
    package = f"langchain-{provider.replace('_', '-')}"
    return ChatModelMissing(
        both(
            f"对话模型 {provider!r} 需要先安装：pip install {package}",
            f"the chat model {provider!r} needs a package: pip install {package}",
        )
    )


def model_arguments(
    provider: str, name: str, settings: Settings, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Return the keyword arguments of the provider's chat model: limits, address and key."""
    base = next((environment[key] for key in _BASES.get(provider, ()) if environment.get(key)), None)
    if provider == "ollama":
        return _ollama(settings, base)
    if provider == "huggingface":
        return _huggingface(name, settings)
    arguments: dict[str, Any] = {"temperature": 0, "timeout": settings.timeout_seconds, "max_retries": 0}
    if provider in _KEYS:
        arguments["api_key"] = _key(provider, base, environment)
    if provider in ("openai", "deepseek"):
        # One connection a call: pooled ones belong to an event loop, and we are called from several.
        arguments |= {"default_headers": {"Connection": "close"}, "stream_usage": True}
        arguments |= {"stream_chunk_timeout": settings.timeout_seconds}
    if base:
        arguments["api_base" if provider == "deepseek" else "base_url"] = base
    if provider == "openai" and base:  # other servers know max_tokens, not OpenAI's newer name for it
        return arguments | {"extra_body": {"max_tokens": settings.output_tokens}, "use_responses_api": False}
    return arguments | {"max_tokens": settings.output_tokens}


def _key(provider: str, base: str | None, environment: Mapping[str, str]) -> Any:
    from pydantic import SecretStr

    key = environment.get(_KEYS[provider]) or ("EMPTY" if base else "")
    if not key:
        raise ChatModelKeyMissing(
            f"没有找到 {_KEYS[provider]}：请写进环境变量或 .env 文件；本地服务请设置 {_BASES[provider][0]}。 "
            "Set the key in the environment or in .env."
        )
    return SecretStr(key)


def context_window(settings: Settings) -> int:
    """Return the tokens a model must hold: context (other tokenisers need more), prompt, history, output."""
    tokens = (
        settings.context_tokens * 1.25 + settings.context_tokens / 4 + _PROMPT_TOKENS + settings.output_tokens
    )
    return int(-(-tokens // 1024) * 1024)


def _ollama(settings: Settings, base: str | None) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "temperature": 0,
        "num_ctx": context_window(settings),  # Ollama's own default cuts the context silently
        "num_predict": settings.output_tokens,
        "client_kwargs": {"timeout": settings.timeout_seconds},
    }
    return arguments | ({"base_url": base} if base else {})


def _huggingface(name: str, settings: Settings) -> dict[str, Any]:
    if not Path(name).is_dir():
        raise ChatModelUnknown(
            f"huggingface: 后面要写本机的模型文件夹，{name!r} 不存在。 Give a local folder; nothing is downloaded."
        )
    generation = {"max_new_tokens": settings.output_tokens, "do_sample": False, "return_full_text": False}
    return {"backend": "pipeline", "task": "text-generation", "pipeline_kwargs": generation}
