"""The tables of the city's catalog."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what its resource's number ends in, name, provider, system, database, fields, and how it is shared."""

    key: str
    name: str
    provider: str
    system: str
    database: str
    fields: tuple[str, ...]
    sharing: str = "conditional"
    opening: str = "none"
    dedicated: str = ""


_PERSON = ("name", "id_number", "sex", "mobile", "home_address", "district")
TABLES = (
    Table("population.resident", "常住人口基本信息", "lh-gaj", "sys-population", "population.public", _PERSON),
    Table(
        "population.household",
        "户籍信息",
        "lh-gaj",
        "sys-population",
        "population.public",
        ("household_id", "district", "name", "id_number", "relation"),
    ),
    Table(
        "population.insured_person",
        "参保人员信息",
        "lh-sbzx",
        "sys-population",
        "population.public",
        ("name", "id_number", "mobile", "employer", "insured_status", "base"),
    ),
    Table(
        "population.key_person",
        "重点关注人员",
        "lh-gaj",
        "sys-population",
        "population.public",
        _PERSON,
        "none",
        dedicated="lh-gaj",
    ),
    Table(
        "medical.insured",
        "医疗保险参保信息",
        "lh-ybj",
        "sys-yb",
        "medical.public",
        ("name", "id_number", "mobile", "home_address", "insured_status", "diagnosis"),
    ),
    Table(
        "medical.settlement",
        "医保结算明细",
        "lh-ybj",
        "sys-yb",
        "medical.public",
        ("name", "id_number", "hospital", "visit_date", "diagnosis", "amount"),
        dedicated="lh-ybj;lh-wjw",
    ),
    Table(
        "cases.case_application",
        "办件申请",
        "lh-zwj",
        "sys-cases",
        "cases",
        ("id", "status", "name", "id_number", "created"),
    ),
    Table("cases.case_attachment", "办件附件", "lh-zwj", "sys-cases", "cases", ("id", "case_id", "path")),
    Table(
        "cases.applicant_contact",
        "申请人联系方式",
        "lh-zwj",
        "sys-cases",
        "cases",
        ("name", "id_number", "mobile", "home_address"),
    ),
    Table(
        "cases.case_kind",
        "事项目录",
        "lh-zwj",
        "sys-cases",
        "cases",
        ("code", "label", "retired"),
        "unconditional",
        "unconditional",
    ),
    Table(
        "housing.fund_account",
        "公积金账户",
        "lh-gjj",
        "sys-gjj",
        "housing.public",
        ("name", "id_number", "account", "amount", "employer"),
    ),
    Table(
        "housing.loan", "公积金贷款", "lh-gjj", "sys-gjj", "housing.public", ("name", "id_number", "amount", "status")
    ),
    Table(
        "education.student",
        "学籍信息",
        "lh-jyj",
        "sys-jy",
        "education.public",
        ("name", "id_number", "school", "grade_year", "mobile"),
    ),
    Table(
        "education.school",
        "学校名录",
        "lh-jyj",
        "sys-jy",
        "education.public",
        ("code", "label", "district"),
        "unconditional",
        "unconditional",
    ),
    Table(
        "civil.subsistence",
        "最低生活保障对象",
        "lh-mzj",
        "sys-mz",
        "civil.public",
        ("name", "id_number", "home_address", "account", "amount"),
    ),
    Table("civil.marriage", "婚姻登记", "lh-mzj", "sys-mz", "civil.public", ("name", "id_number", "status", "created")),
    Table(
        "civil.elderly", "高龄津贴发放", "lh-mzj", "sys-mz", "civil.public", ("name", "id_number", "account", "amount")
    ),
    Table(
        "market.enterprise",
        "企业登记信息",
        "lh-scj",
        "sys-sc",
        "market.public",
        ("company", "uscc", "legal_person", "capital", "status"),
        "unconditional",
        "conditional",
    ),
    Table(
        "market.licence",
        "行政许可",
        "lh-scj",
        "sys-sc",
        "market.public",
        ("company", "uscc", "code", "created"),
        "unconditional",
        "unconditional",
    ),
    Table("market.complaint", "投诉举报", "lh-scj", "sys-sc", "market.public", ("name", "mobile", "company", "status")),
    Table(
        "estate.right", "不动产权利", "lh-zrj", "sys-zr", "estate.public", ("owner_name", "id_number", "parcel", "area")
    ),
    Table(
        "estate.parcel",
        "宗地信息",
        "lh-zrj",
        "sys-zr",
        "estate.public",
        ("parcel", "area", "district"),
        "unconditional",
    ),
    Table(
        "tax.payer",
        "纳税人信息",
        "lh-swj",
        "",
        "tax.public",
        ("company", "tax_number", "legal_person", "tax_amount"),
        "none",
        dedicated="lh-swj;lh-czj",
    ),
    Table("transport.vehicle", "营运车辆", "lh-jtj", "", "transport.public", ("plate", "vin", "company", "status")),
    Table(
        "transport.route",
        "公交线路",
        "lh-jtj",
        "",
        "transport.public",
        ("code", "label"),
        "unconditional",
        "unconditional",
    ),
    Table(
        "health.vaccination", "预防接种", "lh-wjw", "", "health.public", ("name", "id_number", "mobile", "visit_date")
    ),
    Table(
        "health.hospital",
        "医疗机构名录",
        "lh-wjw",
        "",
        "health.public",
        ("code", "label", "district"),
        "unconditional",
        "unconditional",
    ),
    Table(
        "social.benefit",
        "社保待遇发放",
        "lh-sbzx",
        "sys-rs",
        "social.public",
        ("name", "id_number", "account", "amount"),
    ),
    Table(
        "finance.subsidy", "惠民补贴发放", "lh-czj", "", "finance.public", ("name", "id_number", "account", "amount")
    ),
    Table(
        "emergency.shelter",
        "应急避难场所",
        "lh-yjj",
        "",
        "emergency.public",
        ("label", "home_address", "count"),
        "unconditional",
        "unconditional",
    ),
)
