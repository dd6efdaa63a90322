"""A report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from compliance.reports.blocks import Contents, Heading, Paragraph, Table
from compliance.reports.front import cover
from compliance.reports.outline import blocks
from compliance.reports.telling import Told

_KINDS = {Heading: "heading", Paragraph: "paragraph", Table: "table", Contents: "contents"}


def html_report(told: Told, progress: Callable[[float], None]) -> bytes:
    """The page in UTF-8; ``progress`` is told the share that is done, from 0 to 1."""
    everything = [(_KINDS[type(block)], block) for block in blocks(told)]
    language = "zh-CN" if told.words.language == "zh" else "en"
    text = _template().render(cover=cover(told), blocks=everything, language=language)
    progress(1.0)
    return text.encode()


@cache
def _template() -> Template:
    loader = PackageLoader("compliance.reports", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("report.html")
