"""Read a question about what else happened on the day, in the month or the year of an event (开幕当天，…). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.verification.dates_in_text import find_dates
from vectorstore.fold import fold

_ON_THE_DAY = re.compile(
    r"^(?:请问)?在?(?P<event>[^，,。？?]{4,80}?)(?P<of>的)?(?:当(?P<unit>[天日月年])|(?P<that>那|同)一?(?P<other>[天日月年]))"
    r"(?:里|内|晚上?|上午|下午)?(?P<comma>[，,、])?(?P<rest>.{4,})$"
)
_NO_EVENT = re.compile(r"什么|哪|谁|几|多少|怎|如何|是否|是不是|[在于是都]$")
_PARTS = {"年": 1, "月": 2, "天": 3, "日": 3}


@dataclass(frozen=True, slots=True)
class OnTheDay:
    """An event, the question when it was, how many parts of its date are wanted, and what is asked of that time."""

    event: str
    question: str
    parts: int
    rest: str

    def asked_of(self, day: tuple[int, ...]) -> str:
        """Return the question with the date in the event's place."""
        named = "".join(f"{part}{unit}" for part, unit in zip(day[: self.parts], "年月日", strict=False))
        return f"{named}，{self.rest}"


def read_on_the_day(question: str) -> OnTheDay | None:
    """Return the event whose day a question asks of, or None where it names no event, or its day already."""
    match = _ON_THE_DAY.match(question.strip())
    if match is None or _NO_EVENT.search(match["event"]):
        return None
    if not match["of"] and (
        match["that"] == "同" or not match["comma"]
    ):  # 某公司当年的利润: no event, but a name
        return None
    parts = _PARTS[match["unit"] or match["other"]]
    if any(
        (mention.year, mention.month, mention.day)[parts - 1] for mention in find_dates(fold(match["event"]))
    ):
        return None
    return OnTheDay(match["event"], f"{match['event']}是什么时候？", parts, match["rest"])
