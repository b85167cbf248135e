"""Makes the tables. Every statement may run again, and none takes away what the version before needs."""

import os

import psycopg

STATEMENTS = (
    "CREATE TABLE IF NOT EXISTS note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)",
    "ALTER TABLE note ADD COLUMN IF NOT EXISTS sent boolean NOT NULL DEFAULT false",
)

if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        for statement in STATEMENTS:
            connection.execute(statement)
