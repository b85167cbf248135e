"""Alpine's tools, as Dockerfiles call them, played on Debian."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from benchmarks.repositories import alpine


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("apk add --no-cache git make", "git make"),
        ("apk --no-cache add curl=8.1 'nodejs<21' build-base", "curl nodejs build-essential"),
        ("apk add -U --virtual .deps musl-dev libc6-compat jq", "libc6-dev jq"),
        ("apk add libc6-compat", ""),
        ("apk update", ""),
        ("apk del .deps git", ""),
    ],
)
def test_packages_are_debians_of_the_same_purpose(tmp_path: Path, words: str, wanted: str) -> None:
    alpine.fill(tmp_path)
    place, asked = tmp_path / "usr/local/sbin", tmp_path / "asked"
    (place / "apt-get").write_text(f'#!/bin/sh\n[ "$1" = install ] && shift 3 && echo "$@" > {asked} || true\n')
    (place / "apt-get").chmod(0o755)
    subprocess.run(["/bin/sh", "-c", words], env={"PATH": f"{place}:/usr/bin:/bin"}, check=True)
    assert (asked.read_text().strip() if asked.exists() else "") == wanted
