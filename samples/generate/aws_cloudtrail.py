"""``aws-cloudtrail.json.gz``: the city's tourism site abroad, as CloudTrail delivers it: ``{"Records": […]}``, gzip."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from random import Random
from uuid import UUID

from samples.generate import story
from samples.generate.clock import after, moments, utc_seconds
from samples.generate.gzip_member import stored

_ACCOUNT = "111122223333"
_REGION = "ap-southeast-1"
_TRAIL = f"arn:aws:cloudtrail:{_REGION}:{_ACCOUNT}:trail/tourism-trail"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: service, operation, who calls, from where."""

    service: str
    operation: str
    user: str
    address: str
    parameters: dict[str, str] | None = None


_ROUTINE = (
    ("ec2", "DescribeInstances"),
    ("s3", "GetBucketAcl"),
    ("s3", "ListBuckets"),
    ("cloudtrail", "DescribeTrails"),
    ("cloudtrail", "LookupEvents"),
    ("iam", "ListUsers"),
    ("monitoring", "GetMetricData"),
    ("ec2", "CreateTags"),
)


def render() -> bytes:
    """The file's bytes."""
    random = Random("aws-cloudtrail.json.gz")
    calls = [*_background(random), *_attack()]
    records = [_record(moment, call, random) for moment, call in sorted(calls, key=lambda pair: pair[0])]
    document = json.dumps({"Records": records}, separators=(",", ":"))
    return stored(document.encode())


def _background(random: Random) -> list[tuple[datetime, Call]]:
    calls: list[tuple[datetime, Call]] = []
    for moment in moments(random, 230):
        service, operation = random.choice(_ROUTINE)
        calls.append((moment, Call(service, operation, random.choice(story.OPERATORS), story.EXIT_ADDRESS)))
    return calls


def _attack() -> list[tuple[datetime, Call]]:
    user, address = story.STOLEN_CLOUD_USER, story.COMMAND_SERVER
    return [
        (after(story.AWS_TRAIL_STOPPED, -70), Call("sts", "GetCallerIdentity", user, address)),
        (after(story.AWS_TRAIL_STOPPED, -31), Call("cloudtrail", "DescribeTrails", user, address)),
        (story.AWS_TRAIL_STOPPED, Call("cloudtrail", "StopLogging", user, address, {"name": _TRAIL})),
    ]


def _record(moment: datetime, call: Call, random: Random) -> dict[str, object]:
    read = call.operation.startswith(("Describe", "Get", "List", "Lookup"))
    return {
        "eventVersion": "1.10",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": f"AIDAEXAMPLE{call.user.upper()}",
            "arn": f"arn:aws:iam::{_ACCOUNT}:user/{call.user}",
            "accountId": _ACCOUNT,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "userName": call.user,
        },
        "eventTime": utc_seconds(moment),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": _REGION,
        "sourceIPAddress": call.address,
        "userAgent": "aws-cli/2.17.5 md/awscrt#0.20.11 ua/2.0 os/linux",
        "requestParameters": call.parameters,
        "responseElements": None,
        "requestID": str(UUID(int=random.getrandbits(128))),
        "eventID": str(UUID(int=random.getrandbits(128))),
        "readOnly": read,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": _ACCOUNT,
        "eventCategory": "Management",
    }
