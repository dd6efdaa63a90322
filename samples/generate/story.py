"""The day of the fictitious city of Lanhu (岚湖市): its hosts, its people, and what happens when.

Everything here is invented. Outside addresses come from the documentation ranges (RFC 5737, RFC 3849), inside ones from
10.0.0.0/8 (RFC 1918), names from the reserved domain ``.example`` (RFC 2606).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=8), "CST")
MIDNIGHT = datetime(2026, 11, 18, tzinfo=ZONE)


def at(clock: str) -> datetime:
    """The moment of the day at which the city's clocks show ``HH:MM:SS`` or ``HH:MM``."""
    parts = [int(part) for part in clock.split(":")]
    hours, minutes, seconds = [*parts, 0][:3]
    return MIDNIGHT + timedelta(hours=hours, minutes=minutes, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of the city: its short name, inside address and purpose."""

    name: str
    address: str
    purpose: str


EDGE_FIREWALL = Host("fw-edge", "10.20.0.1", "互联网统一出口防火墙")
DEPARTMENT_FIREWALL = Host("usg-zwww", "10.20.0.2", "政务外网边界防火墙")
RESOLVER = Host("dns01", "10.20.0.53", "域名解析")
BASTION = Host("bastion01", "10.20.1.10", "运维堡垒机")
WEB = Host("web01", "10.20.2.11", "政务服务门户")
SECOND_WEB = Host("web02", "10.20.2.12", "政务服务门户")
APPLICATION = Host("app01", "10.20.3.21", "办件受理系统")
WAREHOUSE = Host("db-pg01", "10.20.4.31", "人口主题库 (PostgreSQL)")
CASE_DATABASE = Host("db-my01", "10.20.4.32", "办件库 (MySQL)")
GATEWAY = Host("gw01", "10.20.5.41", "数据共享交换平台网关")
SENSOR = Host("ids01", "10.20.0.60", "流量探针")
DOMAIN_CONTROLLER = Host("DC01", "10.30.1.5", "域控制器")
FILE_SERVER = Host("WIN-FILE01", "10.30.1.52", "文件服务器")
OFFICE_PC = Host("WIN-OFFICE07", "10.30.1.107", "办公终端")

HOSTS = (
    *(EDGE_FIREWALL, DEPARTMENT_FIREWALL, RESOLVER, SENSOR, BASTION, WEB, SECOND_WEB, APPLICATION, WAREHOUSE),
    *(CASE_DATABASE, GATEWAY, DOMAIN_CONTROLLER, FILE_SERVER, OFFICE_PC),
)
LINUX_HOSTS = (BASTION, WEB, SECOND_WEB, APPLICATION, WAREHOUSE, CASE_DATABASE, GATEWAY)
WINDOWS_HOSTS = (DOMAIN_CONTROLLER, FILE_SERVER, OFFICE_PC)
WINDOWS_DOMAIN = "LANHU"
CITY_DOMAIN = "lanhu.example"
PORTAL = f"zwfw.{CITY_DOMAIN}"
PORTAL_ADDRESS = "203.0.113.20"
BASTION_PUBLIC_ADDRESS = "203.0.113.10"
EXIT_ADDRESS = "203.0.113.1"

OPERATORS = ("ops01", "ops02", "ops03")
OPERATOR_ADDRESSES = ("10.40.1.11", "10.40.1.12", "10.40.1.13")

ATTACKER = "198.51.100.23"
"""Guesses passwords at the bastion, uploads the web shell and uses it."""
COMMAND_SERVER = "192.0.2.66"
"""Receives the beacons, and is where the stolen cloud keys are used from."""
COMMAND_DOMAIN = "update-cache.example"
STOLEN_ACCOUNT = "opsadmin"
SHELL_PATH = "/uploads/20261118/notice.jsp"
ROGUE_ADMINISTRATOR = "svc_print"
STOLEN_CLOUD_USER = "deploy-ci"
WEAK_SERVICE_ACCOUNT = "system:serviceaccount:portal:default"

CONTRACTOR = "ctr-wb03"
"""Account of a maintenance contractor of the health-insurance bureau: may look up masked fields, one person a call."""
CONTRACTOR_APP = "app-ybj-ops"
CONTRACTOR_UNIT = "岚湖市医疗保障局"
CONTRACTOR_USUAL_ADDRESS = "10.40.8.33"
CONTRACTOR_UNUSUAL_ADDRESS = "192.0.2.150"

MISUSE_FIRST_CALL = at("02:07:31")
MISUSE_LAST_CALL = at("02:36:00")
MISUSE_UNGRANTED = at("02:37:30")
BULK_EXPORT = at("02:41:12")
DUMP_LEAVES = at("02:55:40")
BRUTE_FORCE_BEGIN = at("09:12:04")
BRUTE_FORCE_END = at("09:38:30")
INTRUSION_LOGIN = at("09:39:07")
INTRUSION_SUDO = at("09:41:26")
SHELL_UPLOAD = at("09:52:18")
SHELL_USE = at("09:53:02")
LATERAL_LOGON = at("10:26:40")
ENCODED_POWERSHELL = at("10:28:15")
MEMORY_ACCESS = at("10:33:09")
ROGUE_ACCOUNT = at("10:36:51")
BEACON_BEGIN = at("10:41:00")
LOG_CLEARED = at("10:52:33")
ALIYUN_KEY = at("11:20:05")
ALIYUN_TRAIL_STOPPED = at("11:24:47")
AWS_TRAIL_STOPPED = at("11:31:19")
POD_EXEC = at("11:45:22")
SECRETS_LISTED = at("11:48:03")
BEACON_END = at("17:41:00")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the story: when it begins and what happens."""

    moment: datetime
    what: str


STEPS = (
    Step(MISUSE_FIRST_CALL, "contractor calls the population interface at night: unmasked, more rows than granted"),
    Step(MISUSE_UNGRANTED, "and the population interface, for which there is no grant at all"),
    Step(BULK_EXPORT, "the same contractor copies whole tables out of both databases"),
    Step(DUMP_LEAVES, "the database server connects out over SSH to the contractor's address"),
    Step(BRUTE_FORCE_BEGIN, "passwords are guessed at the bastion"),
    Step(INTRUSION_LOGIN, "a guess succeeds"),
    Step(INTRUSION_SUDO, "root shell through sudo"),
    Step(SHELL_UPLOAD, "a web shell is uploaded to the portal"),
    Step(SHELL_USE, "the web shell runs commands"),
    Step(LATERAL_LOGON, "the file server is entered from the web server"),
    Step(ENCODED_POWERSHELL, "encoded PowerShell"),
    Step(MEMORY_ACCESS, "the memory of LSASS is read"),
    Step(ROGUE_ACCOUNT, "a new local administrator"),
    Step(BEACON_BEGIN, "beacons to the command server begin"),
    Step(LOG_CLEARED, "the security log is cleared"),
    Step(ALIYUN_KEY, "a cloud key is made with a stolen one"),
    Step(ALIYUN_TRAIL_STOPPED, "the Aliyun trail is stopped"),
    Step(AWS_TRAIL_STOPPED, "the AWS trail is stopped"),
    Step(POD_EXEC, "a shell in a pod"),
    Step(SECRETS_LISTED, "the pod's service account lists secrets"),
)
