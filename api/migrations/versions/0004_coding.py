"""Coding by people: projects, members, assignments, entries by version, each person's keys."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _projects()
    _assignments()
    op.create_table(
        "coding_keys",
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("keys", sa.String(2000), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_coding_keys_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_coding_keys")),
    )


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("codebook_version", sa.String(20), nullable=False),
        sa.Column("coders_per_session", sa.Integer(), nullable=False),
        sa.Column("overlap_share", sa.Float(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_table(
        "project_members",
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        _of_project("project_members"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_project_members_user_id")),
        sa.PrimaryKeyConstraint("project_id", "user_id", "role", name=op.f("pk_project_members")),
    )
    op.create_index("ix_project_members_user_id", "project_members", ["user_id"])
    op.create_table(
        "project_sessions",
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.String(20), nullable=False),
        sa.Column("added_by", sa.String(36), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        _of_project("project_sessions"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["therapy_sessions.id"],
            name=op.f("fk_project_sessions_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_project_sessions_added_by")),
        sa.PrimaryKeyConstraint("project_id", "session_id", name=op.f("pk_project_sessions")),
    )
    op.create_index("ix_project_sessions_session_id", "project_sessions", ["session_id"])


def _of_project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id"], ["projects.id"], name=op.f(f"fk_{table}_project_id"), ondelete="CASCADE"
    )


def _assignments() -> None:
    op.create_table(
        "coding_assignments",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("project_id", sa.String(36), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("coder_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("assigned_at", MOMENT, nullable=False),
        sa.Column("first_pass_at", MOMENT, nullable=True),
        sa.Column("suggestions_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id", "session_id"],
            ["project_sessions.project_id", "project_sessions.session_id"],
            name=op.f("fk_coding_assignments_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["coder_id"], ["users.id"], name=op.f("fk_coding_assignments_coder_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coding_assignments")),
        sa.UniqueConstraint(
            "project_id", "session_id", "coder_id", name=op.f("uq_coding_assignments_project_id")
        ),
    )
    op.create_index("ix_coding_assignments_coder_id", "coding_assignments", ["coder_id"])
    op.create_table(
        "coding_entries",
        sa.Column("assignment_id", sa.String(36), nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.Column("after_suggestions", sa.Boolean(), nullable=False),
        sa.Column("sealed_entry", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["coding_assignments.id"],
            name=op.f("fk_coding_entries_assignment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assignment_id", "turn", "version", name=op.f("pk_coding_entries")),
    )
