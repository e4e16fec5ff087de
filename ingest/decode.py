"""Turn the bytes of a file into text: find the encoding, never guess a character.

UTF-8 proves itself. GB18030, Big5 and UTF-16 without a mark do not: each is decoded strictly and the
reading with the likelier Chinese wins. A declared charset only breaks a tie.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ingest.errors import EmptyFile, UnreadableFile
from ingest.signatures import other_format

_SAMPLE_BYTES = 1 << 16
_MIN_SCORE = 0.3  # right readings score 0.6 and more, wrong ones below 0.2 (tests/test_ingest_decode.py)
_MIN_MARKED_SCORE = -0.5  # any script will do, unassigned characters will not
_HINT_SCORE = 0.05
_MAX_CONTROL_SHARE = 0.01
_MAX_NUL_SHARE = 0.01

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FEW_BROKEN = 3
_MAX_BROKEN_SHARE = 0.001
_STEP_CHARS = 20
_BROKEN = re.compile("\ufffd+")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_NEWLINES = re.compile("\r\n?|\x85|\u2028|\u2029")
# The characters that make up half of any Chinese text, both scripts.
_COMMON = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后"
    "小么心多天而能好都然没日于起还发成事只作当想看文无开手用主行方又如前所本见经头面公同三已老从动两长"
    "這來國個說們為時會過對後麼沒還發當無開見經頭動兩長問機關電業實現點體進產員區場應種書報將議術與萬"
    "业机关电实现点体进产员区场应种书报将议术与万技新市高分部工企理全法加月研究数据司公智人工科京海北，。、；：？！“”（）《》「」『』"
)
_ENCODINGS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "big5hkscs": "big5",
}
_BIG5_FAMILY = ("big5", "cp950", "big5hkscs")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with its newlines normalised and its mark stripped, its encoding, in how many places it was broken."""

    text: str
    encoding: str
    broken: int = 0


def decode(data: bytes, *, declared: str | None = None) -> Decoded:
    """Decode `data` without losing or inventing a character.

    Raises UnreadableFile for empty and binary data, and where no encoding fits.
    """
    if not data.strip(b"\x00\t\n\r \xef\xbb\xbf\xfe\xff"):
        raise EmptyFile
    problem: UnicodeDecodeError | None = None
    head = data[:_SAMPLE_BYTES]
    likely = encodings_by_likelihood(head, declared=declared)
    if head.isascii() and b"\x00" not in head and (other := _NOT_ASCII.search(data)):
        likely = ["utf-8", *_scored(data[other.start() : other.start() + _SAMPLE_BYTES], declared)]
    data = data[next((len(mark) for mark, _ in _BOMS if data.startswith(mark)), 0) :]
    for encoding in likely:
        try:
            text = _decode_strictly(data, encoding)
        except UnicodeDecodeError as error:
            problem = problem or error
            continue
        if _is_text(text[:_SAMPLE_BYTES]):
            return Decoded(_NEWLINES.sub("\n", text), encoding)
    if problem is not None and problem.encoding == "utf-8":
        raise UnreadableFile(
            f"文字编码有错：第 {problem.start} 个字节不是 UTF-8，也不是 GB18030、Big5、UTF-16 "
            f"(byte {problem.start} is not UTF-8, and no other encoding fits)"
        )
    raise UnreadableFile("不是文本，或文字编码无法识别 (not text, or in an unknown encoding)")


def decode_mending(data: bytes, *, declared: str | None = None) -> Decoded:
    """Decode `data`; the few bytes that are broken in a text otherwise sound are shown as □ and counted.

    Raises UnreadableFile as `decode` does, also where more is broken.
    """
    try:
        return decode(data, declared=declared)
    except EmptyFile:
        raise
    except UnreadableFile:
        mended = _mended(data, _normal_name(declared))
        if mended is None:
            raise
        return mended


def _mended(data: bytes, hint: str | None) -> Decoded | None:
    """Return the reading with the fewest broken places, where they are few and the rest is likely Chinese."""
    if other_format(data) or b"\x00" in data:
        return None
    data = data.removeprefix(codecs.BOM_UTF8)
    best: Decoded | None = None
    for encoding in dict.fromkeys(("utf-8", hint or "utf-8", "gb18030", *_BIG5_FAMILY)):
        text = data.decode(encoding, "replace")
        broken = len(_BROKEN.findall(text))
        few = broken <= max(_FEW_BROKEN, _MAX_BROKEN_SHARE * len(data)) and broken * 50 <= len(text)
        if few and (best is None or broken < best.broken) and _stays_sound(text, encoding):
            best = Decoded(_NEWLINES.sub("\n", _BROKEN.sub("□", text)), encoding, broken)
    return best if best is not None and _is_text(best.text[:_SAMPLE_BYTES]) else None


