"""A language is one record: with one file and one entry of the catalog it is drafted, built, checked and guarded."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from kforge import catalog, languages
from kforge.domain.document import Dockerfile, Document, Documents, Stage
from kforge.domain.model.known_words import KnownWords
from kforge.domain.model.question import Question, Rejected
from kforge.draft.sources import look
from kforge.draft.words import said
from kforge.llm.answer_schema import recipes
from kforge.llm.guardrails_build import build_faults
from kforge.llm.guardrails_commands import start_faults, step_faults
from kforge.rules.dockerfile_stages import RULES
from kforge.spec.json_schema import text as schema_text
from tests.conftest import run, write
from tests.questions import question
from tests.questions import taken as within
from tests.worlds import facts

NAME = "quill"
SOURCE = {"press/main.quill": "listen 7070\nserve GET /ready\n"}
SPEC = "apiVersion: kforge.dev/v1\napp: shop\nregistry: ghcr.io/acme\nservices:\n  press: {source: ./press}\n"
KNOWN = facts(
    language=NAME, start=[["quill", "main.quill"]], ports=[{"port": 7070, "protocol": "http", "env": ""}], manifests=["main.quill"]
)  # fmt: skip


@pytest.fixture(autouse=True)
def quill(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`tests/languages/quill.py` as if it lay in `kforge/languages/`, and its line in the catalog."""
    monkeypatch.setattr(languages, "__path__", [*languages.__path__, str(Path(__file__).parent)])
    monkeypatch.setitem(catalog.LANGUAGES, NAME, 1)
    yield
    sys.modules.pop(f"kforge.languages.{NAME}", None)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = write(tmp_path / "shop", {**SOURCE, "app.kforge.yaml": SPEC})
    run("build", cwd=folder, code=0)
    return folder


def asked(topic: str) -> Question:
    return question(topic, KNOWN)


# ---- from a source of one file to files -----------------------------------------------------------------------
@pytest.mark.parametrize("words", [["check"], ["check", "--full"]], ids=" ".join)
def test_what_is_built_from_one_file_of_it_passes_the_check(words: list[str], built: Path) -> None:
    assert run(*words, cwd=built).code == 0


def test_its_recipe_writes_the_dockerfile_on_its_base_image(built: Path) -> None:
    lines = [line for line in (built / "press/Dockerfile").read_text().splitlines() if line and line[0] != "#"]
    assert lines == [
        "FROM docker.io/library/quill:2.1-trixie AS runtime",
        "WORKDIR /app",
        "COPY . ./",
        "USER 1200:1200",
        "EXPOSE 7070",
        'CMD ["quill", "main.quill"]',
    ]


def test_what_its_tools_leave_behind_stays_out_of_the_image(built: Path) -> None:
    assert "**/*.ink" in (built / "press/.dockerignore").read_text()


def test_its_runtime_is_told_its_memory(built: Path) -> None:
    deployment = yaml.safe_load((built / "deploy/kubernetes/press/deployment.yaml").read_text())
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "QUILL_MEMORY", "value": str(48 << 20)} in container["env"]


def test_its_needs_are_those_of_its_record(built: Path) -> None:
    assert "memory: 96Mi" in (built / "deploy/kubernetes/press/deployment.yaml").read_text()


def test_another_version_at_run_time_is_refused() -> None:
    stages = tuple(Stage(name, f"docker.io/library/quill:{name}", ()) for name in ("2.1", "2.2"))
    document = Document(path="Dockerfile", artifact="dockerfile", dockerfile=Dockerfile(stages))
    held = Documents((document,), languages=catalog.languages())
    assert "dockerfile-interpreter" in {rule.id for rule in RULES for _ in rule.check(held)}


# ---- what a model may say -------------------------------------------------------------------------------------
START = KnownWords([["quill", "main.quill"]], ["quill"], ["main.quill"], [7070])


@pytest.mark.parametrize("flags", [["--pens", "4"], ["--margin=wide"], ["--draft"]], ids=" ".join)
def test_its_program_may_have_its_flags(flags: list[str]) -> None:
    assert not [*start_faults(["quill", *flags, "main.quill"], START, catalog.languages().programs)]


@pytest.mark.parametrize("flags", [["--load", "x"], ["--pens", "many"], ["--draft=yes"], ["other.quill"]], ids=" ".join)
def test_and_no_other_word(flags: list[str]) -> None:
    assert [*start_faults(["quill", *flags, "main.quill"], START, catalog.languages().programs)]


def test_an_answer_with_a_flag_of_its_program_is_taken() -> None:
    command = ["quill", "--pens", "4", "main.quill"]
    assert within(asked("process"), command=command)["command"] == command


def test_an_answer_with_an_unknown_flag_is_refused() -> None:
    with pytest.raises(Rejected, match="`--load` is neither a word of a known start command"):
        within(asked("process"), command=["quill", "--load", "main.quill"])


@pytest.mark.parametrize(("step", "taken"), [(["quill", "check", "main.quill"], True), (["quill", "burn"], False)])
def test_its_steps_are_those_of_its_grammar(step: list[str], taken: bool) -> None:
    assert (not [*step_faults(step, START, catalog.languages().named(NAME))]) == taken


def test_it_has_its_own_recipe_and_no_other() -> None:
    assert recipes(asked("build")) == (NAME,)


@pytest.mark.parametrize(
    ("image", "fits"), [("docker.io/library/quill:2.2", True), ("docker.io/library/node:24", False)]
)
def test_its_recipe_takes_its_images_and_no_other(image: str, fits: bool) -> None:
    value = {**asked("build").baseline.value, "base": image, "runtime": image}
    assert (not [*build_faults(asked("build"), value)]) == fits


def test_the_schema_for_editors_names_it() -> None:
    told = json.loads(schema_text(catalog.LANGUAGES, catalog.TARGETS))
    recipe = told["definitions"]["BuildBlock"]["properties"]["recipe"]
    assert recipe["enum"] == ["python", "node", "go", "html", "generic", "quill"]


# ---- what is drafted ------------------------------------------------------------------------------------------
def test_its_signs_make_a_folder_a_source(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", SOURCE)
    assert [(one.path, one.facts.value("language"), one.ports) for one in look(folder, folder).found] == [
        ("./press", NAME, (7070,))
    ]


def test_init_drafts_a_spec_that_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("KFORGE_MODEL", "KFORGE_BASE_URL", "KFORGE_PROVIDER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = write(tmp_path / "shop", SOURCE)
    run("init", cwd=folder, code=0)
    assert run("build", cwd=folder).code == 0


def test_a_sentence_may_ask_for_a_server_in_it() -> None:
    assert [(one.kind, one.sign) for one in said("a quillpress").services] == [("web", "quillpress")]


# ---- what is told ---------------------------------------------------------------------------------------------
def test_its_name_is_among_what_was_looked_for(tmp_path: Path) -> None:
    folder = write(tmp_path / "shop", {"press/a.txt": "", "app.kforge.yaml": SPEC})
    assert (
        "Go (go.mod, *.go), HTML (index.html, Staticfile) and Quill (*.quill)" in run("build", cwd=folder, code=2).err
    )


def test_a_file_of_it_with_the_name_of_a_secret_leaves_a_note(tmp_path: Path) -> None:
    folder = write(tmp_path / "press", {".env.quill": "", "main.quill": ""})
    assert "`.env.quill`: its name is that of a secret: not read" in run("detect", str(folder), cwd=tmp_path).err
