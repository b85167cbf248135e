"""What of an owner's words asks for nothing: blanks stand in its place, and what asks stays."""

from __future__ import annotations

import pytest

from kforge.llm.remarks import against, said_now
from kforge.llm.wish_values import items


@pytest.mark.parametrize(
    "text",
    [
        "Before the rewrite it ran with 3 GB of memory.",
        "In Q2 we would like eight workers. Not yet, though.",
        "Does anybody know whether 300 MB would be enough?",
        "Whose idea was it to give it 4 GB back then?",
        "Please do not raise the memory to 1Gi, the dashboard is wrong.",
        "Thanks for the 2 GB of last time!",
        "On staging it has 64 MB and ten minutes.",
        "The service of our neighbours needs 4 GB; this one does not.",
        "Jonas asked whether two cores would help. They would not, so no.",
        "Bitte nicht auf 2 GB erhöhen, das bringt nichts.",
        "L'an dernier, l'ancien serveur avait 16 Go.",
        "去年旧服务器有 16 GB 内存。",
    ],
)
def test_what_asks_for_nothing_is_left_out(text: str) -> None:
    assert said_now(text).strip(" ?!.。") == ""
    assert len(said_now(text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "Give it 2 GiB of memory, please.",
        "it writes to /srv/out",
        "never more than one core",
        "jamais plus de 300 millicœurs",
        "Can we get 1 GiB for it?",
        "Stay on Debian, musl has bitten us.",
        "It must not be killed before 90 s have passed.",
        "Schalte die Liveness-Prüfung ab.",
        "停止前先等 10 秒",
    ],
)
def test_what_asks_stays(text: str) -> None:
    assert said_now(text) == text


def test_a_sentence_is_left_out_alone() -> None:
    text = "Last year it had 8 GB. Give it 2 GiB now."
    assert [item.words for item in items([text])] == ["2 GiB"]
    quoted = 'The log said "limit 128Mi reached". Make it 256Mi.'
    assert [item.words for item in items([quoted]) if "size" in item.kinds] == ["256Mi"]


@pytest.mark.parametrize(
    "text",
    [
        "It sells 300 products to 5000 people.",
        "See PLAT-2048, decided on 2025-03-30.",
        "12 GB of answers go over the wire each day.",
        "Orders cost 89 EUR.",
        "Uploads of 50 MB each are streamed.",
        "It is asked 250 times a second, within 20 ms.",
    ],
)
def test_numbers_of_something_else_are_no_values(text: str) -> None:
    found = {kind for item in items([text]) for kind in item.kinds}
    assert not found & {"size", "number", "version"}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("the kernel kills it under 700 mb", True),
        ("96 mb are too little", True),
        ("there is no build for 3.13 yet", True),
        ("never more than 2 gib", False),
        ("give it 2 gib", False),
        ("mit 300 mib reicht es nie", True),
    ],
)
def test_what_speaks_against_a_value(clause: str, expected: bool) -> None:
    assert against(clause) is expected


def test_a_value_that_another_replaces_is_left_out() -> None:
    assert [item.words for item in items(["raise the memory from 256Mi to 512Mi"])] == ["512Mi"]
    assert [item.words for item in items(["listen on 4000 instead of 3000"])] == ["4000"]
