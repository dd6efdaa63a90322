"""A report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from compliance.reports.blocks import Heading, Paragraph
from compliance.reports.outline import Snapshot, blocks, cover


def html_report(snapshot: Snapshot, progress: Callable[[float], None]) -> bytes:
    """The page in UTF-8; ``progress`` is told the share that is done, from 0 to 1."""
    everything = [(_kind(block), block) for block in blocks(snapshot)]
    text = _template().render(cover=cover(snapshot), blocks=everything)
    progress(1.0)
    return text.encode()


def _kind(block: object) -> str:
    if isinstance(block, Heading):
        return "heading"
    return "paragraph" if isinstance(block, Paragraph) else "table"


@cache
def _template() -> Template:
    loader = PackageLoader("compliance.reports", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("report.html")
