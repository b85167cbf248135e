"""The line of a spec under its problem: a caret below the column, keys and plain words shown, the user's values never."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from kforge.domain.finding import Finding
from kforge.errors import Place
from kforge.output.code_frame import code_frame, drawn_frame
from kforge.output.findings import findings
from kforge.output.layout import plain
from kforge.output.masked_line import masked
from tests.conftest import run, write
from tests.mutations import SPEC
from tests.secrets.planted import PLANTED, Planted
from tests.trials import sample

pytestmark = pytest.mark.usefixtures("plain_environment")

HEAD = "apiVersion: kforge.dev/v1\napp: one\nservices:\n"


def frame(text: str, line: int, column: int, message: str = "") -> list[str]:
    return plain(drawn_frame(text, line, column, message)).split("\n")


def test_the_line_and_a_caret_under_the_word() -> None:
    assert frame("app: one\nlables: 3\n", 2, 1, "`lables` is not a key") == ["   |", " 2 | lables: …", "   | ^^^^^^"]


def test_an_error_of_a_spec_has_its_frame_before_the_way_out(tmp_path: Path) -> None:
    write(tmp_path, {SPEC: f"{HEAD}  web: {{image: 'docker.io/library/nginx:1.29.1', prot: 80, port: 'x'}}\n"})
    said = run("check", cwd=tmp_path, code=2).err
    assert (
        "  --> app.kforge.yaml:4:50\n"
        "   |\n"
        " 4 |   web: {image: '…', prot: …, port: '…'}\n"
        "   |                     ^^^^\n"
        "  help: did you mean `port`?\n"
    ) in said  # fmt: skip


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("    env: {PASSWORD: hunter2}", "    env: {…: …}"),
        ("      port: hunter2", "      port: …"),
        ("  port: hunter2 }", "  port: … }"),
        ("    secrets: {KEY: hunter2}", "    secrets: {…: …}"),
        ("    env: {name: hunter2, user: hunter3}", "    env: {name: …, user: …}"),
        ("\tname: hunter2", " name: …"),
        ("\u3000name: hunter2", " name: …"),
        ("'tis the season hunter2", "'…"),
        ('-----END hunter2"', '…"'),
        ("? env : name : hunter2", "… : … : …"),
        ("&a env: {name: hunter2}", "… env: {name: …}"),
        ("    command: python main.py --password hunter2", "    command: …"),
        ("    command: [--token, hunter2]", "    command: […, …]"),
        ("    path: /x?token=hunter2", "    path: …"),
        ("  - {target: Deployment/web, path: a, value: hunter2}", "  - {target: …, path: …, value: …}"),
        ("app: one # hunter2", "app: … # …"),
        ("hunter2", "…"),
        ("hunter2 and more", "…"),
        ("image: postgres://app:hunter2@db/x", "image: …"),
        ("evn: {name: hunter2}", "…: {name: …}"),
    ],
)  # fmt: skip
def test_values_and_names_of_the_users_own_are_masked(line: str, wanted: str) -> None:
    assert masked(line, 0).text == wanted


@pytest.mark.parametrize(
    ("line", "message", "wanted"),
    [
        ("  web: {source: ./web, prot: 80}", "`prot` is not a key of `services.web`", "  web: {source: …, prot: …}"),
        ("      min: two", "`scale.min` must be a whole number, not `two`", "      min: two"),
        ("      - db", "`db` is listed twice", "      - db"),
        ("      - db", "db is listed twice", "      - …"),
        ("  web: {scale: 3}", "write `scale: {min: 3}`", "  …: {scale: 3}"),
    ],
)
def test_words_of_the_message_are_shown(line: str, message: str, wanted: str) -> None:
    assert masked(line, 0, message).text == wanted


@pytest.mark.parametrize("planted", sample([pytest.param(each, id=each.kind) for each in PLANTED], 12))
@pytest.mark.parametrize("place", ["image: {}", "port: '{}'", "app: {}", "lables: {}", "- {}", 'host: "{}"', "# {}"])
def test_no_credential_is_shown(planted: Planted, place: str) -> None:
    for number, _ in enumerate(text := place.format(planted.text).split("\n"), 1):
        drawn = plain(drawn_frame("\n".join(text), number, 1))
        assert [needle for needle in planted.needles if needle in drawn] == []


def test_wide_letters_and_tabs_keep_the_caret_in_its_place() -> None:
    assert frame("host: 日本.example, path: x\n", 1, 19, "`日本.example` `x`")[1:] == [
        " 1 | host: 日本.example, path: x",
        f"   | {' ' * 20}^^^^",
    ]
    assert frame("a:\n\tport: x\n", 2, 2)[1:] == [" 2 |  port: …", "   |  ^^^^"]


def test_what_is_not_seen_is_replaced() -> None:
    assert "\u202e" not in "".join(frame("host: a\u202eb\x1b[31m\n", 1, 1))


def test_a_long_line_is_cut_around_the_column() -> None:
    text = f"needs: [{', '.join(f'service{number}' for number in range(40))}]\n"
    drawn = frame(text, 1, text.index("service20") + 1, f"`{text}`")
    assert max(map(len, drawn)) <= 80 and drawn[1][drawn[2].index("^") :].startswith("service20")


@pytest.mark.parametrize(
    "file", ["app.yaml", "kforge.lock", "web/.env", "link.kforge.yaml", "away.kforge.yaml", "folder.kforge.yaml"]
)
def test_only_a_spec_is_shown_that_kforge_would_read(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"app.yaml": "port: 80\n", "kforge.lock": "port: 80\n", "web/.env": "port: 80\n"})
    (tmp_path / "link.kforge.yaml").symlink_to("app.yaml")
    (tmp_path / "folder.kforge.yaml").mkdir()
    monkeypatch.chdir(tmp_path)
    assert code_frame(Place(file, 1, 1)) == ()


@pytest.mark.parametrize("place", [Place(SPEC), Place(SPEC, 1), Place(SPEC, 9, 1), Place(SPEC, 2, 1), None])
def test_a_place_without_a_line_has_no_frame(
    place: Place | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {SPEC: "app: one\n\n"})
    monkeypatch.chdir(tmp_path)
    assert code_frame(place) == ()


@pytest.mark.parametrize(
    ("field", "shown"), [("resources.memory", "memory: many"), ("scale.min", "{min: many, max: …, cpu: …} # …")]
)
def test_a_value_that_is_to_be_pinned_is_shown_in_the_line_that_it_would_stand_in(
    field: str, shown: str, built_shop: Path
) -> None:
    before = (built_shop / SPEC).read_text()
    said = run("-C", built_shop.name, "pin", "web", field, "many", cwd=built_shop.parent, code=2).err
    line = next(line for line in said.splitlines() if "| " in line)
    assert line.endswith(shown) and said.splitlines()[said.splitlines().index(line) + 1].index("^^^^") == line.index(
        "many"
    )
    assert "many" not in before


def refused(file: str = SPEC, line: int = 4, level: str = "error", column: int = 15, number: int = 0) -> Finding:
    where = Place(file, line, column)
    return Finding("image-tag", level, f"`web{number}` is wrong", "a.yaml", "spec", "", where, "services.web.image")  # type: ignore[arg-type]


FIVE = "".join(f"  web: {{image: 'web:{number}'}}\n" for number in range(9))


@pytest.mark.parametrize(
    ("items", "marked"),
    [
        ([refused()], [4]),
        ([refused(), refused(number=1)], [4]),
        ([refused(column=3), refused(line=5), refused(column=9, number=1)], [4, 5]),
        ([refused(line=line) for line in range(12, 3, -1)], [12, 11, 10, 9, 8, 7]),
        (
            [refused(line=line, level="warning", number=line) for line in range(4, 12)] + [refused(line=12)],
            [4, 5, 6, 7, 8, 12],
        ),
        ([refused(level="info"), refused("app.yaml"), refused(line=40), refused(line=0)], []),
        ([refused(level="info"), refused(level="warning")], [4]),
    ],
)
@pytest.mark.parametrize("saved", [True, False])
def test_findings_show_each_line_once_and_no_more_than_a_screen_has_room_for(
    items: list[Finding], marked: list[int], saved: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if saved:
        write(tmp_path, {SPEC: HEAD + FIVE})
    drawn = plain(findings(items, text=None if saved else HEAD + FIVE))
    assert [int(number) for number in re.findall(r"^ +(\d+) \|   web: {image: '", drawn, re.M)] == marked


def test_a_finding_of_the_rules_has_its_line_and_no_value_of_it(tmp_path: Path) -> None:
    spec = f"{HEAD}  web:\n    image: docker.io/library/nginx\n    port: 80\n    env: {{KEY: hunter2}}\n"
    write(tmp_path, {SPEC: spec})
    for words in ("build", "plan", "check"):
        said = run(words, cwd=tmp_path, code=1 if words != "plan" else None).err
        assert (
            "  from: app.kforge.yaml:5:12 services.web.image\n   |\n 5 |     image: docker.io/library/nginx\n"
            f"   |            {'^' * len('docker.io/library/nginx')}\n  help:"
        ) in said
        assert "hunter2" not in said


@pytest.mark.parametrize("form", ["json", "github"])
def test_machines_get_no_frame(form: str, tmp_path: Path) -> None:
    write(tmp_path, {SPEC: f"{HEAD}  web: {{prot: 80}}\n"})
    assert "^" not in run("check", "--format", form, cwd=tmp_path).out


HOSTILE = ("a" + " " * 100_000 + "b: c", "a: [" + "b," * 50_000, "x: '" + "''" * 60_000, "{" * 100_000, "a#" * 50_000, ":" * 100_000, '"\\' * 50_000, "- " * 50_000)  # fmt: skip


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:4])
def test_lines_made_to_be_slow_are_not(line: str) -> None:
    began = time.process_time()
    drawn_frame(f"{line}\nport: x\n", 2, 1)
    assert time.process_time() - began < 2
