"""The detectors tried on pasted values or a text: nothing is stored, and nothing comes back unmasked."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from api.access import Form, Requires
from api.caller import Caller
from api.console.data_words import DataWords
from api.console.rendering import render
from api.console.translation import language_of
from api.review_work import READ
from classification.grading import default_scheme
from classification.review import review_policy
from classification.sources import Column
from classification.trial import ColumnTrial, TextTrial, try_column, try_text

router = APIRouter(include_in_schema=False)
_LONGEST_NAME = 1024


@router.get("/classify")
def show(request: Request, _caller: Annotated[Caller, Depends(Requires(READ))]) -> Response:
    """The form."""
    return _page(request)


@router.post("/classify")
def try_out(request: Request, form: Form, _caller: Annotated[Caller, Depends(Requires(READ, form=True))]) -> Response:
    """What the detectors say; what was pasted is not shown again."""
    limits, pasted = review_policy().try_out, str(form.get("pasted", ""))
    kind = "text" if form.get("kind") == "text" else "column"
    name, comment = (str(form.get(each, ""))[:_LONGEST_NAME].strip() for each in ("name", "comment"))
    values = [line for line in pasted.splitlines() if line.strip()]
    if len(pasted) > limits.text_length or (kind == "column" and len(values) > limits.values):
        return _page(request, kind=kind, name=name, comment=comment, too_much=True)
    if kind == "text":
        return _page(request, kind=kind, text=try_text(pasted))
    return _page(
        request, name=name, comment=comment, column=try_column(default_scheme(), Column(name, comment), values)
    )


def _page(request: Request, **shown: str | bool | ColumnTrial | TextTrial) -> Response:
    limits = review_policy().try_out
    context: dict[str, Any] = {
        "active": "try_out",
        "words": DataWords(language_of(request)),
        "scheme": default_scheme(),
        "limits": limits,
        "kind": "column",
        "name": "",
        "comment": "",
        "column": None,
        "text": None,
        "too_much": False,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if shown.get("too_much") else HTTPStatus.OK
    return render(request, "try_out.html", context | shown, status)
