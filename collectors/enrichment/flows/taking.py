"""What one flow took, before it is judged."""

from __future__ import annotations

from dataclasses import dataclass

from collectors.enrichment.flows.vocabulary import Activity
from registry.index import Resource


@dataclass(slots=True)
class Taking:
    """One resource taken by one account.

    Attributes:
        account: the name in the log.
        resource: what was taken; None for what is not registered.
        name: what the log calls the resource.
        fields: names of the fields taken; None where the log does not tell.
        activity: what was done.
        system_id: the system in which the account is used, where it is known.
        categories: what a body was seen to hold.
        masked: whether sensitive values were masked; None where nothing tells.
    """

    account: str | None
    resource: Resource | None
    name: str | None
    activity: Activity
    fields: tuple[str, ...] | None = None
    system_id: str | None = None
    categories: tuple[str, ...] = ()
    masked: bool | None = None
