"""The words of the registry, as codes that never change; what people call them is in policies/registry/labels.yml."""

from __future__ import annotations

from enum import StrEnum


class UnitLevel(StrEnum):
    """The five levels of administration: 省、市、县、乡、村."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


class ContactRole(StrEnum):
    """For what a unit names a person: 首席数据官、数据安全负责人、审核人、数据管理联络员."""

    CHIEF_DATA_OFFICER = "chief_data_officer"
    DATA_SECURITY_LEAD = "data_security_lead"
    REVIEWER = "reviewer"
    LIAISON = "liaison"


class ResourceKind(StrEnum):
    """What a resource is, and so how a flow names it."""

    TABLE = "table"
    API = "api"
    FILES = "files"


class Sharing(StrEnum):
    """Between government units: 无条件共享、有条件共享、不予共享."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NONE = "none"


class Opening(StrEnum):
    """To the public: 无条件开放、有条件开放、不予开放."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NONE = "none"


class ConsumerKind(StrEnum):
    """Who takes data: a unit, one of its people or applications, or a contractor (受托方) that works for it."""

    UNIT = "unit"
    PERSON = "person"
    APPLICATION = "application"
    CONTRACTOR = "contractor"


class AccountState(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"
    DISABLED = "disabled"


class GrantState(StrEnum):
    """Where a grant stands; only an approved one, within its validity, covers flows."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"


class GrantStatus(StrEnum):
    """What a flow is to the grants: ``fengsui.grant.status``."""

    VALID = "valid"
    NONE = "none"
    EXPIRED = "expired"
    REVOKED = "revoked"
    PURPOSE_MISMATCH = "purpose_mismatch"
    FIELDS_EXCEEDED = "fields_exceeded"
    VOLUME_EXCEEDED = "volume_exceeded"
    REGION = "region"
    NOT_IN_DEDICATED_LIST = "not_in_dedicated_list"


class EntryKind(StrEnum):
    """The registers: what can be registered, imported and exported."""

    UNIT = "unit"
    SYSTEM = "system"
    RESOURCE = "resource"
    CONSUMER = "consumer"
    ACCOUNT = "account"
    GRANT = "grant"
