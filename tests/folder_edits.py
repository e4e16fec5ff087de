"""Random edits of a folder of articles, as people make them: new, changed, moved, copied, removed."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

_SUBJECTS = ("人工智能", "芯片发布", "上海的工厂", "医院的影像系统", "自动驾驶的测试", "语音助手", "天气预报")
_SHARED = "这一段是共同的转载内容，各家网站都一字不差地登了出来。" * 8


def article_text(dice: random.Random) -> str:
    """Return a short article whose words hardly any other has."""
    number = dice.randrange(1_000_000)
    subject = dice.choice(_SUBJECTS)
    lines = [
        f"第{dice.randrange(10)}篇文章的故事说的是{subject}，编号{number}的项目投入了{dice.randrange(9999)}万元。"
        for _ in range(dice.randrange(1, 25))
    ]
    body = _SHARED if dice.random() < 0.25 else "".join(lines)
    return f"# {subject}的消息{number}\n\n{body}\n"


def _records(dice: random.Random, count: int) -> list[dict[str, str]]:
    return [
        {"id": f"r{dice.randrange(30)}", "title": f"快讯{dice.randrange(100)}", "text": article_text(dice)}
        for _ in range(count)
    ]


def start(folder: Path, dice: random.Random) -> None:
    """Make a folder with a few articles of several kinds."""
    (folder / "新闻").mkdir(parents=True)
    for number in range(4):
        (folder / f"{number}.md").write_text(article_text(dice), encoding="utf-8")
    write_records(folder / "记录.jsonl", dice)


def write_records(path: Path, dice: random.Random) -> None:
    """Write a file of several articles."""
    lines = [json.dumps(record, ensure_ascii=False) for record in _records(dice, dice.randrange(1, 6))]
    path.write_text("\n".join(lines), encoding="utf-8")


def edit(folder: Path, dice: random.Random) -> None:
    """Change one thing in the folder."""
    files = sorted(path for path in folder.rglob("*.md"))
    one = dice.choice(files) if files else None
    other = folder / dice.choice(("", "新闻")) / f"{dice.randrange(12)}.md"
    choice = dice.randrange(9)
    if choice <= 1 or one is None:
        other.write_text(article_text(dice), encoding="utf-8")
    elif choice == 2:
        one.write_text(article_text(dice), encoding="utf-8")
    elif choice == 3:
        one.unlink()
    elif choice == 4:
        one.rename(other)
    elif choice == 5:
        if one != other:
            shutil.copyfile(one, other)
    elif choice == 6:
        write_records(folder / "记录.jsonl", dice)
    elif choice == 7:
        text = one.read_text(encoding="utf-8")
        one.write_text(f"{text}\n又补充了一句：{dice.randrange(1000)}。\n", encoding="utf-8")
    else:
        (folder / ".yinjuignore").write_text(dice.choice(("", "1.md\n", "新闻/\n")), encoding="utf-8")
