"""``aliyun-actiontrail.json``: management events of the government cloud, as ActionTrail delivers them (JSON array)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from samples.generate import story
from samples.generate.clock import after, moments, utc_seconds

_ACCOUNT = "1000000000000001"
_REGION = "cn-beijing"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the cloud's interface: service, operation, who calls, from where."""

    service: str
    operation: str
    user: str
    address: str
    parameters: dict[str, str]


_ROUTINE = (
    ("Ecs", "DescribeInstances"),
    ("Ecs", "DescribeDisks"),
    ("Slb", "DescribeLoadBalancers"),
    ("Rds", "DescribeDBInstances"),
    ("Oss", "PutBucketTags"),
    ("Ecs", "RebootInstance"),
    ("Ram", "ListUsers"),
    ("Ram", "ListAccessKeys"),
    ("Actiontrail", "DescribeTrails"),
    ("Actiontrail", "GetTrailStatus"),
    ("Cms", "DescribeMetricList"),
)

_READING = ("Describe", "Get", "List")


def render() -> bytes:
    """The file's bytes."""
    random = Random("aliyun-actiontrail.json")
    calls = [*_background(random), *_attack()]
    events = [_event(moment, call, random) for moment, call in sorted(calls, key=lambda pair: pair[0])]
    return (json.dumps(events, ensure_ascii=False, indent=1) + "\n").encode()


def _background(random: Random) -> list[tuple[datetime, Call]]:
    calls: list[tuple[datetime, Call]] = []
    for moment in moments(random, 240):
        number = random.randrange(len(story.OPERATORS))
        service, operation = random.choice(_ROUTINE)
        user, address = story.OPERATORS[number], story.EXIT_ADDRESS
        calls.append((moment, Call(service, operation, user, address, {"RegionId": _REGION})))
    return calls


def _attack() -> list[tuple[datetime, Call]]:
    user, address = story.STOLEN_CLOUD_USER, story.COMMAND_SERVER
    steps: tuple[tuple[int, str, str, dict[str, str]], ...] = (
        (-140, "Sts", "GetCallerIdentity", {}),
        (-95, "Ram", "ListUsers", {}),
        (0, "Ram", "CreateAccessKey", {"UserName": "backup-sync"}),
        (40, "Ecs", "DescribeInstances", {"RegionId": _REGION}),
    )
    calls = [
        (after(story.ALIYUN_KEY, late), Call(service, operation, user, address, given))
        for late, service, operation, given in steps
    ]
    stopped = Call("Actiontrail", "StopLogging", user, address, {"Name": "city-trail"})
    return [*calls, (story.ALIYUN_TRAIL_STOPPED, stopped)]


def _event(moment: datetime, call: Call, random: Random) -> dict[str, object]:
    request = str(UUID(int=random.getrandbits(128))).upper()
    return {
        "eventId": request,
        "eventVersion": "1",
        "eventName": call.operation,
        "eventRW": "Read" if call.operation.startswith(_READING) else "Write",
        "eventSource": f"{call.service.lower()}.aliyuncs.com",
        "eventTime": utc_seconds(moment),
        "eventType": "ApiCall",
        "eventCategory": "Management",
        "apiVersion": "2014-05-26",
        "acsRegion": _REGION,
        "serviceName": call.service,
        "requestId": request,
        "requestParameters": call.parameters,
        "sourceIpAddress": call.address,
        "userAgent": "AlibabaCloud (linux; amd64) aliyun-cli/3.0.223",
        "recipientAccountId": _ACCOUNT,
        "userIdentity": {
            "type": "ram-user",
            "principalId": "200000000000000001",
            "accountId": _ACCOUNT,
            "userName": call.user,
            "accessKeyId": f"LTAI-EXAMPLE-{call.user.upper()}",
        },
    }
