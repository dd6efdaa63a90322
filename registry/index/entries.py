"""The registry's entries as the index holds them: frozen, complete, without a database behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from registry.vocabulary import AccountState, ConsumerKind, GrantState, Opening, ResourceKind, Sharing, UnitLevel


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit; ``path`` holds the ids from the root down to itself, as in ``/gx/lanhu/gjj/``."""

    id: str
    name: str
    level: UnitLevel
    parent_id: str | None
    path: str


@dataclass(frozen=True, slots=True)
class System:
    """An information system; 等保 levels from 1 to 5, None while it is not graded.

    Attributes:
        operator_id: the unit with 直接责任 (runs it).
        owner_id: the unit with 主体责任 (uses it).
        supervisor_id: the unit with 监督责任 (watches over it).
        zone: the zone in which its addresses stand.
        addresses: networks in CIDR notation.
        log_names: names of its hosts, cloud accounts and collection sources, case-folded.
    """

    id: str
    name: str
    operator_id: str
    owner_id: str
    supervisor_id: str
    level: int | None
    level_s: int | None
    level_a: int | None
    is_critical: bool
    zone: str
    addresses: tuple[str, ...]
    log_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a resource; ``grade`` is a grade of the site's scheme, None while nobody has confirmed one."""

    grade: str | None = None
    categories: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """A table, API or set of files of the catalog.

    Attributes:
        provider_id: the unit that provides it.
        grade: the confirmed grade, None while there is none.
        categories: what its fields hold, together.
        fields: by name.
        dedicated: ids of the only units that may use it; empty is no such list.
        parents: ids of the resources that it is derived from.
        updated_ms: when its data was last updated.
    """

    id: str
    name: str
    kind: ResourceKind
    provider_id: str
    system_id: str | None = None
    grade: str | None = None
    categories: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=dict)
    sharing: Sharing = Sharing.CONDITIONAL
    opening: Opening = Opening.NONE
    dedicated: frozenset[str] = frozenset()
    parents: tuple[str, ...] = ()
    database: str = ""
    schema: str = ""
    table: str = ""
    method: str = ""
    path: str = ""
    owner: str = ""
    updated_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who takes data; a contractor works for ``unit_id`` until ``contract_end_ms``."""

    id: str
    name: str
    kind: ConsumerKind
    unit_id: str
    contract_end_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The name under which a consumer shows in logs.

    ``last_used_ms`` is as of the load of the index: whoever watches for dormant accounts keeps later uses beside it.
    """

    id: str
    consumer: Consumer
    state: AccountState
    system_id: str | None = None
    last_used_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission to take data; the validity is half-open, in milliseconds since 1970 UTC.

    Attributes:
        fields: names of fields, case-folded; ``*`` stands for all.
        comparable_purpose: the purpose as ``comparable`` writes it.
        records_per_day: the cap on records in a local day, None for none; likewise subjects.
        masked: sensitive values may only be taken masked.
        zones: the zones to which data may go; empty is any.
        state_since_ms: when the present state began.
        pauses: earlier spans in which it was suspended, half-open.
    """

    id: str
    consumer_id: str
    resource_id: str
    provider_id: str
    fields: frozenset[str]
    purpose: str
    comparable_purpose: str
    valid_from_ms: int
    valid_to_ms: int
    state: GrantState
    state_since_ms: int
    records_per_day: int | None = None
    subjects_per_day: int | None = None
    masked: bool = False
    zones: frozenset[str] = frozenset()
    approved_ms: int | None = None
    pauses: tuple[tuple[int, int], ...] = ()
