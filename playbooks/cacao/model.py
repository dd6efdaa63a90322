"""The objects of CACAO Security Playbooks Version 2.0 (OASIS), as far as they are run or shown."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
_TIME = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?Z$"

Identifier = Annotated[str, Field(pattern=rf"^[a-z][a-z0-9-]+[a-z0-9]--{_UUID}$", max_length=250)]
"""CACAO 2.0 §10.10: ``object-type--UUID``."""
Reference = Annotated[str, Field(min_length=1, max_length=250)]
"""Names a definition of the same playbook; tools write other forms than the standard's, and they are taken."""
Timestamp = Annotated[str, Field(pattern=_TIME)]
VariableName = Annotated[str, Field(pattern=r"^__[a-zA-Z_][a-zA-Z0-9_-]{0,199}__$")]
StepId = Annotated[
    str,
    Field(
        pattern=rf"^(start|end|action|playbook-action|parallel|if-condition|while-condition|switch-condition)--{_UUID}$"
    ),
]
Score = Annotated[int, Field(ge=0, le=100)]


class CacaoObject(BaseModel):
    """Takes what the standard names and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Variable(CacaoObject):
    """§10.18: a value that the workflow reads and writes; all values are texts."""

    type: str = Field(min_length=1)
    description: str = ""
    value: str | None = None
    constant: bool = False
    external: bool = False


class Command(BaseModel):
    """§5: what an action carries out; its type says which further properties it has."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(min_length=1, max_length=64)
    description: str = ""
    command: str = ""
    command_b64: str | None = None
    headers: dict[str, list[str]] = Field(default_factory=dict)
    content: str | None = None
    content_b64: str | None = None


class _Step(CacaoObject):
    """§4.1: what all steps have in common; times are milliseconds."""

    name: str = ""
    description: str = ""
    external_references: list[dict[str, Any]] = Field(default_factory=list)
    delay: int | None = Field(None, ge=1)
    timeout: int | None = Field(None, ge=0)
    step_variables: dict[VariableName, Variable] = Field(default_factory=dict)
    owner: str | None = None
    on_completion: StepId | None = None
    on_success: StepId | None = None
    on_failure: StepId | None = None
    step_extensions: dict[Identifier, dict[str, Any]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        ends = isinstance(self, EndStep)
        outcome = self.on_success is not None or self.on_failure is not None
        if ends and (outcome or self.on_completion):
            raise ValueError("an end step leads nowhere; remove on_completion, on_success and on_failure")
        if not ends and self.on_completion and outcome:
            raise ValueError("on_completion excludes on_success and on_failure; keep one form")
        if not ends and not self.on_completion and not self.on_success:
            raise ValueError("the step leads nowhere; name on_completion or on_success")
        return self

    @property
    def after_success(self) -> str | None:
        """The step that follows success."""
        return self.on_success or self.on_completion

    @property
    def after_failure(self) -> str | None:
        """The step that follows failure; None where the playbook names none.

        ``on_completion`` is not a way on from failure: what was built on the step has not happened.
        """
        return self.on_failure


class StartStep(_Step):
    """§4.3."""

    type: Literal["start"]


class EndStep(_Step):
    """§4.4."""

    type: Literal["end"]


class ActionStep(_Step):
    """§4.5: commands that an agent carries out on targets."""

    type: Literal["action"]
    commands: list[Command] = Field(min_length=1, max_length=32)
    agent: Reference
    targets: list[Reference] = Field(default_factory=list, max_length=64)
    in_args: list[VariableName] = Field(default_factory=list)
    out_args: list[VariableName] = Field(default_factory=list)


class PlaybookActionStep(_Step):
    """§4.6: another playbook, run to its end."""

    type: Literal["playbook-action"]
    playbook_id: Identifier
    playbook_version: Timestamp | None = None
    in_args: list[VariableName] = Field(default_factory=list)
    out_args: list[VariableName] = Field(default_factory=list)


class ParallelStep(_Step):
    """§4.7: branches that all come to their end before the workflow goes on."""

    type: Literal["parallel"]
    next_steps: list[StepId] = Field(min_length=2, max_length=64)


class IfStep(_Step):
    """§4.8."""

    type: Literal["if-condition"]
    condition: str = Field(min_length=1, max_length=4096)
    on_true: StepId
    on_false: StepId | None = None


class WhileStep(_Step):
    """§4.9."""

    type: Literal["while-condition"]
    condition: str = Field(min_length=1, max_length=4096)
    on_true: StepId


class SwitchStep(_Step):
    """§4.10: the case whose name is the variable's value, else ``default``."""

    type: Literal["switch-condition"]
    switch: str = Field(min_length=1, max_length=250)
    cases: dict[str, StepId] = Field(min_length=1)


Step = Annotated[
    StartStep | EndStep | ActionStep | PlaybookActionStep | ParallelStep | IfStep | WhileStep | SwitchStep,
    Field(discriminator="type"),
]


class AgentTarget(BaseModel):
    """§7: who carries out, or what it is done to."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1)
    description: str = ""
    address: dict[str, list[str | int]] = Field(default_factory=dict)
    port: str | None = None
    authentication_info: str | None = None


class ExtensionDefinition(CacaoObject):
    """§8."""

    type: Literal["extension-definition"]
    name: str
    description: str = ""
    created_by: Identifier
    schema_text: str = Field(alias="schema")
    version: str
    external_references: list[dict[str, Any]] = Field(default_factory=list)


class Playbook(CacaoObject):
    """§3: the whole."""

    type: Literal["playbook"]
    spec_version: Literal["cacao-2.0"]
    id: Identifier
    name: str = Field(min_length=1, max_length=255)
    description: str = ""
    playbook_types: list[str] = Field(default_factory=list)
    playbook_activities: list[str] = Field(default_factory=list)
    playbook_processing_summary: dict[str, bool] = Field(default_factory=dict)
    created_by: Identifier
    created: Timestamp
    modified: Timestamp
    revoked: bool = False
    valid_from: Timestamp | None = None
    valid_until: Timestamp | None = None
    derived_from: list[Identifier] = Field(default_factory=list)
    related_to: list[Identifier] = Field(default_factory=list)
    priority: Score = 0
    severity: Score = 0
    impact: Score = 0
    industry_sectors: list[str] = Field(default_factory=list)
    labels: list[str] = Field(default_factory=list)
    external_references: list[dict[str, Any]] = Field(default_factory=list)
    markings: list[Identifier] = Field(default_factory=list)
    playbook_variables: dict[VariableName, Variable] = Field(default_factory=dict)
    workflow_start: StepId
    workflow_exception: StepId | None = None
    workflow: dict[StepId, Step] = Field(min_length=2)
    playbook_extensions: dict[Identifier, dict[str, Any]] = Field(default_factory=dict)
    authentication_info_definitions: dict[str, dict[str, Any]] = Field(default_factory=dict)
    agent_definitions: dict[Reference, AgentTarget] = Field(default_factory=dict)
    target_definitions: dict[Reference, AgentTarget] = Field(default_factory=dict)
    extension_definitions: dict[Identifier, ExtensionDefinition] = Field(default_factory=dict)
    data_marking_definitions: dict[str, dict[str, Any]] = Field(default_factory=dict)
    signatures: list[dict[str, Any]] = Field(default_factory=list)
