"""``rules``: lint of rule folders, and what each rule has to say of events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from detection.check import check_rules
from fengsui.cli import rule_backtest, rule_convert, rule_coverage, rule_explain
from fengsui.exit_status import ExitStatus
from fengsui.output import say, write_lines

app = typer.Typer(name="rules", help="Work on Sigma rules.", no_args_is_help=True)
app.command("backtest")(rule_backtest.backtest)
app.command("convert")(rule_convert.convert_rules)
app.command("coverage")(rule_coverage.coverage)
app.command("explain")(rule_explain.explain_rule)

Folders = Annotated[list[Path], typer.Argument(help="Folders or files of Sigma rules.", exists=True)]


@app.callback()
def rules() -> None:
    """Work on Sigma rules."""


@app.command("check")
def check(folders: Folders) -> None:
    """Lint rules: one line a finding, with file, line and fix; exit 1 when a rule can't be used."""
    findings = check_rules(folders)
    write_lines(
        {
            "path": str(finding.path),
            "line": finding.line,
            "rule": finding.rule_id,
            "severity": finding.severity,
            "message": finding.message,
            "fix": finding.fix,
        }
        for finding in findings
    )
    errors = sum(finding.severity == "error" for finding in findings)
    say(f"{len(findings)} findings, of them {errors} errors")
    if errors:
        raise typer.Exit(ExitStatus.SOME_INPUT_FAILED)
