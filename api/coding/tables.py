"""The tables of coding. What was coded is sealed with the key of the session, and goes with it."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from api.tables import UtcTime, metadata


def _project(**options) -> Column:
    return Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), **options)


projects = Table(
    "projects",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("codebook_version", String(20), nullable=False),
    Column("coders_per_session", Integer, nullable=False),
    Column("overlap_share", Float, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

project_members = Table(
    "project_members",
    metadata,
    _project(primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True, index=True),
    Column("role", String(20), primary_key=True),  # lead | coder | adjudicator
)

project_sessions = Table(
    "project_sessions",
    metadata,
    _project(primary_key=True),
    Column(
        "session_id",
        ForeignKey("therapy_sessions.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    Column("place", Integer, nullable=False),
    Column("chosen", String(20), nullable=False),  # hand | random | uncertainty | rare | disagreement
    Column("added_by", ForeignKey("users.id"), nullable=False),  # an owner who adds lets the members read
    Column("added_at", UtcTime, nullable=False),
)

coding_assignments = Table(
    "coding_assignments",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("project_id", String(36), nullable=False),
    Column("session_id", String(36), nullable=False),
    Column("coder_id", ForeignKey("users.id"), nullable=False),
    Column("state", String(12), nullable=False),  # open | first_pass | finished
    Column("assigned_at", UtcTime, nullable=False),
    Column("first_pass_at", UtcTime),
    Column("suggestions_at", UtcTime),  # when the coder first saw the tagger's suggestions
    Column("finished_at", UtcTime),
    ForeignKeyConstraint(
        ["project_id", "session_id"],
        ["project_sessions.project_id", "project_sessions.session_id"],
        ondelete="CASCADE",
    ),
    UniqueConstraint("project_id", "session_id", "coder_id"),
    Index("ix_coding_assignments_coder_id", "coder_id"),
)

coding_entries = Table(
    "coding_entries",
    metadata,
    Column("assignment_id", ForeignKey("coding_assignments.id", ondelete="CASCADE"), primary_key=True),
    Column("turn", Integer, primary_key=True, autoincrement=False),  # -1: the session as a whole
    Column("version", Integer, primary_key=True, autoincrement=False),  # every version is kept
    Column("judged", Boolean, nullable=False),  # False: not looked at (yet, or again)
    Column("after_suggestions", Boolean, nullable=False),
    Column("sealed_entry", LargeBinary, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
)

coding_keys = Table(
    "coding_keys",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("keys", String(2000), nullable=False),  # JSON: code to key
)
