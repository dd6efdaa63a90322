"""Objects that only wrap a list of records: CloudTrail files, Kubernetes lists, pages of APIs."""

from __future__ import annotations

import re

_RECORD_LISTS = rb"Records|records|Events|events|logEvents|value|items|results"
_ENVELOPE_NAMES = (
    rb"@odata\.\w+|\w*[nN]ext\w*|kind|apiVersion|metadata|RequestId|requestId|StartTime|EndTime|TotalCount|total|count"
)
_FLAT_VALUE = rb'"(?:[^"\\]|\\.)*" | [-+.\w]+ | \{[^{}\[\]]*\} | \[[^{}\[\]]*\]'

ENVELOPE = re.compile(
    rb"""\{ \s*+
    (?: "(?:%s)" \s*+ : \s*+                                            # a member that only speaks of the list
        (?: %s ) \s*+ , \s*+
    )*
    "(?:%s)" \s*+ : \s*+ \[ (?= \s*+ [{\]] )                            # the list of objects itself
    """
    % (_ENVELOPE_NAMES, _FLAT_VALUE, _RECORD_LISTS),
    re.VERBOSE | re.DOTALL,
)
"""An object that only wraps a list of records: CloudTrail's ``Records``, a Kubernetes List, pages of APIs."""

ENVELOPE_TAIL = re.compile(
    rb"\s*+ (?: , \s*+ \"(?:%s)\" \s*+ : \s*+ (?: %s ) \s*+ )* \}" % (_ENVELOPE_NAMES, _FLAT_VALUE),
    re.VERBOSE | re.DOTALL,
)
"""What may follow the list in such an object."""
