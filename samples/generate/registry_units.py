"""``registry/units.csv`` and ``systems.csv``: who is accountable in the city, over all five levels."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from random import Random

from samples.generate.people import UNUSED_REGION
from samples.generate.story import CITY_DOMAIN, HOSTS

Row = dict[str, str]
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", ("测一", "测二", "测三", "测四", "测五", "测六")
_ROLES = ("chief_data_officer", "data_security_lead", "reviewer", "liaison")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its number, name, level, and the unit above it."""

    id: str
    name: str
    level: str
    parent: str = ""


UNITS = (
    Unit("bp", "北屏省人民政府", "province"),
    Unit("bp-sjj", "北屏省数据管理局", "province", "bp"),
    Unit("lh", "岚湖市人民政府", "city", "bp"),
    Unit("lh-dsj", "岚湖市大数据中心", "city", "lh"),
    Unit("lh-zwj", "岚湖市政务服务管理局", "city", "lh"),
    Unit("lh-gaj", "岚湖市公安局", "city", "lh"),
    Unit("lh-rsj", "岚湖市人力资源和社会保障局", "city", "lh"),
    Unit("lh-sbzx", "岚湖市社会保险事业服务中心", "city", "lh-rsj"),
    Unit("lh-gjj", "岚湖市住房公积金中心", "city", "lh"),
    Unit("lh-jyj", "岚湖市教育局", "city", "lh"),
    Unit("lh-ybj", "岚湖市医疗保障局", "city", "lh"),
    Unit("lh-wjw", "岚湖市卫生健康委员会", "city", "lh"),
    Unit("lh-mzj", "岚湖市民政局", "city", "lh"),
    Unit("lh-scj", "岚湖市市场监督管理局", "city", "lh"),
    Unit("lh-swj", "岚湖市税务局", "city", "lh"),
    Unit("lh-zrj", "岚湖市自然资源和规划局", "city", "lh"),
    Unit("lh-jtj", "岚湖市交通运输局", "city", "lh"),
    Unit("lh-czj", "岚湖市财政局", "city", "lh"),
    Unit("lh-wxb", "岚湖市网络安全和信息化办公室", "city", "lh"),
    Unit("lh-yjj", "岚湖市应急管理局", "city", "lh"),
    Unit("qx", "清溪县人民政府", "county", "lh"),
    Unit("qx-zwj", "清溪县政务服务局", "county", "qx"),
    Unit("qx-mzj", "清溪县民政局", "county", "qx"),
    Unit("dl", "东岭区人民政府", "county", "lh"),
    Unit("dl-zwj", "东岭区政务服务局", "county", "dl"),
    Unit("qx-bs", "白石镇人民政府", "township", "qx"),
    Unit("qx-hk", "河口乡人民政府", "township", "qx"),
    Unit("dl-cy", "朝阳街道办事处", "township", "dl"),
    Unit("qx-bs-lq", "柳桥村村民委员会", "village", "qx-bs"),
    Unit("qx-hk-ns", "南山村村民委员会", "village", "qx-hk"),
)


@dataclass(frozen=True, slots=True)
class System:
    """A system: number, name, who runs it, whose it is, levels S and A, zone and networks."""

    id: str
    name: str
    operator: str
    owner: str
    levels: str
    addresses: str
    zone: str = "unit"
    critical: bool = False


