"""Sources: where records come from. Files that are read or followed, syslog and HTTP that listen and spool.

A source gives batches of records with the checkpoint that holds once they are delivered (``contract``); what pushes
is on disk before its sender is told so (``spool``). Configuration is in ``config``, one model a type of source.
"""

from collectors.sources.contract import Checkpoints, Source, SourceError

__all__ = ["Checkpoints", "Source", "SourceError"]