def _stays_sound(text: str, encoding: str) -> bool:
    """Say whether a text is likely Chinese, also behind each broken place: there a reading may fall out of step."""
    samples = [text[:_SAMPLE_BYTES]]
    if encoding != "utf-8":
        samples += [text[match.end() : match.end() + _STEP_CHARS] for match in _BROKEN.finditer(text)]
    return all(sample.isascii() or _plausibility(sample) >= _MIN_SCORE for sample in samples)


def encodings_by_likelihood(sample: bytes, *, declared: str | None = None) -> list[str]:
    """Return the encodings worth trying on a file that begins with `sample`, likeliest first.

    Raises UnreadableFile where the sample is plainly binary.
    """
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            others = _scored(sample[len(mark) :], declared)
            return [encoding, *others] if _may_be(encoding, sample[len(mark) :]) else others
    if other := other_format(sample):
        raise UnreadableFile(other)
    if b"\x00" in sample:
        wide = [name for name in _scored(sample, declared) if name.startswith("utf-16")]
        if not wide and sample.count(0) > _MAX_NUL_SHARE * len(sample):
            raise UnreadableFile("不是文本，是二进制文件 (not text but a binary file)")
        return [*wide, "utf-8"]
    return ["utf-8", *_scored(sample, declared)]


def _scored(sample: bytes, declared: str | None) -> list[str]:
    """Return the encodings other than UTF-8 whose reading of `sample` is likely Chinese, best first."""
    hint = _normal_name(declared)
    scores: dict[str, float] = {}
    for encoding in dict.fromkeys(_candidates(hint)):
        try:
            text = codecs.getincrementaldecoder(encoding)("strict").decode(sample, final=False)
        except UnicodeDecodeError:
            continue
        score = _plausibility(text) + (_HINT_SCORE if encoding == hint else 0.0)
        if score >= _MIN_SCORE:
            scores[encoding] = score
    return sorted(scores, key=lambda encoding: -scores[encoding])


def _may_be(encoding: str, sample: bytes) -> bool:
    """Say whether a byte-order mark can be believed: two or three bytes may stand there by chance."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample, final=False)
    return _plausibility(text) > _MIN_MARKED_SCORE


def _candidates(hint: str | None) -> Iterator[str]:
    yield "gb18030"
    yield from _BIG5_FAMILY
    yield "utf-16-le"
    yield "utf-16-be"
    if hint is not None and hint not in ("utf-8", "utf-16"):
        yield hint


def _normal_name(declared: str | None) -> str | None:
    """Return Python's name for a declared text encoding, or None where there is no such thing."""
    if not declared:
        return None
    try:
        codec = codecs.lookup(declared.strip().lower())
    except (LookupError, ValueError):
        return None
    if not codec._is_text_encoding:  # base64, rot13 and the like are no character sets
        return None
    return _ENCODINGS.get(codec.name, codec.name)


def _decode_strictly(data: bytes, encoding: str) -> str:
    """Decode all of `data`; only half a character at its very end (a cut file) is left out."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end < len(data) or error.start < len(data) - 3 or error.start == 0:
            raise
        return data[: error.start].decode(encoding)


def _is_text(text: str) -> bool:
    controls = len(_CONTROLS.findall(text))
    nuls = text.count("\x00")
    return controls - nuls <= _MAX_CONTROL_SHARE * len(text) and nuls <= _MAX_NUL_SHARE * len(text) + 1


def _plausibility(text: str) -> float:
    """Return how much the non-ASCII part of `text` looks like Chinese: 1 is sure, below 0 is garbage."""
    counts = Counter(text)
    total = weighted = 0.0
    for character, count in counts.items():
        if character.isascii() and (ord(character) >= 32 or character in "\t\n\r"):
            continue
        total += count
        weighted += count * _weight(character)
    return weighted / total if total else 0.0


def _weight(character: str) -> float:
    if character in _COMMON:
        return 1.0
    code = ord(character)
    if character in _usual_han():
        return 0.6
    if 0x3000 <= code <= 0x30FF or 0xFF01 <= code <= 0xFF5E or 0x2010 <= code <= 0x2605:
        return 0.6  # CJK punctuation, kana, full-width forms, dashes and quotes
    if code < 0x20 or 0xE000 <= code <= 0xF8FF or code == 0xFFFD or not character.isprintable():
        return -3.0
    return -0.2


@cache
def _usual_han() -> frozenset[str]:
    """Return the characters of everyday use: GB 2312 level 1 and Big5 level 1."""
    simplified = (bytes((lead, trail)) for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF))
    traditional = (
        bytes((lead, trail))
        for lead in range(0xA4, 0xC7)
        for trail in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    )
    usual = [pair.decode("gb2312", "ignore") for pair in simplified]
    usual += [pair.decode("big5", "ignore") for pair in traditional]
    return frozenset(usual) - {""}
