"""An answer is made of verbatim sentences, in reading order, no more than the question needs."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.inquiry import completed
from assistant.parts import parts_of
from assistant.question import read_question
from assistant.reading.compose import compose, parts_missed, parts_unsaid
from assistant.reading.passages import quotable
from assistant.reading.reader import PassageReading, Span
from assistant.reading.short_answers import short_answer
from assistant.reading.weighing import Weighed
from vectorstore.article import Hit
from vectorstore.sentences import sentence_spans


def hit(
    text: str, *, article: str = "a", rank: int = 1, start: int = 0, published: date | None = None
) -> Hit:
    return Hit(
        rank,
        0.9,
        f"p-{article}-{start}",
        article,
        start,
        start + len(text),
        text,
        "标题",
        "来源",
        None,
        published,
    )


def weighed(
    item: Hit,
    answer: str,
    *,
    probability: float = 0.9,
    scores: tuple[float, ...] | None = None,
    sure: float = 0.8,
) -> Weighed:
    spans = tuple(sentence_spans(item.text))
    low = item.text.find(answer)
    span: Span = (low, low + len(answer))
    found = scores or tuple(0.9 if start <= low < end else 0.05 for start, end in spans)
    return Weighed(item, spans, PassageReading(probability, span, sure, found), probability)


def test_the_answering_sentence_is_cited_to_the_character() -> None:
    text = "大会开幕。腾讯发布了“AI生态计划”，开放100项技术。观众很多。"
    composed = compose(
        read_question("开放多少项技术？"), [weighed(hit(text, start=7), "100项")], threshold=0.5
    )
    assert composed.text == "腾讯发布了“AI生态计划”，开放100项技术。[1]"
    assert composed.short_answer == "100项"
    citation = composed.citations[0]
    assert text[citation.start_char - 7 : citation.end_char - 7] == citation.cited_text


def test_below_the_threshold_it_refuses() -> None:
    composed = compose(
        read_question("开放多少项？"), [weighed(hit("开放100项。"), "100项", probability=0.4)], threshold=0.5
    )
    assert composed.refused
    assert composed.text == "文章里没有提到。"
    assert composed.citations == ()
    assert composed.short_answer is None


def test_nothing_found_is_a_refusal() -> None:
    assert compose(read_question("谁？"), [], threshold=0.0).refused


def test_a_pronoun_brings_the_sentence_before_it() -> None:
    text = "商汤科技落户上海。该公司拟投资60亿元。此后再无消息。"
    composed = compose(read_question("拟投资多少？"), [weighed(hit(text), "60亿元")], threshold=0.5)
    assert composed.text == "商汤科技落户上海。该公司拟投资60亿元。[1]"


def test_a_relative_date_shows_the_date_of_the_article_outside_the_cited_words() -> None:
    item = hit("今年8月29日至31日，大会将在上海举办。", published=date(2019, 8, 20))
    composed = compose(
        read_question("大会什么时候举办？"), [weighed(item, "今年8月29日至31日")], threshold=0.5
    )
    assert composed.text == "今年8月29日至31日，大会将在上海举办。[1]（文章日期：2019年8月20日）"
    assert "文章日期" not in composed.citations[0].cited_text


def test_a_list_shows_a_few_sentences_in_reading_order() -> None:
    text = "第一批企业有深兰。第二批企业有西井。天气很好。"
    item = weighed(hit(text), "西井", scores=(0.6, 0.9, 0.01))
    composed = compose(read_question("引进了哪些企业？"), [item], threshold=0.5)
    assert composed.text == "第一批企业有深兰。第二批企业有西井。[1]"
    assert composed.short_answer is None


def test_a_reason_that_goes_on_from_the_sentence_before_brings_it() -> None:
    text = "老人的家低下潮湿。但他不愿占用民地，只得另外买屋。当年风调雨顺。"
    item = weighed(hit(text), "不愿占用民地", scores=(0.001, 0.9, 0.001))
    composed = compose(read_question("他为什么另外买屋？"), [item], threshold=0.5)
    assert composed.citations[0].cited_text == "老人的家低下潮湿。但他不愿占用民地，只得另外买屋。"
    fact = compose(read_question("谁另外买屋？"), [item], threshold=0.5)
    assert fact.citations[0].cited_text == "但他不愿占用民地，只得另外买屋。"


def test_an_enumeration_is_shown_whole_where_its_items_are_asked_for() -> None:
    text = "方案有三种。一是冷板，成本低。二是浸没，散热好。三是喷淋，用得少。记者昨日到场。"
    item = weighed(hit(text), "二是浸没", scores=(0.0, 0.001, 0.9, 0.001, 0.0))
    composed = compose(read_question("有哪些方案？"), [item], threshold=0.5)
    assert composed.citations[0].cited_text == "一是冷板，成本低。二是浸没，散热好。三是喷淋，用得少。"


def test_a_summary_takes_what_articles_say_first_and_no_questions() -> None:
    first = "地铁19号线今天全线铺轨完成，线路全长23.3公里，设7座车站，计划年底通车。隧道里凉风习习，工人们正在休息。"
    second = "19号线会带来什么？地铁19号线设计最高时速为120公里，将成为全市最快的地铁线路之一。"
    items = [
        weighed(hit(first), "隧道里", scores=(0.1, 0.9)),
        weighed(hit(second, article="b", rank=2), "最快", scores=(0.9, 0.5)),
    ]
    composed = compose(read_question("总结地铁19号线的情况"), items, threshold=0.1)
    cited = [citation.cited_text for citation in composed.citations]
    assert cited[0].startswith("地铁19号线今天全线铺轨完成")
    assert any("120公里" in words for words in cited)
    assert not any("什么？" in words for words in cited)


def test_who_may_reprint_is_no_answer() -> None:
    text = "平台由本市建设。本平台文章如若转载请注明平台名称。"
    item = weighed(hit(text), "平台名称", scores=(0.3, 0.9))
    composed = compose(read_question("平台由谁建设？"), [item], threshold=0.5)
    assert composed.citations[0].cited_text.startswith("平台由本市建设")


def test_a_quotation_is_shown_to_its_end_where_more_than_a_fact_is_wanted() -> None:
    text = "序中评价说：“文章是天地的英华。与山水近，与市朝远。”这本书印了三次。"
    item = weighed(hit(text), "文章是天地的英华", scores=(0.9, 0.001, 0.001))
    composed = compose(read_question("序中如何评价文章？"), [item], threshold=0.5)
    assert composed.citations[0].cited_text == "序中评价说：“文章是天地的英华。与山水近，与市朝远。”"


def test_the_same_words_from_another_article_are_not_repeated() -> None:
    text = "该计划开放100项技术，孵化100个项目。"
    items = [weighed(hit(text), "100项"), weighed(hit(text, article="b", rank=2), "100项", probability=0.88)]
    assert len(compose(read_question("开放多少项技术？"), items, threshold=0.5).citations) == 1


def test_a_sentence_that_asks_stands_behind_one_that_says() -> None:
    text = "澳网男单会迎来新冠军吗？夺冠的是纳达尔。"
    item = weighed(hit(text), "纳达尔", scores=(0.4, 0.5))
    composed = compose(read_question("澳网男单冠军是谁？"), [item], threshold=0.5)
    assert composed.citations[0].cited_text == "夺冠的是纳达尔。"


def test_a_very_long_sentence_is_cited_by_the_clause_that_answers() -> None:
    names = "，".join(f"某某公司副总经理张三{number}" for number in range(12))
    text = f"{names}，腾讯公司AI Lab主任张潼，{names}悉数到场。"
    composed = compose(read_question("腾讯公司AI Lab主任是谁？"), [weighed(hit(text), "张潼")], threshold=0.5)
    assert composed.citations[0].cited_text == "腾讯公司AI Lab主任张潼"


def test_sources_that_disagree_are_both_shown_the_later_named() -> None:
    items = [
        weighed(hit("觅影的准确率为90%。", article="a", published=date(2017, 11, 9)), "90%"),
        weighed(
            hit("觅影的准确率为75%。", article="b", rank=2, published=date(2018, 3, 1)),
            "75%",
            probability=0.8,
        ),
    ]
    composed = compose(read_question("觅影的准确率是多少？"), items, threshold=0.5)
    assert {citation.article_id for citation in composed.citations} == {"a", "b"}
    assert composed.warnings[0].startswith(
        "来源不一致：[1]（2017年11月9日）说“90%”，[2]（2018年3月1日，较晚）说“75%”"
    )


def test_sources_that_agree_bring_no_warning() -> None:
    items = [
        weighed(hit("觅影的准确率为90%。", article="a"), "90%"),
        weighed(hit("觅影的准确率高达90%以上。", article="b", rank=2), "高达90%", probability=0.8),
    ]
    assert compose(read_question("觅影的准确率是多少？"), items, threshold=0.5).warnings == ()


def test_the_parts_of_a_question_are_joined_from_several_articles() -> None:
    asked = read_question("2021年香港和澳门的GDP增长率")
    first = weighed(hit("2021年香港GDP增长6.4%。", article="a"), "6.4%")
    second = weighed(hit("2021年澳门GDP增长18%。", article="b"), "18%")
    alone = compose(asked, [first], threshold=0.5)
    missed = parts_missed(asked, alone)
    assert [part.text for part in missed] == ["2021年香港的GDP增长率", "2021年澳门的GDP增长率"]
    joined = compose(asked, [first], threshold=0.5, parts=[[first], [second]])
    assert joined.text == "2021年香港GDP增长6.4%。[1]2021年澳门GDP增长18%。[2]"
    assert parts_missed(asked, joined) == []


def test_the_sentence_for_the_whole_question_stays_where_a_part_is_not_answered() -> None:
    asked = read_question("腾讯什么时候成立？总部在哪里？")
    whole = weighed(hit("腾讯成立于1998年。", article="a"), "1998年", probability=0.6)
    first = weighed(hit("腾讯成立于1998年。", article="a"), "1998年", probability=0.3)
    second = weighed(hit("腾讯总部在深圳。", article="b"), "深圳")
    joined = compose(asked, [whole], threshold=0.5, parts=[[first], [second]])
    assert joined.text == "腾讯成立于1998年。[1]腾讯总部在深圳。[2]"


def test_a_heading_that_asks_answers_nothing() -> None:
    item = weighed(hit("青桥的导演是谁哪里人\n导演张三生于云湖。"), "导演", scores=(0.9, 0.6))
    composed = compose(read_question("青桥的导演是谁？"), [item], threshold=0.5)
    assert composed.citations[0].cited_text == "导演张三生于云湖。"


def test_answers_to_two_parts_of_a_question_are_no_conflict() -> None:
    asked = read_question("青桥的导演是谁？主演是谁？")
    first = weighed(hit("青桥的导演是张三，主演另有其人。", article="a"), "张三")
    second = weighed(hit("青桥的主演是李四，导演另有其人。", article="b", rank=2), "李四")
    assert compose(asked, [first, second], threshold=0.5).warnings == ()


def test_the_part_that_nothing_answers_is_known() -> None:
    parts = [read_question(part) for part in ("香港的增长率", "澳门的增长率")]
    composed = compose(parts[0], [weighed(hit("香港增长6.4%。"), "6.4%")], threshold=0.5)
    assert [part.text for part in parts_unsaid(parts, composed)] == ["澳门的增长率"]


@pytest.mark.parametrize(
    ("question", "alone"),
    [
        ("腾讯什么时候成立？总部在哪里？", ["腾讯什么时候成立", "腾讯的总部在哪里"]),
        ("腾讯在哪里？阿里巴巴在哪里？", ["腾讯在哪里", "阿里巴巴在哪里"]),
        ("腾讯2018年的营收是多少？2019年呢？", ["腾讯2018年的营收是多少", "腾讯2019年的营收是多少"]),
        ("北京和上海的GDP是多少？", ["北京的GDP是多少？", "上海的GDP是多少？"]),
        ("京东的研发费用是多少，同比增长多少？", ["京东的研发费用是多少", "京东的研发费用同比增长多少？"]),
    ],
)
def test_a_part_is_searched_with_the_subject_it_leaves_to_the_first(question: str, alone: list[str]) -> None:
    parts = [read_question(part) for part in parts_of(question)]
    assert [part.text for part in completed(parts, question)] == alone


def test_the_footnotes_of_an_article_are_no_markers() -> None:
    item = weighed(hit("计划[12]开放100项技术[3]。"), "100项技术[3]")
    composed = compose(read_question("开放什么？"), [item], threshold=0.5)
    assert composed.text == "计划［12］开放100项技术［3］。[1]"
    assert composed.short_answer is not None
    assert "[" not in composed.short_answer
    assert composed.citations[0].cited_text == item.hit.text


@pytest.mark.parametrize(
    ("question", "sentence", "span", "short"),
    [
        ("总裁是谁？", "上海仪电集团总裁蔡小庆说。", "蔡小庆说", "蔡小庆"),
        ("投资多少？", "五年内投资额不低于60亿元，打造总部。", "五年内投资额不低于60亿元", "不低于60亿元"),
        (
            "哪年发起的？",
            "早在2013年，腾讯便与中国计算机学会(CCF)联合发起。",
            "2013年，腾讯便与中国计算机学会(CCF",
            "2013年",
        ),
        ("开放多少项？", "将开放100项AI技术。", "100", "100项"),
        ("开放多少项？", "将开放110项以上的AI技术。", "110项", "110项以上"),
        ("投资多少？", "五年内投资额不低于60亿元，打造总部。", "60亿元", "不低于60亿元"),
        ("有多少头江豚？", "江段有10余头江豚。", "10余", "10余头"),
        ("风力多大？", "登陆时风力15级（50米/秒，强台风级）。", "登陆时风力15级（50米/秒", "15级"),
        ("毛利率是多少？", "2023一季报显示毛利率为57.7%。", "57.7%", "57.7%"),
        (
            "央行加息多少？",
            "加息前卢布自去年3月冲突爆发以来首次突破100大关。",
            "卢布自去年3月冲突爆发以来首次突破100大关",
            None,
        ),
        ("什么时候发布？", "手机将于 8 月 16 日 14:30 发布。", "8 月 16 日", "8 月 16 日 14:30"),
        ("大桥什么时候被炸？", "大桥于2022年秋季被炸，无人承认。", "2022年", "2022年秋季"),
        ("哪一年并入？", "榆林区于1959年12月2日并入杨浦区。", "1959年", "1959年"),
        ("航天员有谁？", "航天员陈冬、刘洋、蔡旭哲出征。", "陈冬、刘洋、蔡旭哲", "陈冬、刘洋、蔡旭哲"),
        ("闽南语的准确率是多少？", "四川话的准确率为94.1%，闽南语为85.6%。", "94.1%", "85.6%"),
        ("东吴证券的净利润是多少？", "东吴证券营收92.45亿元，净利润23.92亿元。", "23.92亿元", "23.92亿元"),
        ("二手车限迁是否被取消？", "全面取消二手车限迁。", "取消", "是"),
        ("二手车限迁是否被取消？", "二手车限迁没有取消。", "取消", "否"),
        (
            "Meteor Lake什么时候发布？",
            "IT之家8月8日消息，英特尔表示Meteor Lake将在第三季度发布。",
            "8月8日",
            None,
        ),
        (
            "社区给快递小哥送了什么书？",
            "现场为快递小哥赠送作品《那个夏季，那个秋天》，快递小哥认真阅读并分享心得。",
            "快递小哥认真阅读并分享心得",
            "《那个夏季，那个秋天》",
        ),
        ("培训持续几天？", "8月1日至4日期间，街道开展了培训，此次培训为期四天。", "8月1日至4日", None),
        ("培训持续几天？", "此次培训为期四天，66人参加。", "四天", "四天"),
        ("巡展持续多少天？", "巡展持续40多天，走过六座城市。", "40多天", "40多天"),
        ("月费多少钱？", "月费上涨至 13.99 美元，立即生效。", "13.99", "13.99 美元"),
        ("发放了多少个垃圾桶？", "现场发放240L垃圾桶103个。", "240L垃圾桶103个", "103个"),
        ("漏检率是多少？", "漏檢率降到萬分之三，比目檢低。", "漏檢率降到萬分之三", "萬分之三"),
        ("花费多少钱？", "一间教室的花费不到2万元。", "2万元", "不到2万元"),
        ("成立于哪一年？", "公司成立於二〇一六年，去年盈利。", "二〇一六年", "二〇一六年"),
        ("首席科学家是谁？", "首席科学家宁攸同介绍，系统读图很快。", "宁攸", "宁攸同"),
        ("利率下调至多少？", "利率从3.0%下调至2.75%。", "从3.0%下调至2.75%", "2.75%"),
        ("生长在海拔多少？", "生长在海拔100米至2,800米的山地。", "100米至2,800米", "100米至2,800米"),
        ("手机多重？", "手机重253g，厚14.2毫米。", "253", "253g"),
        ("最高时速多少？", "最高时速达到120公里/小时。", "120公里", "120公里/小时"),
        ("有多少人施工？", "全线11个作业面、近1000名建设者施工。", "11个作业面、近1000名", "近1000名"),
        ("售价多少？", "全车100%采用复合材料。", "100%", None),
        ("售价上涨多少？", "售价上涨了15%。", "15%", "15%"),
        ("账户的利率现在是多少？", "账户总额为4013亿欧元。", "4013亿欧元", None),
        ("账户的利率现在是多少？", "利率上调至3%。", "3%", "3%"),
        ("什么时候爆炸的？", "当地时间10时45分许，工厂爆炸。", "10时45分许", "10时45分许"),
        ("什么时候上市？", "新车去年年初上市。", "去年年初", "去年年初"),
    ],
)
def test_short_answers(question: str, sentence: str, span: str, short: str | None) -> None:
    at = sentence.find(span)
    assert short_answer(read_question(question), sentence, (at, at + len(span))) == short


@pytest.mark.parametrize(
    ("question", "text", "answer", "sure", "short"),
    [
        ("2010年世界杯的冠军", "2010年世界杯冠军尘埃落定。", "尘埃", 0.05, None),
        ("2010年世界杯的冠军", "2010年世界杯冠军是西班牙。", "西班牙", 0.1, "西班牙"),
        ("门票多少钱？", "门票每张80元，学生半价。", "80元", 0.05, "80元"),
        ("门票多少钱，几点开门？", "门票每张80元，学生半价。", "80元", 0.8, None),
    ],
)
def test_no_short_answer_where_the_reader_is_unsure_or_two_things_are_asked(
    question: str, text: str, answer: str, sure: float, short: str | None
) -> None:
    composed = compose(read_question(question), [weighed(hit(text), answer, sure=sure)], threshold=0.5)
    assert not composed.refused
    assert composed.short_answer == short


@given(st.text(alphabet="甲乙，。“”（）「」《》 、", max_size=30))
def test_what_is_quoted_is_part_of_the_text_and_never_empty(text: str) -> None:
    start, end = quotable(text)
    assert 0 <= start <= end <= len(text)
    assert (start < end) or not text


def test_a_lone_quotation_mark_is_left_out() -> None:
    assert slice_of("”他说。") == "他说。"
    assert slice_of("“甲。") == "甲。"
    assert slice_of("“甲。”") == "“甲。”"
    assert slice_of("，其中包括甲，") == "其中包括甲"


def slice_of(text: str) -> str:
    start, end = quotable(text)
    return text[start:end]


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("准确率是80%吗？", "准确率已高达90%。", None),
        ("准确率是90%吗？", "准确率已高达90%。", "是"),
        ("上海的人口超过3000万吗？", "上海的人口超过2400万。", None),
        ("上海的人口超过2400万吗？", "上海的人口超过2400万。", "是"),
        ("华为是不是2023年8月发布手机的？", "华为于2023年9月发布手机。", None),
        ("华为是不是2023年8月发布手机的？", "华为于2023年8月29日发布手机。", "是"),
        ("腾讯2019年净利润是否下降？", "腾讯2019年净利润增长10%。", None),
        ("腾讯2019年净利润是否增长？", "腾讯2019年净利润增长10%。", "是"),
        ("腾讯2019年净利润是否增长？", "腾讯2019年净利润没有增长。", "否"),
        ("腾讯净利润是否增长？", "腾讯营收增长10%，净利润下降5%。", None),
        ("欧盟是否批准了微软收购动视暴雪？", "欧盟否决了微软收购动视暴雪。", None),
        ("欧盟是否批准了微软收购动视暴雪？", "欧盟没有批准微软收购动视暴雪。", "否"),
        ("小米是否完成了对紫米的收购？", "小米未披露收购紫米的金额，但已完成收购。", None),
        ("小米是否完成了对紫米的收购？", "小米尚未完成对紫米的收购。", "否"),
        ("是否对非本地汽车实施歧视性政策？", "不得对非本地汽车实施歧视性政策。", "否"),
    ],
)
def test_yes_and_no_are_said_only_where_the_sentence_says_so(
    question: str, sentence: str, answer: str | None
) -> None:
    assert short_answer(read_question(question), sentence, None) == answer


@pytest.mark.parametrize(
    ("question", "sentence", "span", "short"),
    [
        ("治疗要多久？", "整个治疗需要3个月才能完成。", "3个月", "3个月"),
        ("治疗要多久？", "整个治疗需要5个小时才能完成。", "5个", "5个小时"),
        ("续航多久？", "充满电后续航长达48小时。", "48", "48小时"),
        ("体重是多少？", "这只大熊猫的体重是120千克。", "120", "120千克"),
        ("装机容量是多少？", "电站的装机容量为1600万千瓦。", "1600万", "1600万千瓦"),
        ("面积是多少？", "保护区的面积达300公顷。", "300公顷", "300公顷"),
        ("身高多少？", "他的身高为180cm，体重不详。", "180", "180cm"),
        ("总额是多少？", "交易总额为5亿港元。", "5亿港元", "5亿港元"),
        ("转会费是多少？", "他的转会费为8000万英镑。", "8000万英镑", "8000万英镑"),
        ("净利润是多少？", "公司全年净利润为-5.2亿元。", "-5.2亿元", "-5.2亿元"),
        ("增速是多少？", "公司营收的增速为-12.5%。", "12.5%", "-12.5%"),
        ("增速是多少？", "公司营收的增速为负0.1%。", "负0.1%", "负0.1%"),
        ("最低气温是多少度？", "当地最低气温为零下35度。", "零下35度", "零下35度"),
        ("增速是多少？", "预计增速在10-12%之间。", "12%", "12%"),
        ("休息多久？", "运动之后休息半小时到1小时再洗澡。", "半小时到1小时", "半小时到1小时"),
        ("几号开幕？", "大会将于8月29号在上海开幕。", "8月29号", "8月29号"),
    ],
)
def test_a_figure_keeps_its_unit_and_its_sign(question: str, sentence: str, span: str, short: str) -> None:
    at = sentence.find(span)
    assert short_answer(read_question(question), sentence, (at, at + len(span))) == short
