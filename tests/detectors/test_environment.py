"""Variables that code of every language reads: which have defaults, and which the program cannot do without."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import env, facts, places

HEADS = {"main.py": "import os\n", "index.js": "", "index.ts": "", "main.go": "package main\n\nfunc main() {\n"}
BESIDE: dict[str, dict[str, str | bytes]] = {
    "main.py": {},
    "index.js": {"package.json": "{}"},
    "index.ts": {"package.json": "{}"},
    "main.go": {"go.mod": "module example.com/x\n\ngo 1.24\n"},
}


# A helper that ends the program where the call says so.
FLAG = "def env(key, mandatory=False, default=None):\n    v = os.environ.get(key)\n    if mandatory and not v:\n        sys.exit(1)\n    return v or default\n"


def read(root: Path, path: str, code: str) -> dict[str, tuple[str | None, bool]]:
    whole = HEADS[path] + code + ("\n}\n" if path == "main.go" else "\n")
    return env(facts(root, {**BESIDE[path], path: whole}))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("main.py", "x = os.environ['X']"),
        ("main.py", "int(os.environ.get('X'))"),
        ("main.py", "int(os.environ.get('X', None))"),
        ("main.py", "def must(key):\n    if key not in os.environ:\n        raise KeyError(key)\n    return os.environ[key]\nx = must('X')"),
        ("main.py", "x = os.environ.get('X')\nopen(x)"),
        ("main.py", "os.environ.get('X').split(',')"),
        ("main.py", "requests.get(f'http://{os.environ.get(\"X\")}/contacts')"),
        ("main.py", "u = os.environ.get('X') + '/contacts'"),
        ("main.py", "x = os.environ.get('X')\nif not x:\n    raise RuntimeError('x')"),
        ("main.py", "x = os.environ.get('X')\nif x is None or y:\n    sys.exit(1)"),
        ("main.py", "if 'X' not in os.environ:\n    raise SystemExit(1)"),
        ("main.py", "assert os.environ.get('X'), 'set it'"),
        ("main.py", "try:\n    x = os.environ['X']\nexcept KeyError:\n    sys.exit('set it')"),
        ("main.py", "if __name__ == '__main__':\n    x = os.environ['X']"),
        ("main.py", "if not DEBUG:\n    x = os.environ['X']"),
        ("main.py", "if not settings.STATIC_BUILD:\n    x = os.environ['X']"),
        ("main.py", "DATABASES = {'default': os.environ['X']} if not TESTING else {}"),
        ("main.py", "for k in ['X']:\n    if k not in os.environ:\n        raise RuntimeError(k)"),
        ("main.py", "missing = [k for k in ('X',) if not os.getenv(k)]\nif missing:\n    sys.exit(1)"),
        ("main.py", "def must(name):\n    v = os.getenv(name)\n    if not v:\n        raise KeyError(name)\n    return v\nx = must('X')"),
        ("main.py", "def must(name):\n    try:\n        return os.environ[name]\n    except KeyError:\n        raise ImproperlyConfigured(name)\nx = must('X')"),
        ("main.py", "def env(name, default=None):\n    if default is None:\n        return os.environ[name]\n    return os.environ.get(name, default)\nx = env('X')"),
        ("main.py", "def raw(name):\n    return os.environ[name]\ndef number(name):\n    return int(raw(name))\nx = number('X')"),
        ("main.py", "NAME = 'X'\nx = os.environ[NAME]"),
        ("main.py", FLAG + "x = env('X', mandatory=True)"),
        ("main.py", FLAG + "x = env('X', True)"),
        ("main.py", FLAG.replace("mandatory=False", "mandatory=True") + "x = env('X')"),
        ("main.py", FLAG + "def a():\n    key = 'Y'\n    return env(key)\ndef b():\n    key = 'X'\n    return env(key, mandatory=True)\n"),
        ("index.js", "if (!process.env.X) throw new Error('x')"),
        ("index.js", "function env(k, required = true) { const v = process.env[k]; if (required && !v) { throw new Error(k) } return v }\nenv('X')"),
        ("index.js", "if (!(process.env.X && y)) { process.exit(1) }"),
        ("index.js", "if (typeof process.env.X === 'undefined') { process.exit(1) }"),
        ("index.js", "if (!('X' in process.env)) { process.exit(1) }"),
        ("index.js", "assert(process.env.X, 'set it')"),
        ("index.js", "process.env.X.split(',')"),
        ("index.js", "new URL(process.env.X)"),
        ("index.js", "const env = process.env; mongoose.connect(env.X)"),
        ("index.js", "import { env } from 'node:process'; mongoose.connect(env.X)"),
        ("index.js", "fetch(`http://${process.env.X}/items`)"),
        ("index.js", "fetch(process.env.X + '/items')"),
        ("index.js", "const pool = new Pool({ connectionString: process.env.X })"),
        ("index.js", "for (const k of ['X']) { if (!process.env[k]) throw new Error(k) }"),
        ("index.js", "const needed = ['X']; needed.forEach((k) => { if (!process.env[k]) { process.exit(1) } })"),
        ("index.js", "function must(name) { const v = process.env[name]; if (!v) { throw new Error(name) } return v }\nmust('X')"),
        ("index.ts", "const db = process.env.X!"),
        ("index.ts", "const l = process.env.X!.split(',')"),
        ("main.go", 'x := os.Getenv("X")\nif x == "" {\n\tlog.Fatal("x")\n}'),
        ("main.go", 'if os.Getenv("X") == "" {\n\tpanic("x")\n}'),
        ("main.go", 'db, err := sql.Open("postgres", os.Getenv("X"))'),
        ("main.go", 'http.Get(fmt.Sprintf("http://%s/items", os.Getenv("X")))'),
        ("main.py", "get('http://%s/items' % os.environ.get('X'))"),
        ("main.py", "get('http://%s:%d/items' % (os.environ.get('X'), 80))"),
        ("main.go", 'n, err := strconv.Atoi(os.Getenv("X"))\nif err != nil {\n\tlog.Fatal(err)\n}'),
        ("main.go", 'must("X")\n}\nfunc must(k string) string {\n\tif v := os.Getenv(k); v != "" {\n\t\treturn v\n\t}\n\tlog.Fatalf("%s", k)\n\treturn ""'),
        ("main.go", 'var x string\nfill(&x, "X")\n}\nfunc fill(to *string, k string) {\n\tv := os.Getenv(k)\n\tif v == "" {\n\t\tpanic(k)\n\t}\n\t*to = v'),
        ("main.go", "os.Open(os.Getenv(key))\n}\nconst key = \"X\"\nfunc f() {"),
    ],
)  # fmt: skip
def test_what_the_program_ends_or_fails_without_is_required(tmp_path: Path, path: str, code: str) -> None:
    assert read(tmp_path, path, code)["X"] == (None, True)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("main.py", "x = os.environ.get('X')"),
        ("main.py", "if 'X' in os.environ and 'Y' in os.environ:\n    os.environ['X'] + os.environ['Y']"),
        ("main.py", "x = os.environ['X'] if 'X' in os.environ else 'd'"),
        ("main.py", "x = 'X' in os.environ and os.environ['X']"),
        ("main.py", "try:\n    x = int(os.environ['X'])\nexcept (KeyError, ValueError):\n    x = 1"),
        ("main.py", "with suppress(KeyError):\n    x = os.environ['X']"),
        ("main.py", "if os.environ.get('STORE') == 's3':\n    x = os.environ['X']"),
        ("main.py", "if DEBUG:\n    x = os.environ['X']"),
        ("main.py", "def f():\n    x = os.environ.get('X')\n    if not x:\n        return None\n    return open(x)"),
        ("main.py", "x = os.environ.get('X')\nif x:\n    open(x)"),
        ("main.py", "int(os.environ.get('X') or 5)"),
        ("main.py", "print('http://' + os.environ.get('X') + '/')"),
        ("main.py", "def secret(name):\n    if path := os.getenv(name + '_FILE'):\n        if not exists(path):\n            raise ValueError(path)\n        return read(path)\n    return os.getenv(name)\nx = secret('X')"),
        ("main.py", "x = int(os.getenv('X', 60 * 10))"),
        ("main.py", "x = json.loads(os.getenv('X', json.dumps([])))"),
        ("main.py", "x = int(os.getenv('X', data['settings']['workers']))"),
        ("main.py", "from sizes import MANY\nx = int(os.getenv('X', MANY))"),
        ("main.py", "def number(key, default=None):\n    if key not in os.environ:\n        return default\n    return int(os.environ[key])\nx = number('X')"),
        ("main.py", "x = {} if not TESTING else os.environ['X']"),
        ("main.py", FLAG + "x = env('X', mandatory=False, default='a')"),
        ("main.py", FLAG + "x = env('X')"),
        ("main.py", FLAG.replace("sys.exit(1)", "print(key)") + "x = env('X', mandatory=True)"),
        ("index.js", "function env(k, required = true) { const v = process.env[k]; if (required && !v) { throw new Error(k) } return v }\nenv('X', false)"),
        ("main.py", "if not DATABASE_URL:\n    x = os.environ['X']"),
        ("main.py", "match os.environ.get('STORE'):\n    case 's3':\n        x = os.environ['X']"),
        ("index.js", "app.set('x', process.env.X)"),
        ("index.js", "if (process.env.X) { mongoose.connect(process.env.X) }"),
        ("index.js", "process.env.X?.split(',')"),
        ("index.js", "process.env.X && mongoose.connect(process.env.X)"),
        ("index.js", "console.log(`http://${process.env.X}/`)"),
        ("index.js", "if (!process.env.X) { console.warn('no x') }\nmongoose.connect(process.env.X)"),
        ("index.js", "mongoose.connect(process.env.X || 'mongodb://db/x')"),
        ("main.go", 'use(os.Getenv("X"))'),
        ("main.go", 'if p := os.Getenv("X"); p != "" {\n\tos.Open(p)\n}'),
        ("main.go", 'x := os.Getenv("X")\nif x == "" {\n\tx = "d"\n}\nos.Open(x)'),
        ("main.go", 'if mode == "s3" {\n\tif os.Getenv("X") == "" {\n\t\tlog.Fatal("x")\n\t}\n}'),
    ],
)  # fmt: skip
def test_what_a_condition_stands_before_is_not_required(tmp_path: Path, path: str, code: str) -> None:
    assert not read(tmp_path, path, code)["X"][1]


def test_what_every_container_has_is_not_asked_for(tmp_path: Path) -> None:
    assert not read(tmp_path, "main.py", "x = os.environ['HOSTNAME']")["HOSTNAME"][1]


def test_what_a_script_beside_the_service_needs_the_service_does_without(tmp_path: Path) -> None:
    files = {"scripts/load.py": "import os\nos.environ['X']\n", "manage.py": "import os\nos.environ['Y']\n"}
    found = facts(tmp_path, {"main.py": "import os\n", **files})
    assert env(found) == {"X": (None, False), "Y": (None, False)}


def test_a_variable_of_a_helper_has_the_line_where_it_is_named(tmp_path: Path) -> None:
    code = "def must(name):\n    return os.environ[name]\n\nx = must('X')\n"
    assert places(facts(tmp_path, {"main.py": f"import os\n{code}"}), "env") == ["main.py:5"]


@pytest.mark.parametrize(
    ("path", "code", "default"),
    [
        ("main.py", "x = os.getenv('X', True)", "True"),
        ("index.js", "const { X = 'd' } = process.env", "d"),
        ("index.js", "const x = process.env.X ?? 'd'", "d"),
        ("main.go", 'x := cmp.Or(os.Getenv("X"), "d")', "d"),
    ],
)
def test_a_default_is_shown_as_text(tmp_path: Path, path: str, code: str, default: str) -> None:
    assert read(tmp_path, path, code)["X"] == (default, False)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("port = of('PORT', '80')", ("80", False)),
        ("port = of(variable='PORT', default='80')", ("80", False)),
        ("port = later('PORT', '80')", ("80", False)),
        ("port = must(variable='PORT')", (None, True)),
    ],
)
def test_a_helper_is_given_a_name_by_word_as_well(tmp_path: Path, code: str, expected: tuple[str | None, bool]) -> None:
    helpers = (
        "def of(variable, default=None):\n    return os.getenv(variable, default)\n"
        "def later(variable, default):\n    return lambda: of(variable=variable, default=default)\n"
        "def must(variable):\n    return os.environ[variable]\n"
    )
    assert read(tmp_path, "main.py", helpers + code)["PORT"] == expected


SET = """from aiohttp import web

