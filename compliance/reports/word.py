"""A report as a Word document (ECMA-376), the same bytes each time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt
from docx.table import _Cell, _Row

from compliance.reports.blocks import Block, Contents, Cover, Heading, Paragraph, Table
from compliance.reports.front import cover
from compliance.reports.outline import blocks
from compliance.reports.telling import Told
from compliance.reports.word_page import BODY, TEXT_WIDTH_CM, TITLE, prepare

_FALLBACK = "Noto Serif CJK SC"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_GREY = "E7ECF3"
_CONTENTS_LEVELS = 2
_INDENT = Pt(21)
_SHORT_TABLE, _TOGETHER = 12, 2
"""Rows: of a table that is not cut, and of a longer one at its beginning and its end."""
Progress = Callable[[float], None]


def word_report(told: Told, progress: Progress) -> bytes:
    """The document; ``progress`` is told the share that is done, from 0 to 1."""
    document, page = Document(), cover(told)
    prepare(document, told, page)
    _add_cover(document, page)
    everything = list(blocks(told))
    for number, (block, following) in enumerate(zip(everything, [*everything[1:], None], strict=True)):
        _add(document, block)
        if isinstance(block, Paragraph) and isinstance(following, Table):
            document.paragraphs[-1].paragraph_format.keep_with_next = True
        progress((number + 1) / len(everything))
    return _same_bytes(document)


def _add_cover(document: WordDocument, page: Cover) -> None:
    for _ in range(5):
        document.add_paragraph()
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(page.title)
    run.bold, run.font.size = True, Pt(26)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TITLE)  # noqa: SLF001 (python-docx has no other way)
    for _ in range(3):
        document.add_paragraph()
    _add_table(document, Table(("", ""), (4, 8), page.lines))
    for _ in range(2):
        document.add_paragraph()
    _add(document, Paragraph(page.statement, important=True))
    _break_page(document)


def _add(document: WordDocument, block: Block) -> None:
    if isinstance(block, Heading):
        _add_heading(document, block)
    elif isinstance(block, Paragraph):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = _INDENT
        paragraph.paragraph_format.line_spacing = 1.4
        paragraph.add_run(block.text).bold = block.important or None
    elif isinstance(block, Contents):
        _add_contents(document, block)
    else:
        _add_table(document, block)


def _add_heading(document: WordDocument, block: Heading) -> None:
    paragraph = document.add_heading(block.text, block.level)
    if block.anchor:
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), block.anchor.rpartition("-")[2])
        start.set(qn("w:name"), block.anchor)
        paragraph._p.insert(1, start)  # noqa: SLF001 (python-docx has no bookmarks)
        paragraph._p.append(end)  # noqa: SLF001 (as above)


def _add_contents(document: WordDocument, block: Contents) -> None:
    """Links to the headings, without the numbers of pages: only Word knows those, and only once it is asked to."""
    _break_page(document)
    document.add_heading(block.title, 1)
    for heading in block.headings:
        if heading.level > _CONTENTS_LEVELS:
            continue
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.left_indent = _INDENT * (heading.level - 1)
        paragraph.paragraph_format.space_after, paragraph.paragraph_format.line_spacing = Pt(0), 1
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), heading.anchor)
        run = paragraph.add_run(heading.text)
        run.bold = heading.level == 1 or None
        link.append(run._r)  # noqa: SLF001 (python-docx has no links within a document)
        paragraph._p.append(link)  # noqa: SLF001 (as above)
    _break_page(document)


def _break_page(document: WordDocument) -> None:
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _add_table(document: WordDocument, block: Table) -> None:
    has_heads = any(block.heads)
    rows = [*([block.heads] if has_heads else []), *block.rows]
    table = document.add_table(len(rows), len(block.heads), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = [Cm(TEXT_WIDTH_CM * each / sum(block.widths)) for each in block.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row, texts in zip(list(table.rows), rows, strict=True):
        _set_property(row._tr.get_or_add_trPr(), "w:cantSplit")  # noqa: SLF001 (python-docx has no other way)
        for cell, width, text in zip(row.cells, widths, texts, strict=True):
            cell.width = width
            _write(cell, text)
    if has_heads:
        _mark_heads(table.rows[0])
    _keep_together(list(table.rows))
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _keep_together(rows: list[_Row]) -> None:
    """A short table stays on one page; of a longer one neither the first rows nor the last stand alone."""
    is_short = len(rows) <= _SHORT_TABLE
    for row in rows[:-1] if is_short else [*rows[:_TOGETHER], *rows[-1 - _TOGETHER : -1]]:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _write(cell: _Cell, text: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
    paragraph.add_run(text).font.size = Pt(9)


def _mark_heads(row: _Row) -> None:
    """The row is repeated on each page, and shaded."""
    _set_property(row._tr.get_or_add_trPr(), "w:tblHeader")  # noqa: SLF001 (python-docx has no other way)
    for cell in row.cells:
        _set_property(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill=_GREY)  # noqa: SLF001 (as above)
        for run in cell.paragraphs[0].runs:
            run.bold = True


def _set_property(properties: BaseOxmlElement, name: str, **values: str) -> None:
    element = OxmlElement(name)
    for key, value in values.items():
        element.set(qn(f"w:{key}"), value)
    properties.append(element)


def _same_bytes(document: WordDocument) -> bytes:
    """The document's archive with fixed times, and a font table that names what may stand in for the fonts."""
    written, fixed = BytesIO(), BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/fontTable.xml":
                content = _with_fallbacks(content)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            target.writestr(entry, content)
    return fixed.getvalue()


def _with_fallbacks(font_table: bytes) -> bytes:
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{_FALLBACK}"/><w:charset w:val="86"/></w:font>'
        for name in (BODY, TITLE)
    )
    return font_table.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")
