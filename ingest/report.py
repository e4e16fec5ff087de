"""What an ingest did: the counts, failures and notices that `yinju ingest --json` prints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from ingest.notices import is_notice
from ingest.parsed import Failure

_SHOWN_PARTS = 3
_ADVICE = {
    "document": "没有读 not read：{}（请另存为 .docx、.html、.txt 或 .csv 再收录 save them as .docx, .html, .txt or .csv）",
    "archive": "没有打开 not opened：{}（请先解压，或改成 .zip 再收录 unpack them, or make them .zip）",
}
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class IngestReport:
    """Counts of articles by what happened to them; `articles` and `passages` are what the library holds now.

    Notices may be given among `failed`: they are told apart here.
    """

    added: int
    changed: int
    moved: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    articles: int
    passages: int
    seconds: float
    embedded: int = 0
    encodings: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[Failure, ...] = ()

    def __post_init__(self) -> None:
        notices = dict.fromkeys((*self.notices, *filter(is_notice, self.failed)))
        failed = tuple(failure for failure in self.failed if not is_notice(failure))
        object.__setattr__(self, "notices", tuple(notices))
        object.__setattr__(self, "failed", failed)

    def failure_lines(self) -> list[str]:
        """Return what could not be read and why, for people: a line for each file and reason."""
        return _lines(self.failed)

    def notice_lines(self) -> list[str]:
        """Return the notices for people; documents of kinds that are not read share a line, archives another."""
        lines = _lines(notice for notice in self.notices if notice.kind not in _ADVICE)
        for kind, advice in _ADVICE.items():
            sources = (PurePath(notice.source) for notice in self.notices if notice.kind == kind)
            suffixes = Counter(source.suffix.lower() for source in sources)
            if suffixes:
                lines.append(advice.format("、".join(f"{each} {n} 个" for each, n in suffixes.most_common())))
        return lines

    def to_dict(self) -> dict[str, object]:
        """Return the report as plain JSON values; "notices" only where there are any."""
        notices = [{"source": notice.source, "reason": notice.reason} for notice in self.notices]
        return {
            "added": self.added,
            "changed": self.changed,
            "moved": self.moved,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "failed": [{"source": failure.source, "reason": failure.reason} for failure in self.failed],
            "articles": self.articles,
            "passages": self.passages,
            "seconds": round(self.seconds, 3),
            **({"notices": notices} if notices else {}),
        }


def _lines(failures: Iterable[Failure]) -> list[str]:
    """Return one line for each file and reason; of many parts that failed alike, the count and the first."""
    groups: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        file, _, part = failure.source.rpartition("#")
        groups.setdefault((file, failure.reason) if file else (part, failure.reason), []).append(part)
    return [_line(file, parts, reason) for (file, reason), parts in groups.items()]


def _line(file: str, parts: list[str], reason: str) -> str:
    if parts == [file]:
        where = file
    elif len(parts) == 1:
        where = f"{file}#{parts[0]}"
    else:
        first = "、".join(f"#{part}" for part in parts[:_SHOWN_PARTS])
        where = f"{file}：{len(parts)} 处 places（{first}{'…' if len(parts) > _SHOWN_PARTS else ''}）"
    line = f"{where}：{reason}"
    return _CONTROLS.sub(lambda match: ascii(match[0])[1:-1], line)  # a file's name may hold a line break
