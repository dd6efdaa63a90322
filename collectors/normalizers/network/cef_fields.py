"""CEF's extension dictionary in ECS: short key (and full name) to field, and whether it is a number.

Addresses, ports, host names, protocol and request are not here: they are more than one field each.
"""

from __future__ import annotations

_SHORT: dict[str, tuple[str, bool]] = {
    "app": ("network__protocol", False),
    "cat": ("rule__category", False),
    "destinationTranslatedAddress": ("destination__nat__ip", False),
    "destinationTranslatedPort": ("destination__nat__port", True),
    "deviceProcessName": ("process__name", False),
    "dmac": ("destination__mac", False),
    "dntdom": ("user__target__domain", False),
    "dproc": ("process__name", False),
    "dpid": ("process__pid", True),
    "dvchost": ("observer__name", False),
    "duid": ("user__target__id", False),
    "duser": ("user__target__name", False),
    "externalId": ("event__reference", False),
    "fileType": ("file__type", False),
    "filePath": ("file__path", False),
    "fname": ("file__name", False),
    "fsize": ("file__size", True),
    "in": ("source__bytes", True),
    "msg": ("message", False),
    "out": ("destination__bytes", True),
    "reason": ("event__reason", False),
    "requestClientApplication": ("user_agent__original", False),
    "requestContext": ("http__request__referrer", False),
    "requestMethod": ("http__request__method", False),
    "smac": ("source__mac", False),
    "sntdom": ("user__domain", False),
    "sourceTranslatedAddress": ("source__nat__ip", False),
    "sourceTranslatedPort": ("source__nat__port", True),
    "spid": ("process__parent__pid", True),
    "sproc": ("process__parent__name", False),
    "suid": ("user__id", False),
    "suser": ("source__user__name", False),
}
_FULL = {
    "applicationProtocol": "app",
    "bytesIn": "in",
    "bytesOut": "out",
    "destinationMacAddress": "dmac",
    "destinationProcessName": "dproc",
    "destinationUserName": "duser",
    "deviceHostName": "dvchost",
    "fileName": "fname",
    "fileSize": "fsize",
    "message": "msg",
    "sourceMacAddress": "smac",
    "sourceProcessName": "sproc",
    "sourceUserName": "suser",
}
EXTENSIONS: dict[str, tuple[str, bool]] = {name: _SHORT[short] for name, short in _FULL.items()} | _SHORT

SEVERITIES = {"unknown": 0, "low": 3, "medium": 6, "high": 8, "very-high": 10}
"""The numbers of severities written as words (each the top of its band)."""

HASH_NAMES = {32: "md5", 40: "sha1", 64: "sha256"}
"""Hash algorithms by the length of their hexadecimal digest."""
