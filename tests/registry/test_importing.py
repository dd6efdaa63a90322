"""Files into the registry: whole or not at all, told row by row, and no file breaks anything."""

from __future__ import annotations

import io
import random
import zipfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import Actor, AuditFilter, list_records
from audit.authorship import ChangedBy
from registry import ImportFileError, LiveRegistry, UnitScope
from registry.change_log import present_version
from registry.exporting import export_csv, export_workbook, template_csv, template_workbook
from registry.importing import ImportKind, ImportReport, columns_of, import_file
from registry.importing.reading import read_rows
from registry.models import UnitRecord
from registry.policy import import_policy
from registry.registers import UNITS, Editor
from registry.repository.listing import get_entry
from store.records import RecordsDatabase


def make_editor() -> Editor:
    return Editor(ChangedBy(Actor("user", "officer", "officer"), 1_795_000_000_000), UnitScope.everything())


_UNITS = "id,name,level,parent_id\nlh,岚湖市,市级,\nlh-gaj,公安局,市级,lh\n"


def _import(records: RecordsDatabase, kind: ImportKind, text: str | bytes, *, dry_run: bool = False) -> ImportReport:
    content = text if isinstance(text, bytes) else text.encode()
    return import_file(records, kind, content, make_editor(), dry_run=dry_run)


def _workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_the_same_file_again_changes_nothing(records: RecordsDatabase) -> None:
    first = _import(records, ImportKind.UNITS, _UNITS)
    again = _import(records, ImportKind.UNITS, _UNITS)
    assert (first.added, first.changed, first.unchanged, first.taken) == (2, 0, 0, True)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    with records.read() as session:
        assert present_version(session) == 2
        assert len(list_records(session, AuditFilter(action="registry:import"), 10)) == 1


def test_a_dry_run_says_what_would_change_and_takes_nothing(records: RecordsDatabase) -> None:
    report = _import(records, ImportKind.UNITS, _UNITS, dry_run=True)
    assert (report.added, report.taken, report.problems) == (2, False, ())
    with records.read() as session:
        assert present_version(session) == 0
    assert _import(records, ImportKind.UNITS, _UNITS).added == 2


def test_a_column_that_a_file_lacks_stays_and_an_empty_cell_empties(records: RecordsDatabase) -> None:
    head = "id,name,level,parent_id,reviewer,liaison\n"
    assert _import(records, ImportKind.UNITS, head + "lh,岚湖市,市级,,,\nlh-gaj,公安局,市级,lh,张三,李四\n").taken
    report = _import(records, ImportKind.UNITS, "id,name,level,liaison\nlh-gaj,公安局,市级,\n")
    [result] = report.results
    assert [(each.column, each.before, each.after) for each in result.changes] == [("liaison", "李四", "")]
    with records.read() as session:
        entry = get_entry(session, UNITS, UnitScope.everything(), "lh-gaj")
    assert (entry.parent_id, [each.name for each in entry.contacts]) == ("lh", ["张三"])


def test_each_row_of_fields_is_told_by_itself(city: RecordsDatabase) -> None:
    rows = "medical.insured,diagnosis,诊断结论\nmedical.insured,new_field,新字段\nmedical.insured,diagnosis,诊断结论\n"
    report = _import(city, ImportKind.FIELDS, f"resource_id,name,label\n{rows}nowhere,a,b\n", dry_run=True)
    assert [(each.row, each.outcome) for each in report.results] == [(2, "changed"), (3, "added")]
    assert [(each.row, each.code, each.value) for each in report.problems] == [(5, "unknown_resource", "nowhere")]


def test_the_sheet_that_is_called_like_the_register_is_read(city: RecordsDatabase) -> None:
    with city.read() as session:
        book = export_workbook(session, [ImportKind.UNITS, ImportKind.GRANTS], UnitScope.everything())
    report = _import(city, ImportKind.GRANTS, book)
    assert (report.rows, report.refused) == (120, 0)


def test_one_wrong_row_and_nothing_is_taken(records: RecordsDatabase) -> None:
    report = _import(records, ImportKind.UNITS, _UNITS + "lh-x,某局,乡镇级,lh\n,无编号,市级,\nlh-y,某局,县级,nowhere\n")
    assert not report.taken
    assert [(each.row, each.column) for each in report.problems] == [(4, "level"), (5, "id"), (6, "parent_id")]
    assert "'township'" in report.problems[0].message
    assert "register the unit first" in report.problems[2].message
    with records.read() as session:
        assert present_version(session) == 0


