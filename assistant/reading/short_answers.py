"""Find the few words that answer, inside the sentence that holds them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.question import Asked
from assistant.reading.answer_kinds import has_unit, is_dateline, is_of_kind
from assistant.reading.passages import quotable
from assistant.reading.reader import VALUE
from assistant.reading.refusal import years_in
from assistant.subject import MEASURES, coverage
from assistant.verification.dates_in_text import dates_clash
from assistant.verification.facts import Facts, facts_of_folded
from assistant.verification.names import person_end
from assistant.verification.numerals import Number, find_numbers, same_number
from assistant.verification.polarity import Direction, Negation, find_negations
from vectorstore.fold import fold

MAX_CHARS = 40
MAX_FIGURE = 20
_AFTER_NAME = re.compile(r"等|表示|说|称|介绍|认为|指出|透露|强调|坦言|出任|担任|在|悉数|[，,。；（(]")
_COMMA = re.compile("[,，、;；]")
_YES_COVERAGE = 0.75
_RANGE = re.compile(r"[\d半几一二两三四五六七八九十百千万亿]\w{1,3}[到至~—–-]$")  # 半小时到1小时
_WORK = re.compile(
    r"(?:什么|哪一?[部本首篇个支])(?:书|电影|影片|片子|电视剧|剧|小说|歌|诗|节目|综艺|作品|专著|纪录片|游戏|话剧|报告|条例|文件|规定)"
)
_TITLE = re.compile(r"《[^《》]{1,40}》")
_MEASURE = re.compile(rf"(?:多少|几)([{MEASURES}])")
_TO = re.compile("[至到为]多少")
_CHANGED = re.compile("[^，,。]{0,8}?[降升涨增提调减].{0,2}[至到为]")
_JOINED = re.compile("[至到~～—–-]")
_PEOPLE = "人名位家户"  # counted in one another
_WHETHER = re.compile(r"是不是|有没有|能不能|会不会|可不可以|对不对|是否")
_DENIED = re.compile(r"[被再对向给把将在从与和]?(\w{0,2})")


def short_answer(asked: Asked, sentence: str, span: tuple[int, int] | None) -> str | None:
    """Return the short answer in a sentence, in its own words (是 or 否 for a yes-or-no question), or None."""
    if asked.kind == "yes_no":
        return yes_or_no(asked, sentence)
    if span is None:
        return None
    start, end = trimmed(asked, sentence, *span)
    words = sentence[start:end]
    if not words or len(words) > MAX_CHARS or len(words) >= 0.9 * len(sentence):
        return None
    if asked.kind in ("number", "date") and len(words) > MAX_FIGURE:
        return None
    if is_dateline(asked, fold(sentence), start, end):
        return None
    return words if is_of_kind(asked, words) else None


def trimmed(asked: Asked, sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the span as it can stand alone: the figure with its measure, the name without 表示 or 等."""
    start, end = _closed(sentence, *named_work(asked, sentence, start, end))
    if asked.kind in ("number", "date"):
        start, end = the_value(asked, sentence, start, end)
    if asked.kind == "number":
        start, end = named_in_row(asked, fold(sentence), start, end)
    if asked.kind == "person":
        end = person_end(fold(sentence), start, end)
        match = _AFTER_NAME.search(sentence, start + 2, end)
        end = match.start() if match else end
    start, end = _closed(sentence, *with_measure(asked, sentence, start, end))
    low, high = quotable(sentence[start:end])
    return with_sign(sentence, start + low), start + high


