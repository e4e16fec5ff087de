"""Turn the filters that a user gives as text into limits on a search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from vectorstore.catalog_reader import Filters


def parse_filters(
    *, since: str | None = None, until: str | None = None, source: str | None = None,
    fields: Sequence[str] | None = None,
) -> Filters | None:  # fmt: skip
    """Return the filters, or None where nothing is limited.

    Raises:
        ValueError: a date is not YYYY-MM-DD, a field is not name=value, or no day is since and until.
    """
    filters = Filters(
        since=_date(since), until=_date(until), source=source or None,
        fields=tuple(_field(field) for field in fields or ()),
    )  # fmt: skip
    if filters.since and filters.until and filters.since > filters.until:
        raise ValueError(
            f"起始日期 {since} 晚于截止日期 {until} (since is after until: no day lies between them)"
        )
    return filters or None


def _date(value: str | None) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"日期 {value!r} 应写成 2019-08-31 (write the date as YYYY-MM-DD)") from error


def _field(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator and value) or '"' in name:
        raise ValueError(f"字段 {text!r} 应写成 行业=医疗 (write the field as name=value)")
    return name.strip(), value.strip()
