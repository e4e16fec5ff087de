"""Find the rows in a JSON value, whichever shape an export or an interface gave it."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.formats.columns import assign

_LISTS = (
    "data",
    "articles",
    "rows",
    "items",
    "results",
    "docs",
    "documents",
    "list",
    "records",
    "news",
    "文章",
)


def find_rows(value: object) -> list[object]:
    """Return the objects of a list of articles, at the top or inside objects; or the value itself as the only row."""
    if isinstance(value, list):
        return [row for item in value for row in (find_rows(item) if _is_shell(item) else [item])]
    if not isinstance(value, Mapping) or _is_article(value):
        return [value]
    if usual := next((value[name] for name in _LISTS if isinstance(value.get(name), list | Mapping)), None):
        rows = find_rows(usual)
        if any(map(_has_text, rows)):
            return rows
    if (
        value
        and all(isinstance(row, Mapping) for row in value.values())
        and any(map(_has_text, value.values()))
    ):
        return [{"id": name, **row} for name, row in value.items() if isinstance(row, Mapping)]
    return _inner_rows(value) or (find_rows(usual) if usual else [value])


def unwrapped(row: object) -> object:
    """Return a row without what a database or a site puts around its values.

    Elasticsearch: {"_id": …, "_source": {…}}; MongoDB: {"$date": …}; WordPress: {"rendered": …}.
    """
    if not isinstance(row, Mapping):
        return row
    inner = row.get("_source")
    if isinstance(inner, Mapping) and "text" not in assign(row):
        row = {"id": row.get("_id"), **inner}
    return {name: _bare(value) for name, value in row.items()}


def _bare(value: object) -> object:
    if isinstance(value, Mapping):
        for name in ("rendered", "$date", "$oid", "$numberLong"):
            if name in value:
                return _bare(value[name])
    return value


def _inner_rows(value: Mapping[object, object]) -> list[object]:
    """Return the first rows with titles and texts inside an object, or else the first with texts."""
    inner = [(each, find_rows(each)) for each in value.values() if isinstance(each, list | Mapping)]
    for roles in ({"text", "title"}, {"text"}):
        for each, rows in inner:
            alone = rows[:1] == [each] and "title" not in roles  # {"user": {"description": …}} is no article
            if not alone and any(
                isinstance(row, Mapping) and roles <= assign(row).keys() for row in map(unwrapped, rows)
            ):
                return rows
    return []


def _has_text(row: object) -> bool:
    row = unwrapped(row)
    return isinstance(row, str) or (isinstance(row, Mapping) and "text" in assign(row))


def _is_article(value: Mapping[object, object]) -> bool:
    """Say whether an object has a text of its own: not a list of articles under a text's name."""
    roles = assign(value)
    if "text" not in roles:
        return False
    name = roles["text"][0]
    text = value[name]
    if not isinstance(text, list) or not all(isinstance(item, Mapping) for item in text):
        return True
    titled = any({"text", "title"} <= assign(item).keys() for item in text if isinstance(item, Mapping))
    return "title" in roles or not (titled or name in _LISTS)


def _is_shell(item: object) -> bool:
    """Say whether an object in a list only holds others: a page of results."""
    if not isinstance(item, Mapping) or {"text", "title"} & assign(item).keys():
        return False
    return any(isinstance(each, list) for each in item.values())
