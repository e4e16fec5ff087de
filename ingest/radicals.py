"""Write the characters that a font took for radicals as themselves.

A font draws ⼩ (a Kangxi radical) and 小 with one glyph; a PDF that names the glyph by the radical gives
text that looks right and matches no question. One character becomes one character.
"""

from __future__ import annotations

import re
import unicodedata

# Of the CJK Radicals Supplement, those that are drawn as a whole character (Unicode's
# EquivalentUnifiedIdeograph; one glyph for both in Noto CJK); parts of characters (⺡, ⻊) stay as they are.
_SUPPLEMENT = dict(
    zip(
        "⺎⺐⺒⺓⺟⺠⻁⻄⻅⻆⻉⻋⻑⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "兀尢巳幺母民虎西见角贝车長长门青韦页风飞食马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟",
        strict=True,
    )
)
_KANGXI = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_UNIFIED = _SUPPLEMENT | _KANGXI
_RADICAL = re.compile("[\u2e80-\u2fd5]")  # both blocks; a range is found faster than a set


def unify_radicals(text: str) -> str:
    """Return `text`, as long as before, with unified characters in place of radicals."""
    return _RADICAL.sub(lambda match: _UNIFIED.get(match[0], match[0]), text)
