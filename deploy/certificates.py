"""Makes the certificates with which the parts of an installation know each other.

Usage: certificates.py FOLDER NAME[:UID]...

Writes FOLDER/ca/ca.crt and ca.key once, and for each NAME a folder NAME with NAME.crt, NAME.key, NAME.pem (key and
certificate in one) and ca.crt, valid for the host NAME, localhost and 127.0.0.1, as a server and as a client. A
certificate that is good for another 60 days is left as it is, so that running it again at each start renews what is
about to run out. With a UID (as root) the key belongs to that user; nobody else can read it. Restart what uses a
renewed certificate.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3650)
LIFE = timedelta(days=397)
RENEWAL = timedelta(days=60)
_SKEW = timedelta(hours=1)
_OWNER_READS = 0o400
_ALL_READ = 0o444


def main(arguments: list[str]) -> int:
    """Make what is missing; returns the exit status."""
    if len(arguments) < 2 or arguments[0].startswith("-"):  # noqa: PLR2004 (the folder and a name)
        sys.stderr.write(f"{__doc__}\n")
        return 2
    folder, *wanted = arguments
    authority = _authority(Path(folder) / "ca")
    for each in wanted:
        name, _, uid = each.partition(":")
        _certificate(Path(folder) / name, name, authority)
        if uid:
            for path in ((Path(folder) / name), *(Path(folder) / name).iterdir()):
                os.chown(path, int(uid), int(uid))
    return 0


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key_path, path = folder / "ca.key", folder / "ca.crt"
    if not path.exists():
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        draft = _draft(_name("Fengsui internal authority"), _name("Fengsui internal authority"), key, AUTHORITY_LIFE)
        draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        draft = draft.add_extension(_may_sign(), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        signed = draft.add_extension(identifier, critical=False).sign(key, hashes.SHA256())
        _write(key_path, _pem(key), _OWNER_READS)
        _write(path, signed.public_bytes(Encoding.PEM), _ALL_READ)
    held = load_pem_private_key(key_path.read_bytes(), None)
    if not isinstance(held, ec.EllipticCurvePrivateKey):
        raise SystemExit(f"{key_path}: not a key that this program made; move it away and run again")
    return x509.load_pem_x509_certificate(path.read_bytes()), held


def _certificate(folder: Path, name: str, authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey]) -> None:
    path, (ca, ca_key) = folder / f"{name}.crt", authority
    if path.exists() and x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc > _now() + RENEWAL:
        return
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    hosts = [x509.DNSName(name), x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    draft = _draft(_name(name), ca.subject, key, LIFE)
    for extension, critical in (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName(hosts), False),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False),
    ):
        draft = draft.add_extension(extension, critical=critical)
    signed = draft.sign(ca_key, hashes.SHA256())
    certificate = signed.public_bytes(Encoding.PEM)
    _write(folder / f"{name}.key", _pem(key), _OWNER_READS)
    _write(folder / f"{name}.pem", _pem(key) + certificate, _OWNER_READS)
    _write(folder / "ca.crt", ca.public_bytes(Encoding.PEM), _ALL_READ)
    _write(path, certificate, _ALL_READ)


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, life: timedelta
) -> x509.CertificateBuilder:
    now = _now()
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    return builder.not_valid_before(now - _SKEW).not_valid_after(now + life)


def _may_sign() -> x509.KeyUsage:
    others = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    others += ["encipher_only", "decipher_only"]
    return x509.KeyUsage(**dict.fromkeys(others, False), key_cert_sign=True, crl_sign=True)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    """Written aside with its mode, then renamed: whoever reads sees the old file or the new one."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    draft.chmod(mode)
    draft.replace(path)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
