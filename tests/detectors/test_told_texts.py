"""What a program only says is no call: sentences with URLs, links in mails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, hosts


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("const url = `http://link-to-app/reset?t=${t}`;\nsend(`To reset it, click here: ${url}`);", []),
        ("send('see http://docs/ for more');", []),
        ("const html = '<a href=\"http://app/x\">x</a>';", []),
        ("const url = 'http://catalog:8000/items';\nconsole.log(`calling ${url} now`);\nfetch(url);", ["catalog:8000"]),
        ("fetch('http://catalog:8000/items');", ["catalog:8000"]),
        ("open('vscode://file/x'); go('myapp://main:8080/x'); load('chrome-extension://abc/x');", []),
        ("const hosts = 'http://a1:9200 http://b1:9200';", ["a1:9200", "b1:9200"]),
    ],
)
def test_a_url_is_a_call_unless_it_is_put_into_a_sentence(tmp_path: Path, code: str, found: list[str]) -> None:
    assert hosts(facts(tmp_path, {"package.json": "{}", "index.js": code})) == found


def test_python_says_links_too(tmp_path: Path) -> None:
    code = "def f(t):\n    link = f'http://link-to-app/{t}'\n    send(f'click here: {link}')\n"
    assert hosts(facts(tmp_path, {"main.py": code})) == []
