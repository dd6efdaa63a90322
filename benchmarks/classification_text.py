"""How fast text is classified with every identifier on, by the density of identifiers, on one core.

Usage: python -m benchmarks.classification_text [--megabytes 8] [--runs 3] [--floor 50]

The text is generated: sentences as offices write them, in Chinese, with dates, figures, article numbers and names of
offices in them; at a density of N % that share of the sentences names a person with number, phone and address. Figures
are the median of several runs in processor time, beside a pass of Python's re over the same text for one pattern
alone, measured in the same run. The last line gives the ratio to the floor.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import statistics
import time
from collections.abc import Callable

from classification.text import TextScanner

_SENTENCES = (
    "各部门应当按照职责分工，落实数据分类分级保护要求，定期开展风险评估，并于每季度末报送书面材料。",
    "截至{year}年{month}月底，平台累计汇聚目录{count}条，日均调用接口{count}次，同比增长{share}%。",
    "会议指出，要坚持问题导向，强化统筹协调，提升公共服务水平，推动各项任务落到实处。",
    "根据第{article}条规定，处理个人信息应当具有明确、合理的目的，并采取对个人权益影响最小的方式。",
    "本次升级涉及存储、计算与网络三类资源，预计停机{share}分钟，期间查询功能可能出现短暂中断。",
    "项目预算为{count}.00元，已支付{share}%，剩余款项在验收合格后三十个工作日内结清。",
    "系统运行日志显示，响应时间平均为{share}毫秒，错误率低于千分之一，未发现异常访问行为。",
    "请相关科室于{year}-{month:02d}-{share:02d}前完成自查，填写附件表格，并加盖公章后统一归档保存。",
    "为进一步优化流程，现将办理时限由十五个工作日压缩至五个工作日，所需材料减少一半以上。",
    "群众反映的排队时间长、窗口少等情况，已纳入整改清单，逐项明确责任人和完成期限。",
)
_PERSONAL = "申请人张{given}，身份证号{number}，联系电话138{phone}，住杭州市西湖区文三路{share}号。"


def main() -> None:
    """Print the machine, and for each density what is read in a second."""
    options = _options()
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, one core")
    scanner = TextScanner()
    scanner.find("")
    rates = {}
    for density in (0.0, 0.1, 1.0, 10.0):
        text = _text(options.megabytes * 1_000_000, density)
        rates[density] = _rate(scanner.find, text, options.runs)
        plain = _rate(re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])").findall, text, options.runs)
        hits = len(scanner.find(text))
        print(
            f"{density:5.1f} % personal: {rates[density]:6.1f} MB/s ({hits} hits); one pattern by re: {plain:6.1f} MB/s"
        )
    print(f"low density (0.1 %) to the floor of {options.floor:.0f} MB/s: {rates[0.1] / options.floor:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--floor", type=float, default=50.0)
    return parser.parse_args()


def _rate(read: Callable[[str], object], text: str, runs: int) -> float:
    """Megabytes of UTF-8 a second of processor time."""
    size = len(text.encode()) / 1e6
    return size / statistics.median(_seconds(read, text) for _ in range(runs))


def _seconds(read: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start


def _text(size: int, density: float) -> str:
    chance = random.Random(5)
    lines, written = [], 0
    while written < size:
        line = _PERSONAL if chance.random() * 100 < density else chance.choice(_SENTENCES)
        line = line.format(
            year=chance.randrange(2015, 2026),
            month=chance.randrange(1, 13),
            count=chance.randrange(1000, 10**7),
            share=chance.randrange(10, 29),
            article=chance.randrange(1, 80),
            given=chance.choice(["建国", "志强", "晓明"]),
            number="11010519491231002X",
            phone=f"{chance.randrange(10**8):08d}",
        )
        lines.append(line)
        written += len(line.encode()) + 1
    return "\n".join(lines)


if __name__ == "__main__":
    main()
