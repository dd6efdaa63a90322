"""Verdicts as JUnit XML, the form that build servers read."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from detection.backtest.expectations import Verdict


def junit_report(verdicts: Sequence[Verdict], seconds: float) -> bytes:
    """One test case a rule; a miss is a failure."""
    misses = sum(bool(verdict.miss) for verdict in verdicts)
    totals = {"tests": str(len(verdicts)), "failures": str(misses), "errors": "0", "time": f"{seconds:.3f}"}
    suites = Element("testsuites", totals)
    suite = SubElement(suites, "testsuite", {"name": "rules backtest", **totals})
    for verdict in verdicts:
        names = {"classname": _printable(verdict.rule_id), "name": _printable(verdict.title)}
        case = SubElement(suite, "testcase", names)
        if verdict.miss:
            SubElement(case, "failure", {"message": verdict.miss})
    indent(suites)
    return bytes(tostring(suites, encoding="utf-8", xml_declaration=True))


def _printable(text: str) -> str:
    """A text without the control characters that XML 1.0 (§2.2) has no way to write."""
    return "".join(each for each in text if each.isprintable())
