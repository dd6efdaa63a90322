"""Bodies that gateways log, under their many names: they stand in two fields and nowhere else."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from collectors.normalizers.chain import normalize
from collectors.normalizers.contract import SourceContext
from collectors.record import Record, RecordBatch
from events import Event

_CALL = {"time": "2026-11-18T02:07:31Z", "app_id": "a", "client_ip": "10.0.0.1", "path": "/v1/a", "status": 200}
_KONG: dict[str, Any] = {
    "client_ip": "10.0.0.1",
    "started_at": 1_763_402_851_000,
    "request": {"uri": "/v1/a", "method": "POST", "headers": {}, "size": 3},
    "response": {"status": 200, "headers": {}, "size": 5},
    "consumer": {"username": "a"},
}
_PEOPLE = {"data": [{"name": "somebody"}]}
_REQUEST, _RESPONSE = "http.request.body.content", "http.response.body.content"


def _event(document: dict[str, object]) -> Event:
    text = json.dumps(document)
    batch = RecordBatch("s", "i", [Record(0, text.encode(), text=text)], [])
    [event] = normalize(batch, SourceContext("s", "i")).events
    return event


@pytest.mark.parametrize(
    "name",
    [
        "response_body",
        "responseBody",
        "resp_body",
        "respBody",
        "response_data",
        "response_content",
        "return_data",
        "body",
    ],
)
@pytest.mark.parametrize("content", [_PEOPLE, json.dumps(_PEOPLE)], ids=["structure", "text"])
def test_an_answer_is_found_under_its_name(name: str, content: object) -> None:
    event = _event({**_CALL, name: content})
    assert json.loads(str(event[_RESPONSE])) == _PEOPLE
    assert not [field for field, value in event.items() if field.startswith("gateway.") and "somebody" in str(value)]


@pytest.mark.parametrize("name", ["request_body", "reqBody", "request_params", "requestData", "post_data", "in_params"])
def test_what_was_sent_is_found_under_its_name(name: str) -> None:
    event = _event({**_CALL, name: {"name": "somebody"}})
    assert json.loads(str(event[_REQUEST])) == {"name": "somebody"}
    assert not [field for field, value in event.items() if field.startswith("gateway.") and "somebody" in str(value)]


def test_kong_and_apisix_log_bodies_inside_request_and_response() -> None:
    answer = base64.b64encode(json.dumps(_PEOPLE).encode()).decode()
    request = {**_KONG["request"], "body": '{"name": "somebody"}'}
    event = _event({**_KONG, "request": request, "response": {**_KONG["response"], "body": answer}})
    assert event["event.dataset"] == "api_gateway.access"
    assert json.loads(str(event[_RESPONSE])) == _PEOPLE
    assert json.loads(str(event[_REQUEST])) == {"name": "somebody"}
    assert not [field for field, value in event.items() if field.startswith("gateway.") and "somebody" in str(value)]
    assert event["gateway.response.size"] == 5


def test_a_call_without_bodies_has_none() -> None:
    assert not {_REQUEST, _RESPONSE} & _event(dict(_CALL)).keys()
