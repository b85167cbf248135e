"""What expressions come to, in every language that is read: literals, names, the environment, fallbacks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kforge.detectors import go_dialect, node_dialect, python_dialect
from kforge.domain.source.sightings import Value
from kforge.syntax import go, javascript, python
from kforge.syntax.code_file import CodeFile
from kforge.syntax.dialect import LanguageDialect
from kforge.syntax.program import program
from kforge.syntax.values import asked, resolve

Read = Callable[[str, str], CodeFile]
SHELF: dict[str, tuple[Read, LanguageDialect]] = {
    "py": (python.read, python_dialect.DIALECT),
    "js": (javascript.read, node_dialect.DIALECT),
    "ts": (javascript.read, node_dialect.DIALECT),
    "go": (go.read, go_dialect.DIALECT),
}


def resolved(ending: str, text: str, **others: str) -> Value:
    """What the first argument of `show(…)` comes to, in a program of this file and others by their names."""
    read, dialect = SHELF[ending]
    file = read(f"main.{ending}", text)
    call = next(call for call in file.calls if call.last == "show")
    files = [file, *(read(f"{name}.{ending}", other) for name, other in others.items())]
    return resolve(call.arguments[0], file, program(files, dialect))


def shown(ending: str, text: str) -> Value:
    """The same, without where its literal stands."""
    return resolved(ending, text)._replace(place=None)


@pytest.mark.parametrize(
    ("ending", "text", "value"),
    [
        ("py", "show('a' 'b' \"c\")", Value("abc")),
        ("py", r"show('a\x41\u00e9\101\q')", Value("aA\u00e9A\\q")),
        ("py", r"show(r'\n')", Value("\\n")),
        ("py", "show(8_000)", Value("8000")),
        ("py", "show(True)", Value("")),
        ("py", "show(None)", Value()),
        ("py", "H = 'db'\nshow(f'http://{H}:{80}/{{x}}')", Value("http://db:80/{x}")),
        ("py", "show('%s:%d' % ('db', 5432))", Value("db:5432")),
        ("py", "show('{}:{port}'.format('db', port=1))", Value("db:1")),
        ("py", "import os\nshow(int(os.environ.get('P', '1')))", Value("1", "P")),
        ("py", "import os\nshow(os.getenv('P') or 2)", Value("2", "P")),
        ("py", "from os import environ as e\nshow(e['P'])", Value(None, "P")),
        ("py", "from os import getenv as g\nshow(g('P'))", Value(None, "P")),
        ("py", "def f(a, b=3):\n    show(b)\n", Value("3")),
        ("py", "def f(a):\n    show(a)\nf(4)\n", Value("4")),
        ("py", "class C:\n    port = 5\nshow(C().port)", Value("5")),
        ("py", "from pathlib import Path\nshow(Path('a') / 'b')", Value("a/b")),
        ("py", "import os\nshow(os.path.join('a', 'b'))", Value("a/b")),
        ("py", "show(a if x else 'b')", Value("b")),
        ("py", "show(unknown)", Value()),
        ("js", "show('a' + 'b' + `c`)", Value("abc")),
        ("js", "const h = 'db'; show(`http://${h}:${80}`)", Value("http://db:80")),
        ("js", "show(process.env.P || 1)", Value("1", "P")),
        ("js", "show(process.env['P'] ?? '1')", Value("1", "P")),
        ("js", "const { P = 2 } = process.env; show(P)", Value("2", "P")),
        ("js", "const { P: q } = process.env; show(q)", Value(None, "P")),
        ("js", "const c = { port: 3 }; show(c.port)", Value("3")),
        ("js", "show(Number(process.env.P ? process.env.P : 4))", Value("4", "P")),
        ("js", "show(path.join(__dirname, 'a'))", Value("/app/a")),
        ("ts", "const p: number = +(process.env.P! as string) || 5; show(p)", Value("5", "P")),
        ("ts", "class C { private port = 6; f() { show(this.port) } }", Value("6")),
        ("js", "function f({ port = 7 }) { show(port) }", Value("7")),
        ("go", 'package main\nfunc f() { show(":" + "80") }', Value(":80")),
        ("go", "package main\nfunc f() { show(`a\\n`) }", Value("a\\n")),
        ("go", 'package main\nfunc f() { p := os.Getenv("P"); show(p) }', Value(None, "P")),
        ("go", 'package main\nconst p = "1"\nfunc f() { show(fmt.Sprintf(":%s", p)) }', Value(":1")),
        ("go", 'package main\nfunc f() { show(cmp.Or(os.Getenv("P"), "2")) }', Value("2", "P")),
        ("go", 'package main\nfunc f(p string) { show(p) }\nfunc g() { f("3") }', Value("3")),
        ("go", 'package main\nfunc f() { p := "4"; show(p) }\nfunc g() { p := "5" }', Value("4")),
        ("go", 'package main\nfunc f() { show(*flag.String("p", "6", "")) }', Value("6")),
        ("go", 'package main\nfunc f() { show(net.JoinHostPort("", strconv.Itoa(7))) }', Value(":7")),
    ],
)
def test_an_expression_comes_to_what_its_literals_show(ending: str, text: str, value: Value) -> None:
    assert shown(ending, text) == value


@pytest.mark.parametrize(
    ("ending", "text", "config", "place"),
    [
        ("py", "PORT = 5\n\nshow(PORT)", "", ("main.py", 1)),
        ("py", "show(\n  5)", "", ("main.py", 2)),
        ("py", "import os\nD = '5'\nshow(int(os.environ.get('P', D)))", "", ("main.py", 2)),
        ("py", "import os\nshow(os.environ['P'])", "", None),
        ("py", "from config import PORT\nshow(PORT)", "\nPORT = 5\n", ("config.py", 2)),
        ("py", "from config import HOST, PORT\nshow(f'{HOST}:{PORT}')", "HOST = 'x'\nPORT = 5\n", ("config.py", 2)),
        ("py", "show(unknown)", "known = 5", None),
        ("js", "const p = 5;\n\nshow(p)", "", ("main.js", 1)),
        ("js", "const p =\n  process.env.P ||\n  5;\nshow(p)", "", ("main.js", 3)),
        ("js", "import { p } from './config'\nshow(p)", "\nexport const p = 5", ("config.js", 2)),
        ("ts", "const p: number = 5;\nshow(p)", "", ("main.ts", 1)),
        ("go", 'package m\nconst p = "5"\nfunc f() { show(":" + p) }', "", ("main.go", 2)),
        ("go", "package m\nfunc f() { show(p) }", "package m\n\nconst p = 5", ("config.go", 3)),
        ("go", 'package m\nimport "fmt"\nvar p = 5\nfunc f() { show(fmt.Sprintf(":%d", p)) }', "", ("main.go", 3)),
    ],
)
def test_what_an_expression_comes_to_has_the_place_of_its_literal(
    ending: str, text: str, config: str, place: tuple[str, int] | None
) -> None:
    assert resolved(ending, text, config=config).place == place


@pytest.mark.parametrize(
    ("ending", "text", "variable"),
    [
        ("js", "if (!process.env.P) { throw new Error('x') }", "P"),
        ("js", "const p = process.env.P\nif (!p) process.exit(1)", "P"),
        ("js", "const p = process.env.P\nif (q || p === undefined) { throw e }", "P"),
        ("js", "if (!process.env.P) { console.log('x') }", ""),
        ("js", "if (a) { if (!process.env.P) { throw e } }", ""),
        ("js", "const p = process.env.P || 'd'\nif (!p) { throw e }", ""),
        ("go", 'package main\nfunc f() {\n p := os.Getenv("P")\n if p == "" {\n  log.Fatal("x")\n }\n}', "P"),
        ("go", 'package main\nfunc f() {\n p, ok := os.LookupEnv("P")\n if !ok {\n  panic("x")\n }\n}', "P"),
        ("go", 'package main\nfunc f() error {\n p := os.Getenv("P")\n if len(p) == 0 {\n  return ErrNone\n }\n}', "P"),
        ("go", 'package main\nfunc f() {\n p := os.Getenv("P")\n if p == "" {\n  p = "d"\n }\n}', ""),
    ],
)
def test_a_guard_names_the_variable_that_the_program_ends_without(ending: str, text: str, variable: str) -> None:
    read, dialect = SHELF[ending]
    file = read(f"main.{ending}", text)
    whole = program([file], dialect)
    assert [name for guard in file.guards if (name := asked(guard, file, whole))] == [variable] * bool(variable)


@pytest.mark.parametrize(
    ("ending", "before"),
    [
        ("py", "def f(:\n    pass\n"),
        ("js", "const = = ;\n"),
        ("ts", "let x: = 3\n"),
        ("go", "package main\nfunc f( {\n}\n"),
    ],
)
def test_code_behind_what_cannot_be_read_is_read(ending: str, before: str) -> None:
    text = f"{before}func g() {{ show(1) }}\n" if ending == "go" else f"{before}show(1)\n"
    file = SHELF[ending][0](f"main.{ending}", text)
    assert (bool(file.broken), [call.last for call in file.calls if call.last == "show"]) == (True, ["show"])


@pytest.mark.parametrize("ending", SHELF)
@pytest.mark.parametrize("text", ["", " ", "\n\n", "\0", "\ud800", "\\", "é" * 10, "((((", "]]]]", "'", '"""', "`${"])
def test_any_text_is_read(ending: str, text: str) -> None:
    assert SHELF[ending][0](f"main.{ending}", text).path == f"main.{ending}"
