"""Settings of the assistant: flag over environment (`YINJU_…`) over `.env` over these defaults."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything a user can set. Keys of chat model providers stay in their own variables."""

    model_config = SettingsConfigDict(
        env_prefix="YINJU_", env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True,
        hide_input_in_errors=True,  # a header may hold a key
    )  # fmt: skip

    library: Path | None = Field(None, description="资料库文件夹 library folder (default: user data folder)")
    embedder: str = Field(
        "yinju", description="向量模型：yinju（内置）或本机已有的 sentence-transformers 名称或路径 embedder"
    )
    chroma_url: str | None = Field(None, description="Chroma 服务器地址 keep the vectors in a Chroma server")
    chroma_headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="发给 Chroma 服务器的请求头（JSON）headers for that server"
    )
    passages: int = Field(
        8, ge=1, le=50, description="每个问题最多阅读的段落数 most passages read per question"
    )
    strictness: float = Field(
        0.5, ge=0.0, le=1.0, description="拒答的严格程度，越大越容易拒答 how readily to refuse"
    )
    as_of: date | None = Field(None, description="“去年”“上周”的参照日期（默认今天）reference date")
    synonyms: Path | None = Field(None, description="同义词表，一行一组 synonym list, one group a line")
    chat_model: str | None = Field(
        None, description="对话模型，如 openai:gpt-4o-mini、ollama:qwen3:8b chat model, provider:name"
    )
    context_tokens: int = Field(6000, ge=200, description="给对话模型的上下文预算 context budget in tokens")
    output_tokens: int = Field(1024, ge=16, description="回答的最大长度 output limit in tokens")
    timeout_seconds: float = Field(60.0, gt=0, description="对话模型的时限（秒）chat model time limit")
    unverified: Literal["mark", "drop"] = Field(
        "mark", description="未核实的句子：mark 标出，drop 删去 what to do with unverified sentences"
    )
    prompt: Path | None = Field(None, description="自定义回答模板 path of your own answer template")

    @property
    def server_headers(self) -> dict[str, str]:
        """The request headers for the Chroma server, as it is to get them."""
        return {name: value.get_secret_value() for name, value in self.chroma_headers.items()}
