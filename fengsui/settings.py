"""Settings: one ``fengsui.toml``, overridable by ``FENGSUI_*`` (``FENGSUI_API__PORT=9000``)."""

from __future__ import annotations

import tomllib
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy.engine import make_url

from classification.source_limits import SourceLimits
from collectors.delivery import DeliverySettings
from collectors.sources.config import AnySourceConfig
from collectors.transport.settings import KafkaSettings
from fengsui.errors import SettingsError
from fengsui.monitoring.settings import MonitoringSettings
from fengsui.settings_file import settings_file
from store import ElasticsearchSettings

SHIPPED_RULES = Path(__file__).resolve().parent.parent / "detection" / "content"

Port = Annotated[int, Field(ge=1, le=65535)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OpenIdSection(_Section):
    """Single sign-on: whose bearer tokens are accepted beside local accounts."""

    issuer: str
    audience: str
    keys: str
    """The provider's jwks_uri (https), or a file that holds its JWK set."""


class ServerTls(_Section):
    """Certificate (chain) and key of a server, PEM."""

    certificate: Path
    key: Path


class ApiSettings(_Section):
    """Where the API and the console listen, and how they are reached."""

    host: str = "127.0.0.1"
    port: Port = 8460
    secure_cookies: bool = False
    """Send session cookies over TLS only; switch on with ``tls``, or behind a TLS proxy."""
    tls: ServerTls | None = None
    timezone: str = "Asia/Shanghai"
    """IANA zone in which the console shows times."""
    openid: OpenIdSection | None = None


class DetectionSettings(_Section):
    """Which rules are loaded."""

    rules: tuple[Path, ...] = (SHIPPED_RULES,)


class AuditSettings(_Section):
    """Where the audit trail is vouched for beside the data folder."""

    copies: tuple[Path, ...] = ()
    """Files to which each checkpoint is copied too: another disk, a share that only grows, a write-once medium."""


class BackupSettings(_Section):
    """How backups are sealed."""

    repository: str | None = None
    """Snapshot repository of the Elasticsearch cluster that keeps its events' backups."""
    passphrase_file: Path | None = None
    """File with the passphrase; kept away from the backups, for without it none can be restored."""


class ClassificationSettings(_Section):
    """What may be scanned in the background."""

    folders: tuple[Path, ...] = ()
    """Files and folders within these may be registered as data sources; databases need no mention."""


class MailSection(_Section):
    """The mail server through which playbooks send; its password lies in a file or the environment."""

    host: str
    port: Port = 465
    sender: str = "fengsui@localhost"
    encryption: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password_file: Path | None = None
    authorities: Path | None = None


class PlaybookSettings(_Section):
    """What playbooks and webhooks may reach beyond public addresses, and how they send mail."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    ports: tuple[Port, ...] = ()
    mail: MailSection | None = None


class Settings(BaseSettings):
    """Everything a process of Fengsui is told from outside."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="FENGSUI_",
        env_nested_delimiter="__",
    )

    data_dir: Path = Path("var")
    """Folder of the event store, the records database, spools and the signing key."""
    policies: Path | None = None
    """Folder of the site's own policies; each file takes the place of the shipped one of its name."""
    records_url: str | None = None
    """SQLAlchemy URL of the records database; SQLite in ``data_dir`` when absent."""
    records_password_file: Path | None = None
    """File with the password of ``records_url``, which then needs none."""
    store: ElasticsearchSettings | None = None
    """The Elasticsearch cluster that keeps the events; the embedded engine in ``data_dir`` when absent."""
    api: ApiSettings = ApiSettings()
    audit: AuditSettings = AuditSettings()
    backup: BackupSettings = BackupSettings()
    detection: DetectionSettings = DetectionSettings()
    delivery: DeliverySettings = DeliverySettings()
    classification: ClassificationSettings = ClassificationSettings()
    kafka: KafkaSettings | None = None
    """The brokers between collectors and detection workers; without them ``collect`` detects by itself."""
    monitoring: MonitoringSettings = MonitoringSettings()
    playbooks: PlaybookSettings = PlaybookSettings()
    sources: tuple[AnySourceConfig, ...] = ()

    @property
    def events_dir(self) -> Path:
        """Folder of the embedded event store."""
        return self.data_dir / "events"

    @property
    def spool_dir(self) -> Path:
        """Folder of the push sources' spools."""
        return self.data_dir / "spool"

    @property
    def scan_limits(self) -> SourceLimits:
        """Which files may be scanned, and the folder in which sources' passwords may lie (``file:NAME``)."""
        return SourceLimits(self.classification.folders, self.data_dir / "source-secrets")

    @property
    def attachments_dir(self) -> Path:
        """Folder of the files attached to incidents and notices."""
        return self.data_dir / "attachments"

    @property
    def audit_dir(self) -> Path:
        """Folder of the key that vouches for the audit trail, and of its checkpoints."""
        return self.data_dir / "audit"

    @property
    def key_files(self) -> tuple[Path, ...]:
        """Where the keys of the installation lie; each is made at its first use."""
        names = ("signing.key", "secrets.key", "fingerprint.keys", "audit/checkpoint.key")
        return tuple(self.data_dir / name for name in names)

    @property
    def anchor_files(self) -> tuple[Path, ...]:
        """Every file of copied checkpoints."""
        return (self.audit_dir / "checkpoints.ndjson", *self.audit.copies)

    @property
    def records_database_url(self) -> str:
        """URL of the records database, with its password.

        Raises:
            SettingsError: the password file can't be read.
        """
        url = self.records_url or f"sqlite:///{self.data_dir.resolve() / 'records.sqlite3'}"
        file = self.records_password_file
        if file is None:
            return url
        try:
            password = file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{file}: {error.strerror}; give this user the file, or correct the setting") from error
        return make_url(url).set(password=password).render_as_string(hide_password=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the command line says wins over the environment, the environment over the file."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401 (values of any setting)
    """Read the settings; ``overrides`` are what the command line said, None meaning "not said".

    Raises:
        SettingsError: the file is no TOML, or a setting is unknown or wrong; names file, setting and fix.
    """
    file = settings_file()
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: {error}; correct the TOML there") from error
    except ValidationError as error:
        raise SettingsError(_explain(file, error)) from error


def _explain(file: Path, error: ValidationError) -> str:
    """Name each wrong setting with its place, without the value (it may be secret)."""
    problems = [
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}{_line_of(file, problem['loc'])}"
        for problem in error.errors(include_input=False, include_url=False)
    ]
    return f"settings ({file} or FENGSUI_*): " + "; ".join(problems)


def _line_of(file: Path, location: tuple[int | str, ...]) -> str:
    """The line of the file that names the innermost setting of a location, when there is one."""
    names = [part for part in location if isinstance(part, str)]
    if not file.is_file():
        return ""
    lines = file.read_text(encoding="utf-8").splitlines()
    for name in reversed(names):
        for number, line in enumerate(lines, start=1):
            if line.split("=")[0].strip() == name:
                return f" ({file}:{number})"
    return ""
