"""The library's table: rows without texts, searched, filtered and paged by the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from vectorstore.catalog import VISIBLE
from vectorstore.catalog_reader import NEWEST_FIRST
from vectorstore.library import Library

PAGE_ROWS = 20
MOST_CHOICES = 100
_ORDERS = {
    "newest": NEWEST_FIRST,
    "oldest": " ORDER BY published IS NULL, published, source, row",
    "longest": " ORDER BY passages DESC, published IS NULL, published DESC, source, row",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of the table a visitor looks at."""

    query: str = ""
    publisher: str = ""
    industry: str = ""
    year: str = ""
    order: Literal["newest", "oldest", "longest"] = "newest"
    page: int = 1


def list_articles(library: Library, wanted: Wanted) -> dict[str, object]:
    """Return one page of rows in the wanted order, with the number of rows and pages."""
    catalog = library.catalog
    parameters: dict[str, object] = {"generation": catalog.generation}
    where = _where(wanted, parameters)
    total = int(str(catalog.value(f"SELECT count(*) FROM articles WHERE {where}", parameters)))
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(max(wanted.page, 1), pages)
    rows = catalog.rows(
        "SELECT id, title, published, publisher, source, json_extract(fields, '$.\"行业\"') AS industry,"
        " (SELECT count(*) FROM passages WHERE article_row = articles.row) AS passages"
        f" FROM articles WHERE {where}{_ORDERS[wanted.order]} LIMIT :rows OFFSET :skip",
        {**parameters, "rows": PAGE_ROWS, "skip": (page - 1) * PAGE_ROWS},
    )
    return {"rows": [dict(row) for row in rows], "total": total, "page": page, "pages": pages}


def _where(wanted: Wanted, parameters: dict[str, object]) -> str:
    conditions = [VISIBLE]
    if wanted.query.strip():
        parameters["query"] = wanted.query.strip()
        conditions.append(
            "(instr(title, :query) OR instr(text, :query) OR instr(ifnull(fields, ''), :query))"
        )
    if wanted.publisher:
        parameters["publisher"] = wanted.publisher
        conditions.append("publisher = :publisher")
    if wanted.industry:
        parameters["industry"] = wanted.industry
        conditions.append("instr(ifnull(json_extract(fields, '$.\"行业\"'), ''), :industry)")
    if wanted.year:
        parameters["year"] = f"{wanted.year}-"
        conditions.append("instr(ifnull(published, ''), :year) = 1")
    return " AND ".join(conditions)


def newest_ids(library: Library, count: int) -> list[str]:
    """Return the ids of the newest articles that repeat no other."""
    rows = library.catalog.rows(
        f"SELECT id FROM articles WHERE {VISIBLE} AND repost_of IS NULL{NEWEST_FIRST} LIMIT :count",
        {"generation": library.catalog.generation, "count": count},
    )
    return [row["id"] for row in rows]


def facts(library: Library) -> list[dict[str, Any]]:
    """Return date, publisher, industry and keywords of every article: what the charts and filters count."""
    rows = library.catalog.rows(
        "SELECT published, publisher, json_extract(fields, '$.\"行业\"') AS industry,"
        f" json_extract(fields, '$.\"关键词\"') AS keywords FROM articles WHERE {VISIBLE}",
        {"generation": library.catalog.generation},
    )
    return [dict(row) for row in rows]


def choices(library: Library) -> dict[str, list[str]]:
    """Return the publishers, industries and years that the table can be filtered by, the most frequent first."""
    from assistant.web.charts import by_name

    known = facts(library)
    years = sorted({str(fact["published"])[:4] for fact in known if fact["published"]}, reverse=True)
    names = {
        name: [value for value, _ in by_name(known, name, most=MOST_CHOICES)]
        for name in ("publisher", "industry")
    }
    return {"publishers": names["publisher"], "industries": names["industry"], "years": years}
