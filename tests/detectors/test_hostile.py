"""Sources that mean harm, or mean nothing: bounded in time, answered in words, never followed outside."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kforge import catalog
from kforge.domain.facts import NOTHING
from kforge.stages.detect import as_json, detect
from kforge.syntax import javascript, python
from kforge.syntax.code_file import CodeFile
from kforge.syntax.grammars import MAX_BYTES
from kforge.syntax.program import MAX_EXPRESSIONS, MAX_NODES
from kforge.system.ignore import MatchBudget
from kforge.system.tree import SourceTree, TreeLimits
from tests.conftest import memory_folder
from tests.detectors.reading import env, facts, lay, notes, values
from tests.growth import LINEAR, PARTS, growth
from tests.trials import sample


def test_an_empty_source_says_so(tmp_path: Path) -> None:
    assert "no files" in notes(facts(tmp_path, {}))


def test_a_binary_source_is_recognized_as_nothing(tmp_path: Path) -> None:
    found = facts(tmp_path, {"a.bin": bytes(range(256)) * 100, "main.exe": b"MZ\x00\x01", "b.py": b"\x00\x01\x02"})
    assert values(found, "start") == [] or values(found, "language") == "python"


def test_invalid_utf8_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    found = facts(tmp_path, {"main.py": b"# \xff\xfe caf\xe9\nimport os\nos.environ['A']\n"})
    assert [one["name"] for one in values(found, "env")] == ["A"]


def _numbered(text: str, count: int) -> str:
    return "".join(text.replace("#", str(number)) for number in range(count))


# Texts on which a careless reader is quadratic, exponential or endless, as long as `of` makes them.
HOSTILE: list[tuple[str, Callable[[Callable[[int], int]], str]]] = [
    ("server.js", lambda of: "app.listen(" * of(40_000)),
    ("server.js", lambda of: "`${" * of(100_000)),
    ("server.js", lambda of: "`" * of(400_001)),
    ("server.js", lambda of: "/*" * of(200_000)),
    ("server.js", lambda of: "'" * of(400_000)),
    ("server.js", lambda of: "a = (" * of(80_000)),
    ("server.js", lambda of: "x.get('/a'," * of(40_000)),
    ("server.js", lambda of: "const a = b || " * of(30_000)),
    ("main.go", lambda of: "package main\nfunc main() {" + "net.Listen(" * of(40_000)),
    ("main.go", lambda of: "package main\n" + "`" * of(400_001)),
    ("main.go", lambda of: "package main\n" + "a := b + " * of(50_000)),
    ("main.go", lambda of: "package main\nfunc main() {}\n" + "func f(a string) {\n" * of(20_000)),
    ("main.py", lambda of: "(" * of(400_000)),
    ("main.py", lambda of: "-" * of(400_000) + "1"),
    ("main.py", lambda of: "x = " + " + ".join(["a"] * of(4_000))),
    ("main.py", lambda of: "a = b\nb = a\n" + "print(a)\n" * of(30_000)),
    ("Dockerfile", lambda of: "FROM a\n" + "RUN <<A <<B <<C\n" * of(20_000)),
    ("Dockerfile", lambda of: "FROM a\nENV " + "$" * of(400_000)),
    ("Dockerfile", lambda of: "FROM a\nENV A=" + "${A" * of(100_000)),
    ("Dockerfile", lambda of: "FROM a\nRUN x \\\n" * of(30_000)),
    ("package.json", lambda of: '{"scripts": ' + '{"a": ' * of(50_000)),
    ("requirements.txt", lambda of: "a-" * of(200_000)),
    ("pyproject.toml", lambda of: "[project]\nname = " + "[" * of(100_000)),
    ("nginx.conf", lambda of: "server {\n" + "location / {\n" * of(30_000)),
    ("Procfile", lambda of: "web: " + "a " * of(200_000)),
    (".gitignore", lambda of: "*a" * of(200) + "b\n" + "**/" * of(150) + "x\n"),
    ("server.js", lambda of: "a" * of(400_000)),
    ("server.js", lambda of: "a." * of(200_000)),
    ("server.js", lambda of: "if (!process.env.A" + " " * of(200_000)),
    ("server.js", lambda of: "if (!process.env.A) {" + "a" * of(200_000)),
    ("server.js", lambda of: ("if (!process.env.A" + " " * 800) * of(400)),
    ("server.js", lambda of: ("if (!process.env.A) {" + "a.b(" * 200) * of(400)),
    ("server.js", lambda of: _numbered("process.env.A# || '#'\r\n", of(15_000))),
    ("server.js", lambda of: _numbered("app.get('/r#', f)\n", of(20_000))),
    ("server.js", lambda of: "process.env.A\n" * of(30_000)),
    ("server.js", lambda of: "\n" * of(400_000)),
    ("server.js", lambda of: "a\n" * of(200_000)),
    ("server.js", lambda of: "const a = 1 // \0\r\n" * of(20_000)),
    ("server.js", lambda of: ("app.get('/'," * 100 + "()" * 1000 + ")" * 100) * of(100)),
    ("server.js", lambda of: ("const a = " + " || ".join(["a"] * 390) + "\n") * of(100) + "app.listen(a)\n"),
    ("server.js", lambda of: "const a = `" + "${a}" * of(380) + "`\napp.listen(a); const DB_HOST = a\n"),
    ("server.js", lambda of: "=/[" * of(130_000)),
    ("server.js", lambda of: "a=" * of(500) + "|\n" * of(2000)),
    ("server.js", lambda of: _numbered("a.use('/x#', b)\nb.use('/y#', a)\n", of(250)) + "a.get('/healthz', f)\n" * of(500)),
    ("server.js", lambda of: "import{" * of(60_000)),
    ("server.js", lambda of: "@Controller({" * of(30_000)),
    ("server.js", lambda of: "switch(" * of(50_000)),
    ("server.js", lambda of: '"http://a"+()' * of(30_000)),
    ("server.js", lambda of: "function rrr(x) { return process.env[x] }\n" + "rrr('A', " * of(40_000)),
    ("server.js", lambda of: "function " + "a" * of(400_000) + "(b"),
    ("main.go", lambda of: "package main\nfunc main() {\n" + "a" * of(400_000) + ' = os.Getenv("A")\n}'),
    ("main.go", lambda of: "package main\nfunc main() {\n" + _numbered('r.GET("/r#", f)\n', of(15_000)) + "}\n"),
    ("main.go", lambda of: "package main\nfunc main() {\n" + 'a := os.Getenv("A"); ' * of(18_000)),
    ("main.go", lambda of: "package main\nvar a = []int{" + "a, " * of(130_000)),
    ("main.go", lambda of: "package main\n" + "import (\n" * of(40_000)),
    ("main.go", lambda of: "package main\nfunc main() {" + "{" * of(10_000) + '\nif os.Getenv("A") == "" { log.Fatal() }' * of(600)),
    ("main.go", lambda of: "package main\n" + ("http.Server{" + "\n" * 700) * of(500)),
    ("main.go", lambda of: "package main\nfunc main() {\n" + 'a = a.Group("/x")\n' * of(600) + 'a.GET("/healthz", f)\n' * of(600)),
    ("main.go", lambda of: "package main\nvar a = " + " + ".join(["a"] * of(480)) + "\nfunc main() { http.ListenAndServe(a, nil) }\n"),
    ("main.go", lambda of: 'package main\nvar a = "' + "a" * of(400_000)),
    ("main.py", lambda of: "a = " + " or ".join(["a"] * of(1000)) + "\napp.run(port=a)\n"),
    ("main.py", lambda of: "a = f'" + "{a}" * of(5000) + "'\nDB_HOST = a\n"),
    ("main.py", lambda of: "a = 1\n" * of(30_000) + "bind(a)\n" * of(20_000)),
    ("main.py", lambda of: "import socket\n" + "a.bind(b)\n" * of(15_000) + "x.y\n" * of(15_000)),
    ("main.py", lambda of: "def create_app():\n x = f()\n" * of(9000) + "app = create_app()\n" * of(9000)),
    ("main.py", lambda of: "import os\n" + "def f(a):\n os.getenv(a)\n" * of(10_000)),
    ("main.py", lambda of: "x: a" + ".a" * of(2500) + " = 1\nclass S(BaseSettings):\n  y: a" + ".a" * of(2500) + "\n"),
    ("main.py", lambda of: "PORT = 0x" + "f" * of(100_000) + "\napp.run(port=PORT)\n"),
    ("app/urls.py", lambda of: "urlpatterns = []\n" + "path('a', x)\n" * of(10_000) + "path('b', include('app.urls'))\n" * of(5000)),
    ("pyproject.toml", lambda of: "[project]\n" + "a." * of(200_000) + "b=1"),
    ("pyproject.toml", lambda of: "[project]\ndependencies = [" + _numbered('"a#",', of(40_000)) + "]\n"),
    ("requirements.txt", lambda of: "a \\\n" * of(100_000)),
    ("setup.py", lambda of: "install_requires=[" * of(20_000)),
    ("setup.cfg", lambda of: "\n" * of(400_000)),
    ("Procfile", lambda of: "web: a" + " " * of(400_000) + "b"),
    ("Procfile", lambda of: "web: " + "a" * of(400_000)),
    (".nvmrc", lambda of: "\n" * of(400_000)),
    ("package.json", lambda of: '{"dependencies":{' + _numbered('"a#":"1",', of(30_000)) + '"b":"1"}}'),
    ("package.json", lambda of: '{"scripts":{"start":"node ' + "a" * of(400_000) + '"}}'),
    ("package.json", lambda of: '{"engines":{"node":">=' + "1" * of(5000) + '"}}'),
    ("Dockerfile", lambda of: "FROM a\nENV " + "a " * of(200_000)),
    ("Dockerfile", lambda of: 'FROM a\nENV A="' + "a" * of(400_000)),
    ("Dockerfile", lambda of: "FROM a\nENV A=aaaaaaaa\n" + "ENV A=$A$A\n" * of(1990)),
    ("Dockerfile", lambda of: "FROM a\nENV A=" + "a" * of(3000) + "\nENV B=" + "$A" * of(190_000)),
    ("Dockerfile", lambda of: "FROM a\nENV A=" + "${A:-" * of(80_000)),
    ("Dockerfile", lambda of: "FROM a\nENV A=" + "eyJ" * of(130_000)),
    ("Dockerfile", lambda of: "FROM a\nEXPOSE " + " ".join(map(str, range(1, of(65_000))))),
    ("Dockerfile", lambda of: "FROM a\nEXPOSE " + "1" * of(5000) + " \u00b2 80"),
    ("Dockerfile", lambda of: "FROM a\nRUN " + "--a " * of(100_000)),
    ("Dockerfile", lambda of: "# a=b" + " " * of(400_000) + "c\nFROM a\n"),
    ("nginx.conf", lambda of: "server {\n" + "\n" * of(400_000)),
    ("nginx.conf", lambda of: "server {\n" + "listen 1;\n" * of(40_000)),
    (".gitignore", lambda of: "*a*b*c\n" * of(2000)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"), sample(HOSTILE, 3), ids=[f"{name}-{number}" for number, (name, _) in enumerate(HOSTILE)]
)
def test_time_is_linear_in_the_size_of_a_file(
    tmp_path: Path, name: str, text: Callable[[Callable[[int], int]], str]
) -> None:
    beside = "requirements.txt" if name.endswith((".py", ".toml", ".cfg", "Procfile")) else "package.json"

    def read(part: int) -> None:
        content = text(lambda count: count * part // (2 * PARTS))
        facts(tmp_path / str(part), {beside: "{}" if beside == "package.json" else "flask\n", name: content})

    assert growth(read, PARTS) < LINEAR


def test_an_expression_that_refers_to_itself_is_read_once_a_depth(tmp_path: Path) -> None:
    found = facts(tmp_path, {"main.py": "import os\na = os.getenv('A') or a or a\nb = a or 'http://db:80'\n"})
    assert [one["name"] for one in values(found, "env")] == ["A"]


def test_an_ignore_file_of_many_lines_over_many_names_ends_with_a_note(tmp_path: Path) -> None:
    tree = SourceTree(
        lay(tmp_path, {".gitignore": "*a*b\n" * 100, **{f"d/f{number}.py": "" for number in range(100)}}),
        matching=MatchBudget(5000),
    )
    assert "too many lines in .gitignore files" in notes(detect(tree, catalog.detectors()))


def test_code_beyond_what_memory_bears_is_left_out_with_a_note(tmp_path: Path) -> None:
    dense = f"x = [{'a,' * 200}]\n" * 200
    count = MAX_EXPRESSIONS // 40_000 + 3
    files = {f"m{number:02}.py": f"import os\nos.environ['V{number:02}']\n{dense}" for number in range(count)}
    found = facts(tmp_path, {"requirements.txt": "flask\n", **files})
    assert (len(env(found)), "3 more Python files were not read" in notes(found)) == (count - 3, True)


def test_code_beyond_what_time_bears_is_left_out_with_a_note(tmp_path: Path) -> None:
    """One expression a file, and every other character a node."""
    dense = f"x = [{'a,' * 75_000}]\n"
    count = MAX_NODES // 150_000 + 3
    files = {f"m{number}.py": f"import os\nos.environ['V{number}']\n{dense}" for number in range(count)}
    found = facts(tmp_path, {"requirements.txt": "flask\n", **files})
    assert (len(env(found)), "3 more Python files were not read" in notes(found)) == (count - 3, True)


@pytest.mark.parametrize("read", [python.read, javascript.read])
def test_imported_names_count_as_what_memory_holds(read: Callable[[str, str], CodeFile]) -> None:
    names = ", ".join(f"b{number}" for number in range(1000))
    text = f"from a import {names}\n" if read is python.read else f"import {{ {names} }} from 'a'\n"
    assert read("x", text).size >= 1000


def test_a_file_is_read_up_to_a_limit_with_a_note(tmp_path: Path) -> None:
    code = "import os\nos.environ['A']\n" + "#" * MAX_BYTES + "\nos.environ['B']\n"
    found = facts(tmp_path, {"requirements.txt": "flask\n", "main.py": code})
    assert (list(env(found)), "`main.py` was read up to line 3" in notes(found)) == (["A"], True)


def test_a_script_that_calls_itself_ends(tmp_path: Path) -> None:
    facts(
        tmp_path,
        {
            "package.json": '{"scripts": {"start": "npm run a", "a": "npm run start"}}',
            "requirements.txt": "-r requirements.txt\n",
        },
    )


def test_of_a_hundred_thousand_files_as_many_are_read_as_the_limit_allows() -> None:
    with memory_folder() as root:
        for folder in range(100):
            (root / f"d{folder:03}").mkdir()
            for number in range(1000):
                os.close(os.open(f"{root}/d{folder:03}/f{number}.py", os.O_CREAT))
        found = detect(SourceTree(root), catalog.detectors())
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
