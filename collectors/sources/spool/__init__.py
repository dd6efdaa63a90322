"""The spool: a durable queue on disk between those who push records and delivery.

What is pushed can't be asked for again, so it is on disk before its sender is told that it was taken. A spool is a
folder of segments (``segment``), each a run of frames (``frame``); a frame holds the messages of one push and is there
whole or not at all. Every message has a sequence number that is never given twice. Segments are deleted once delivery
has passed them.
"""

from collectors.sources.spool.frame import Frame, Message
from collectors.sources.spool.reader import Corruption, SpooledMessage, SpoolReader
from collectors.sources.spool.spool import KeyReusedError, Spool, SpoolError, SpoolFullError

__all__ = [
    "Corruption",
    "Frame",
    "KeyReusedError",
    "Message",
    "Spool",
    "SpoolError",
    "SpoolFullError",
    "SpoolReader",
    "SpooledMessage",
]
