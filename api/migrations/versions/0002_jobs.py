"""Jobs: a table of our own on SQLite, procrastinate's schema on PostgreSQL."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_progress",
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["therapy_sessions.id"],
            name=op.f("fk_job_progress_session_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_job_progress")),
    )
    if op.get_bind().dialect.name == "postgresql":
        # The schema of procrastinate 3.10. A later procrastinate brings its own steps from there
        # (procrastinate/sql/migrations), to be run by a migration of ours when its pin is raised.
        # By the driver itself, since it is many statements with percent signs in them.
        op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())
    else:
        _jobs()


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("run_after", sa.Float(), nullable=False),
        sa.Column("holder", sa.String(40), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("failure", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["therapy_sessions.id"], name=op.f("fk_jobs_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("session_id", "kind", name=op.f("uq_jobs_session_id")),
    )
    op.create_index("ix_jobs_state_run_after", "jobs", ["state", "run_after"])
