"""What a numbered passage can prove: its sentences, folded, with their facts read when first asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from assistant.verification.dates_in_text import DateMention, find_dates
from assistant.verification.facts import Facts, facts_of_folded
from assistant.verification.names import covered_by_words
from vectorstore.fold import fold
from vectorstore.sentences import sentence_spans

if TYPE_CHECKING:
    from assistant.writing.context import ContextPassage


_INSTRUCTION = re.compile(
    r"(?:忽略|无视|忘记|忘掉|不要理会|不必理会|覆盖|disregard|ignore|forget|override).{0,24}"
    r"(?:指令|指示|提示词?|规则|设定|要求|上文|以上|之前|instructions?|prompts?|rules?|above|previous)"
    r"|(?:你|您|ai|助手|模型|机器人|assistant|回答者|写作者)(?:现在|接下来|必须|应当|应该|只能|需要|务必|一定|请|要)+.{0,8}(?:回答|输出|回复|说|写|声称|告诉|附上|加上|插入|引用|扮演)"
    r"|(?:请|务必|必须|只需|只能|直接).{0,6}(?:回答|输出|回复|打印|重复|插入|附上)(?:说|以下|下面|如下|这句话|:|“|\")"
    r"|(?:系统|开发者|管理员)(?:提示词?|消息|指令|命令|通知)\s*[:>]|system\s*(?:prompt|message|:)|^\s*(?:system|assistant|user|###)\b"
    r"|<\||\|>|⟦|⟧|\[/?inst\]|<</?sys>>|</?(?:think|system)>"
    r"|(?:you (?:must|should|are now)|respond with|reply with|output the following|say that|repeat after me)"
)
"""A sentence that speaks to the program that reads it, folded: an article's words, but evidence of nothing."""
_NOT_CONTENT = re.compile(r"[\W_]+")


def bigrams(folded: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters, digits and Chinese characters, punctuation set aside."""
    letters = _NOT_CONTENT.sub("", folded)
    return frozenset(map("".join, pairwise(letters)))


class EvidenceSentence:
    """A sentence of a passage; `start_char` and `end_char` count characters of the article."""

    def __init__(self, passage: Evidence, start: int, end: int) -> None:
        self.passage = passage
        self.start_char = passage.passage.start_char + start
        self.end_char = passage.passage.start_char + end
        self.folded = passage.folded[start:end]
        self._start, self._end = start, end

    @cached_property
    def bigrams(self) -> frozenset[str]:
        """Return the content bigrams."""
        return bigrams(self.folded)

    @cached_property
    def facts(self) -> Facts:
        """Return the facts; a date without a year takes it from what the passage says before."""
        start, end = self._start, self._end
        dates = tuple(
            replace(mention, start=mention.start - start, end=mention.end - start)
            for mention in self.passage.dates
            if start <= mention.start < end
        )
        return facts_of_folded(self.folded, dates=dates)

    @cached_property
    def usual(self) -> bytearray:
        """Return 1 for each character that is part of a common word."""
        return covered_by_words(self.folded)


class Evidence:
    """A numbered passage of the context, ready to be checked against."""

    def __init__(self, passage: ContextPassage) -> None:
        self.passage = passage
        self.number = passage.number
        self.published = passage.published

    @cached_property
    def folded(self) -> str:
        """Return the passage's text, folded."""
        return fold(self.passage.text)

    @cached_property
    def title(self) -> str:
        """Return the article's title, folded."""
        return fold(self.passage.title)

    @cached_property
    def sentences(self) -> tuple[EvidenceSentence, ...]:
        """Return the sentences in reading order."""
        return tuple(EvidenceSentence(self, *span) for span in sentence_spans(self.passage.text))

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        """Return the dates of the passage."""
        return find_dates(self.folded, published=self.published)

    @cached_property
    def bigrams(self) -> frozenset[str]:
        """Return the content bigrams of the passage."""
        return bigrams(self.folded)

    @cached_property
    def statements(self) -> tuple[EvidenceSentence, ...]:
        """Return the sentences that can prove something: those that give no orders to a chat model."""
        return tuple(one for one in self.sentences if not _INSTRUCTION.search(one.folded))

    def between(self, start_char: int, end_char: int) -> str:
        """Return the words of the article from one offset to another, both inside the passage."""
        offset = self.passage.start_char
        return self.passage.text[start_char - offset : end_char - offset]


def prepare(passages: Iterable[ContextPassage]) -> dict[int, Evidence]:
    """Return the passages by their number, ready to be checked against."""
    return {passage.number: Evidence(passage) for passage in passages}
