"""What a report says, made of a snapshot alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from itertools import groupby
from typing import Any, TypeAlias

from compliance.reports.blocks import Block, Cover, Heading, Paragraph, Table
from policies.compliance.words import compliance_words

Snapshot: TypeAlias = Mapping[str, Any]
_CHINA = timezone(timedelta(hours=8))
_JUDGMENTS = ("fulfilled", "partly", "failed", "not_applicable", "unknown")
STATEMENT = (
    "本报告为单位自评结果，由监测平台依据已接入的日志、台账与人工确认生成，不是具有资质的测评机构出具的等级测评报告，"
    "不能代替等级测评。没有证据的要求项一律按“未知”处理，计分时视同不符合。要求项以本平台自己的文字概述，"
    "正文以国家标准文本为准。"
)


def cover(snapshot: Snapshot) -> Cover:
    """The cover of a report."""
    system, assessment = snapshot["system"], snapshot["assessment"]
    return Cover(
        "网络安全等级保护自评报告",
        (
            ("定级对象", system["name"]),
            ("安全保护等级", level_of(assessment)),
            ("备案编号", system["filing_number"] or "未登记"),
            ("运营单位", system["parties"]["operator"][1]),
            ("评估时间", moment(assessment["assessed_ms"])),
            ("报告时间", moment(snapshot["made_ms"])),
        ),
        STATEMENT,
    )


def blocks(snapshot: Snapshot) -> Iterator[Block]:
    """Everything behind the cover, in order."""
    for part in _PARTS:
        yield from part(snapshot)


def level_of(assessment: Mapping[str, Any]) -> str:
    """The level with its pair, as people write it."""
    s, a = assessment["level_s"], assessment["level_a"]
    return f"第{'〇一二三四五'[max(s, a)]}级（S{s}A{a}）"


def moment(ms: int) -> str:
    """A moment in China's time, as in 2026-11-22 09:30."""
    return datetime.fromtimestamp(ms / 1000, _CHINA).strftime("%Y-%m-%d %H:%M")


def _overview(snapshot: Snapshot) -> Iterator[Block]:
    score, rate, counts = snapshot["score"], snapshot["rate"], snapshot["counts"]
    yield Heading("一、评估概述")
    yield Paragraph(STATEMENT, important=True)
    total = sum(counts.values())
    said = "，".join(f"{_judgment(name)} {counts[name]} 项" for name in _JUDGMENTS)
    yield Paragraph(f"本次评估共 {total} 个要求项：{said}。")
    if score is not None and rate is not None:
        yield Paragraph(
            f"按 2021 版报告模板计分 {score['total']} 分（{score['grade']}）；"
            f"按 2025 版报告模板计算的符合率 {rate['strict']}%（{rate['conclusion']}），"
            f"部分符合按半项计时为 {rate['halved']}%。"
        )
    high = sum(bool(each["high_risk"]) for each in snapshot["items"])
    yield Paragraph(f"可能构成重大风险隐患（高风险）的问题 {high} 个，待整改事项 {len(snapshot['gaps'])} 个。")


def _object(snapshot: Snapshot) -> Iterator[Block]:
    system, assessment = snapshot["system"], snapshot["assessment"]
    parties = compliance_words().parties
    rows = [
        ("名称", system["name"]),
        ("编号", system["id"]),
        ("安全保护等级", level_of(assessment)),
        ("备案编号", system["filing_number"] or "未登记"),
        ("关键信息基础设施", "是" if system["is_critical"] else "否"),
        ("网络地址", "；".join(system["addresses"]) or "未登记"),
        *((parties[party].zh, unit[1]) for party, unit in sorted(system["parties"].items())),
        ("说明", system["description"] or "—"),
    ]
    yield Heading("二、定级对象")
    yield Table(("项目", "内容"), (3, 9), rows)


def _method(snapshot: Snapshot) -> Iterator[Block]:
    method = snapshot["method"]
    yield Heading("三、评估依据与方法")
    yield Paragraph(
        "依据 GB/T 22239-2019 的安全通用要求：保护业务信息安全的要求项（S）取业务信息安全等级，"
        "保证系统服务的要求项（A）"
        "取系统服务安全等级，其余（G）取两者中较高的等级。"
        "判定用语依 GB/T 28448-2019。"
    )
    yield Paragraph(
        "自动核查查询本系统在规定期间内的日志以及台账、处置与审计记录；"
        "能单独回答要求项的核查直接给出判定，只能看到一部分的，"
        "在人工确认其余部分之前最高判为部分符合。人工确认须写明依据文件及其 SM3 摘要，过期失效，"
        "且不能推翻自动核查发现的问题；"
        "改判须由人员说明理由，逐次留痕。"
    )
    yield Paragraph(
        f"计分公式：技术部分 Vt = max(0, 100×{method['technical_share']} − Σ f(k)·(1−x(k))·100/n)，"
        "管理部分 Vm 同理，总分为两者之和。n 为适用的要求项数；"
        f"f 为重要程度系数：一般 {method['factor_ordinary']}、重要 {method['factor_important']}、"
        f"关键 {method['factor_key']}；x 为得分：符合 1、部分符合 {method['partial']}、不符合与未知 0。"
        "公式与系数取自从业者的转述，未见官方文本，可在计分策略中调整。"
        "2025 版模板的符合率未规定部分符合如何计入，故两种算法并列。"
    )