class Settings:
    USUAL = {"HOST": "0.0.0.0", "PORT": "8099", "LATE": None}

    def __init__(self):
        for key, value in self.USUAL.items():
            setattr(self, key, os.environ.get(key, value))

settings = Settings()
web.run_app(web.Application(), host=settings.HOST, port=int(settings.PORT))
"""


@pytest.mark.parametrize(
    ("old", "new", "variables", "port"),
    [
        ("", "", {"HOST": "0.0.0.0", "PORT": "8099", "LATE": None}, (8099, "PORT")),
        ("self.USUAL.items()", "dict(HOST='a').items()", {}, (8080, "")),
        ("os.environ.get(key, value)", "value", {}, (8080, "")),
        ("setattr(self, key, ", "self.take(key, ", {"HOST": "0.0.0.0", "PORT": "8099", "LATE": None}, (8080, "")),
        ("os.environ.get(key, value)", 'os.environ.get("APP_" + key, value)', {}, (8080, "")),
        ("os.environ.get(key, value)", "os.environ.get(key)", dict.fromkeys(("HOST", "PORT", "LATE")), (8000, "PORT")),
        ("USUAL = {", "USUAL = {**OTHER, ", {"HOST": "0.0.0.0", "PORT": "8099", "LATE": None}, (8099, "PORT")),
    ],
)
def test_a_loop_over_a_mapping_reads_a_variable_for_each_key(
    tmp_path: Path, old: str, new: str, variables: dict[str, str | None], port: tuple[int, str]
) -> None:
    found = facts(
        tmp_path, {"requirements.txt": "aiohttp\n", "main.py": "import os\n" + (SET.replace(old, new) if old else SET)}
    )
    assert {name: default for name, (default, _) in env(found).items()} == variables
    assert [(one.value["port"], one.value["env"]) for one in found.ports] == [port]


@pytest.mark.parametrize("read", ["os.environ.get(name)", "os.environ[name]"])
def test_what_a_loop_ends_without_is_required_and_a_description_is_no_default(tmp_path: Path, read: str) -> None:
    code = (
        'import os, sys\nNEEDED = {"STORE": "where orders are", "KEY": "what signs them"}\n'
        f"for name, meaning in NEEDED.items():\n    if not {read}:\n        sys.exit(meaning)\n"
    )
    found = env(facts(tmp_path, {"requirements.txt": "flask\n", "app.py": code}))
    assert found == {"STORE": (None, True), "KEY": (None, True)}
