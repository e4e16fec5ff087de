"""Read JSON that anybody may have written."""

from __future__ import annotations

import json

from ingest.errors import UnreadableFile


def load_json(text: str) -> object:
    """Return the JSON value in `text`; raises UnreadableFile for broken, too deep or too large values."""
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            f"JSON 格式有误：第 {error.lineno} 行第 {error.colno} 列 (broken JSON: {error.msg})"
        ) from error
    except RecursionError as error:
        raise UnreadableFile("JSON 嵌套太深 (JSON nested too deeply)") from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise UnreadableFile(f"JSON 的数值太大 (a JSON number is too large: {error})") from error
    return value
