"""Values in `kforge diff`."""

from __future__ import annotations

import pytest

from kforge.output.difference import shown


def port(number: object, protocol: str, name: object, env: str = "") -> dict[str, object]:
    return {"env": env, "name": name, "port": number, "protocol": protocol}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([port(8000, "http", "http")], "8000 http"),
        ([port(8000, "http", "http", "PORT"), port(9090, "http", "metrics")], "8000 http (PORT), 9090 http metrics"),
        ([port(8443, "http", "https")], "8443 http https"),
        ([port(8443, "https", "https")], "8443 https"),
    ],
)
def test_ports_are_told_in_words_that_differ_wherever_the_ports_do(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([], "[]"),
        ([port(53, "tcp", "")], '[{env: "", name: "", port: 53, protocol: tcp}]'),
        ([port(53, "tcp", "a, 9 tcp b")], '[{env: "", name: "a, 9 tcp b", port: 53, protocol: tcp}]'),
        ([{"port": 53}], "[{port: 53}]"),
        ([port(53, "tcp", 5)], '[{env: "", name: 5, port: 53, protocol: tcp}]'),
    ],
)
def test_what_words_would_leave_out_or_blur_stays_yaml(value: object, text: str) -> None:
    assert shown(value) == text
