"""Set texts aside: what no model of ours has learnt from, its calibration can be fitted on."""

from __future__ import annotations

import hashlib

ONE_IN = 20


def is_held_out(text: str, *, one_in: int = ONE_IN) -> bool:
    """Say whether a context, body or passage is kept out of training, by its own characters alone."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return int.from_bytes(digest[:4], "big") % one_in == 0
