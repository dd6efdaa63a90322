"""Back-testing: what rules would have found, over files or the event store, and whether that was expected."""

from detection.backtest.expectations import Expectations, Verdict, judge, load_expectations
from detection.backtest.junit import junit_report
from detection.backtest.stored import stored_pages
from detection.backtest.tally import Backtest, RuleTally

__all__ = [
    "Backtest",
    "Expectations",
    "RuleTally",
    "Verdict",
    "judge",
    "junit_report",
    "load_expectations",
    "stored_pages",
]