def _results(snapshot: Snapshot) -> Iterator[Block]:
    items = snapshot["items"]
    yield Heading("四、各层面判定汇总")
    heads = ("安全层面", "要求项", *(_judgment(name) for name in _JUDGMENTS))
    rows = [_counted(layer, list(group)) for layer, group in groupby(items, key=lambda each: each["layer"])]
    yield Table(heads, (4, 2, 2, 2, 2, 2, 2), [*rows, _counted("合计", items)])
    yield Heading("五、控制点与要求项判定")
    for layer, group in groupby(items, key=lambda each: each["layer"]):
        yield Heading(layer, 2)
        for point, inside in groupby(group, key=lambda each: each["point"]):
            yield Heading(point, 3)
            rows = [
                (each["ref"].partition(" ")[2] or "—", each["label"], _judgment(each["judgment"]), _because(each))
                for each in inside
            ]
            yield Table(("项", "要求（概述）", "判定", "依据"), (1, 5, 2, 5), rows)


def _counted(name: str, items: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    counts = [sum(each["judgment"] == judgment for each in items) for judgment in _JUDGMENTS]
    return (name, str(len(items)), *map(str, counts))


def _because(item: Mapping[str, Any]) -> str:
    parts = [f"{compliance_words().sources[item['source']].zh}：{item['reason']}"]
    if item["checks"]:
        parts.append("核查 " + "、".join(item["checks"]))
    if item["attestation"]:
        said = item["attestation"]
        parts.append(f"{said['by']} 于 {moment(said['at_ms'])} 确认，依据《{said['document']}》")
    if item["decided_by"]:
        parts.append(f"{item['decided_by']} 于 {moment(item['decided_ms'])} 改判")
    return "；".join(parts)


def _scored(snapshot: Snapshot) -> Iterator[Block]:
    score = snapshot["score"]
    yield Heading("六、综合得分")
    if score is None:
        yield Paragraph("没有适用的要求项，不计分。")
        return
    yield Paragraph(
        f"适用 {score['applicable']} 项，每个基本单位 100/{score['applicable']} = {score['base_unit']} 分。"
        f"技术部分 {score['technical']} 分，管理部分 {score['management']} 分，总分 {score['total']} 分，"
        f"结论：{score['grade']}。逐项扣分如下。"
    )
    rows = [
        (line["ref"], _judgment(line["judgment"]), line["factor"], line["failed_part"], line["points"])
        for line in score["lines"]
    ]
    yield Table(("要求项", "判定", "系数", "未满足部分", "扣分"), (4, 3, 2, 3, 3), rows)


def _high_risk(snapshot: Snapshot) -> Iterator[Block]:
    rows = [
        (each["ref"], each["label"], "、".join(each["high_risk"])) for each in snapshot["items"] if each["high_risk"]
    ]
    yield Heading("七、高风险问题")
    yield Paragraph(
        "以下要求项判为不符合，且属高风险判定指引（2025 试行）所列情形；是否构成重大风险隐患须结合缓解措施人工分析。"
    )
    yield Table(("要求项", "要求（概述）", "情形编号"), (2, 7, 3), rows)


def _gaps(snapshot: Snapshot) -> Iterator[Block]:
    words = compliance_words()
    rows = [
        (
            each["ref"],
            each["label"],
            _judgment(each["judgment"]) + ("（高风险）" if each["high_risk"] else ""),
            f"{each['unit']}（{words.parties[each['party']].zh}）",
            f"{each['days']} 天",
            f"#{each['notice']}" if each["notice"] is not None else "—",
        )
        for each in snapshot["gaps"]
    ]
    yield Heading("八、问题与整改")
    yield Table(("要求项", "要求（概述）", "判定", "责任单位", "期限", "通知"), (2, 5, 2, 4, 1, 1), rows)


def _evidence(snapshot: Snapshot) -> Iterator[Block]:
    scope = snapshot["system"]["events_query"]
    yield Heading("附录：自动核查证据")
    yield Paragraph(f"本系统日志的范围（下表查询中写作“本系统”）：{scope}")
    for check in snapshot["checks"]:
        yield Heading(f"{check['title']}（{check['id']}）", 2)
        yield Paragraph(
            f"判定：{_judgment(check['judgment'])}。{check['reason']}。核查于 {moment(check['checked_ms'])}。"
        )
        rows = [
            (
                row["name"][0],
                str(row["count"]),
                _period(row["period"]),
                row["query"].replace(f"({scope}) AND ", "本系统 AND "),
                "；".join(f"{name}={value}" for name, value in row["sample"].items()) or "—",
            )
            for row in check["evidence"]
        ]
        if rows:
            yield Table(("对象", "数量", "期间", "查询", "样例（已脱敏）"), (2, 1, 3, 6, 4), rows)
    yield Paragraph(
        f"评估编号 {snapshot['assessment']['id']}，"
        f"发起人 {snapshot['assessment']['requested_by']}，报告人 {snapshot['made_by']}。"
    )


def _period(period: Sequence[int]) -> str:
    start, end = period
    return moment(end) if start == end else f"{moment(start)} 至 {moment(end)}"


def _judgment(code: str) -> str:
    return compliance_words().judgments[code].zh


_PARTS: tuple[Callable[[Snapshot], Iterator[Block]], ...] = (
    _overview,
    _object,
    _method,
    _results,
    _scored,
    _high_risk,
    _gaps,
    _evidence,
)