def test_rows_may_stand_in_any_order(records: RecordsDatabase) -> None:
    lines = ["qx-bs,白石镇,乡级,qx", "qx,清溪县,县级,lh", "lh,岚湖市,市级,"]
    assert _import(records, ImportKind.UNITS, "id,name,level,parent_id\n" + "\n".join(lines)).added == 3
    with records.read() as session:
        assert session.get_one(UnitRecord, "qx-bs").path == "/lh/qx/qx-bs/"


def test_rows_that_contradict_each_other_are_told(records: RecordsDatabase) -> None:
    report = _import(records, ImportKind.UNITS, _UNITS + "lh,岚湖市,市级,\nlh-gaj,公安局,县级,lh\n")
    assert [(each.row, each.column) for each in report.problems] == [(5, "level")]
    assert "row 3 says otherwise" in report.problems[0].message


def test_a_circle_is_told_on_each_of_its_rows(records: RecordsDatabase) -> None:
    report = _import(records, ImportKind.UNITS, "id,name,level,parent_id\na,甲,市级,b\nb,乙,市级,a\n")
    assert [(each.row, each.column) for each in report.problems] == [(2, "parent_id"), (3, "parent_id")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_headers_and_encodings(records: RecordsDatabase, encoding: str) -> None:
    text = "单位编号,单位名称,层级,上级单位编号,首席数据官\r\nlh,岚湖市𠮷,市级,,张三 0999-1 a@b.example;李四\r\n"
    assert _import(records, ImportKind.UNITS, text.encode(encoding)).taken
    with records.read() as session:
        entry = get_entry(session, UNITS, UnitScope.everything(), "lh")
    assert entry.name == "岚湖市𠮷"
    assert [(each.name, each.telephone, each.email) for each in entry.contacts] == [
        ("张三", "0999-1", "a@b.example"),
        ("李四", "", ""),
    ]


def test_a_workbook_is_read_by_its_values(records: RecordsDatabase) -> None:
    rows: list[list[object]] = [
        ["岚湖市单位台账"],
        [],
        ["单位编号*", "单位名称*", "层级*", "上级单位编号"],
        [3301, "岚湖市", "市级", None],
        ["lh-gaj", "公安局", "市级", 3301],
    ]
    assert _import(records, ImportKind.UNITS, _workbook(rows)).added == 2
    with records.read() as session:
        assert get_entry(session, UNITS, UnitScope.everything(), "lh-gaj").parent_id == "3301"


def test_a_formula_is_never_computed_or_kept(records: RecordsDatabase) -> None:
    rows: list[list[object]] = [["id", "name", "level"], ["lh", '=HYPERLINK("http://192.0.2.1","x")', "市级"]]
    report = _import(records, ImportKind.UNITS, _workbook(rows))
    assert [(each.row, each.column) for each in report.problems] == [(2, "name")]


def test_dates_are_days_of_the_zone_and_the_last_day_is_in(city: RecordsDatabase) -> None:
    rows: list[list[object]] = [
        ["id", "name", "kind", "unit_id", "company", "contract_end"],
        ["ctr-1", "维保", "受托方", "lh-ybj", "测试公司", "2026年6月30日"],
    ]
    assert _import(city, ImportKind.CONSUMERS, _workbook(rows)).taken
    consumer = LiveRegistry(city).current.consumers.consumers["ctr-1"]
    assert consumer.contract_end_ms == 1_782_835_200_000  # 2026-07-01T00:00:00+08:00


def test_what_people_decided_stays_when_a_file_says_nothing_of_it(city: RecordsDatabase) -> None:
    graded = "resource_id,name,grade,categories\nmedical.insured,diagnosis,L4,health\n"
    assert _import(city, ImportKind.FIELDS, graded).changed == 1
    catalog = Path(__file__).parents[2] / "samples/registry/resources.csv"
    assert _import(city, ImportKind.RESOURCES, catalog.read_bytes()).taken
    assert _import(city, ImportKind.FIELDS, "resource_id,name,label\nmedical.insured,diagnosis,诊断结论\n").changed == 1
    field = LiveRegistry(city).current.catalog.resources["medical.insured"].fields["diagnosis"]
    assert (field.grade, field.categories, field.label) == ("L4", ("health",), "诊断结论")


def _cut_zip() -> bytes:
    return _workbook([["id"]])[:-200]


def _bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\0" * 100, "empty"),
        (_cut_zip(), "cut or broken"),
        (b"PK\x03\x04" + random.Random(1).randbytes(2000), "cut or broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "broken or of another kind"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "neither UTF-8 nor GB18030"),
        (b"id,name\n1,2\n", "lacks level"),
        (b"id,name,level,colour\n", "colour"),
        (b"id,name,level,id\n", "twice"),
        ('id,name,level\n"lh,岚湖市,市级\n'.encode(), "quotation marks"),
        (b"hello\nworld\n", "no header of units"),
        (("id,name,level\nlh," + "长" * 5000 + ",市级\n").encode(), "row 2: a cell has more"),
    ],
)
def test_what_is_no_register_is_refused_with_what_to_do(records: RecordsDatabase, content: bytes, told: str) -> None:
    with pytest.raises(ImportFileError, match=told):
        _import(records, ImportKind.UNITS, content)


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(ImportFileError, match="far more than its size"):
        read_rows(ImportKind.UNITS, _bomb())


