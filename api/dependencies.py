"""What the application is given: databases, providers and settings. Nothing in this part finds them by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry

from api.identity.openid import OpenIdProvider
from api.latest_answer import LatestAnswer
from api.readiness import Check
from audit import Trust
from classification.source_limits import SourceLimits
from detection import Rule
from detection.correlation import CorrelationRule
from detection.coverage import Coverage
from detection.rules import PolicyFacts
from incidents.attachments.files import AttachmentFiles
from playbooks import AddressGuard
from store.event_store import EventStore
from store.records import RecordsDatabase
from store.records.secrets import SecretBox

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """A detection rule as people read it.

    ``problem`` says why a rule is not in force, ``policy`` whom its findings concern and what to do about them.
    """

    id: str
    title: str
    level: str
    description: str = ""
    status: str = ""
    author: str = ""
    path: str = ""
    logsource: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    problem: str | None = None
    policy: PolicyFacts | None = None


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """How the application behaves.

    Attributes:
        secure_cookies: send cookies over TLS only; off only where the address is a loopback one.
        time_zone: the zone in which the console writes times.
        language: the console's language until its reader chooses.
        stream_poll_seconds: how often a live list looks for changes.
        stream_seconds: after this a live list ends; the browser opens it again.
        maximum_streams: live lists at once.
        maximum_body_bytes: the largest request taken.
    """

    secure_cookies: bool = True
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    language: Language = "zh"
    stream_poll_seconds: float = 2.0
    stream_seconds: float = 300.0
    maximum_streams: int = 64
    maximum_body_bytes: int = 1 << 20


def no_rules() -> Sequence[RuleSummary]:
    """The rules where none are loaded."""
    return ()


def no_correlations() -> Sequence[CorrelationRule]:
    """The correlations, where none are loaded."""
    return ()


def no_loaded_rules() -> Sequence[Rule]:
    """The rules as evaluated, where none are loaded."""
    return ()


@dataclass(frozen=True, slots=True)
class ApiDependencies:
    """Everything the application works with.

    Attributes:
        records: alerts, accounts, the audit trail, dead letters.
        events: the event store, for reading.
        secret_key: at least 32 random bytes, the same in every process; signs cursors and CSRF tokens.
        rules: the loaded rules, asked for at each use.
        loaded_rules: those of them that can be evaluated, as detection reads them.
        correlations: likewise those over several events.
        coverage: the latest coverage, kept for those who ask again.
        settings: how the application behaves.
        trust: what a check of the audit trail believes.
        provider: the OpenID provider whose tokens are accepted, None for none.
        secrets_key: at least 32 random bytes, the same in every process; seals what is kept secret.
        scan_limits: which files may be scanned, and where sources' passwords may lie.
        attachments: where attached files are kept; None takes none.
        call_guard: which addresses webhooks may be registered for.
        readiness: what must hold beside the stores for the process to be ready.
        figures: what ``/metrics`` tells.
    """

    records: RecordsDatabase
    events: EventStore
    secret_key: bytes
    rules: Callable[[], Sequence[RuleSummary]] = no_rules
    loaded_rules: Callable[[], Sequence[Rule]] = no_loaded_rules
    correlations: Callable[[], Sequence[CorrelationRule]] = no_correlations
    coverage: LatestAnswer[Coverage] = field(default_factory=LatestAnswer)
    settings: ApiSettings = field(default_factory=ApiSettings)
    trust: Trust = field(default_factory=Trust)
    provider: OpenIdProvider | None = None
    secrets_key: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    scan_limits: SourceLimits = field(default_factory=SourceLimits)
    attachments: AttachmentFiles | None = None
    call_guard: AddressGuard = field(default_factory=AddressGuard)
    readiness: Mapping[str, Check] = field(default_factory=dict)
    figures: CollectorRegistry = field(default_factory=CollectorRegistry)

    def second_factor_box(self) -> SecretBox:
        """What seals the secrets of second factors."""
        return SecretBox(self.secrets_key, "second factor")


def dependencies_of(request: Request) -> ApiDependencies:
    """The dependencies of the application that serves a request."""
    dependencies: ApiDependencies = request.app.state.dependencies
    return dependencies


Dependencies = Annotated[ApiDependencies, Depends(dependencies_of)]
