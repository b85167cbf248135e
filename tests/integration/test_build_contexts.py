"""Whole projects: from which folder an image is built, where its Dockerfile lies, and what bake is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import CURRENT, run
from tests.detectors.reading import lay

OWN = 'FROM docker.io/library/debian:13\nWORKDIR /x\nCOPY ./src/ads/ ./\nCOPY pb/ ./proto/\nUSER 1000\nCMD ["./ads"]\n'
MONOREPO = {"pb/a.proto": "", "src/ads/ads": "", "src/ads/Dockerfile": OWN}
NODE = {
    "web/package.json": '{"name": "web", "version": "1.0.0", "scripts": {"start": "node s.js"}, "dependencies": {"a": "1"}}',
    "web/package-lock.json": "{}",
    "web/s.js": "require('http').createServer().listen(3000)",
    "proto/a.proto": "",
}


def spec(services: str) -> str:
    return f"apiVersion: kforge.dev/v1\napp: shop\nregistry: ghcr.io/acme\nservices: {services}\n"


def project(tmp_path: Path, files: dict[str, str], services: str, folder: str = ".") -> Path:
    (tmp_path / ".git").mkdir()
    return lay(tmp_path, {**files, f"{folder}/app.kforge.yaml": spec(services)}) / folder


def target(folder: Path, name: str) -> dict[str, str]:
    text = (folder / "docker-bake.hcl").read_text()
    found = re.search(rf'^target "{name}" {{\n(.*?)^}}', text, re.DOTALL | re.MULTILINE)
    assert found, text
    return {key: value.strip('"') for key, value in re.findall(r"^  (\w+) += (.*)$", found[1], re.MULTILINE)}


def test_an_own_dockerfile_is_built_from_the_folder_that_holds_what_it_copies(tmp_path: Path) -> None:
    here = project(tmp_path, MONOREPO, "{ads: {source: src/ads}}")
    run("build", cwd=here, code=0)
    assert (target(here, "ads")["context"], target(here, "ads")["dockerfile"]) == (".", "src/ads/Dockerfile")
    assert CURRENT.fullmatch(run("check", cwd=here, code=0).err)


def test_one_that_copies_only_what_its_folder_holds_is_built_there(tmp_path: Path) -> None:
    files = {"a/Dockerfile": "FROM debian:13\nCOPY run.sh /\nUSER 1\nCMD /run.sh\n", "a/run.sh": "", "run.sh": ""}
    here = project(tmp_path, files, "{a: {source: a}}")
    run("build", cwd=here, code=0)
    assert target(here, "a")["context"] == "a"


@pytest.mark.parametrize("name", ["compose.yaml", "docker-compose.yml"])
def test_a_compose_file_says_the_context(tmp_path: Path, name: str) -> None:
    compose = "x: &b {context: ., dockerfile: src/ads/Dockerfile}\nservices: {ads: {build: {<<: *b}}}\n"
    files = {**MONOREPO, "src/ads/Dockerfile": "FROM debian:13\nCOPY . /x\nUSER 1\nCMD /x\n", name: compose}
    here = project(tmp_path, files, "{ads: {source: src/ads}}", "deploy" if name.endswith("yaml") else ".")
    (here / "app.kforge.yaml").write_text(spec(f"{{ads: {{source: {'../' * (here != tmp_path)}src/ads}}}}"))
    run("build", cwd=here, code=0)
    assert target(here, "ads")["context"] == (".." if here != tmp_path else ".")
    assert target(here, "ads")["dockerfile"] == "src/ads/Dockerfile"


@pytest.mark.parametrize(
    ("mount", "lost"),
    [
        ("type=bind,source=pbx,target=/pb", "pbx"), ("source=pbx/a.proto,target=/a.proto", "pbx/a.proto"),
        ("type=bind,src=pbx,dst=/pb,ro", "pbx"), ("type=bind,source=pb,target=/pb", ""), ("type=bind,target=.", ""),
        ("type=bind,source=.,target=/x", ""), ("type=bind,source=.git,target=.git", ""), ("type=cache,target=/root/.cache", ""),
        ("type=bind,from=base,source=/opt,target=/opt", ""), ("type=secret,id=npmrc,target=/root/.npmrc", ""),
        ("type=bind,source=$WHERE,target=/x", ""),
    ],
)  # fmt: skip
def test_what_a_step_mounts_of_the_context_is_there(tmp_path: Path, mount: str, lost: str) -> None:
    step = f"RUN --mount=type=cache,target=/c --mount={mount} --mount=type=tmpfs,target=/t make\n"
    dockerfile = f"FROM debian:13 AS base\nFROM debian:13\n{step}USER 1\nCMD /x\n"
    here = project(tmp_path, {"Dockerfile": dockerfile, "pb/a.proto": ""}, "{a: {source: .}}")
    said = run("build", cwd=here, code=2 if lost else 0).err
    assert (
        f"`{lost}` is mounted, and the build context, the repository's top, does not hold it\n  --> Dockerfile:3\n"
        in said
    ) is bool(lost)


def test_a_copied_file_that_is_nowhere_is_an_error_with_its_line(tmp_path: Path) -> None:
    here = project(
        tmp_path,
        {**MONOREPO, "pb/a.proto": "", "src/ads/Dockerfile": OWN.replace("pb/", "pbx/")},
        "{ads: {source: src/ads}}",
    )
    said = run("build", cwd=here, code=2).err
    assert (
        "`pbx/` is copied, and the build context, the repository's top, does not hold it\n  --> src/ads/Dockerfile:4\n"
        in said
    )
    assert not (here / "docker-bake.hcl").exists()


@pytest.mark.parametrize(
    "line",
    [
        "COPY --from=build /nowhere /x",
        "ADD https://example.test/a.tgz /x",
        "ADD git@example.test:a/b.git /x",
        "COPY nothing* run.sh /x/",
        "COPY <<EOF /etc/motd\nhello nowhere\nEOF",
        "ARG WHERE\nCOPY ${WHERE}/a /x",
        "COPY dist/ /x",
        "COPY / /x",
    ],
)
def test_what_does_not_come_out_of_the_context_is_not_looked_for(tmp_path: Path, line: str) -> None:
    text = f"FROM debian:13 AS build\nFROM debian:13\n{line}\nUSER 1\nCMD /x\n"
    here = project(tmp_path, {"Dockerfile": text, "run.sh": "", ".gitignore": "/dist\n"}, "{a: {source: .}}")
    run("build", cwd=here, code=0)


@pytest.mark.parametrize(
    "line", ['COPY ["no where", "/x"]', "ADD ./nowhere /x", "ARG D=nowhere\nCOPY $D/a /x", "COPY --chown=1 nowhere /"]
)
def test_what_does_is(tmp_path: Path, line: str) -> None:
    text = f"FROM debian:13\n{line}\nUSER 1\nCMD /x\n"
    here = project(tmp_path, {"Dockerfile": text}, "{a: {source: .}}")
    assert "is copied, and the build context" in run("build", cwd=here, code=2).err


def test_a_spec_names_context_dockerfile_stage_arguments_and_secrets(tmp_path: Path) -> None:
    text = 'FROM debian:13 AS base\nEXPOSE 7000\nUSER 5\nCOPY s.js /\nCMD ["/s"]\nFROM base AS test\nEXPOSE 9000\n'
    files = {**NODE, "docker/web.Dockerfile": text}
    build = "{context: web, dockerfile: docker/web.Dockerfile, target: base, args: {A: 'x y', B: '${C}'}, secrets: {T: {env: TOKEN}}}"
    here = project(tmp_path, files, f"{{web: {{source: web, build: {build}}}}}")
    run("build", cwd=here, code=0)
    found = target(here, "web")
    assert (found["context"], found["dockerfile"], found["target"]) == ("web", "../docker/web.Dockerfile", "base")
    assert found["secret"] == '["id=T,env=TOKEN"]' and not (here / "web/Dockerfile").exists()
    assert '"A" = "x y"\n    "B" = "$${C}"' in (here / "docker-bake.hcl").read_text()
    assert "runAsUser: 5" in (here / "deploy/kubernetes/web/deployment.yaml").read_text()


def test_a_written_dockerfile_lies_beside_the_source_and_copies_from_a_pinned_context(tmp_path: Path) -> None:
    here = project(
        tmp_path,
        NODE,
        "{web: {source: web, build: {context: ., args: {F: 'on'}, secrets: {T: {env: T}, N: {file: n, target: /root/.npmrc}}}}}",
    )
    run("build", cwd=here, code=0)
    text = (here / "web/Dockerfile").read_text()
    assert "ARG F=on\nCOPY web/package.json web/package-lock.json ./web/\nWORKDIR /app/web\n" in text
    assert "--mount=type=secret,id=T,env=T" in text and "--mount=type=secret,id=N,target=/root/.npmrc" in text
    assert "WORKDIR /app/web\n" in text.partition("AS runtime")[2] and "COPY . /app/\n" in text
    assert (here / "web/Dockerfile.dockerignore").exists() and not (here / "web/.dockerignore").exists()
    assert target(here, "web")["dockerfile"] == "web/Dockerfile"
    assert CURRENT.fullmatch(run("check", cwd=here, code=0).err)
    assert "ignored\n" not in (here / "web/Dockerfile.dockerignore").read_text()
    (here / ".dockerignore").write_text("ignored\n")
    run("check", cwd=here, code=1)
    run("build", cwd=here, code=0)
    assert "ignored\n" in (here / "web/Dockerfile.dockerignore").read_text()


def test_services_of_one_source_share_what_one_of_them_says_of_the_build(tmp_path: Path) -> None:
    here = project(
        tmp_path,
        NODE,
        "{web: {source: web, build: {context: ., args: {F: 'on'}}}, job: {source: web, schedule: 0 3 * * *, command: [node, s.js]}}",
    )
    run("build", cwd=here, code=0)
    assert (here / "docker-bake.hcl").read_text().count('target "web"') == 1


@pytest.mark.parametrize(
    ("build", "said"),
    [
        ("{context: ../..}", "`../..` lies outside the repository"),
        ("{context: proto}", "the source of `web` is outside its build context `proto`"),
        ("{dockerfile: web/none}", "`web/none` is not a Dockerfile of yours"),
        ("{dockerfile: .env}", "`.env` is not a Dockerfile of yours"),
        ("{target: x}", "`web` has no Dockerfile of its own, so it has no stage `x`"),
        ("{args: {API_TOKEN: abcdefgh12345678}}", "the build argument `API_TOKEN` holds a credential"),
        ("{secrets: {T: {}}}", "the secret `T` of the build has neither `env` nor `file`"),
        ("{secrets: {T: {env: A, file: b}}}", "the secret `T` of the build has both `env` and `file`"),
        ("{contxt: .}", "context"),
        ("{args: {A-B: x}}", "a variable name here has letters, digits and `_`"),
    ],
)
def test_what_no_build_could_do_is_refused(tmp_path: Path, build: str, said: str) -> None:
    here = project(tmp_path, {**NODE, ".env": "FROM x\n"}, f"{{web: {{source: web, build: {build}}}}}")
    assert said in run("build", cwd=here, code=2).err


def test_a_stage_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    here = project(tmp_path, MONOREPO, "{ads: {source: src/ads, build: {target: prod}}}")
    assert "no stage is called `prod`, as `build.target` says: none has a name" in run("build", cwd=here, code=2).err
