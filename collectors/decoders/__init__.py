"""Decoders: bytes in, records and dead letters out, whatever the bytes are.

A file or stream is opened through its layers of compression, its format and encoding are recognized from its first
bytes, and its records are handed out one by one; what can't be read becomes a dead letter beside its neighbors.
"""

from collectors.decoders.encodings import decode_text, detect_encoding
from collectors.decoders.identity import content_identity
from collectors.decoders.limits import DecodeLimits, default_limits
from collectors.decoders.line_records import line_record
from collectors.decoders.lines import Line, LineAssembler
from collectors.decoders.options import DecodeOptions
from collectors.decoders.stream import DECODERS, DecodedStream, decode_path, decode_stream

__all__ = [
    "DECODERS",
    "DecodeLimits",
    "DecodeOptions",
    "DecodedStream",
    "Line",
    "LineAssembler",
    "content_identity",
    "decode_path",
    "decode_stream",
    "decode_text",
    "default_limits",
    "detect_encoding",
    "line_record",
]
