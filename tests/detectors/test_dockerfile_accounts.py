"""Numbers of accounts, as shadow's useradd, Debian's adduser and BusyBox' are told them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.detectors.dockerfile_accounts import made
from tests.detectors.reading import facts


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("useradd --uid 1001 app", [("app", 1001)]),
        ("useradd --uid=1001 --gid 1002 app", [("app", 1001)]),
        ("useradd -ms /bin/bash -u 1001 app", [("app", 1001)]),
        ("useradd -u1001 -g web -d /srv app", [("app", 1001)]),
        ("addgroup --system --gid 1001 nodejs && adduser --system --uid 1002 --ingroup nodejs next", [("next", 1002)]),
        ("adduser --system --group --uid 1002 app", [("app", 1002)]),
        ('adduser --gecos "" --disabled-password -u 5678 app', [("app", 5678)]),
        ("adduser -D -u 1001 app web", [("app", 1001)]),
        ("adduser -Du 1001 -h /srv app", [("app", 1001)]),
        ("apk add curl; /usr/sbin/adduser -S -u 100 a\nuseradd -u 200 b", [("a", 100), ("b", 200)]),
        ("useradd --uid ${UID} $NAME", [("app", 1001)]),
        ("useradd --uid ${OTHER} app", []),
        ("useradd --system app", [("app", 0)]),
        ("addgroup -S app && adduser -S -G app app", [("app", 0)]),
        ("useradd -m app", [("app", 0)]),
        ("adduser app docker", []),
        ("addgroup app docker", []),
        ("useradd -u 1001", []),
        ("useradd --uid", []),
        ("echo useradd", []),
        ("groupadd -g 1001 app", []),
    ],
)
def test_accounts_have_the_number_that_is_said_and_0_where_the_system_chooses(
    script: str, found: list[tuple[str, int]]
) -> None:
    assert [*made(script, {"UID": "1001", "NAME": "app"})] == found


@pytest.mark.parametrize(
    ("text", "uid"),
    [
        ("FROM a\nRUN useradd -u 1001 app\nUSER app\n", 1001),
        ("FROM a\nARG N=1001\nRUN useradd -u $N app\nUSER app:web\n", 1001),
        ("FROM a AS base\nRUN useradd -u 1001 app\nFROM base\nUSER app\n", 1001),
        ("FROM a\nRUN <<EOF\nuseradd -u 1001 app\nEOF\nUSER app\n", 1001),
        ("FROM a AS base\nRUN useradd -u 1001 app\nFROM b\nUSER app\n", None),
        ("FROM a\nRUN useradd -u 0 app\nUSER app\n", 0),
        ("FROM a\nRUN useradd app\nUSER app\n", 0),
        ("FROM a\nRUN useradd -u 1001 app\nRUN usermod -a -G web app && useradd app || true\nUSER app\n", 1001),
        ("FROM a\nUSER app\n", None),
        ("FROM a\nRUN useradd -u 1001 other\nUSER app\n", None),
    ],
)
def test_a_stage_knows_the_accounts_that_it_and_its_parents_made(tmp_path: Path, text: str, uid: int | None) -> None:
    assert facts(tmp_path, {"Dockerfile": text}).value("dockerfile").get("uid") == uid
