"""The pages of a Word report: size, fonts, header and footer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from compliance.reports.blocks import Cover
from compliance.reports.telling import Told

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph as WordParagraph

BODY, TITLE = "宋体", "黑体"
_LATIN = "Times New Roman"
_PAGE_WIDTH_CM, _PAGE_HEIGHT_CM, _MARGIN_CM = 21.0, 29.7, 2.4
TEXT_WIDTH_CM = _PAGE_WIDTH_CM - 2 * _MARGIN_CM
_BODY_POINTS, _SMALL_POINTS = 10.5, 9
_HEADING_POINTS = {1: 16, 2: 13, 3: 12}
_INK = RGBColor(0x1B, 0x2A, 0x41)


def prepare(document: WordDocument, told: Told, page: Cover) -> None:
    """Everything but the text."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(_PAGE_WIDTH_CM), Cm(_PAGE_HEIGHT_CM)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    section.different_first_page_header_footer = True
    _set_properties(document, told, page)
    _set_styles(document)
    header = section.header.paragraphs[0]
    header.alignment = WD_ALIGN_PARAGRAPH.CENTER
    header.add_run(f"{page.title} · {told.snapshot['system']['name']}").font.size = Pt(_SMALL_POINTS)
    _number_pages(section.footer.paragraphs[0], told)


def _set_properties(document: WordDocument, told: Told, page: Cover) -> None:
    made = datetime.fromtimestamp(told.snapshot["made_ms"] // 1000, UTC).replace(tzinfo=None)
    properties = document.core_properties
    properties.created = properties.modified = made
    properties.title = page.title
    properties.author = properties.last_modified_by = told.snapshot["made_by"]
    properties.language = "zh-CN" if told.words.language == "zh" else "en-US"
    properties.comments = ""


def _set_styles(document: WordDocument) -> None:
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")
    normal = document.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        _set_fonts(normal, BODY, _BODY_POINTS)
    for level, size in _HEADING_POINTS.items():
        style = document.styles[f"Heading {level}"]
        if isinstance(style, ParagraphStyle):
            _set_fonts(style, TITLE, size)
            style.font.color.rgb = _INK


def _set_fonts(style: ParagraphStyle, chinese: str, size: float) -> None:
    style.font.name, style.font.size = _LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    fonts.set(qn("w:eastAsia"), chinese)


def _number_pages(paragraph: WordParagraph, told: Told) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    marked = told.words.text("page", page="\0PAGE\0", pages="\0NUMPAGES\0")
    for number, part in enumerate(marked.split("\0")):
        if number % 2 == 0:
            paragraph.add_run(part).font.size = Pt(_SMALL_POINTS)
        else:
            _add_field(paragraph, part)


def _add_field(paragraph: WordParagraph, instruction: str) -> None:
    """A field that Word fills in; python-docx has no other way to one."""
    for kind in ("begin", None, "end"):
        run = paragraph.add_run()
        run.font.size = Pt(_SMALL_POINTS)
        element = OxmlElement("w:instrText" if kind is None else "w:fldChar")
        if kind is None:
            element.text = instruction
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)  # noqa: SLF001 (see above)
