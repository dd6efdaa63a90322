"""Asks a process whether it is ready, for container engines and scripts: exit 0 yes, 1 no.

Usage: healthcheck.py URL [--authorities FILE] [--certificate FILE --key FILE]

Prints what is not ready. Needs nothing but Python. The name in the server's certificate is checked like any client's.
"""

from __future__ import annotations

import argparse
import ssl
import sys
import urllib.error
import urllib.request

_SECONDS = 5


def main() -> int:
    """Ask what the command line names; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--authorities")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    options = parser.parse_args()
    if not options.url.startswith(("http://", "https://")):
        parser.error("URL begins with http:// or https://")
    context = None
    if options.url.startswith("https://"):
        context = ssl.create_default_context(cafile=options.authorities)
        if options.certificate:
            context.load_cert_chain(options.certificate, options.key)
    try:
        with urllib.request.urlopen(options.url, timeout=_SECONDS, context=context):  # noqa: S310 (http or https, as checked)
            return 0
    except urllib.error.HTTPError as error:
        sys.stderr.write(f"{options.url}: {error.code} {error.read().decode(errors='replace')}\n")
    except OSError as error:
        sys.stderr.write(f"{options.url}: {error}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
