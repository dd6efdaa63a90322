"""The tshark fields that captures are read by."""

from __future__ import annotations

PREFERENCES = {
    # Bodies are not looked at: headers are told as soon as they are whole, and no body is gathered in memory.
    "http.desegment_body": "FALSE",
    "http.dechunk_body": "FALSE",
    "http.decompress_body": "FALSE",
    "tcp.reassemble_out_of_order": "TRUE",
}
"""How tshark is set, for files and live interfaces alike."""

FRAME = ("frame.number", "frame.time_epoch", "frame.len", "frame.protocols", "vlan.id", "eth.src", "eth.dst")
NETWORK = (
    *("ip.src", "ip.dst", "ip.proto", "ipv6.src", "ipv6.dst", "ipv6.nxt"),
    *("ip.id", "ip.flags.mf", "ip.frag_offset", "ipv6.fraghdr.ident"),
)
TRANSPORT = (
    *("tcp.srcport", "tcp.dstport", "tcp.flags", "udp.srcport", "udp.dstport", "sctp.srcport", "sctp.dstport"),
    *("icmp.type", "icmp.code", "icmpv6.type", "icmpv6.code"),
)
DNS_COUNTS = ("dns.count.queries", "dns.count.answers", "dns.count.auth_rr", "dns.count.add_rr")
DNS_UPDATE_COUNTS = ("dns.count.zones", "dns.count.prerequisites", "dns.count.updates", "dns.count.add_rr")
DNS_DATA = {
    "A": "dns.a",
    "NS": "dns.ns",
    "CNAME": "dns.cname",
    "SOA": "dns.soa.mname",
    "PTR": "dns.ptr.domain_name",
    "MX": "dns.mx.mail_exchange",
    "TXT": "dns.txt",
    "AAAA": "dns.aaaa",
    "SRV": "dns.srv.target",
    "HTTPS": "dns.svcb.targetname",
    "SVCB": "dns.svcb.targetname",
    "CAA": "dns.caa.value",
}
"""Where each type of resource record keeps its data."""

DNS = (
    *("dns.id", "dns.flags.response", "dns.flags.opcode", "dns.flags.rcode", *DNS_COUNTS, *DNS_UPDATE_COUNTS),
    *("dns.qry.name", "dns.qry.type", "dns.qry.class", "dns.resp.name", "dns.resp.type", "dns.resp.ttl"),
    *dict.fromkeys(DNS_DATA.values()),
)
HTTP_REQUEST = {
    "method": "http.request.method",
    "uri": "http.request.uri",
    "full_uri": "http.request.full_uri",
    "version": "http.request.version",
    "host": "http.host",
    "user_agent": "http.user_agent",
    "referrer": "http.referer",
    "forwarded_for": "http.x_forwarded_for",
    "content_type": "http.content_type",
    "content_length": "http.content_length_header",
}
HTTP_RESPONSE = {
    "status": "http.response.code",
    "version": "http.response.version",
    "server": "http.server",
    "location": "http.location",
    "content_type": "http.content_type",
    "content_length": "http.content_length_header",
}
TLS = (
    *("tls.handshake.type", "tls.handshake.version", "tls.handshake.extensions.supported_version"),
    *("tls.handshake.extensions_server_name", "tls.handshake.extensions_alpn_str", "tls.handshake.ciphersuite"),
    *("tls.handshake.ja3", "tls.handshake.ja3s", "tls.handshake.ja4", "tls.handshake.certificate"),
    *("tls.record.content_type", "tls.record.opaque_type"),
)
FIELDS = tuple(
    dict.fromkeys((*FRAME, *NETWORK, *TRANSPORT, *DNS, *HTTP_REQUEST.values(), *HTTP_RESPONSE.values(), *TLS))
)
