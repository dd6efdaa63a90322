"""A DataFrame is examined like any other table: every row, by values and by names."""

from __future__ import annotations

import pandas as pd

from classification.examination import examine_frame
from tests.classification.valid_identifiers import with_mod_11_2

_ROWS = 4_100
"""More than two portions; what is held at the end is found only by whoever reads on."""


def test_every_row_of_a_frame_is_looked_at() -> None:
    number = with_mod_11_2("11010519491231002")
    remarks = ["无"] * (_ROWS - 1) + [f"证件 {number}"]
    frame = pd.DataFrame({"sjhm": ["13800138000"] * _ROWS, "bz": remarks, "total": range(_ROWS)})
    found = examine_frame(frame, "people")
    assert (found.resource, found.rows, found.is_whole, found.problems) == ("people", _ROWS, True, [])
    held = {field.field: [each.category for each in field.findings] for field in found.fields}
    assert held == {"sjhm": ["mobile_phone"], "bz": ["resident_id"], "total": []}
    assert found.fields[0].samples == {"mobile_phone": ["13800138000"]}
