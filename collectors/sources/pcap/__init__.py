"""Packet captures, from files and live interfaces, as documents of flows, DNS, HTTP and TLS.

Dissection is tshark's. Files are read through its line output (one process, memory bounded by ``FlowLimits``); a live
interface through pyshark. ``collectors.normalizers.network.packets`` turns the documents into events.
"""

from collectors.sources.pcap.capture import read_capture
from collectors.sources.pcap.errors import CaptureError, TsharkFailedError, TsharkMissingError
from collectors.sources.pcap.flows import FlowLimits
from collectors.sources.pcap.live import LiveOptions, live_capture
from collectors.sources.pcap.tshark import tshark_version

__all__ = [
    "CaptureError",
    "FlowLimits",
    "LiveOptions",
    "TsharkFailedError",
    "TsharkMissingError",
    "live_capture",
    "read_capture",
    "tshark_version",
]
