"""Reads a policy file and validates it."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

_FOLDER = Path(__file__).resolve().parent

Policy = TypeVar("Policy", bound=BaseModel)


class PolicyError(ValueError):
    """A policy file is missing, is no YAML, or breaks its schema; names file, place and fix."""


def policy_path(name: str) -> Path:
    """The shipped file of a policy, by its path below ``policies/``."""
    return _FOLDER / name


def load_policy(name: str | Path, model: type[Policy]) -> Policy:
    """Read the policy file ``name`` (below ``policies/``, or an absolute path) into its model.

    Raises:
        PolicyError: the file is missing, is no YAML, or breaks its schema.
    """
    path = _FOLDER / name
    try:
        text = path.read_text(encoding="utf-8")
        return model.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
    except OSError as error:
        raise PolicyError(f"{path}: can't be read ({error.strerror}); restore the file") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{path}: no valid YAML: {error}") from error
    except ValidationError as error:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        problems = "; ".join(
            f"{path}:{_line(node, problem['loc'])} {'.'.join(map(str, problem['loc']))}: {problem['msg']}"
            for problem in error.errors(include_url=False)
        )
        raise PolicyError(problems) from error


def _line(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The line, from 1, of the innermost part of a location that stands in the file."""
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        else:
            found = None
        if found is None:
            break
        node = found
    return node.start_mark.line + 1 if node is not None else 1
