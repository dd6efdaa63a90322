"""A report as a Word document (ECMA-376), the same bytes each time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell, _Row

from compliance.reports.blocks import Block, Cover, Heading, Paragraph, Table
from compliance.reports.outline import Snapshot, blocks, cover

_BODY, _TITLE, _LATIN = "宋体", "黑体", "Times New Roman"
_FALLBACK = "Noto Serif CJK SC"
_PAGE_WIDTH_CM, _PAGE_HEIGHT_CM, _MARGIN_CM = 21.0, 29.7, 2.4
_TEXT_WIDTH_CM = _PAGE_WIDTH_CM - 2 * _MARGIN_CM
_SIZES = {1: 16, 2: 14, 3: 12}
_EPOCH = (1980, 1, 1, 0, 0, 0)
_GREY = "E7ECF3"
Progress = Callable[[float], None]


def word_report(snapshot: Snapshot, progress: Progress) -> bytes:
    """The document; ``progress`` is told the share that is done, from 0 to 1."""
    document = Document()
    _prepare(document, snapshot)
    _add_cover(document, cover(snapshot))
    everything = list(blocks(snapshot))
    for number, block in enumerate(everything):
        _add(document, block)
        progress((number + 1) / len(everything))
    return _same_bytes(document)


def _prepare(document: WordDocument, snapshot: Snapshot) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(_PAGE_WIDTH_CM), Cm(_PAGE_HEIGHT_CM)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    made = datetime.fromtimestamp(snapshot["made_ms"] // 1000, UTC).replace(tzinfo=None)
    properties = document.core_properties
    properties.created = properties.modified = made
    properties.title = cover(snapshot).title
    properties.author = properties.last_modified_by = snapshot["made_by"]
    properties.comments = ""
    normal = document.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        _set_fonts(normal, _BODY, 10.5)
    for level, size in _SIZES.items():
        style = document.styles[f"Heading {level}"]
        if isinstance(style, ParagraphStyle):
            _set_fonts(style, _TITLE, size)
            style.font.color.rgb = RGBColor(0x1B, 0x2A, 0x41)
    _number_pages(document)


def _set_fonts(style: ParagraphStyle, chinese: str, size: float) -> None:
    style.font.name, style.font.size = _LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    fonts.set(qn("w:eastAsia"), chinese)


def _number_pages(document: WordDocument) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        if kind is None:
            element = OxmlElement("w:instrText")
            element.text = text
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)  # noqa: SLF001 (python-docx has no other way to a field)


def _add_cover(document: WordDocument, page: Cover) -> None:
    for _ in range(5):
        document.add_paragraph()
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(page.title)
    run.bold, run.font.size = True, Pt(26)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _TITLE)  # noqa: SLF001 (as above)
    for _ in range(3):
        document.add_paragraph()
    _add_table(document, Table(("", ""), (4, 8), page.lines))
    for _ in range(2):
        document.add_paragraph()
    _add(document, Paragraph(page.statement, important=True))
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _add(document: WordDocument, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_heading(block.text, block.level)
    elif isinstance(block, Paragraph):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Pt(21)
        paragraph.paragraph_format.line_spacing = 1.4
        paragraph.add_run(block.text).bold = block.important or None
    else:
        _add_table(document, block)


def _add_table(document: WordDocument, block: Table) -> None:
    has_heads = any(block.heads)
    rows = [*([block.heads] if has_heads else []), *(block.rows or [("无",) + ("",) * (len(block.heads) - 1)])]
    table = document.add_table(len(rows), len(block.heads), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    widths = [Cm(_TEXT_WIDTH_CM * each / sum(block.widths)) for each in block.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row, texts in zip(list(table.rows), rows, strict=True):
        _keep_whole(row)
        for cell, width, text in zip(row.cells, widths, texts, strict=True):
            cell.width = width
            _write(cell, text)
    if has_heads:
        _mark_heads(table.rows[0])
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _write(cell: _Cell, text: str) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
    paragraph.add_run(text).font.size = Pt(9)


def _keep_whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 (python-docx has no other way)


def _mark_heads(row: _Row) -> None:
    """The row is repeated on each page, and shaded."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 (as above)
    for cell in row.cells:
        shade = OxmlElement("w:shd")
        for name, value in (("val", "clear"), ("color", "auto"), ("fill", _GREY)):
            shade.set(qn(f"w:{name}"), value)
        cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 (as above)
        for run in cell.paragraphs[0].runs:
            run.bold = True


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
        for name in (_BODY, _TITLE)
    )
    return font_table.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")
