"""What queries give, laid over each other and under other names."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from collectors.enrichment.statements.sources import NOWHERE, Outputs, Uncertain


def united(left: Outputs, right: Outputs) -> Outputs:
    """The rows of both under the names of the left; columns correspond by their order where that is known."""
    aligned = left.positional and right.positional and len(left.columns) == len(right.columns)
    outputs = Outputs(dict(left.columns), left.stars | right.stars, positional=aligned)
    others = list(right.columns.values())
    mixed = right.all() if not aligned else NOWHERE
    for place, name in enumerate(left.columns):
        outputs.columns[name] |= others[place] if aligned else mixed
    if mixed and not left.columns:
        outputs.columns[""] = mixed
    return outputs


def check_order(order: exp.Expr, left: Outputs) -> None:
    """The order of a union names its results, which are read already."""
    for column in order.find_all(exp.Column):
        if column.table or (column.name.lower() not in left.columns and not left.stars):
            raise Uncertain("the order of a union by something that it does not give")


def renamed(outputs: Outputs, names: Sequence[str]) -> Outputs:
    """The outputs under the names that an alias lists."""
    if not names:
        return outputs
    if not outputs.positional or outputs.stars or len(names) != len(outputs.columns):
        return Outputs(dict.fromkeys(names, outputs.all()), positional=False)
    return Outputs(dict(zip(names, outputs.columns.values(), strict=True)))
