"""Every setting, read once from the environment. Nothing is opened or made here."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from nlp.errors import InputError

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, what it is when unset, and what it does."""

    env: str
    default: str
    help: str


SETTINGS = (
    Setting("SUTURE_DATA_DIR", "var", "Folder for the database and the master key."),
    Setting("SUTURE_DATABASE_URL", "", "PostgreSQL address; unset: SQLite in suture.db in the data folder."),
    Setting("SUTURE_HOST", "127.0.0.1", "Address the service listens on."),
    Setting("SUTURE_PORT", "8000", "Port the service listens on."),
    Setting("SUTURE_PUBLIC_URL", "", "Address people type, where it differs (behind a proxy, say)."),
    Setting("SUTURE_MASTER_KEY", "", "The master key itself: 32 bytes in base64. Goes before the file."),
    Setting("SUTURE_MASTER_KEY_FILE", "", "File of the master key; unset: master.key in the data folder."),
    Setting(
        "SUTURE_MODEL", "", "Name or folder of the trained tagger; unset: the one that ships with Suture."
    ),
    Setting("SUTURE_UPLOAD_MB", "20", "Largest upload, in megabytes (MiB)."),
    Setting(
        "SUTURE_COOKIE_SECURE", "auto", "yes, no or auto: cookies by https only. Auto: yes, but on loopback."
    ),
    Setting("SUTURE_LOGIN_HOURS", "12", "Hours after which one must sign in again."),
    Setting(
        "SUTURE_LOGIN_IDLE_MINUTES", "60", "Minutes without a request after which one must sign in again."
    ),
    Setting(
        "SUTURE_JOB_LEASE_SECONDS",
        "20",
        "Seconds without a heartbeat after which another worker takes a job.",
    ),
    Setting("SUTURE_JOB_ATTEMPTS", "3", "How often a job is tried before it counts as failed."),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one running service, checked."""

    data_dir: Path
    database_url: str = field(repr=False)  # may hold a password
    host: str
    port: int
    public_url: str
    master_key: str = field(repr=False)
    master_key_file: Path
    model: str | None
    upload_bytes: int
    cookie_secure: bool
    login_hours: float
    login_idle_minutes: float
    job_lease_seconds: float
    job_attempts: int


def load_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `env`; InputError names the first one that makes no sense."""
    given = {s.env: env.get(s.env, "").strip() or s.default for s in SETTINGS}
    data_dir = Path(given["SUTURE_DATA_DIR"]).expanduser().absolute()
    host, port = given["SUTURE_HOST"], int(_number(given, "SUTURE_PORT", 1, 65535, whole=True))
    public_url = _public_url(given["SUTURE_PUBLIC_URL"], host, port)
    key_file = given["SUTURE_MASTER_KEY_FILE"]
    return Settings(
        data_dir=data_dir,
        database_url=_database_url(given["SUTURE_DATABASE_URL"], data_dir),
        host=host,
        port=port,
        public_url=public_url,
        master_key=given["SUTURE_MASTER_KEY"],
        master_key_file=Path(key_file).expanduser().absolute() if key_file else data_dir / "master.key",
        model=given["SUTURE_MODEL"] or None,
        upload_bytes=int(_number(given, "SUTURE_UPLOAD_MB", 0.001, 1024) * 1024 * 1024),
        cookie_secure=_cookie_secure(given["SUTURE_COOKIE_SECURE"], public_url),
        login_hours=_number(given, "SUTURE_LOGIN_HOURS", 0.01, 24 * 90),
        login_idle_minutes=_number(given, "SUTURE_LOGIN_IDLE_MINUTES", 1, 60 * 24 * 90),
        job_lease_seconds=_number(given, "SUTURE_JOB_LEASE_SECONDS", 0.1, 3600),
        job_attempts=int(_number(given, "SUTURE_JOB_ATTEMPTS", 1, 100, whole=True)),
    )


def _number(given: Mapping[str, str], name: str, low: float, high: float, whole: bool = False) -> float:
    kind = "a whole number" if whole else "a number"
    try:
        value = int(given[name]) if whole else float(given[name])
    except ValueError:
        value = None
    if value is None or not low <= value <= high:
        raise InputError(f"{name} must be {kind} from {low} to {high}.", "bad_setting")
    return value


def _database_url(url: str, data_dir: Path) -> str:
    if not url:
        return f"sqlite:///{data_dir / 'suture.db'}"
    scheme, _, rest = url.partition("://")
    if scheme in ("postgresql", "postgres", "postgresql+psycopg") and rest:
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return url
    raise InputError(
        "SUTURE_DATABASE_URL must begin with postgresql:// or be sqlite:///FILE; "
        "leave it unset for SQLite in the data folder.",
        "bad_setting",
    )


def _public_url(url: str, host: str, port: int) -> str:
    if not url:
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise InputError("SUTURE_PUBLIC_URL must be like https://suture.example.org.", "bad_setting")
    return url.rstrip("/")


def _cookie_secure(word: str, public_url: str) -> bool:
    if word not in ("auto", "yes", "no"):
        raise InputError("SUTURE_COOKIE_SECURE must be yes, no or auto.", "bad_setting")
    parts = urlsplit(public_url)
    return word == "yes" or (word == "auto" and not (parts.scheme == "http" and parts.hostname in LOOPBACK))
