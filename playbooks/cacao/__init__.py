"""CACAO Security Playbooks Version 2.0: reading, checking, conditions, variables, our one extension."""

from playbooks.cacao.conditions import parse_condition
from playbooks.cacao.extension import EXTENSION_ID, ApprovalDemand, StepExtension, extension_of
from playbooks.cacao.loading import LoadedPlaybook, load_playbook, restore_playbook, with_credentials
from playbooks.cacao.model import ActionStep, Command, Playbook, Step

__all__ = [
    "EXTENSION_ID",
    "ActionStep",
    "ApprovalDemand",
    "Command",
    "LoadedPlaybook",
    "Playbook",
    "Step",
    "StepExtension",
    "extension_of",
    "load_playbook",
    "parse_condition",
    "restore_playbook",
    "with_credentials",
]
