import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    op.create_table(
        "parcels", sa.Column("id", sa.Integer, primary_key=True), sa.Column("place", sa.String, nullable=False)
    )


def downgrade() -> None:
    op.drop_table("parcels")
