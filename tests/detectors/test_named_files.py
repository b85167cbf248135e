"""Variables that name a file which a program reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, values


def python(body: str) -> dict[str, str]:
    return {"requirements.txt": "flask\n", "app.py": f"import os\nfrom pathlib import Path\n{body}\n"}


def node(body: str) -> dict[str, str]:
    return {"package.json": '{"name": "a", "main": "a.js"}', "a.js": f"const fs = require('fs')\n{body}\n"}


def go(body: str) -> dict[str, str]:
    return {"go.mod": "module a\n\ngo 1.24\n", "main.go": f"package main\n\nfunc main() {{\n\t{body}\n}}\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (python('key = open(os.environ["PUB"]).read()'), ["PUB"]),
        (python('key = open(os.environ.get("PUB"), "rb").read()'), ["PUB"]),
        (python('path = os.getenv("PUB")\nkey = open(path).read()'), ["PUB"]),
        (python('key = Path(os.environ["PUB"]).read_text()'), ["PUB"]),
        (python('context.load_cert_chain(certfile=os.environ["CERT"], keyfile=os.environ["KEY"])'), ["CERT", "KEY"]),
        (python('out = open(os.environ["OUT"], "w")'), []),
        (python('out = open(os.environ["OUT"], mode="ab")'), []),
        (python('key = open(os.environ.get("PUB", "/etc/pub.pem")).read()'), []),
        (python('key = open(os.path.join(os.environ.get("KEYS", found()["keys"]), "a.pem")).read()'), []),
        (python('key = open(os.path.join(os.environ["KEYS"], "a.pem")).read()'), ["KEYS"]),
        (python('key = open(Path(os.environ.get("KEYS", found()["keys"])) / "a.pem").read()'), []),
        (python('key = open(os.environ.get("KEYS", found()["keys"]) + "/a.pem").read()'), []),
        (python('folder = Path(os.environ["PUB"])'), []),
        (node("const key = fs.readFileSync(process.env.PUB, 'utf8')"), ["PUB"]),
        (node("fs.readFile(process.env.PUB, (e, d) => d)"), ["PUB"]),
        (node("fs.writeFileSync(process.env.PUB, 'x')"), []),
        (node("fs.readFileSync(process.env.PUB || 'a.pem')"), []),
        (go('key, err := os.ReadFile(os.Getenv("PUB"))'), ["PUB"]),
        (go('file, err := os.Open(os.Getenv("PUB"))'), ["PUB"]),
        (go('db, err := sql.Open("postgres", os.Getenv("DSN"))'), []),
        (go('pair, err := tls.LoadX509KeyPair(os.Getenv("CERT"), os.Getenv("KEY"))'), ["CERT", "KEY"]),
    ],
)
def test_a_variable_without_a_default_names_a_file_where_a_call_reads_what_it_says(
    tmp_path: Path, files: dict[str, str], expected: list[str]
) -> None:
    assert values(facts(tmp_path, files), "named_files") == expected


def test_its_place_is_where_the_file_is_read(tmp_path: Path) -> None:
    found = facts(tmp_path, python('path = os.getenv("PUB")\nkey = open(path).read()'))
    assert places(found, "named_files") == ["app.py:4"]
