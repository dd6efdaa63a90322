"""Reads a policy file and validates it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

_FOLDER = Path(__file__).resolve().parent
SITE_FOLDER = "FENGSUI_POLICIES"
"""Environment variable that names the folder of a site's own policies; processes started from one inherit it."""

Policy = TypeVar("Policy", bound=BaseModel)


class PolicyError(ValueError):
    """A policy file is missing, is no YAML, or breaks its schema; names file, place and fix."""


def policy_path(name: str | Path) -> Path:
    """The file of a policy, by its path below ``policies/``: the site's own where there is one, else the shipped."""
    folder = os.environ.get(SITE_FOLDER)
    own = Path(folder) / name if folder else None
    return own if own is not None and own.is_file() else _FOLDER / name


def unknown_policies(folder: Path) -> Iterable[Path]:
    """The files of a site's folder that would take the place of no shipped one, for instance misspelled ones."""
    names = (path.relative_to(folder) for path in sorted(folder.rglob("[!.]*")) if path.is_file())
    return (name for name in names if not (_FOLDER / name).is_file())


def load_policy(name: str | Path, model: type[Policy]) -> Policy:
    """Read the policy file ``name`` (as ``policy_path`` has it, or an absolute path) into its model.

    Raises:
        PolicyError: the file is missing, is no YAML, or breaks its schema.
    """
    path = policy_path(name)
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
