"""What can be wrong with playbooks and their runs."""

from __future__ import annotations

from dataclasses import dataclass


class PlaybookError(Exception):
    """Root of the errors of this part; says where, what and what to do next."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a playbook; ``place`` is a path such as ``workflow.action--….commands.0``."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class InvalidPlaybookError(PlaybookError):
    """A text is no playbook that can be run; ``problems`` names every place and reason."""

    def __init__(self, problems: list[Problem]) -> None:
        """Say all of them in one message."""
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class ConditionError(PlaybookError):
    """A condition can't be read or decided."""


class VariableError(PlaybookError):
    """A variable is unknown, has no value, or may not take the one it was given."""


class PlaybookNotFoundError(PlaybookError):
    """There is no such playbook."""


class RunNotFoundError(PlaybookError):
    """There is no such run, or none that the caller may see."""


class ApprovalNotFoundError(PlaybookError):
    """There is no such approval, or none that the caller may see."""


class RunConflictError(PlaybookError):
    """The state of a run, an approval or a playbook does not allow what was asked for."""


class NotYourApprovalError(PlaybookError):
    """The caller may not decide: another role is asked, or the caller asked for the run."""


class InvalidAnswerError(PlaybookError):
    """An answer does not have the form that the step asks for."""


class ActionError(PlaybookError):
    """An action can't be carried out as the playbook says."""


class WebhookNotFoundError(PlaybookError):
    """There is no such webhook endpoint or delivery, or none that the caller may see."""


class InvalidWebhookError(PlaybookError):
    """An endpoint's address or name can't be taken."""


class SignatureError(PlaybookError):
    """A signed call is not signed by a known secret, or too old."""
