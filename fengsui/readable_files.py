"""Files that the settings name, looked at before a library fails over them without saying which."""

from __future__ import annotations

from pathlib import Path

from fengsui.errors import FengsuiError


def check_readable(*files: Path | None) -> None:
    """See that files can be read; None is no file.

    Raises:
        FengsuiError: one can't.
    """
    for file in files:
        if file is None:
            continue
        try:
            file.open("rb").close()
        except OSError as error:
            raise FengsuiError(f"{file}: {error.strerror}; give this user the file, or mend the setting") from error
