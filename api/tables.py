"""All tables, alike on SQLite and PostgreSQL. Columns named sealed_* hold ciphertext."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class UtcTime(TypeDecorator):
    """A moment, always aware and in UTC; SQLite itself knows no time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column:
    return Column("id", String(36), primary_key=True)


def _user(name: str = "user_id", **options) -> Column:
    return Column(name, ForeignKey("users.id"), nullable=False, **options)


def _of_session() -> Column:
    return Column("session_id", ForeignKey("therapy_sessions.id", ondelete="CASCADE"), primary_key=True)


users = Table(
    "users",
    metadata,
    _id(),
    Column("email", String(254), nullable=False),
    Column("email_key", String(254), nullable=False, unique=True),  # folded, for comparing
    Column("name", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

logins = Table(
    "logins",
    metadata,
    _id(),
    _user(index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    _user(index=True),
    Column("name", String(100), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("used_at", UtcTime),
)

one_time_links = Table(
    "one_time_links",
    metadata,
    _id(),
    Column("kind", String(20), nullable=False),  # first_run | invitation | reset
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("email", String(254), nullable=False),
    Column("name", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("user_id", ForeignKey("users.id")),  # whose password a reset sets
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", String(64), primary_key=True),  # a keyed hash: people type passwords into name fields
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("blocked_until", UtcTime, nullable=False),
)

service_keys = Table(
    "service_keys",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("master_id", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

therapy_sessions = Table(
    "therapy_sessions",
    metadata,
    _id(),
    _user("owner_id"),
    Column("sealed_title", LargeBinary, nullable=False),
    Column("sealed_filename", LargeBinary, nullable=False),
    Column("source_format", String(40), nullable=False),
    Column("content_mac", String(64), nullable=False),  # keyed, so that it tells nothing about the content
    Column("status", String(20), nullable=False),
    Column("failure", String(60)),
    Column("roles_version", Integer, nullable=False),
    Column("turns", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("warnings", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    UniqueConstraint("owner_id", "content_mac"),
    Index("ix_therapy_sessions_created", "created_at", "id"),
    Index("ix_therapy_sessions_status", "status"),
)

session_keys = Table(
    "session_keys",
    metadata,
    _of_session(),
    Column("master_id", String(16), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
)

transcripts = Table(
    "transcripts",
    metadata,
    _of_session(),
    Column("sealed_transcript", LargeBinary, nullable=False),
    Column("sealed_reading", LargeBinary, nullable=False),  # warnings, counts, proposed roles
)

analyses = Table(
    "analyses",
    metadata,
    _of_session(),
    Column("roles_version", Integer, nullable=False),
    Column("model_name", String(100), nullable=False),
    Column("model_version", String(100), nullable=False),
    Column("sealed_scores", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    _of_session(),
    _user(primary_key=True, index=True),
    Column("level", String(10), nullable=False),  # read | write
    Column("created_at", UtcTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("who", String(36), nullable=False),  # a user's id, "system" or "nobody"
    Column("what", String(40), nullable=False),
    Column("object_id", String(36), nullable=False),
    Column("other_id", String(36), nullable=False),  # the user it was done for: granted, disabled, ...
    Column("outcome", String(20), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_object_id", "object_id"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("rows", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("mac", String(64), nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("holder", String(40), primary_key=True),
    Column("state", String(10), nullable=False),  # loading | ready | broken
    Column("seen_at", UtcTime, nullable=False),
)
