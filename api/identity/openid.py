"""Single sign-on by an OpenID provider: its tokens name a person, the roles are those of the person's account here."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog

from api.identity.bearer_tokens import (
    Issuer,
    KeySetError,
    UnknownKeyError,
    VerificationKey,
    read_key_set,
    read_token,
)

_MAXIMUM_KEY_SET = 256 << 10
_FETCH_SECONDS = 5.0
_REFRESH_SECONDS = 3600.0
_RETRY_SECONDS = 60.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """Whose tokens are accepted.

    Attributes:
        issuer: the ``iss`` that tokens must name, exactly.
        audience: the ``aud`` that they must be made out for: our client id there.
        keys: the provider's ``jwks_uri`` (https), or a file of its JWK set on a closed network.
    """

    issuer: str
    audience: str
    keys: str


class OpenIdProvider:
    """Accepts the tokens of one provider; follows its key changes, and keeps to the last keys while it is away."""

    def __init__(self, settings: OpenIdSettings) -> None:
        """Remember whom to trust; the keys are fetched with the first token.

        Raises:
            KeySetError: the keys' address is neither https nor a file.
        """
        self._settings = settings
        self._keys: dict[str, VerificationKey] = {}
        self._tried = float("-inf")
        self._lock = threading.Lock()
        _check_address(settings.keys)

    def subject(self, token: str) -> str:
        """The ``sub`` of a token that holds.

        Raises:
            BearerTokenError: it does not hold.
        """
        if time.monotonic() - self._tried > _REFRESH_SECONDS:
            self._refresh()
        try:
            return str(read_token(token, self._issuer())["sub"])
        except UnknownKeyError:
            if not self._refresh():
                raise
            return str(read_token(token, self._issuer())["sub"])

    def _issuer(self) -> Issuer:
        return Issuer(self._settings.issuer, self._settings.audience, self._keys)

    def _refresh(self) -> bool:
        """Ask for the keys again, at most once a minute whatever tokens come; whether new keys were read."""
        with self._lock:
            if time.monotonic() - self._tried < _RETRY_SECONDS:
                return False
            self._tried = time.monotonic()
            try:
                self._keys = read_key_set(_fetch(self._settings.keys))
            except (OSError, httpx.HTTPError, KeySetError) as error:
                _log.warning("keys of the OpenID provider not read", error=type(error).__name__)
                return False
            return True


def _check_address(keys: str) -> None:
    address = urlsplit(keys)
    if address.scheme == "http" and address.hostname not in _LOOPBACK:
        raise KeySetError(f"{keys}: keys fetched without TLS could be anybody's; use https or a file")


def _fetch(keys: str) -> bytes:
    if urlsplit(keys).scheme not in {"http", "https"}:
        with Path(keys).open("rb") as file:
            return file.read(_MAXIMUM_KEY_SET)
    text = b""
    with httpx.stream("GET", keys, timeout=_FETCH_SECONDS, follow_redirects=False) as answer:
        answer.raise_for_status()
        for part in answer.iter_bytes():
            text += part
            if len(text) > _MAXIMUM_KEY_SET:
                raise KeySetError(f"{keys}: more than {_MAXIMUM_KEY_SET} bytes are no JWK set")
    return text
