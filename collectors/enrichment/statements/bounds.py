"""Whether a statement takes or removes whole tables."""

from __future__ import annotations

from sqlglot import exp

_TOTALS = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Stddev, exp.Variance, exp.ApproxDistinct)
_BOUNDS = ("limit", "group", "having", "joins", "connect", "offset", "distinct", "using")


def is_unconditional(node: exp.Expr) -> bool:
    """Whether rows are taken or removed without any bound; a condition on constants alone bounds nothing."""
    if isinstance(node, exp.TruncateTable | exp.Drop):
        return True
    if isinstance(node, exp.Copy):
        return not node.args.get("kind") and _copies_all(node)
    if isinstance(node, exp.Insert | exp.Create):
        return isinstance(node.expression, exp.Select) and is_unconditional(node.expression)
    if isinstance(node, exp.SetOperation):
        return is_unconditional(node.left) or is_unconditional(node.right)
    if isinstance(node, exp.Subquery):
        return is_unconditional(node.unnest())
    return isinstance(node, exp.Select | exp.Delete | exp.Update) and _takes_rows(node) and not _is_bounded(node)


def _takes_rows(node: exp.Expr) -> bool:
    """Whether rows are meant, and not figures about all of them."""
    if not isinstance(node, exp.Select):
        return True
    return node.args.get("from_") is not None and not all(_is_total(each) for each in node.expressions)


def _is_bounded(node: exp.Expr) -> bool:
    where = node.args.get("where")
    if where is not None and any(True for _ in where.find_all(exp.Column, exp.Query)):
        return True
    if not isinstance(node, exp.Select) and (node.args.get("from_") is not None or node.this.args.get("joins")):
        return True
    return any(node.args.get(part) for part in _BOUNDS)


def _copies_all(node: exp.Copy) -> bool:
    return not isinstance(node.this, exp.Query) or is_unconditional(node.this.unnest())


def _is_total(projection: exp.Expr) -> bool:
    """Whether a result is one figure of all rows; lists of their values are not."""
    value = projection.unalias()
    return isinstance(value.this if isinstance(value, exp.Filter) else value, _TOTALS)
