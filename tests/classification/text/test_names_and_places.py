"""Names of persons, places and organizations in sentences written for this test."""

from __future__ import annotations

import pytest

from classification.text import text_scanner


def _found(text: str, category: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in text_scanner().find(text) if hit.category == category]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("申请人：张伟，联系人 欧阳晓丽", ["张伟", "欧阳晓丽"]),
        ("会议由副市长陈建华主持，刘晓梅、王志强出席。", ["陈建华", "刘晓梅", "王志强"]),
        ("彭小军告诉记者，合同已经签订。", ["彭小军"]),
        ("郑阿姨和李先生都在排队。", ["郑阿姨", "李先生"]),
        ("被告人张某、犯罪嫌疑人马某已被抓获。", ["张某", "马某"]),
        ("姓名：司马青云 性别：男", ["司马青云"]),
        ("周孝文在接受采访时表示满意。周孝文还说，会再来。", ["周孝文", "周孝文"]),
        ("设计师史蒂夫·乔布斯曾到访。", ["史蒂夫·乔布斯"]),
        ("总统奥巴马表示欢迎。", ["奥巴马"]),
        ("李娜在赛后说", ["李娜"]),
    ],
)
def test_names_are_found_whole(text: str, names: list[str]) -> None:
    assert _found(text, "person_name") == names


@pytest.mark.parametrize(
    "text",
    [
        "高度重视安全工作，任何单位和个人不得擅自更改。",
        "许多高校毕业生正在准备考试，周末图书馆座无虚席。",
        "时间就是金钱，方案已经通过评审，成果将于年底公布。",
        "黄金价格上涨，石油公司股价走高，金融市场平稳。",
        "于是双方达成共识，马上开始实施，何时完成尚未确定。",
        "白天气温较高，夜间有雷阵雨。",
        "国务院有关部门应当按照职责分工，加强对数据处理活动的管理。",
        "奥林匹克精神和马拉松比赛说明坚持的意义。",
    ],
)
def test_everyday_words_are_no_names(text: str) -> None:
    assert _found(text, "person_name") == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("家住北京市海淀区中关村大街27号院3号楼2单元501室，已登记。", "北京市海淀区中关村大街27号院3号楼2单元501室"),
        ("位于上海市浦东新区张江高科技园区碧波路690号的办公楼", "上海市浦东新区张江高科技园区碧波路690号"),
        ("寄到浙江省杭州市西湖区文三路90号东部软件园", "浙江省杭州市西湖区文三路90号"),
        ("他赶到文汇路排队。", "文汇路"),
        ("解放路一家超市出售过期食品。", "解放路"),
        ("地址：广西壮族自治区南宁市青秀区民族大道100号", "广西壮族自治区南宁市青秀区民族大道100号"),
        ("Ship to 462 Rose Lane please", "462 Rose Lane"),
    ],
)
def test_addresses_are_found_with_all_their_parts(text: str, address: str) -> None:
    assert _found(text, "address") == [address]


@pytest.mark.parametrize(
    "text",
    [
        "思路决定出路，一路走来不容易。",
        "推广安全可信的产品。",
        "美国队战胜德国队。",
        "城市道路与铁路建设",
        "区别对待，市场化运作",
    ],
)
def test_what_only_sounds_like_a_place_is_none(text: str) -> None:
    assert _found(text, "address") == []


def test_a_bare_place_is_less_sure_than_an_address() -> None:
    bare, full = (text_scanner().find(text)[0] for text in ("他去了杭州。", "他住在杭州市西湖区文三路90号。"))
    assert bare.category == full.category == "address"
    assert bare.confidence < full.confidence


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("与杭州云启信息技术有限公司签订合同", "杭州云启信息技术有限公司"),
        ("据北京某某科技有限公司介绍", "北京某某科技有限公司"),
        ("中国石油天然气集团公司宣布", "中国石油天然气集团公司"),
        ("记者从招商银行获悉", "招商银行"),
        ("就职于南京市鼓楼医院。", "南京市鼓楼医院"),
    ],
)
def test_organizations_are_found_whole(text: str, name: str) -> None:
    assert _found(text, "company_name") == [name]


@pytest.mark.parametrize(
    "text", ["上市公司应当披露信息。", "该公司与本集团无关。", "县级以上地方人民政府负责", "商业银行和有关部门"]
)
def test_kinds_of_organizations_are_no_names(text: str) -> None:
    assert _found(text, "company_name") == []
