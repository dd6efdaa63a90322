"""The event stores' figures: ``python -m benchmarks.store FOLDER [--per-file N] [--events N] [--days N]``.

FOLDER holds recorded logs; what the first records of each file are normalized to is repeated with new ids over the
days. Prints for each engine (with ``--elasticsearch URL`` for that one, too) events a second and processor time an
event, through the store and by the engine alone with the very same documents; size on disk beside the bytes of the
records; memory; and times of queries over everything that was stored. Making the events is not in the times. Temporary
files lie where TMPDIR says.
"""

from __future__ import annotations

from benchmarks.store_figures import main

if __name__ == "__main__":
    main()
