"""Register the `yinju_zh` encoding with tiktoken: 16k ranks that ship with the package.

tiktoken finds this file as `tiktoken_ext.yinju_zh`: the build puts it in the top-level namespace
package `tiktoken_ext`, which must not have an `__init__.py`. No network is ever used.
"""

from __future__ import annotations

import base64
from importlib.resources import files
from typing import Any

PATTERN = (
    r"\p{Han}+"
    r"| ?[\p{L}\p{M}&&[^\p{Han}]]+"
    r"|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{M}\p{N}\p{Han}]+[\r\n]*"
    r"|\s*[\r\n]+"
    r"|\s+(?!\S)"
    r"|\s+"
)
"""Cut text before merging: runs of Han, words, up to three digits, punctuation, white space."""


def read_ranks() -> dict[bytes, int]:
    """Return the bytes of every token and its rank."""
    lines = (files("vectorstore") / "models" / "yinju_zh.tiktoken").read_bytes().splitlines()
    return {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines)}


def yinju_zh() -> dict[str, Any]:
    """Return the arguments of `tiktoken.Encoding`."""
    return {
        "name": "yinju_zh",
        "pat_str": PATTERN,
        "mergeable_ranks": read_ranks(),
        "special_tokens": {},
    }


ENCODING_CONSTRUCTORS = {"yinju_zh": yinju_zh}
