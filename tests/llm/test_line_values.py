"""Values as people and programs write them in a line: read with their unit, a range by its end, nothing else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from kforge.llm.line_clues import LineValue
from kforge.llm.line_values import values
from tests.growth import LINEAR, growth

MIB, GIB = 1 << 20, 1 << 30


def read(row: str, kind: LineValue) -> list[Any]:
    return [one.value for one in values(row, kind)]


@pytest.mark.parametrize(
    ("row", "size"),
    [
        ("# 2.1 GB resident after the first thousand requests", Fraction(21, 10) * GIB),
        ("exec java -Xms2g -Xmx2g -jar rules.jar", 2 * GIB),
        ("    mem_limit: 1500m", 1500 * MIB),
        ('    mem_limit: "512m"', 512 * MIB),
        ("docker run --memory=700m image", 700 * MIB),
        ("debug.SetMemoryLimit(700 << 20)", 700 * MIB),
        ("const cacheBytes = 1 << 30", GIB),
        ("max: 256 * 1024 * 1024,", 256 * MIB),
        ("LIMIT = 2 * 1024 * 1024 * 1024", 2 * GIB),
        ("der Index braucht 600 MB", 600 * MIB),
    ],
)
def test_a_size_is_read(row: str, size: Fraction) -> None:
    assert read(row, "size") == [size]


@pytest.mark.parametrize("row", ["a page of 4 KB", "chunks of 8 MB", "port 8080", "x << 3", "1 << 40", "1024 items"])
def test_what_is_no_memory_of_a_program_is_not_read(row: str) -> None:
    assert read(row, "size") == []


@pytest.mark.parametrize(
    ("row", "seconds"),
    [
        ("It takes 90 to 120 seconds.", 120),
        ("A run takes around nine hours.", 32400),
        ("context.WithTimeout(ctx, 2*time.Minute)", 120),
        ("time.Sleep(30 * time.Second)", 30),
        ("timedelta(minutes=2)", 120),
        ("graceful_timeout = 200", 200),
        ("idle.wait(timeout=90)", 90),
        ("const FAREWELL_MS = 60_000;", 60),
        ("setTimeout(() => process.exit(0), 45000);", 45),
        ("stop_grace_period: 1 min", 60),
        ("stopwaitsecs=600", 600),
    ],
)
def test_a_time_is_read(row: str, seconds: int) -> None:
    assert read(row, "time") == [seconds]


@pytest.mark.parametrize("row", ["listen 8080", "version 1.2.3", "retry after 200 ms", "timeout = None", "id = 17"])
def test_what_is_no_time_is_not_read(row: str) -> None:
    assert read(row, "time") == []


@pytest.mark.parametrize(
    ("row", "count"),
    [("pool = Pool(4)", 4), ("ProcessPoolExecutor(max_workers=8)", 8), ("it keeps 6 cores busy", 6), ("n_jobs=3", 3)],
)
def test_a_number_of_busy_processes_is_read(row: str, count: int) -> None:
    assert read(row, "count") == [count]


@pytest.mark.parametrize(
    ("row", "folders"),
    [
        ("  folder: /var/cache/tiles", ["/var/cache/tiles"]),
        ('index_dir = "/index"', ["/index"]),
        ("path = /var/lib/forum/sessions/", ["/var/lib/forum/sessions"]),
        ("url: https://example.com/a/b", []),
        ("image: ghcr.io/acme/app", []),
        ("</div>", []),
        ("a/b", []),
    ],
)
def test_an_absolute_folder_is_read(row: str, folders: list[str]) -> None:
    assert read(row, "folder") == folders


@pytest.mark.parametrize(
    ("row", "packages"),
    [
        ("apt-get install -y imagemagick", ["imagemagick"]),
        ('subprocess.run(["ffmpeg", "-y"])', ["ffmpeg"]),
        ("apt install tesseract-ocr tesseract-ocr-deu", ["tesseract-ocr", "tesseract-ocr-deu"]),
        ("apt-get install netcat-of-a-stranger", []),
        ("import ffmpegio", []),
    ],
)
def test_a_package_is_one_of_the_known_ones(row: str, packages: list[str]) -> None:
    assert read(row, "package") == packages


@pytest.mark.parametrize("kind", ["size", "time", "count", "folder", "package"])
def test_time_is_linear_in_the_length_of_a_line(kind: LineValue) -> None:
    pieces = "".join(piece * 10 for piece in ("1 GB ", "timeout=1", "/a", "a-", "1*1024*", "pool(", "setTimeout(,"))
    assert growth(lambda part: read(pieces * part, kind), 32) < LINEAR
