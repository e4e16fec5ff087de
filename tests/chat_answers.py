"""What the tests of the chat model path share: two articles, a question, and a writer on a stub server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from assistant.events import Turn
from assistant.settings import Settings
from assistant.writing.chat_model import open_chat_model
from assistant.writing.context import Context, ContextPassage
from assistant.writing.writer import ChatWriter, Writing, Written
from tests.openai_stub import OpenAIStub

KEY = "sk-very-secret-0123456789"
TENCENT = (
    "腾讯发布的首款AI医学影像产品“腾讯觅影”，使用AI Lab技术发现早期食管癌的准确率已高达90%。"
    "入选项目总估值从70亿元增长至目前150亿元，其中15个项目的融资总额已达16亿元。"
)
SHANGHAI = "2019世界人工智能大会将于8月29日至31日在上海举行，预计13000人参加。"
PASSAGES = (
    ContextPassage(1, "t", "腾讯发布AI生态计划", "t.txt", None, date(2017, 11, 9), 0, TENCENT, ((0, "t:0"),)),
    ContextPassage(2, "s", "人工智能大会", "s.txt", None, date(2019, 3, 1), 0, SHANGHAI, ((0, "s:0"),)),
)
CONTEXT = Context(PASSAGES, 0, 100)
QUESTION = "腾讯觅影发现早期食管癌的准确率是多少？"
HONEST = "腾讯觅影发现早期食管癌的准确率已高达90%[1]。"


def settings(stub: OpenAIStub, **values: Any) -> Settings:
    return Settings.model_validate({"chat_model": "openai:stub", "timeout_seconds": 30, **values})


def writer(stub: OpenAIStub, **values: Any) -> ChatWriter:
    chosen = settings(stub, **values)
    model = open_chat_model(chosen, environment={"OPENAI_BASE_URL": stub.base_url, "OPENAI_API_KEY": KEY})
    return ChatWriter(model, chosen, count_tokens=len, backoff_seconds=0.01)


def events(stub: OpenAIStub, *, history: Sequence[Turn] = (), **values: Any) -> list[Writing]:
    return list(writer(stub, **values).stream(QUESTION, CONTEXT, history=history))


def written(stub: OpenAIStub, **values: Any) -> Written:
    last = events(stub, **values)[-1]
    assert isinstance(last, Written)
    return last
