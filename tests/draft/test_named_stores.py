"""Which of several databases `kforge init` drafts, by what names them and by libraries that bring their clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.draft.test_wanted_stores import drafted


@pytest.mark.parametrize(
    ("code", "stores"),
    [
        ("connect(process.env.DATABASE_URL)\n", {"postgres"}),
        ("connect(process.env.DATABASE_URL, process.env.MONGODB_URI)\n", {"postgres", "mongo"}),
        ("connect(process.env.DATABASE_URL, 'mongodb://mongo:27017/events')\n", {"postgres", "mongo"}),
    ],
)
def test_of_a_relational_and_a_document_database_the_one_that_is_named_is_drafted(
    code: str, stores: set[str], tmp_path: Path
) -> None:
    services, _ = drafted(tmp_path, ["pg", "mongoose"], code)
    assert {one["image"].rpartition("/")[2].partition(":")[0] for one in services.values() if "image" in one} == stores


@pytest.mark.parametrize(
    ("library", "store"),
    [
        ("bull", "redis"),
        ("bee-queue", "redis"),
        ("agenda", "mongo"),
        ("pg-boss", "postgres"),
        ("@mikro-orm/mysql", "mysql"),
    ],
)
def test_a_library_that_brings_its_client_shows_the_store(library: str, store: str, tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, [library], "")
    assert store in [one["image"].rpartition("/")[2].partition(":")[0] for one in services.values() if "image" in one]
