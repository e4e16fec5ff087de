"""Turn the text of a chat model into verified sentences, while it arrives.

The same text gives the same sentences however it was cut into chunks, so that a trace can be replayed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from assistant.answer import Citation
from assistant.events import Draft, Sentence
from assistant.verification.claim import content_length
from assistant.verification.evidence import prepare
from assistant.verification.verify import Finding, verify_sentence
from assistant.writing.context import ContextPassage
from assistant.writing.markers import MARKER, Piece, split_markers, without_markers
from assistant.writing.plain import VisibleText, plain
from assistant.writing.refusals import is_chatter, is_heading, is_reference_heading, names_the_sources, stated

UNVERIFIED_MARK = "（未核实）"
MAX_REPEATS = 3
_TERMINATOR = r"(?:[。！？…]|[!?](?![a-zA-Z0-9=&/%_\[(]))+[”’」』）)】》\"]*|(?<=[a-zA-Z)\]\"”’])\.(?=\s)"
_SENTENCE_END = re.compile(rf"(?:{_TERMINATOR})(?P<marks>(?:[^\S\n]*{MARKER.pattern})*)|\n", re.IGNORECASE)
_TAIL = re.compile(r"(?:[\s。！？!?….；;，,]+[”’」』）)】》\"]*)?\s*$")
"""The end of a sentence: closing marks belong to it after a full stop; without one they close what is inside."""
_OPEN_MARKER = re.compile(
    r"[^\S\n]*(?:[\[【［〔⟦][^\]】］〕⟧\n]{0,60}|[\[【［][^\S\n]*[\[【［〔⟦][^\n]{0,60})?"
)
_UNFINISHED = re.compile(
    r"(?:[\[【［<!(（][^\]】］>)）]{0,60}|(?<![a-z])h(?:t(?:t(?:p(?:s?(?::\S*)?)?)?)?)?|(?<![a-z])w{1,3}(?:\.\S*)?)$",
    re.IGNORECASE,
)
"""What may become a marker, a tag, a link or an address when the rest arrives."""
_OPEN_LINK = re.compile(r"\([^()\n]{0,300}")


@dataclass(frozen=True, slots=True)
class Proofed:
    """The whole answer: its sentences in order, its citations numbered as they are read."""

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    findings: tuple[Finding, ...]
    refused: bool
    dropped: int

    @property
    def text(self) -> str:
        """Return the answer."""
        return "".join(sentence.text for sentence in self.sentences).strip()

    @property
    def supported(self) -> int:
        """Return how many sentences are proven."""
        return sum(finding.supported for finding in self.findings)


class Proofreader:
    """Verifies an answer sentence by sentence: `feed` it chunks, then `finish`."""

    def __init__(
        self, passages: Iterable[ContextPassage], *, unverified: Literal["mark", "drop"] = "mark"
    ) -> None:
        self._evidence = prepare(passages)
        self._unverified = unverified
        self._visible = VisibleText()
        self._buffer = ""
        self._start_over()

    def _start_over(self) -> None:
        self._line_break = False
        self._sentences: list[Sentence] = []
        self._findings: list[Finding] = []
        self._citations: dict[tuple[str, int, int], Citation] = {}
        self._seen: dict[str, int] = {}
        self._refusals = 0
        self._dropped = 0
        self._closed = False

    @property
    def exhausted(self) -> bool:
        """Say whether more text would add nothing: the model repeats itself, or lists its references."""
        return self._closed

    def feed(self, chunk: str) -> list[Sentence]:
        """Return the sentences that this chunk completes."""
        shown = self._visible.feed(chunk.replace("\r", ""))
        if self._visible.restarted:  # an orphan </think>: everything before it was not the answer
            self._buffer = ""
            self._start_over()
        self._buffer += shown
        return self._take(final=False)

    def finish(self) -> list[Sentence]:
        """Return the sentences that the end of the text completes."""
        self._buffer += self._visible.finish()
        return self._take(final=True)

    def draft(self) -> Draft | None:
        """Return the unfinished sentence as it may be shown, or None while there is nothing to show."""
        text = plain(_UNFINISHED.sub("", MARKER.sub("", self._buffer))).strip()
        return Draft(text) if text and not self._closed else None

    def result(self) -> Proofed:
        """Return the whole answer so far."""
        refused = self._refusals > 0 and not any(finding.supported for finding in self._findings)
        return Proofed(
            tuple(self._sentences),
            tuple(self._citations.values()),
            tuple(self._findings),
            refused,
            self._dropped,
        )

    def _take(self, *, final: bool) -> list[Sentence]:
        done = []
        while (end := self._next_end(final=final)) is not None:
            raw, self._buffer = self._buffer[:end], self._buffer[end:]
            sentence = self._proof(raw)
            self._line_break = self._line_break or raw.endswith("\n")
            if sentence is not None:
                done.append(sentence)
        return done

    def _next_end(self, *, final: bool) -> int | None:
        """Return where the first sentence of the buffer ends, markers after its full stop included."""
        match = _SENTENCE_END.search(self._buffer)
        if match is None:
            return len(self._buffer) if final and self._buffer else None
        rest = self._buffer[match.end() :]
        waiting = _OPEN_MARKER.fullmatch(rest) or (match["marks"] and _OPEN_LINK.fullmatch(rest))
        return match.end() if final or match[0] == "\n" or not waiting else None

    def _proof(self, raw: str) -> Sentence | None:
        """Verify one raw sentence; None where there is nothing to show of it."""
        pieces = [Piece(without_markers(plain(piece.text)), piece.numbers) for piece in split_markers(raw)]
        text = "".join(piece.text for piece in pieces).strip()
        if MARKER.search(text):  # "[[1]1]": half a marker on each side of one
            pieces = [Piece(without_markers(text), tuple(n for piece in pieces for n in piece.numbers))]
            text = pieces[0].text
        if self._closed or content_length(text) == 0 or self._is_repeat(text):
            return None
        if is_reference_heading(text):
            self._closed = True
            return None
        if is_chatter(text):
            return None
        return self._judge(raw, pieces, text)

    def _is_repeat(self, text: str) -> bool:
        key = re.sub(r"\W+", "", text)
        self._seen[key] = self._seen.get(key, 0) + 1
        self._closed = self._closed or self._seen[key] > MAX_REPEATS
        return self._seen[key] > 1

    def _judge(self, raw: str, pieces: list[Piece], text: str) -> Sentence | None:
        cited = [number for piece in pieces for number in piece.numbers]
        statement = stated(text)
        finding = verify_sentence(statement or text, cited, self._evidence)
        is_proven = cited and finding.supported and not names_the_sources(text)
        if not statement and not is_proven:  # 警方无法确认身份 refuses nothing where the article says so
            self._refusals += 1
            return self._add(_joined_text(pieces), (), None)
        if not finding.supported and (is_heading(raw, text) or self._unverified == "drop"):
            self._dropped += not is_heading(raw, text)
            return None
        if finding.supported:
            return self._supported(pieces, finding)
        return self._add(_before_end(_joined_text(pieces), UNVERIFIED_MARK), (), finding)

    def _supported(self, pieces: list[Piece], finding: Finding) -> Sentence:
        """Write the markers where the model put them; proofs it did not name go to the end."""
        groups: dict[int, list[Citation]] = {}
        placed = {number for piece in pieces for number in piece.numbers}
        order = [n for piece in pieces for n in piece.numbers] + [proof.number for proof in finding.proofs]
        for number in dict.fromkeys(order):
            groups[number] = [self._cite(proof.number, proof.start_char, proof.end_char)
                              for proof in finding.proofs if proof.number == number]  # fmt: skip
        last = "".join(_marks(groups[n]) for n in groups if n not in placed)
        *inner, tail = _rejoin(pieces)
        text = "".join(
            piece.text + "".join(_marks(groups[n]) for n in dict.fromkeys(piece.numbers)) for piece in inner
        )
        ending = "".join(_marks(groups[n]) for n in dict.fromkeys(tail.numbers)) + last
        citations = tuple({c.number: c for group in groups.values() for c in group}.values())
        return self._add(text + _before_end(tail.text, ending), citations, finding)

    def _cite(self, number: int, start_char: int, end_char: int) -> Citation:
        passage = self._evidence[number].passage
        key = (passage.article_id, start_char, end_char)
        if key not in self._citations:
            self._citations[key] = Citation(
                number=len(self._citations) + 1,
                cited_text=self._evidence[number].between(start_char, end_char),
                article_id=passage.article_id,
                title=passage.title,
                source=passage.source,
                url=passage.url,
                published=passage.published,
                start_char=start_char,
                end_char=end_char,
                passage_id=passage.passage_id_at(start_char),
            )
        return self._citations[key]

    def _add(self, text: str, citations: tuple[Citation, ...], finding: Finding | None) -> Sentence:
        text = re.sub(r"\s+", " ", text).strip()
        if self._line_break and self._sentences:
            text = "\n" + text
        self._line_break = False
        verdict: Literal["supported", "unverified"] = (
            "supported" if finding is None or finding.supported else "unverified"
        )
        sentence = Sentence(text, citations, verdict)
        self._sentences.append(sentence)
        if finding is not None:
            self._findings.append(finding)
        return sentence


def _marks(citations: Iterable[Citation]) -> str:
    return "".join(f"[{citation.number}]" for citation in citations)


def _joined_text(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _rejoin(pieces: list[Piece]) -> list[Piece]:
    """Put a last piece that is only a full stop back before its markers: 90%[1]。 -> 90%。 cites 1."""
    if len(pieces) > 1 and content_length(pieces[-1].text) == 0:
        before, last = pieces[-2:]
        return [*pieces[:-2], Piece(before.text.rstrip() + last.text.strip(), before.numbers + last.numbers)]
    return pieces


def _before_end(text: str, mark: str) -> str:
    """Put a mark before the full stop that ends a sentence."""
    if not mark:
        return text
    match = _TAIL.search(text)
    at = match.start() if match else len(text)
    return text[:at] + mark + text[at:].rstrip()


def proofread(
    text: str, passages: Iterable[ContextPassage], *, unverified: Literal["mark", "drop"] = "mark"
) -> Proofed:
    """Verify a whole text at once."""
    reader = Proofreader(passages, unverified=unverified)
    reader.feed(text)
    reader.finish()
    return reader.result()