def named_work(asked: Asked, sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the title in book marks that a question for a book or a film asks for, else the span."""
    if not _WORK.search(fold(asked.text)):
        return start, end
    titles = [match for match in _TITLE.finditer(sentence) if match[0] not in asked.text]
    met = [match for match in titles if match.start() < end and start < match.end()]
    return (met or titles)[0].span() if len(met or titles) == 1 else (start, end)


def the_value(asked: Asked, sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the one figure or date inside the span, or in the whole sentence where the span has none."""
    folded = fold(sentence)
    pattern = VALUE[asked.kind]
    asked_for = {word.text for word in asked.words}
    for low, high in ((start, end), (0, len(sentence))):
        found = [match for match in pattern.finditer(folded, low, high) if match[0] not in asked_for]
        found = [match for match in found if re.search(r"\d", match[0])] or found
        fitting = [match for match in found if asked.kind == "number" and _is_counted(asked, match[0])]
        if len(fitting) == 1:
            found = fitting
        if joined := _from_to(asked, folded, found):
            return joined
        if len(found) == 1 and not _RANGE.search(folded[low : found[0].start()]):
            return found[0].span()
        if found:
            return start, end
    return start, end


def _from_to(asked: Asked, folded: str, found: Sequence[re.Match[str]]) -> tuple[int, int] | None:
    """Return the span of two figures joined to a range (100米至2800米); of 从3%下调至2.75% the one asked for."""
    if len(found) != 2 or asked.kind != "number":
        return None
    between = folded[found[0].end() : found[1].start()]
    if _TO.search(asked.text) and _CHANGED.fullmatch(between):
        return found[1].span()
    return (found[0].start(), found[1].end()) if _JOINED.fullmatch(between) else None


def _is_counted(asked: Asked, figure: str) -> bool:
    """Tell whether a figure is counted in what the question asks for, by its measure word where it has one (多少个)."""
    measure = _MEASURE.search(fold(asked.text))
    return has_unit(asked, figure) and (measure is None or measure[1] in figure or measure[1] in _PEOPLE)


def named_in_row(asked: Asked, folded: str, start: int, end: int) -> tuple[int, int]:
    """Return the figure beside the name asked of, where the span's stands clauses before it (甲9.1%，乙8.5%)."""
    for name in (word.text for word in asked.words if word.is_name_like and folded.count(word.text) == 1):
        at = folded.find(name)
        if _COMMA.search(folded, end, at):
            found = VALUE["number"].finditer(_COMMA.split(folded[at:])[0])
            row = [figure.span() for figure in found if _unit(figure[0]) == _unit(folded[start:end])]
            if len(row) == 1:
                return at + row[0][0], at + row[0][1]
    return start, end


def _unit(figure: str) -> str:
    return re.sub(r".*\d[万亿]*", "", figure)


def _closed(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with the bracket or quote that closes one opened in it, where that is next to it."""
    for opening, closing in (("（", "）"), ("(", ")"), ("《", "》"), ("“", "”"), ("「", "」")):
        inside = sentence[start:end]
        if inside.count(opening) > inside.count(closing) and sentence[end : end + 1] == closing:
            end += 1
        elif inside.count(opening) > inside.count(closing) and inside.rfind(opening) > 0:
            end = start + inside.rfind(opening)
    return start, end


def with_measure(asked: Asked, sentence: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with the rest of its number and its measure words (100 → 100项, 5个 → 5个小时)."""
    while start > 0 and sentence[start].isdigit() and sentence[start - 1] in "0123456789.":
        start -= 1
    folded = fold(sentence)
    if asked.kind == "date" and "年" not in asked.text:  # who asks of a year wants no day
        for figure in VALUE["date"].finditer(folded):
            if figure.start() <= start < end <= figure.end():
                return figure.span()
    for figure in VALUE["number"].finditer(folded):
        surely = asked.kind in ("number", "date") or re.search(r"\d", figure[0])  # 张三位于 is no 三位
        if surely and figure.start() < end <= figure.end():
            return min(start, figure.start()), figure.end()
    return start, end


def with_sign(sentence: str, start: int) -> int:
    """Return where the negative number starts that a span begins in (5.2亿元 of -5.2亿元), or the span's start."""
    numbers = find_numbers(fold(sentence))
    return next((n.start for n in numbers if n.value < 0 and n.start < start < n.end), start)


def yes_or_no(asked: Asked, sentence: str) -> str | None:
    """Return 是 or 否 where the sentence says what the question asks, or denies it; None where it is unsure."""
    folded = fold(sentence)
    asks = _WHETHER.sub("", fold(asked.text))
    if coverage(asked.words, folded) < _YES_COVERAGE or not _tells(asked, asks, folded):
        return None
    same = len(find_negations(folded)) % 2 == len(find_negations(asks)) % 2
    return "是" if same else "否"


def _tells(asked: Asked, asks: str, says: str) -> bool:
    """Tell whether a sentence can confirm or deny: it has the figures and the time asked, and turns nothing round."""
    wanted, said = facts_of_folded(asks), facts_of_folded(says)
    years = {year for year, _ in years_in(says)}
    return (
        all(_has_number(asked, number, said) for number in wanted.numbers)
        and (not asked.years or not years or not years.isdisjoint(asked.years))
        and not any(
            said.dates and all(dates_clash(day, other) for other in said.dates) for day in wanted.dates
        )
        and _same_ways(wanted.directions, said.directions)
        and all(_denied(says, negation) in asks for negation in said.negations)
    )


def _denied(says: str, negation: Negation) -> str:
    """Return the first two characters of what is denied."""
    match = _DENIED.match(says, negation.end)
    return match[1] if match else ""


def _has_number(asked: Asked, number: Number, said: Facts) -> bool:
    """Tell whether a number of the question, unless it is a year of it, is said too."""
    is_year = not number.unit and number.value in asked.years
    return is_year or any(same_number(number, other) for other in said.numbers)


def _same_ways(asks: Sequence[Direction], says: Sequence[Direction]) -> bool:
    """Tell whether what rises or falls in the question does just so in the sentence, where it is said at all."""
    wanted, said = _ways(asks), _ways(says)
    return all(said.get(family, ups) == ups for family, ups in wanted.items())


def _ways(directions: Sequence[Direction]) -> dict[str, frozenset[bool]]:
    families = {one.family for one in directions}
    return {family: frozenset(one.up for one in directions if one.family == family) for family in families}
