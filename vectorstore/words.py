"""Cut folded text into the terms of the lexical index: character bigrams, latin words and numbers."""

from __future__ import annotations

import re

from vectorstore.fold import fold
from vectorstore.numbers import number_terms

TERMS_VERSION = 1
"""Raise it whenever a text gives other terms than before: libraries then build their lexical index anew."""

# Han runs give overlapping bigrams (a lone character gives itself); latin words, model numbers and figures
# stay whole, and give their parts too, so that "xess 1.2" finds "XeSS1.2.0" and "c919" finds "C919客机".
_HAN = r"㐀-鿿豈-﫿\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|[^\W_{_HAN}]+(?:[.\-/+][^\W_{_HAN}]+)*")
_PART = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)*")


def terms(text: str) -> list[str]:
    """Return the index terms of `text`, in reading order, with repeats; then those of its numbers."""
    return terms_of_folded(fold(text))


def terms_of_folded(folded: str) -> list[str]:
    """Return the index terms of a text that is folded already."""
    found: list[str] = []
    for match in _RUN.finditer(folded):
        run = match.group()
        if match.lastgroup == "han":
            found.extend([run[i : i + 2] for i in range(len(run) - 1)] if len(run) > 1 else (run,))
        else:
            found.append(run)
            found.extend(_parts(run))
    found.extend(number_terms(folded))
    return found


def _parts(run: str) -> list[str]:
    """Return the words, numbers and shorter versions inside a run: xess1.2.0 -> xess, 1.2.0, 1.2."""
    if run.isdigit():
        return [run.lstrip("0")] if run[0] == "0" and run.strip("0") else []
    parts: list[str] = []
    for part in _PART.findall(run):
        if part != run:
            parts.append(part.lstrip("0") if part.isdigit() and part.strip("0") else part)
        while part.count(".") > 1:
            part = part[: part.rindex(".")]  # noqa: PLW2901  # a version is found by its leading numbers
            parts.append(part)
    return parts
