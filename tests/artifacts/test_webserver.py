"""nginx.kforge.conf answers a path that is no file as the site expects it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kforge.domain.facts import Fact, Facts
from tests.worlds import FRONT, one


def lines(known: Facts) -> str:
    return "\n".join(
        next(document.lines for document in one(known).documents() if document.path.endswith(".conf")) or ()
    )


@pytest.mark.parametrize(
    ("page", "answer"),
    [(None, "try_files $uri $uri.html $uri/ /index.html;"), (Fact("404.html"), "try_files $uri $uri.html $uri/ =404;")],
)
def test_a_path_that_is_no_file_is_the_routers_or_missing(page: Fact | None, answer: str) -> None:
    text = lines(replace(FRONT, error_page=page))
    assert answer in text
    assert ("error_page 404 /404.html;" in text) == bool(page)


def test_a_folder_is_completed_on_the_host_that_was_asked() -> None:
    assert "absolute_redirect off;" in lines(FRONT)
