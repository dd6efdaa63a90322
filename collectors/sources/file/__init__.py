"""Files: read once or followed, recognized by their content wherever rotation moves them.

``fingerprint`` tells whether a file continues what was read before, ``tracks`` which of the known ones it is,
``line_reading`` and ``container_reading`` make batches, ``source`` looks after the folders.
"""

from collectors.sources.file.source import FileSource

__all__ = ["FileSource"]
