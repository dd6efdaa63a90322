"""What was sent and returned, where a gateway logs it: found under its many names and kept apart from all else.

Sources: Kong "Log serialization" and the plugins that add bodies to it, Apache APISIX ``include_req_body`` and
``include_resp_body``, and what the gateways of data-sharing platforms commonly write.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

import orjson

from events import Event

REQUEST_BODIES = (
    *("request_body", "requestBody", "req_body", "reqBody", "request_payload", "requestPayload", "request_params"),
    *("requestParams", "request_param", "request_data", "requestData", "input_params", "in_params", "post_data"),
)
RESPONSE_BODIES = (
    *("response_body", "responseBody", "resp_body", "respBody", "response_payload", "responsePayload"),
    *("response_data", "responseData", "response_content", "responseContent", "resp_content", "return_data"),
    *("returnData", "output_params", "out_params"),
)
_INNER = ("body", "raw_body", "payload", "content")
"""Names of bodies inside the ``request`` and ``response`` objects."""
BODY_NAMES = frozenset({*REQUEST_BODIES, *RESPONSE_BODIES})
"""Names that hold a body wherever in a record they stand."""


def without_bodies(document: Mapping[str, object]) -> dict[str, object]:
    """The record less what was sent and returned."""
    return {
        name: _without_inner(value) if name in {"request", "response"} else value
        for name, value in document.items()
        if name not in BODY_NAMES and name not in _INNER
    }


def body_fields(document: Mapping[str, object]) -> Event:
    """``http.request.body.content`` and ``http.response.body.content`` as text; structures as JSON."""
    fields: Event = {}
    for side, names in (("request", REQUEST_BODIES), ("response", (*RESPONSE_BODIES, "body", "payload"))):
        inner = document.get(side)
        found = [document[name] for name in names if document.get(name)]
        if isinstance(inner, Mapping):
            found += [inner[name] for name in dict.fromkeys((*_INNER, *names)) if inner.get(name)]
        if found:
            fields[f"http.{side}.body.content"] = "\n".join(_text(each) for each in found)
    return fields


def _without_inner(message: object) -> object:
    if not isinstance(message, Mapping):
        return message
    return {name: value for name, value in message.items() if name not in _INNER and name not in BODY_NAMES}


def _text(body: object) -> str:
    """A body as text; what is base64 of text is decoded, as gateways write what they take for binary."""
    if not isinstance(body, str):
        return orjson.dumps(body).decode()
    try:
        return base64.b64decode(body, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return body
