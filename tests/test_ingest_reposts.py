"""The same text under another headline is recognised; articles made from one template are not merged."""

from __future__ import annotations

import random
import time

import pytest

from ingest.reposts import REPOST_THRESHOLD, bands, signature, similarity

WORDS = (
    "公司 平台 数据 算法 城市 医院 学校 仓库 司机 农田 语音 图像 芯片 合同 投资 试点 团队 "
    "用户 成本 标准 去年 今年 预计 表示 介绍 提高 降低 扩大 完成 启动 其中 目前 此外 同时"
).split()


def make_article(seed: int, *, length: int = 260) -> str:
    generator = random.Random(seed)
    parts = []
    for number in range(length):
        parts.append(generator.choice(WORDS))
        if number % 9 == 8:
            parts.append(generator.choice("，。"))
        if number % 23 == 22:
            parts.append(str(generator.randint(10, 9999)))
    return "".join(parts)


def _alike(a: str, b: str) -> float:
    return similarity(signature(a), signature(b))


def test_the_same_text_is_a_repost_whatever_its_layout_script_and_credits() -> None:
    text = make_article(1)
    variants = [
        text,
        text.replace("。", "。\n　　"),
        text.replace("，", ","),
        "原标题：另一个题目 " + text + "（责任编辑：某某）返回首页，查看更多",
        text.replace("数据", "數據").replace("医院", "醫院"),
    ]
    for variant in variants:
        assert _alike(text, variant) >= REPOST_THRESHOLD
        assert set(bands(signature(text))) & set(bands(signature(variant)))


def test_different_texts_are_not() -> None:
    marks = [signature(make_article(seed)) for seed in range(30)]
    assert max(similarity(a, b) for i, a in enumerate(marks) for b in marks[:i]) < 0.4


TEMPLATE = (
    "截至{date}收盘，{name}报收于{a}元，{move}{b}%，换手率{c}%，成交量{d}万手，成交额{e}亿元。当日资金流向数据方面，主力资金净流入{f}万元，"
    "占总成交额{g}%，游资资金净流出{h}万元，占总成交额{i}%，散户资金净流出{j}万元。该股主要指标及行业内排名显示，{name}总市值{k}亿元，"
    "市盈率{l}，在所属行业中排名第{m}位。以上内容由数据整理而成，与本站立场无关，力求但不保证该信息的准确性和完整性，不构成投资建议。"
)


def _filled(seed: int) -> str:
    generator = random.Random(seed)
    numbers = {letter: f"{generator.uniform(1, 900):.2f}" for letter in "abcdefghijklm"}
    day = f"2018年{generator.randint(1, 12)}月{generator.randint(1, 28)}日"
    return TEMPLATE.format(
        date=day, name=generator.choice(["甲乙股份", "丙丁科技"]), move=generator.choice("涨跌"), **numbers
    )


def test_one_template_with_other_numbers_is_another_article() -> None:
    assert max(_alike(_filled(seed), _filled(seed + 1)) for seed in range(20)) < REPOST_THRESHOLD
    assert _alike(_filled(3), "转载：" + _filled(3)) >= REPOST_THRESHOLD


@pytest.mark.parametrize("text", ["", "太短的消息。", "，。" * 200])
def test_a_text_too_short_to_tell_has_no_signature(text: str) -> None:
    assert signature(text) == ()
    assert bands(()) == []
    assert similarity((), ()) == 0.0


def test_signatures_are_stable_and_storable() -> None:
    marks = signature(make_article(1))
    assert len(marks) == 32
    assert all(0 <= mark < 2**64 for mark in marks)
    assert marks[:2] == signature(make_article(1))[:2]
    assert similarity(marks, marks) == 1.0
    assert len(bands(marks)) == len(set(bands(marks))) == 21


def test_signatures_do_not_change_between_releases() -> None:
    assert signature(make_article(1))[0] == FIRST_MARK, (
        "stored signatures would no longer match: bump the catalog"
    )


def test_it_is_fast_enough_to_run_on_every_article() -> None:
    texts = [make_article(seed) for seed in range(100)]
    signature(texts[0])
    started = time.process_time()
    for text in texts:
        bands(signature(text))
    assert time.process_time() - started < 0.5  # 200 a second here, thousands in benchmarks/reposts.py


FIRST_MARK = 7505429079541360201
