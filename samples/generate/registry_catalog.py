"""``registry/resources.csv`` and ``fields.csv``: the city's data catalog, tables with the APIs derived from them."""

from __future__ import annotations

from dataclasses import dataclass

from samples.generate.registry_tables import TABLES, Table

Row = dict[str, str]
_LABELS = {
    "name": "姓名",
    "id_number": "身份证号",
    "sex": "性别",
    "district": "所在区县",
    "mobile": "手机号",
    "home_address": "家庭住址",
    "household_id": "户号",
    "relation": "与户主关系",
    "insured_status": "参保状态",
    "diagnosis": "诊断",
    "code": "代码",
    "label": "名称",
    "employer": "单位名称",
    "base": "缴费基数",
    "id": "编号",
    "status": "状态",
    "created": "创建时间",
    "case_id": "办件编号",
    "path": "存放路径",
    "retired": "是否停用",
    "company": "企业名称",
    "uscc": "统一社会信用代码",
    "legal_person": "法定代表人",
    "capital": "注册资本",
    "plate": "车牌号",
    "vin": "车辆识别代号",
    "amount": "金额",
    "account": "银行账号",
    "school": "学校",
    "grade_year": "年级",
    "parcel": "宗地号",
    "owner_name": "权利人",
    "area": "面积",
    "year": "年度",
    "count": "数量",
    "hospital": "医疗机构",
    "visit_date": "就诊日期",
    "tax_number": "纳税人识别号",
    "tax_amount": "应纳税额",
}
_CATEGORIES = {
    "name": "person_name",
    "id_number": "resident_id",
    "mobile": "mobile_phone",
    "home_address": "address",
    "uscc": "unified_social_credit_code",
    "legal_person": "person_name",
    "company": "company_name",
    "plate": "license_plate",
    "vin": "vin",
    "account": "bank_card",
    "owner_name": "person_name",
}


@dataclass(frozen=True, slots=True)
class Interface:
    """An API: number, name, path, the tables it is derived from, and the fields it gives."""

    id: str
    name: str
    path: str
    parents: tuple[str, ...]
    fields: tuple[str, ...]
    method: str = "POST"


INTERFACES = (
    Interface(
        "population.resident",
        "人口基本信息核验",
        "/share/v1/pop/person/verify",
        ("population.resident",),
        ("name", "id_number"),
    ),
    Interface(
        "population.household",
        "户籍信息查询",
        "/share/v1/pop/household/query",
        ("population.household",),
        ("household_id", "district"),
    ),
    Interface(
        "social.insured",
        "参保状态查询",
        "/share/v1/soc/insured/query",
        ("population.insured_person",),
        ("name", "insured_status"),
    ),
    Interface(
        "medical.insured",
        "医保参保查询",
        "/share/v1/med/insured/query",
        ("medical.insured",),
        ("name", "insured_status", "id_number", "mobile", "home_address", "diagnosis"),
    ),
    Interface("catalog.code", "代码目录导出", "/share/v1/cat/code/export", ("cases.case_kind",), ("code", "label")),
    Interface(
        "population.person",
        "人口信息按证件号查询",
        "/share/v1/persons/{id_number}",
        ("population.resident",),
        ("name", "sex", "district"),
        "GET",
    ),
    Interface(
        "population.statistics",
        "人口统计",
        "/share/v1/persons/statistics",
        ("population.resident",),
        ("district", "count"),
        "GET",
    ),
    Interface(
        "insight.family_hardship",
        "困难家庭画像",
        "/share/v1/insight/hardship/{household_id}",
        ("population.household", "civil.subsistence", "medical.settlement"),
        ("household_id", "district", "amount", "diagnosis"),
        "GET",
    ),
)
_DERIVED = tuple(table for table in TABLES if table.key.split(".")[0] not in {"population", "medical", "cases"})
"""Tables that each have a query interface of their own, and so make up the rest of the catalog."""


def interfaces() -> list[Interface]:
    """All the APIs."""
    queries = [
        Interface(f"api.{table.key}", f"{table.name}查询", f"/share/v1/{table.key.replace('.', '/')}/query",
                  (table.key,), table.fields)
        for table in _DERIVED
    ]  # fmt: skip
    return [*INTERFACES, *queries]


def table_id(key: str) -> str:
    """The number of a table's resource."""
    return f"table.{key}"


def providers() -> dict[str, str]:
    """Who provides each resource: an API is its first table's provider's."""
    by_table = {table.key: table.provider for table in TABLES}
    owned = {table_id(key): provider for key, provider in by_table.items()}
    return owned | {each.id: by_table[each.parents[0]] for each in interfaces()}


def resources() -> list[Row]:
    """The catalog."""
    by_key = {table.key: table for table in TABLES}
    return [*map(_table_row, TABLES), *(_interface_row(each, by_key[each.parents[0]]) for each in interfaces())]


def fields() -> list[Row]:
    """The fields of every resource; no grade has been confirmed yet."""
    named = [(table_id(table.key), table.fields) for table in TABLES]
    named += [(each.id, each.fields) for each in interfaces()]
    return [
        {
            "resource_id": resource,
            "name": name,
            "label": _LABELS[name],
            "grade": "",
            "categories": _CATEGORIES.get(name, ""),
        }
        for resource, names in named
        for name in names
    ]


def _table_row(table: Table) -> Row:
    database, _, schema = table.database.partition(".")
    return {
        "id": table_id(table.key),
        "name": table.name,
        "kind": "table",
        "provider_id": table.provider,
        "system_id": table.system,
        "database": database,
        "schema_name": schema,
        "table": table.key.split(".")[1],
        "sharing": table.sharing,
        "opening": table.opening,
        "dedicated": table.dedicated,
        "owner": "数据管理联络员",
        "updated": "2026-11-17",
    }


def _interface_row(each: Interface, table: Table) -> Row:
    return {
        "id": each.id,
        "name": each.name,
        "kind": "api",
        "provider_id": table.provider,
        "system_id": "sys-exchange",
        "method": each.method,
        "path": each.path,
        "sharing": table.sharing,
        "opening": table.opening,
        "dedicated": table.dedicated,
        "parents": ";".join(map(table_id, each.parents)),
        "owner": "数据管理联络员",
        "updated": "2026-11-17",
    }
