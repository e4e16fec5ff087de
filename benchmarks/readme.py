"""Write the README's tables from where their content lives: `python -m benchmarks.readme`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
RESULTS = ROOT / "benchmarks" / "results"
SETS = {
    "cmrc2018_trial": "CMRC 2018 百科",
    "drcd_dev": "DRCD 繁体百科",
    "dureader_robust_dev": "DuReader-robust 搜索问题",
    "rgb_noise": "RGB 新闻",
    "crud_1doc": "CRUD 1.7 万篇新闻",
    "chronoqa": "ChronoQA 有时间的问题",
}
UNANSWERED = {
    "rgb_reject": "RGB 拒答集（同一件事的新闻，没有答案）",
    "mix_cmrc2018_trial": "CMRC，一半问题拿走原文",
    "mix_rgb_noise": "RGB，一半问题拿走原文",
    "mix_crud_1doc": "CRUD，一半问题拿走原文",
}


SEVERAL = {
    "rageval_fact_based": "长报告里的一件事",
    "rageval_multi_document_information_integration": "两份文件分别是多少",
    "rageval_multi_document_compare": "两份文件比一比",
    "rageval_multi_hop": "通过哪几件事做到",
    "rageval_summary": "按要点总结",
}


def settings_table() -> str:
    """Return the settings as a Markdown table: variable, default, meaning."""
    rows = ["| 变量 variable | 默认 default | 含义 meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, {}) else f"`{default}`"
        rows.append(f"| `YINJU_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


def numbers_tables() -> str:
    """Return what was measured: retrieval and answers a set, then the single figures."""
    return "\n\n".join(part for part in (_retrieval(), _answers(), _several(), _single_figures()) if part)


def _result(name: str) -> Any:
    file = RESULTS / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def _source(found: Any) -> str:
    return f"`{found['command']}`，{found['date']}，{found['machine']}"


def _retrieval() -> str:
    found = _result("retrieval")
    if found is None:
        return ""
    legs = ("bm25", "dense", "full", "stock")
    rows = [
        "| 检索 R@1 / R@10（%） | BM25 | 向量 dense | **引据** | 常见做法 stock LangChain |",
        "|---|---|---|---|---|",
    ]
    for row in found["sets"]:
        if row["set"] in SETS:
            cells = [" / ".join(f"{value:.1f}" for value in row[leg]) for leg in legs if leg in row]
            rows.append(f"| {SETS[row['set']]} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + f"\n\n{_source(found)}"


def _answers() -> str:
    found = _result("answers")
    if found is None:
        return ""
    rows = [
        "| 端到端回答（不用对话模型） | 引文里有答案 | 只按字词重合挑句 | 误拒 | p50 毫秒 |",
        "|---|---|---|---|---|",
    ]
    for name, row in found["sets"].items():
        if name in SETS and "cited" in row:
            overlap = row["word_overlap"].get("cited")
            refused = row.get("refused_wrongly")
            cells = (*_better(row["cited"], overlap), _share(refused), f"{row['p50_ms']:.0f}")
            rows.append(f"| {SETS[name]} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + f"\n\n{_refusals(found)}\n\n每集至多 300 题。{_source(found)}"


def _refusals(found: Any) -> str:
    rows = [
        "| 没有答案的问题 | 拒答了 | 拒答里确实没有答案的 | 只按字词重合：拒答了 |",
        "|---|---|---|---|",
    ]
    for name, label in UNANSWERED.items():
        row = found["sets"][name]
        overlap = row["word_overlap"]["refusal_recall"]
        cells = (*_better(row["refusal_recall"], overlap), _share(row.get("refusal_precision")))
        rows.append(f"| {label} | {cells[0]} | {cells[2]} | {cells[1]} |")
    return "\n".join(rows)


def _several() -> str:
    found = _result("several")
    if found is None:
        return ""
    rows = ["| 要几处才答得全的问题（RAGEval） | 引文占参考证据的 | 误拒 | p50 毫秒 |", "|---|---|---|---|"]
    for kind, label in SEVERAL.items():
        row = found["kinds"][kind]
        cells = (_share(row["evidence"]), _share(row["refused_wrongly"]), f"{row['p50_ms']:.0f}")
        rows.append(f"| {label} | " + " | ".join(cells) + " |")
    events = found["kinds"]["time_aggregate"]
    told = (
        f"哪件事更早、是不是同一年（ChronoQA，{events['compared']} 题）：结论对的 {events['verdict_right']:.3f}，"
        f"错的 {events['verdict_wrong']:.3f}，其余不下结论。"
    )
    return "\n".join(rows) + f"\n\n{told}{_source(found)}"


def _better(ours: float, other: float | None) -> tuple[str, str]:
    """Return both shares, the higher one bold."""
    if other is None or ours >= other:
        return f"**{ours:.3f}**", _share(other)
    return _share(ours), f"**{other:.3f}**"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


SHOWN_SIZES = (100_000, 1_000_000)


def _single_figures() -> str:
    rows = []
    if reading := _result("reading"):
        cmrc = reading["cmrc2018_trial"]
        rows.append(
            f"- 给定段落找句子（CMRC）：{cmrc['hit']:.3f}，字词重合 {cmrc['overlap_hit']:.3f}；"
            f"答案 EM {100 * cmrc['em']:.1f}，F1 {100 * cmrc['f1']:.1f}（{_source(reading)}）"
        )
    if checks := _result("mutations"):
        rows.append(
            f"- 核对：改错数字、日期、名称、方向、否定或出处的 500 句，查出 {checks['caught']:.3f}，"
            f"误报 {checks['false_alarms']:.3f}（{_source(checks)}）"
        )
    if scale := _result("scale"):
        rows += [
            f"- {row['passages']:,} 段：检索 p50 {row['search_p50_ms']:.0f} 毫秒，p95 {row['search_p95_ms']:.0f}，"
            f"只看一个月 p50 {row['month_p50_ms']:.0f}；回答 p50 {row['answer_p50_ms']:.0f} 毫秒，"
            f"p95 {row['answer_p95_ms']:.0f}，命令行冷启动 {row['cold_ask_s']:.1f} 秒；"
            f"建库 {row['build_s'] / 60:.0f} 分钟，磁盘 {row['disk_mb']:,.0f} MB，"
            f"内存 {row['answer_own_memory_mb']:,} MB（{_source(row)}）"
            for row in scale["sizes"]
            if row["size"] in SHOWN_SIZES
        ]
    if load := _result("page_load"):
        rows.append(
            f"- 聊天页：{load['ready_seconds']:.1f} 秒打开；{load['visitors']} 人同时提问共 {load['answers']:,} 题，"
            f"p95 {load['p95_seconds']:.1f} 秒，内存 {load['memory_before_mb']} → {load['memory_after_mb']} MB"
            f"（{_source(load)}）"
        )
    return "\n".join(rows)


def with_section(text: str, name: str, content: str) -> str:
    """Return `text` with the part between the markers `name:start` and `name:end` replaced."""
    pattern = re.compile(rf"(<!-- {name}:start -->\n).*?(<!-- {name}:end -->)", re.S)
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text)


def render(text: str) -> str:
    """Return the README with its tables brought up to date."""
    return with_section(with_section(text, "settings", settings_table()), "numbers", numbers_tables())


def main() -> None:
    """Rewrite the README."""
    README.write_text(render(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
