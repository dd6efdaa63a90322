"""The checks by the names that policy gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from classification.identifiers import abroad, cards, network, organizations, persons, phones, secrets, travel, vehicles

Check = Callable[[str], bool]

_ALL: tuple[Check, ...] = (
    abroad.street_address,
    abroad.us_social_security_number,
    cards.bank_card,
    cards.bank_card_known_issuer,
    cards.iban,
    cards.imei,
    cards.swift_code,
    network.coordinates,
    network.coordinates_in_china,
    network.email,
    network.ipv4,
    network.ipv4_no_clause,
    network.ipv6,
    network.mac_address,
    organizations.business_registration,
    organizations.organization_code,
    organizations.social_credit_code,
    organizations.social_credit_code_with_letter,
    persons.birth_date,
    persons.foreign_permanent_residence,
    persons.foreign_permanent_residence_15,
    persons.hkid,
    persons.resident_id,
    persons.resident_id_15,
    phones.international_phone,
    phones.landline_local,
    phones.landline_phone,
    phones.mobile_phone,
    phones.north_american_phone,
    secrets.access_key,
    secrets.json_web_token,
    secrets.password,
    secrets.secret_block,
    secrets.secret_token,
    travel.hk_macau_permit,
    travel.mainland_travel_permit,
    travel.passport,
    travel.taiwan_permit,
    vehicles.license_plate,
    vehicles.vin,
    vehicles.vin_known_maker,
)

CHECKS: Mapping[str, Check] = MappingProxyType({check.__name__: check for check in _ALL})
"""Each takes the text of a candidate of its shape and says whether it is the identifier."""
