"""``python -m fengsui``: the same as the command ``fengsui``."""

from __future__ import annotations

from fengsui.cli import main

if __name__ == "__main__":
    main()
