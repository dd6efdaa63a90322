"""What the answer to a search says about itself: whether it is whole, and why it was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ApiError

from store.elasticsearch.connection import reason_of, root_cause
from store.errors import QueryError

_BAD_REQUEST = 400
_TOO_MANY_BUCKETS = "too_many_buckets_exception"
_GONE = "index_not_found_exception"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Why an answer is partial."""

    note: str
    is_slow: bool


def shortfall_of(answer: Mapping[str, Any], seconds: float) -> Shortfall | None:
    """Why an answer is partial, None when it is whole; an index that retention dropped meanwhile is no loss."""
    shards = answer["_shards"]
    failures = [each for each in shards.get("failures", ()) if each["reason"].get("type") != _GONE]
    if failures or shards.get("failed", 0) > len(shards.get("failures", ())):
        reason = reason_of(failures[0]["reason"]) if failures else "no reason given"
        return Shortfall(
            f"{shards['failed']} of {shards['total']} shards of the event store gave no answer ({reason})",
            is_slow=False,
        )
    if answer.get("timed_out"):
        return Shortfall(f"the search took more than {seconds:g} s; narrow the range of time", is_slow=True)
    return None


def closed_shortfall(closed: Sequence[str]) -> Shortfall | None:
    """Why an answer is partial where someone has closed indexes that it should tell of."""
    if not closed:
        return None
    others = f" and {len(closed) - 1} others" if len(closed) > 1 else ""
    return Shortfall(f"the index {closed[0]}{others} is closed; open it in Elasticsearch", is_slow=False)


def refused(error: ApiError) -> Exception:
    """The error of a refused search: the query's own where it can't be answered, else the cluster's."""
    cause = root_cause(error)
    kinds = {str(cause.get("type")), *_types_within(error.body)}
    if _TOO_MANY_BUCKETS in kinds:
        return QueryError(
            "the aggregation has too many buckets; take a longer interval, a narrower range or fewer terms"
        )
    if error.status_code == _BAD_REQUEST:
        return QueryError(f"the event store can't answer this ({reason_of(cause)}); simplify the query")
    return error


def _types_within(body: object) -> set[str]:
    """The types of all errors that an answer names, however deep."""
    if isinstance(body, Mapping):
        own = {str(body["type"])} if "type" in body else set()
        return own.union(*(_types_within(part) for part in body.values()))
    return set().union(*(_types_within(part) for part in body)) if isinstance(body, list) else set()
