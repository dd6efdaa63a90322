"""Where data is: files, folders, databases and frames, all read as columns of values or as text, in constant memory."""

from classification.sources.addresses import is_address, parse_address, public_name
from classification.sources.contract import Batch, Column, Piece, Problem, Resource, Source, TextBlock
from classification.sources.database import DatabaseSource
from classification.sources.errors import SourceNotFoundError, UnreadableError
from classification.sources.files import FileSource
from classification.sources.frame import FrameSource
from classification.sources.opening import open_source
from classification.sources.policy import Sampling, SamplingMethod, sampling_of, scan_policy

__all__ = [
    "Batch",
    "Column",
    "DatabaseSource",
    "FileSource",
    "FrameSource",
    "Piece",
    "Problem",
    "Resource",
    "Sampling",
    "SamplingMethod",
    "Source",
    "SourceNotFoundError",
    "TextBlock",
    "UnreadableError",
    "is_address",
    "open_source",
    "parse_address",
    "public_name",
    "sampling_of",
    "scan_policy",
]
