"""Objects that only wrap a list of records: CloudTrail files, Kubernetes lists, pages of APIs."""

from __future__ import annotations

import re

_RECORD_LISTS = rb"Records|records|Events|events|logEvents|value|items|results"
_ENVELOPE_NAMES = (
    rb"@odata\.\w+|\w*[nN]ext\w*|kind|apiVersion|metadata|RequestId|requestId|StartTime|EndTime|TotalCount|total|count"
)
ENVELOPE = re.compile(
    rb"""\{ \s*+
    (?: "(?:%s)" \s*+ : \s*+                                            # a member that only speaks of the list
        (?: "(?:[^"\\]|\\.)*" | [-+.\w]+ | \{[^{}\[\]]*\} ) \s*+ , \s*+
    )*
    "(?:%s)" \s*+ : \s*+ \[ (?= \s*+ [{\]] )                            # the list of objects itself
    """
    % (_ENVELOPE_NAMES, _RECORD_LISTS),
    re.VERBOSE | re.DOTALL,
)
"""An object that only wraps a list of records: CloudTrail's ``Records``, a Kubernetes List, pages of APIs."""
