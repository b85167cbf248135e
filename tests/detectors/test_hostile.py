"""Sources that mean harm, or mean nothing: bounded in time, answered in words, never followed outside."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from kforge import catalog
from kforge.domain.facts import NOTHING
from kforge.stages.detect import as_json, detect
from kforge.system.ignore import MatchBudget
from kforge.system.tree import SourceTree, TreeLimits
from tests.conftest import memory_folder
from tests.detectors.reading import facts, lay, notes, values

SECONDS = 10  # generous for a loaded machine: what is quadratic takes minutes


def test_an_empty_source_says_so(tmp_path: Path) -> None:
    assert "no files" in notes(facts(tmp_path, {}))


def test_a_binary_source_is_recognized_as_nothing(tmp_path: Path) -> None:
    found = facts(tmp_path, {"a.bin": bytes(range(256)) * 100, "main.exe": b"MZ\x00\x01", "b.py": b"\x00\x01\x02"})
    assert values(found, "start") == [] or values(found, "language") == "python"


def test_invalid_utf8_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    found = facts(tmp_path, {"main.py": b"# \xff\xfe caf\xe9\nimport os\nos.environ['A']\n"})
    assert [one["name"] for one in values(found, "env")] == ["A"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("server.js", "app.listen(" * 40_000),
        ("server.js", "`${" * 100_000),
        ("server.js", "`" * 400_001),
        ("server.js", "/*" * 200_000),
        ("server.js", "'" * 400_000),
        ("server.js", "a = (" * 80_000),
        ("server.js", "x.get('/a'," * 40_000),
        ("server.js", "const a = b || " * 30_000),
        ("main.go", "package main\nfunc main() {" + "net.Listen(" * 40_000),
        ("main.go", "package main\n" + "`" * 400_001),
        ("main.go", "package main\n" + "a := b + " * 50_000),
        ("main.go", "package main\nfunc main() {}\n" + "func f(a string) {\n" * 20_000),
        ("main.py", "(" * 400_000),
        ("main.py", "-" * 400_000 + "1"),
        ("main.py", "x = " + " + ".join(["a"] * 4_000)),
        ("main.py", "a = b\nb = a\n" + "print(a)\n" * 30_000),
        ("Dockerfile", "FROM a\n" + "RUN <<A <<B <<C\n" * 20_000),
        ("Dockerfile", "FROM a\nENV " + "$" * 400_000),
        ("Dockerfile", "FROM a\nENV A=" + "${A" * 100_000),
        ("Dockerfile", "FROM a\nRUN x \\\n" * 30_000),
        ("package.json", '{"scripts": ' + '{"a": ' * 50_000),
        ("requirements.txt", "a-" * 200_000),
        ("pyproject.toml", "[project]\nname = " + "[" * 100_000),
        ("nginx.conf", "server {\n" + "location / {\n" * 30_000),
        ("Procfile", "web: " + "a " * 200_000),
        (".gitignore", "*a" * 200 + "b\n" + "**/" * 150 + "x\n"),
    ],
)  # fmt: skip
def test_no_text_takes_long(tmp_path: Path, name: str, text: str) -> None:
    started = time.monotonic()
    facts(tmp_path, {"package.json": "{}", name: text, "a" * 200: "x", "a/a/a/a/a/a/a/a/a/a/a/y": "x"})
    assert time.monotonic() - started < SECONDS


def _numbered(text: str, count: int) -> str:
    return "".join(text.replace("#", str(number)) for number in range(count))


# Texts on which a careless reader is quadratic, exponential or endless.
HOSTILE = [
    ("server.js", "a" * 400_000),
    ("server.js", "a." * 200_000),
    ("server.js", "if (!process.env.A" + " " * 200_000),
    ("server.js", "if (!process.env.A) {" + "a" * 200_000),
    ("server.js", ("if (!process.env.A" + " " * 800) * 400),
    ("server.js", ("if (!process.env.A) {" + "a.b(" * 200) * 400),
    ("server.js", _numbered("process.env.A# || '#'\r\n", 15_000)),
    ("server.js", _numbered("app.get('/r#', f)\n", 20_000)),
    ("server.js", "process.env.A\n" * 30_000),
    ("server.js", "\n" * 400_000),
    ("server.js", "a\n" * 200_000),
    ("server.js", "const a = 1 // \0\r\n" * 20_000),
    ("server.js", ("app.get('/'," * 100 + "()" * 1000 + ")" * 100) * 100),
    ("server.js", ("const a = " + " || ".join(["a"] * 390) + "\n") * 100 + "app.listen(a)\n"),
    ("server.js", "const a = `" + "${a}" * 380 + "`\napp.listen(a); const DB_HOST = a\n"),
    ("server.js", "=/[" * 130_000),
    ("server.js", "a=" * 500 + "|\n" * 2000),
    ("server.js", _numbered("a.use('/x#', b)\nb.use('/y#', a)\n", 250) + "a.get('/healthz', f)\n" * 500),
    ("server.js", "import{" * 60_000),
    ("server.js", "@Controller({" * 30_000),
    ("server.js", "switch(" * 50_000),
    ("server.js", '"http://a"+()' * 30_000),
    ("server.js", "function rrr(x) { return process.env[x] }\n" + "rrr('A', " * 40_000),
    ("server.js", "function " + "a" * 400_000 + "(b"),
    ("main.go", "package main\nfunc main() {\n" + "a" * 400_000 + ' = os.Getenv("A")\n}'),
    ("main.go", "package main\nfunc main() {\n" + _numbered('r.GET("/r#", f)\n', 15_000) + "}\n"),
    ("main.go", "package main\nfunc main() {\n" + 'a := os.Getenv("A"); ' * 18_000),
    ("main.go", "package main\nvar a = []int{" + "a, " * 130_000),
    ("main.go", "package main\n" + "import (\n" * 40_000),
    ("main.go", "package main\nfunc main() {" + "{" * 10_000 + '\nif os.Getenv("A") == "" { log.Fatal() }' * 600),
    ("main.go", "package main\n" + ("http.Server{" + "\n" * 700) * 500),
    ("main.go", "package main\nfunc main() {\n" + 'a = a.Group("/x")\n' * 600 + 'a.GET("/healthz", f)\n' * 600),
    ("main.go", "package main\nvar a = " + " + ".join(["a"] * 480) + "\nfunc main() { http.ListenAndServe(a, nil) }\n"),
    ("main.go", 'package main\nvar a = "' + "a" * 400_000),
    ("main.py", "a = " + " or ".join(["a"] * 1000) + "\napp.run(port=a)\n"),
    ("main.py", "a = f'" + "{a}" * 5000 + "'\nDB_HOST = a\n"),
    ("main.py", "a = 1\n" * 30_000 + "bind(a)\n" * 20_000),
    ("main.py", "import socket\n" + "a.bind(b)\n" * 15_000 + "x.y\n" * 15_000),
    ("main.py", "def create_app():\n x = f()\n" * 9000 + "app = create_app()\n" * 9000),
    ("main.py", "import os\n" + "def f(a):\n os.getenv(a)\n" * 10_000),
    ("main.py", "x: a" + ".a" * 2500 + " = 1\nclass S(BaseSettings):\n  y: a" + ".a" * 2500 + "\n"),
    ("main.py", "PORT = 0x" + "f" * 100_000 + "\napp.run(port=PORT)\n"),
    ("app/urls.py", "urlpatterns = []\n" + "path('a', x)\n" * 10_000 + "path('b', include('app.urls'))\n" * 5000),
    ("pyproject.toml", "[project]\n" + "a." * 200_000 + "b=1"),
    ("pyproject.toml", "[project]\ndependencies = [" + _numbered('"a#",', 40_000) + "]\n"),
    ("requirements.txt", "a \\\n" * 100_000),
    ("setup.py", "install_requires=[" * 20_000),
    ("setup.cfg", "\n" * 400_000),
    ("Procfile", "web: a" + " " * 400_000 + "b"),
    ("Procfile", "web: " + "a" * 400_000),
    (".nvmrc", "\n" * 400_000),
    ("package.json", '{"dependencies":{' + _numbered('"a#":"1",', 30_000) + '"b":"1"}}'),
    ("package.json", '{"scripts":{"start":"node ' + "a" * 400_000 + '"}}'),
    ("package.json", '{"engines":{"node":">=' + "1" * 5000 + '"}}'),
    ("Dockerfile", "FROM a\nENV " + "a " * 200_000),
    ("Dockerfile", 'FROM a\nENV A="' + "a" * 400_000),
    ("Dockerfile", "FROM a\nENV A=aaaaaaaa\n" + "ENV A=$A$A\n" * 1990),
    ("Dockerfile", "FROM a\nENV A=" + "a" * 3000 + "\nENV B=" + "$A" * 190_000),
    ("Dockerfile", "FROM a\nENV A=" + "${A:-" * 80_000),
    ("Dockerfile", "FROM a\nENV A=" + "eyJ" * 130_000),
    ("Dockerfile", "FROM a\nEXPOSE " + " ".join(map(str, range(1, 65_000)))),
    ("Dockerfile", "FROM a\nEXPOSE " + "1" * 5000 + " \u00b2 80"),
    ("Dockerfile", "FROM a\nRUN " + "--a " * 100_000),
    ("Dockerfile", "# a=b" + " " * 400_000 + "c\nFROM a\n"),
    ("nginx.conf", "server {\n" + "\n" * 400_000),
    ("nginx.conf", "server {\n" + "listen 1;\n" * 40_000),
    (".gitignore", "*a*b*c\n" * 2000),
]


@pytest.mark.parametrize(
    ("name", "text"), HOSTILE, ids=[f"{name}-{number}" for number, (name, _) in enumerate(HOSTILE)]
)
def test_time_is_linear_in_the_size_of_a_file(tmp_path: Path, name: str, text: str) -> None:
    started = time.monotonic()
    beside = "requirements.txt" if name.endswith((".py", ".toml", ".cfg", "Procfile")) else "package.json"
    facts(tmp_path, {beside: "{}" if beside == "package.json" else "flask\n", name: text})
    assert time.monotonic() - started < SECONDS


def test_an_expression_that_refers_to_itself_is_read_once_a_depth(tmp_path: Path) -> None:
    found = facts(tmp_path, {"main.py": "import os\na = os.getenv('A') or a or a\nb = a or 'http://db:80'\n"})
    assert [one["name"] for one in values(found, "env")] == ["A"]


def test_an_ignore_file_of_many_lines_over_many_names_ends_with_a_note(tmp_path: Path) -> None:
    tree = SourceTree(
        lay(tmp_path, {".gitignore": "*a*b\n" * 100, **{f"d/f{number}.py": "" for number in range(100)}}),
        matching=MatchBudget(5000),
    )
    assert "too many lines in .gitignore files" in notes(detect(tree, catalog.detectors()))


def test_a_script_that_calls_itself_ends(tmp_path: Path) -> None:
    facts(
        tmp_path,
        {
            "package.json": '{"scripts": {"start": "npm run a", "a": "npm run start"}}',
            "requirements.txt": "-r requirements.txt\n",
        },
    )


@pytest.mark.slow  # to lay that many files, not to read them
def test_a_hundred_thousand_files_are_answered_quickly() -> None:
    with memory_folder() as root:
        for folder in range(100):
            (root / f"d{folder:03}").mkdir()
            for number in range(1000):
                os.close(os.open(f"{root}/d{folder:03}/f{number}.py", os.O_CREAT))
        started = time.monotonic()
        found = detect(SourceTree(root), catalog.detectors())
        assert time.monotonic() - started < SECONDS
    assert "more than 20000 files" in notes(found)


def test_facts_are_the_same_whatever_the_order_on_disk(tmp_path: Path) -> None:
    files = {
        f"m{number}.py": f'import os\nos.environ["V{number}"]\nopen("/d{number}/x", "w")\nU = "http://h{number}:80/"\n'
        for number in range(20)
    }
    one = facts(tmp_path / "one", dict(files))
    two = facts(tmp_path / "two", dict(reversed(files.items())))
    assert as_json(one) == as_json(two)


def test_what_was_left_out_is_a_note(tmp_path: Path) -> None:
    tree = SourceTree(
        lay(tmp_path, {"main.py": "x = 1\n", "big.py": "x = 1\n" * 1000}), limits=TreeLimits(file_bytes=1000)
    )
    assert "`big.py`: larger than 0 KiB" in notes(detect(tree, catalog.detectors()))


def test_a_missing_source_has_no_facts(tmp_path: Path) -> None:
    assert detect(SourceTree(tmp_path / "no"), ()).value("ports") == NOTHING.value("ports")


HALF = '"\\ud800"'


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": f'{{"name": {HALF}, "version": {HALF}, "scripts": {{"start": {HALF}, "build": {HALF}}}, "dependencies": {{{HALF}: {HALF}}}, "engines": {{"node": {HALF}}}}}'},
        {"package.json": "{}", "server.js": f"process.env[{HALF}]; process.env.A || {HALF}; app.get({HALF}); fetch('http://\\ud800:80'); app.listen(3000)"},
        {"main.py": f"import os\nos.environ[{HALF}]\nos.environ.get('A', {HALF})\nopen('/data/' + {HALF}, 'w')\n@app.get({HALF})\ndef f(): pass\n"},
        {"Dockerfile": f"FROM a\nENV A={HALF}\nCMD [{HALF}]\n"},
        {"main.py": "import os\n", os.fsdecode(b"\xff.py"): "import os\nos.environ['A']\n", os.fsdecode(b"\xfe/main.py"): "import os\nos.environ['B']\n"},
    ],
)  # fmt: skip
def test_half_a_character_is_replaced_in_every_fact(files: dict[str, str | bytes], tmp_path: Path) -> None:
    json.dumps(as_json(facts(tmp_path, files)), ensure_ascii=False).encode()
