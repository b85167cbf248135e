"""What `docs/explaining.md` shows can be typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import run

PAGE = (Path(__file__).parents[2] / "docs/explaining.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (`[^|]*) \|", PAGE, re.M)
WORDS = [words.removeprefix("kforge explain").split() for row in ROWS for words in re.findall(r"`([^`]+)`", row)]
PINS = re.findall(r"^\$ kforge pin (.*?)(?:\s+#.*)?$", PAGE, re.M)


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_the_words_of_the_table_are_understood(words: list[str], built_shop: Path) -> None:
    assert run("explain", *words, cwd=built_shop, code=0).out


def test_the_answer_is_the_one_that_is_shown(built_shop: Path) -> None:
    ((words, answer),) = re.findall(r"```console\n\$ kforge explain (.*)\n((?:.+\n)+?)```", PAGE)
    assert run("explain", *words.split(), cwd=built_shop, code=0).out == answer


@pytest.mark.parametrize("words", PINS)
def test_the_pins_are_understood(words: str, built_shop: Path) -> None:
    assert "+    " in run("pin", *words.split(), "--dry-run", cwd=built_shop, code=0).out
