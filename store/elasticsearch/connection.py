"""The connection to a cluster: several hosts, credentials, the version it must have, and its errors told as ours."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer, UnsupportedProductError

from store.elasticsearch.settings import ElasticsearchSettings
from store.errors import StoreError

MAJOR = 9
"""The major version of the clusters that this client speaks to."""
_ANY_FORM = {"accept": "*/*"}
"""Asks for no major's form of answer: an older cluster refuses to speak at all when asked for a newer one's."""
_FORBIDDEN = (401, 403)
_TOO_MANY = 429
_VALUES = re.compile(r"( Preview of|\. The prefix of|: \{|, original message| with value ).*|'[^']*'", re.DOTALL)


class Connection:
    """A client whose cluster was looked at before its first use. Safe between threads."""

    def __init__(self, settings: ElasticsearchSettings) -> None:
        """Nothing is asked before it is needed, so that a process can start while the cluster is down.

        Raises:
            StoreError: a credential is missing.
        """
        self._settings = settings
        self._client = _client(settings)
        self._checked = False
        self._guard = threading.Lock()

    @property
    def where(self) -> str:
        """The cluster, as messages name it."""
        return self._settings.hosts[0]

    @property
    def client(self) -> Elasticsearch:
        """The client, once the cluster has told that it has the right version.

        Raises:
            StoreError: it doesn't answer, or has another version.
        """
        if not self._checked:
            with self._guard, self.telling():
                told = self._client.perform_request("GET", "/", headers=_ANY_FORM)
                check_version(self.where, str(told["version"]["number"]))
                self._checked = True
        return self._client

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell the client's errors as errors of the store.

        Raises:
            StoreError: whatever the client raised.
        """
        try:
            yield
        except UnsupportedProductError as error:
            raise StoreError(
                f"{self.where}: this is no Elasticsearch; name an Elasticsearch {MAJOR} cluster"
            ) from error
        except ApiError as error:
            raise StoreError(f"{self.where}: {_explain(error)}") from error
        except ConnectionTimeout as error:
            seconds = self._settings.request_seconds
            raise StoreError(f"{self.where}: no answer within {seconds:g} s; look at the cluster's load") from error
        except TlsError as error:
            raise StoreError(
                f"{self.where}: no trusted connection (TlsError); correct authorities or fingerprint under [store]"
            ) from error
        except NoConnection as error:
            raise StoreError(
                f"{self.where}: no node of Elasticsearch can be reached ({type(error).__name__}); "
                "start the cluster, or correct hosts under [store]"
            ) from error
        except TransportError as error:
            raise StoreError(
                f"{self.where}: no sound answer ({type(error).__name__}); look at what stands between"
            ) from error

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


def reason_of(error: Any) -> str:  # noqa: ANN401 (JSON)
    """What Elasticsearch says is wrong, without the values it quotes."""
    if not isinstance(error, dict):
        return _VALUES.sub("", str(error))
    cause = error.get("caused_by") or {}
    inner = f" ({cause['type']})" if isinstance(cause, dict) and "type" in cause else ""
    kind, reason = error.get("type", "error"), _VALUES.sub("", str(error.get("reason") or ""))
    return f"{kind}: {reason}{inner}" if reason else f"{kind}{inner}"


def root_cause(error: ApiError) -> dict[str, Any]:
    """The innermost error that an answer names."""
    body = error.body if isinstance(error.body, dict) else {}
    top = body.get("error")
    if not isinstance(top, dict):
        return {"type": "error", "reason": str(top or error.message)}
    causes = top.get("root_cause") or [top]
    cause: dict[str, Any] = causes[0] if isinstance(causes[0], dict) else top
    return cause


def _explain(error: ApiError) -> str:
    if error.status_code in _FORBIDDEN and "security" in str(root_cause(error).get("type")):
        return f"the credentials don't allow this ({error.status_code}); correct them, or give the key its privileges"
    if error.status_code == _TOO_MANY:
        return f"the cluster is busy ({reason_of(root_cause(error))}); it is asked again later"
    return f"Elasticsearch answers {error.status_code} ({reason_of(root_cause(error))}); look at the cluster"


def check_version(where: str, version: str) -> None:
    """Make sure of a version that this client speaks to.

    Raises:
        StoreError: the cluster has another; says what to do.
    """
    major = version.partition(".")[0]
    if major != str(MAJOR):
        advice = f"upgrade it to {MAJOR}" if int(major) < MAJOR else "use a newer Fengsui"
        raise StoreError(f"{where}: Elasticsearch {version}; this Fengsui speaks to {MAJOR}, {advice}")


def _client(settings: ElasticsearchSettings) -> Elasticsearch:
    """A client that asks the other hosts where one doesn't answer, and never looks for hosts by itself."""
    options: dict[str, Any] = {
        "request_timeout": settings.request_seconds,
        "retry_on_timeout": False,
        "retry_on_status": (502, 503, 504),
        "max_retries": max(4, len(settings.hosts)),
        "retry_backoff_base": 0.1,
        "retry_backoff_cap": 2.0,
        "connections_per_node": settings.writers + 8,
        "serializer": OrjsonSerializer(),
    }
    if settings.authorities:
        options["ca_certs"] = str(settings.authorities)
    if settings.fingerprint:
        options["ssl_assert_fingerprint"] = settings.fingerprint
    if key := settings.api_key():
        options["api_key"] = key
    elif login := settings.login():
        options["basic_auth"] = login
    try:
        return Elasticsearch(list(settings.hosts), **options)
    except (ValueError, OSError) as error:
        raise StoreError(f"[store]: {error}; correct the section") from error
