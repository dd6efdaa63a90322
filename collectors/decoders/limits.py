"""How far a decoder follows its input: the policy of ``policies/collection/limits.yml``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict, PositiveInt


class _Policy(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordLimits(_Policy):
    """What one record may be: ``bytes`` as received, ``nesting`` in levels."""

    bytes: PositiveInt
    nesting: PositiveInt


class ArchiveLimits(_Policy):
    """What a compressed file may become.

    Attributes:
        layers: compression or archive inside another.
        members: files in one archive.
        total_bytes: everything one file expands to.
        ratio: expanded bytes for each byte of the file or member, counted once ``ratio_free_bytes`` are exceeded.
        ratio_free_bytes: what any file may expand to, however well it is compressed.
    """

    layers: PositiveInt
    members: PositiveInt
    total_bytes: PositiveInt
    ratio: PositiveInt
    ratio_free_bytes: PositiveInt


class DecodeLimits(_Policy):
    """All limits of decoding."""

    record: RecordLimits
    archive: ArchiveLimits


@cache
def default_limits() -> DecodeLimits:
    """The limits shipped with the product.

    Raises:
        pydantic.ValidationError: the policy file is not as it should be; the error names the entry.
    """
    text = files("policies").joinpath("collection/limits.yml").read_text(encoding="utf-8")
    return DecodeLimits.model_validate(yaml.safe_load(text))
