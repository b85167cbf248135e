"""Seventy-odd forms of credentials in eight places: none comes out. What the detector finds and what it mistakes is on
record.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kforge.domain.artifact import Detector
from kforge.domain.facts import Evidence, Fact, Facts
from kforge.domain.secrets.credential_forms import FORMS
from kforge.domain.secrets.credentials import known, userinfo
from kforge.domain.secrets.redact import arguments, redact, redacted
from kforge.domain.secrets.source_secrets import HIDDEN, public
from kforge.llm.prompt import prompt, show
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.growth import LINEAR, growth
from tests.questions import question
from tests.secrets import report
from tests.secrets.places import MAIN, PLACES, SPEC, built
from tests.secrets.planted import PLANTED, Planted
from tests.trials import sample
from tests.worlds import PYTHON


def test_there_are_at_least_forty_forms_and_eight_places() -> None:
    assert len({planted.kind for planted in PLANTED}) == len(PLANTED) >= 40 and len(PLACES) == 8
    documented = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    assert f"plants {len(PLANTED)} forms of credentials in eight places" in documented


EVERYWHERE = [pytest.param(each, place, id=f"{each.kind}-{place}") for each in PLANTED for place in sorted(PLACES)]


@pytest.mark.parametrize(("planted", "place"), sample(EVERYWHERE, 7))
def test_no_credential_leaves(planted: Planted, place: str, tmp_path: Path) -> None:
    if place == "history" and shutil.which("git") is None:
        pytest.skip("git is not here")
    text = PLACES[place](planted, tmp_path)
    assert [needle for needle in planted.needles if needle in text] == []


@pytest.mark.parametrize("place", sorted(set(PLACES) - {"history"}))
def test_an_ordinary_word_does_come_out_of_there(place: str, tmp_path: Path) -> None:
    """So the tests above look where a credential would show."""
    assert "plain-word" in PLACES[place](Planted("control", "GREETING", "plain-word"), tmp_path)


@pytest.mark.full
def test_the_committed_report_is_the_one_that_the_command_prints() -> None:
    committed = Path(report.__file__).with_name("recall.txt").read_text()
    assert committed.split(report.ALARMS)[0] == report.recall(), (
        "run: python -m tests.secrets.report > tests/secrets/recall.txt"
    )


def test_every_form_has_its_hint() -> None:
    assert [planted.kind for planted in PLANTED if _by_form(planted.secret) and not [*known(planted.secret)]] == []


@pytest.mark.parametrize("form", sample([pytest.param(form, id=kind) for kind, form in FORMS], 5))
@settings(max_examples=20, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.data())
def test_whatever_has_a_form_is_found_among_other_lines(form: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(form, re.ASCII), fullmatch=True))
    assert [*known(f"first: 1\nkey: {text}\nlast: 2\n")]


def _by_form(text: str) -> bool:
    return any(re.search(form, text) for _, form in FORMS)


@pytest.mark.parametrize(
    "text",
    [
        "password: str = getpass()", "token = request.headers['Authorization']", "if not secret: raise ValueError('secret is missing')", "def login(user, password=None):",
        "secret_key = os.environ['SECRET_KEY']", "API_KEY = config.api_key", "max_tokens=2048, token_count=7", "key: value", "image: ghcr.io/acme/web@sha256:" + "0a" * 32,
        '"integrity": "sha512-' + "Ab1+" * 20 + '=="', "commit 0123456789abcdef0123456789abcdef01234567", "id = '123e4567-e89b-12d3-a456-426614174000'",
        "https://user@example.com/x", "http://localhost:8080/a:b@c", "Bearer authentication is used", "DATABASE_URL=postgres://$(USER):$(PASSWORD)@db/shop",
        "PASSWORD=${DB_PASSWORD}", "class AbstractSingletonProxyFactoryBean2Impl3Test4: pass", "password=<your password>", "SECRET=changeme", "const password = props.password;",
        "http://localhost:8080/users/@me2", "https://registry.acme.io:4873/@scope/web2", "git+ssh://git@github.com:acme/web2.git@v1", "postgres://%s:%s@db/shop", "%s:%s@tcp(db:3306)/shop",
        "user:{pw}@tcp(db)/x", "mysql://a:${PW}@tcp(db)/x?mail=x@y", "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db1", "{ name: 'token', value: token1 }",
        '{"name": "PASSWORD", "value": ""}', '{name: "password", value: "Your password"}', "password: str = Field(min_length=8)", "apiKey: string = process.env.API_KEY1", "SECRET: str = Depends",
        "curl -u app:$PASSWORD https://x", "docker run -u 1000:1000 -p 8080:80 mysql -p", "mysql -uroot -p$PASSWORD", 'mysql -u root -p"$PW"', "apt-get install mysql-client -y", "redis-cli -h cache -p 6379", "docker run --name mysql -p3306:3306 x",
        "['docker', 'login', '-u', user, '-p', password]", "auth=(user, password)", "self._auth = BasicAuth(user, password)", "'pass': ('pass', '')", "password >= minimum1", "login and password required",
        "docker run --user=node:node18 x", "chown --user postgres:postgres14 /data", 'auth: "basic:realm1"', "auth: digest:realm1",
    ],
)  # fmt: skip
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == redact(text, "a.py") == text


@pytest.mark.parametrize(
    "text",
    [
        "env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {name: db1, key: pw}\n", "password:\n  secretKeyRef:\n    name: db1\n", "password:\nusername: bob\n",
        "password =\nuser = bob1\n", "- name: DB_PASSWORD\n  value: $(OTHER)\n",
    ],
)  # fmt: skip
def test_the_keys_of_settings_stay(text: str) -> None:
    assert redact(text, "a.yaml") == text


def test_lines_stay_lines() -> None:
    text = "a\n" + "\n".join(planted.text for planted in PLANTED) + "\nb"
    assert redact(text).count("\n") == text.count("\n")


WORDS = ["--db-password {}", "-api-token={}", "--requirepass {}", "-e PASSWORD={}"]
STARTED = [
    pytest.param(each, words, id=f"{each.kind}-{words}")
    for each in PLANTED
    if not set(each.secret) & set("\n ;=")
    for words in WORDS
]


@pytest.mark.parametrize(("planted", "words"), sample(STARTED, 5))
def test_no_credential_of_a_start_command_leaves(planted: Planted, words: str, tmp_path: Path) -> None:
    """What starts a program is printed, asked about, locked and written into its image: such a source is refused."""
    text = built(
        planted,
        tmp_path,
        {"web/main.py": MAIN.format(line=""), "web/Procfile": f"web: python main.py {words.format(planted.secret)}\n"},
    )
    assert planted.secret not in text and "the command that starts it holds a credential" in text


@pytest.mark.parametrize(
    "words",
    [
        "--requirepass hunter", "--requirepass=hunter", "--masterauth hunter", "--redis-password hunter", "--auth-token hunter", "--api-key=hunter", "--apikey hunter",
        "--dbpassword hunter", "--bearertoken=hunter", "-e PASSWORD=hunter", "-ePASSWORD=hunter", "--env=DB_PASSWORD=hunter", "--build-arg API_KEY=hunter", "--set auth.password=hunter",
        "--from-literal=password=hunter", "--basic-auth admin:hunter", "--auth=admin:hunter", "--proxy-user admin:hunter", "--creds admin:hunter",
    ],
)  # fmt: skip
def test_a_flag_or_a_variable_that_is_called_so_holds_a_credential(words: str) -> None:
    for command in (
        ["x", *words.split()],
        ["sh", "-c", f"exec x {words} --port 80"],
        ["sh", "-c", f"exec x {words.replace('hunter', chr(39) + 'hunter' + chr(39))};"],
    ):
        assert "hunter" not in " ".join(arguments(command))


def test_a_user_with_a_password_is_told_from_a_user_with_a_group() -> None:
    assert arguments(["x", "--user", "admin:admin123"]) == ["x", "--user", HIDDEN]
    assert arguments(["x", "--user", "admin:hunter2", "--user=admin:hunter2"]) == [
        "x",
        "--user",
        HIDDEN,
        f"--user={HIDDEN}",
    ]
    ordinary = [
        "x",
        "--user",
        "1000:1000",
        "--user",
        "www-data:www-data",
        "--user",
        "www-data:www-data2",
        "--user=node:node18",
        "--auth=basic:realm1",
        "--user=app",
        "--auth",
        "basic",
        "--auth=none",
    ]
    assert arguments(ordinary) == ordinary


@pytest.mark.parametrize("word", ["--password=bhunter2", "--auth=bob:hunter2", "DB_PASSWORD=forest"])
def test_a_value_may_begin_as_a_prefix_of_python_does(word: str) -> None:
    assert redact(word, "Procfile") == f"{word.partition('=')[0]}={HIDDEN}"


def test_an_unknown_short_flag_says_nothing() -> None:
    """`-p` is a port, a project, a path or a password."""
    assert arguments(["x", "-p", "hunter", "-phunter", "-u", "a:b"]) == ["x", "-p", "hunter", "-phunter", "-u", "a:b"]


@pytest.mark.parametrize(
    "words",
    [
        ["curl", "-u", "admin:hunter2"],
        ["curl", "--user=admin:hunter2"],
        ["/usr/bin/mysql", "-uroot", "-phunter2"],
        ["sshpass", "-p", "hunter2", "ssh"],
        ["redis-cli", "-a", "hunter2"],
    ],
)
def test_the_program_says_what_its_short_flag_means(words: list[str], tmp_path: Path) -> None:
    assert "hunter2" not in " ".join(arguments(words)) and len(arguments(words)) == len(words)
    assert "hunter2" not in " ".join(arguments(["sh", "-c", " ".join(words)]))
    found = detect(
        SourceTree(tmp_path, tmp_path),
        [Detector("x", 1, lambda tree: Facts(language=Fact("go"), start=(Fact(words, ()),)))],
    )
    assert "hunter2" not in " ".join(found.start[0].value)


def test_a_word_may_have_a_zero() -> None:
    assert arguments(["a\0b", "--password", "hunter2"]) == ["a\0b", "--password", HIDDEN]


@pytest.mark.parametrize(
    "value",
    [
        "postgres://shop:p@hunter2@db/shop",
        "postgres://shop:a/hunter2@db/shop",
        "shop:hunter2@tcp(db:3306)/shop",
        "mysql://shop:hunter2@tcp(db)/shop",
    ],
)
def test_a_default_is_shown_without_the_user_of_its_address(value: str) -> None:
    shown = public("DATABASE", value)
    assert "hunter2" not in shown and "shop:" not in shown and shown.endswith("/shop") and "db" in shown
    assert userinfo(value)


@pytest.mark.parametrize(
    "value", ["postgres://shop:hunter2@db:5432/shop?options=a@b", "postgres://shop:p@hunter2@db:5432/shop?options=a@b"]
)
def test_a_host_with_a_port_ends_the_password(value: str) -> None:
    assert public("DATABASE", value) == "postgres://db:5432/shop?options=a@b"


@pytest.mark.parametrize("word", ["a=", "=", "a ", "--password ", "--password="])
def test_a_word_of_any_form_takes_time_as_it_is_long(word: str) -> None:
    assert growth(lambda size: arguments([word * (size // len(word))]), 200_000) < LINEAR


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("command", ["x", "--requirepass", "hunter2"]),
        ("process", {"command": ["x", "--token=hunter2"]}),
        ("build", {"steps": [["make"], ["x", "-e", "PASSWORD=hunter2"]]}),
    ],
)
def test_a_command_of_the_spec_that_holds_a_credential_is_refused(key: str, words: object, tmp_path: Path) -> None:
    spec = f"{SPEC}    {key}: {json.dumps(words)}\n"
    said = built(PLANTED[0], tmp_path, {"web/main.py": MAIN.format(line=""), "app.kforge.yaml": spec})
    assert "holds a credential" in said and "hunter2" not in said


def test_a_command_of_the_spec_may_name_a_variable_for_it(tmp_path: Path) -> None:
    spec = f'{SPEC}    command: [x, --requirepass, $(PASSWORD), "postgres://a:$(PASSWORD)@db/x"]\n    secrets: {{PASSWORD: {{secret: web, key: password}}}}\n'
    said = built(PLANTED[0], tmp_path, {"web/main.py": MAIN.format(line=""), "app.kforge.yaml": spec})
    assert "credential" not in said and "$(PASSWORD)" in said


def test_commands_that_build_are_detected_without_credentials(tmp_path: Path) -> None:
    step = Fact(["make", "--token", "hunter2"], (Evidence("Makefile", 1),))
    found = detect(
        SourceTree(tmp_path, tmp_path), [Detector("x", 1, lambda tree: Facts(language=Fact("go"), build=(step,)))]
    )
    assert found.build[0].value == ["make", "--token", HIDDEN]


def test_a_command_that_was_never_read_by_a_detector_is_shown_without_credentials() -> None:
    known = replace(
        PYTHON, start=(Fact(["python", "main.py", "--token", "hunter2", "--port", "8000"], (Evidence("main.py", 1),)),)
    )
    files = {"main.py": "# python main.py --token hunter2 holds all in memory, about 900 MB\n"}
    text = show(prompt(question("resources", known, files=files, readable=tuple(files))))
    assert "hunter2" not in text and "--token (hidden) holds" in text


@pytest.mark.parametrize(
    "words",
    [
        ["gunicorn", "app:app", "--keyfile", "/run/tls.key"], ["x", "--token-count", "5"], ["x", "--password", "$PASSWORD"], ["x", "--password-file", "a"],
        ["x", "--token", "--verbose"], ["node", "server.js", "--api-key=${KEY}"], ["--secret"], ["x", "--bypass", "all", "--compass=north", "--max-tokens=10", "--no-auth", "x"], ["sh", "-c", "exec x --password \"$PASSWORD\" --token-file 'a b'"],
        ["env", "PASSWORD=$PASSWORD", "x"], ["x", "--requirepass", "$(PASSWORD)"], ["x", "-e", "PASSWORD_FILE=/run/x"], [],
    ],
)  # fmt: skip
def test_ordinary_words_of_a_command_stay(words: list[str]) -> None:
    assert arguments(words) == words


def test_a_key_that_begins_above_or_ends_below_is_hidden() -> None:
    key = next(planted for planted in PLANTED if planted.kind == "RSA key")
    assert not any(needle in redact("\n".join(key.secret.split("\n")[:-2])) for needle in key.needles)


def test_plain_data_are_searched_at_every_depth() -> None:
    held = {
        "env": [{"name": "DB_PASSWORD", "default": "hunter2"}, {"name": "PORT", "default": "8000"}],
        "apiKey": "abcdefgh1",
        "n": 3,
        "ok": [None, True],
    }
    assert redacted(held) == {
        "env": [{"name": "DB_PASSWORD", "default": "(hidden)"}, {"name": "PORT", "default": "8000"}],
        "apiKey": "(hidden)",
        "n": 3,
        "ok": [None, True],
    }


@pytest.mark.parametrize(
    ("piece", "after"),
    [
        ("a", ""),
        ("a=", ""),
        ("a.b-", ""),
        ("://", ""),
        ('"', ""),
        ("password ", ""),
        ("-----BEGIN ", ""),
        ("<a>", ""),
        ("glabc", ""),
        ("a:b@tcp", ""),
        ("x://a:b/", "@"),
        ("curl -u ", ""),
        ("a value ", ""),
        ("a: b ", ""),
    ],
)
def test_a_text_takes_time_as_it_is_long(piece: str, after: str) -> None:
    assert growth(lambda size: redact(piece * (size // len(piece)) + after), 200_000) < LINEAR