def test_limits_of_size(records: RecordsDatabase) -> None:
    with pytest.raises(ImportFileError, match="split it"):
        _import(records, ImportKind.UNITS, bytes(b"x" * (import_policy().bytes_maximum + 1)))
    many = "id,name,level\n" + "\n".join(f"u{n},单位,市级" for n in range(import_policy().rows_maximum + 1))
    with pytest.raises(ImportFileError, match="rows; split it"):
        _import(records, ImportKind.UNITS, many)


@settings(max_examples=150)
@given(
    st.sampled_from(ImportKind),
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
)
def test_no_bytes_crash(records: RecordsDatabase, kind: ImportKind, content: bytes) -> None:
    header = ",".join(columns_of(kind)).encode() + b"\n"
    for each in (content, header + content):
        with suppress(ImportFileError):
            report = _import(records, kind, each, dry_run=True)
            assert report.rows == 0 or report.problems


@pytest.mark.parametrize("kind", ImportKind)
def test_what_is_exported_can_be_imported(city: RecordsDatabase, kind: ImportKind) -> None:
    with city.read() as session:
        files = (
            export_csv(session, kind, UnitScope.everything()),
            export_workbook(session, [kind], UnitScope.everything()),
        )
    for content in files:
        report = _import(city, kind, content)
        assert (report.added, report.changed, report.problems) == (0, 0, ())
        assert report.rows > 10


@pytest.mark.parametrize("kind", ImportKind)
def test_templates_are_headers_of_their_register(kind: ImportKind) -> None:
    assert read_rows(kind, template_csv(kind)) == []
    assert read_rows(kind, template_workbook(kind)) == []


def test_an_export_shows_its_readers_units_alone_and_no_formulas(records: RecordsDatabase) -> None:
    assert _import(records, ImportKind.UNITS, _UNITS + 'lh-x,"\'=1+1",市级,lh\n').taken
    with records.read() as session:
        content = export_csv(session, ImportKind.UNITS, UnitScope.below(["lh-x"]))
        book = export_workbook(session, [ImportKind.UNITS], UnitScope.below(["lh-x"]))
    assert content.decode("utf-8-sig").splitlines()[1:] == ["lh-x,'=1+1,city,lh,,,,"]
    cell = openpyxl.load_workbook(io.BytesIO(book)).active["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_name_in_logs_is_one_systems_however_it_is_spelled(records: RecordsDatabase) -> None:
    _import(records, ImportKind.UNITS, _UNITS)
    head = "id,name,operator_id,owner_id,supervisor_id,log_names\n"
    _import(records, ImportKind.SYSTEMS, f"{head}sys-1,门户,lh,lh,lh,Web01;demo.nginx-access\n")
    second = _import(records, ImportKind.SYSTEMS, f"{head}sys-2,办件,lh,lh,lh,WEB01\n")
    assert [(each.row, each.column) for each in second.problems] == [(2, "log_names")]
    index = LiveRegistry(records).current
    for name, system in (("web01", "sys-1"), ("WEB01.lanhu.example", "sys-1"), ("demo.nginx-access", "sys-1")):
        found = index.system_called(name)
        assert found is not None
        assert found.id == system
    assert index.system_called("web02") is None
    assert index.system_called("demo.other") is None
