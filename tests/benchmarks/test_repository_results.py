"""The page of the foreign repositories: one way tried anew leaves what the others came to."""

from __future__ import annotations

from pathlib import Path

from benchmarks.repositories import results
from benchmarks.repositories.rows import rows
from benchmarks.repositories.trial import Verdict

ROWS = rows("gatus") + rows("whoami") + rows("kutt")


def page(*verdicts: Verdict) -> str:
    return results.page(ROWS, {(one.name, one.way): one for one in verdicts}, "at x")


def test_each_way_has_its_column_and_reasons() -> None:
    text = page(
        Verdict("gatus", "drafted", why=["gatus: ended with 2\nno such file"]),
        Verdict("gatus", "edited", well=True, lines=2),
        Verdict("gatus", "beside", well=True),
        Verdict("whoami", "drafted", well=True),
        Verdict("whoami", "beside", not_played=["no stand-in for the image `x`"]),
        Verdict("kutt", "drafted", well=True),
    )
    lines = {
        name: next(line for line in text.splitlines() if f"/{name}]" in line) for name in ("gatus", "whoami", "kutt")
    }
    assert lines["gatus"].endswith("| no | serves, 2 | serves |")
    assert lines["whoami"].endswith("| serves |  | not performed |")
    assert lines["kutt"].endswith("| serves |  |  |")
    assert "Of 2 repositories, 1 serve with their authors'" in text
    assert "- **traefik/whoami**: no stand-in for the image `x`" in text


def test_without_that_way_nothing_is_said_of_it() -> None:
    assert (
        "beside the authors' files\n" not in page(Verdict("kutt", "drafted", well=True)).partition("| repository |")[2]
    )


def test_of_a_step_that_failed_the_words_of_the_dockerfile_are_shown(tmp_path: Path) -> None:
    why = 'shop: `/bin/sh -c cd "$0" && exec "$@" /app /bin/sh -c npm ci && npm run build` ended with 1:\nnpm error: x is missing'
    assert "shop: `npm ci && npm run build`: npm error: x is missing" in page(Verdict("kutt", "drafted", why=[why]))