SYSTEMS = (
    System("sys-portal", "政务服务门户", "lh-dsj", "lh-zwj", "S3A3", "10.20.2.0/24;203.0.113.20"),
    System("sys-cases", "办件受理系统", "lh-dsj", "lh-zwj", "S3A2", "10.20.3.0/24;10.20.4.32"),
    System("sys-population", "人口主题库", "lh-dsj", "lh-gaj", "S3A3", "10.20.4.0/24", critical=True),
    System(
        "sys-exchange", "数据共享交换平台", "lh-dsj", "lh-dsj", "S3A3", "10.20.5.0/24;2001:db8:20:5::/64", critical=True
    ),
    System("sys-security", "安全运营与边界设施", "lh-dsj", "lh-wxb", "S2A3", "10.20.0.0/24"),
    System("sys-bastion", "运维堡垒机", "lh-dsj", "lh-dsj", "S3A2", "10.20.1.0/24;203.0.113.10"),
    System("sys-office", "办公终端与目录服务", "lh-dsj", "lh-zwj", "S2A2", "10.30.1.0/24", "internal"),
    System("sys-operations", "运维终端区", "lh-dsj", "lh-dsj", "S2A2", "10.40.0.0/16", "internal"),
    System("sys-gjj", "住房公积金业务系统", "lh-gjj", "lh-gjj", "S3A2", "10.50.3.0/24", "government_extranet"),
    System(
        "sys-rs", "社会保险业务系统", "lh-sbzx", "lh-rsj", "S3A3", "10.50.4.0/24", "government_extranet", critical=True
    ),
    System("sys-jy", "义务教育招生系统", "lh-jyj", "lh-jyj", "S2A2", "10.50.5.0/24", "government_extranet"),
    System("sys-yb", "医疗保障信息系统", "lh-ybj", "lh-ybj", "S3A3", "10.50.6.0/24", "government_extranet"),
    System("sys-mz", "民政救助系统", "lh-mzj", "lh-mzj", "S2A1", "10.50.7.0/24", "government_extranet"),
    System("sys-sc", "市场主体登记系统", "lh-scj", "lh-scj", "S2A2", "10.50.8.0/24", "government_extranet"),
    System("sys-zr", "不动产登记系统", "lh-zrj", "lh-zrj", "S3A1", "10.50.9.0/24", "government_extranet"),
)

_SOURCES = {
    "sys-portal": ("demo.nginx-access",),
    "sys-cases": ("demo.gb18030-app", "demo.mysql-audit"),
    "sys-population": ("demo.postgresql",),
    "sys-exchange": ("demo.gateway-access",),
}
"""Sources whose records do not name their host."""


def units() -> list[Row]:
    """The units, each with its accountable people; nobody of that name exists."""
    random = Random("registry/units.csv")
    return [
        {"id": unit.id, "name": unit.name, "level": unit.level, "parent_id": unit.parent}
        | {role: _person(random, unit) for role in _ROLES}
        for unit in UNITS
    ]


def systems() -> list[Row]:
    """The systems."""
    return [
        {
            "id": system.id,
            "name": system.name,
            "operator_id": system.operator,
            "owner_id": system.owner,
            "supervisor_id": "lh-wxb",
            "level": max(system.levels[1], system.levels[3]),
            "level_s": system.levels[1],
            "level_a": system.levels[3],
            "filing_number": f"{UNUSED_REGION}-{number:05d}-26001",
            "is_critical": "是" if system.critical else "否",
            "zone": system.zone,
            "addresses": system.addresses,
            "log_names": ";".join(_log_names(system)),
            "description": "",
        }
        for number, system in enumerate(SYSTEMS, 1)
    ]


def _log_names(system: System) -> list[str]:
    """The names of the hosts that stand in a system's networks, and of the sources that are of it alone."""
    hosts = [host.name for host in HOSTS if _system_at(host.address) is system]
    return [*hosts, *_SOURCES.get(system.id, ())]


def _system_at(address: str) -> System:
    """The system whose networks hold an address, the narrowest first."""
    held = [
        (network.prefixlen, system.id, system)
        for system in SYSTEMS
        for network in map(ip_network, system.addresses.split(";"))
        if ip_address(address) in network
    ]
    return max(held)[-1]


def _person(random: Random, unit: Unit) -> str:
    name = random.choice(_SURNAMES) + random.choice(_GIVEN)
    return f"{name} 0999-{random.randrange(10**7):07d} {unit.id}.{random.randrange(100):02d}@{CITY_DOMAIN}"
