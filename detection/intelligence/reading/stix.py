"""STIX 2.1 bundles: their indicators (§4.7), with confidence, labels, validity and TLP markings (§7.2.1.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from detection.intelligence.errors import IntelligenceError, NoIndicatorError
from detection.intelligence.reading.document import (
    map_at,
    maps_at,
    moment_of,
    read_json,
    text_at,
    texts_at,
)
from detection.intelligence.reading.gathering import Details, Gathering, tlp_of
from detection.intelligence.reading.stix_pattern import values_named

_MARKING = "marking-definition--"
_TLP_MARKINGS = {
    "613f2e26-407d-48c7-9eca-b8e91df99dc9": "clear",
    "34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
"""The marking definitions whose ids are fixed: TLP 1.0 (STIX 2.1 §7.2.1.4), TLP 2.0 (OASIS TLP 2.0 extension)."""
_MOST_CONFIDENT = 100


def read_stix(file: BinaryIO, gathering: Gathering) -> Iterator[None]:
    """Gather the indicators of a bundle, one a step; each that can't be matched is noted by its id.

    Raises:
        IntelligenceError: the document is no bundle.
    """
    document = read_json(file.read(), gathering)
    if document.get("type") != "bundle":
        raise IntelligenceError("no STIX bundle ('type' is not 'bundle'); check the file's form")
    objects = maps_at(document, "objects")
    names = {text_at(each, "id"): text_at(each, "name") for each in objects if each.get("type") == "identity"}
    markings = {text_at(each, "id"): _marking(each) for each in objects if each.get("type") == "marking-definition"}
    for each in objects:
        if each.get("type") == "indicator":
            try:
                _read_indicator(each, _details(each, names, markings), gathering)
            except NoIndicatorError as error:
                gathering.refuse(text_at(each, "id") or "indicator without id", str(error))
            yield


def _read_indicator(indicator: Mapping[str, object], details: Details, gathering: Gathering) -> None:
    if indicator.get("revoked") is True:
        raise NoIndicatorError("revoked by its source; retire it here if it was imported before")
    language = text_at(indicator, "pattern_type")
    if language != "stix":
        raise NoIndicatorError(f"the pattern language '{language[:40]}' is not STIX; import it as what it is")
    pattern, limits = text_at(indicator, "pattern"), gathering.policy.limits
    if len(pattern) > limits.pattern:
        raise NoIndicatorError(f"a pattern of more than {limits.pattern} characters; split the indicator")
    for kind, text in values_named(pattern, limits.nesting):
        gathering.add(text, kind, details)


def _details(indicator: Mapping[str, object], names: Mapping[str, str], markings: Mapping[str, str | None]) -> Details:
    confidence = indicator.get("confidence")
    if confidence is not None and not _is_confidence(confidence):
        raise NoIndicatorError("confidence is no whole number from 0 to 100; correct it")
    tlps = [_tlp(each, markings) for each in texts_at(indicator, "object_marking_refs")]
    try:
        valid_from, valid_until = (moment_of(text_at(indicator, key)) for key in ("valid_from", "valid_until"))
    except ValueError as error:
        raise NoIndicatorError("valid_from or valid_until is no RFC 3339 time; correct it") from error
    return Details(
        reference=text_at(indicator, "id"),
        source=names.get(text_at(indicator, "created_by_ref"), ""),
        confidence=confidence if isinstance(confidence, int) else None,
        valid_from_ms=valid_from,
        valid_until_ms=valid_until,
        tlp=next((each for each in tlps if each), None),
        labels=texts_at(indicator, "labels") + texts_at(indicator, "indicator_types"),
        description=text_at(indicator, "description") or text_at(indicator, "name"),
    )


def _is_confidence(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_CONFIDENT


def _tlp(reference: str, markings: Mapping[str, str | None]) -> str | None:
    return _TLP_MARKINGS.get(reference.removeprefix(_MARKING)) or markings.get(reference)


def _marking(definition: Mapping[str, object]) -> str | None:
    return tlp_of(text_at(map_at(definition, "definition"), "tlp") or text_at(definition, "name"))
