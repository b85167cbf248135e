"""Whole projects: a Go module is built with the modules of the repository that its go.work and its go.mod name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CURRENT, run
from tests.integration.test_build_contexts import project, target

SERVER = 'package main\n\nimport (\n\t"net/http"\n\n\t"example.test/lib/word"\n)\n\nfunc main() { println(word.Word); http.ListenAndServe(":8081", nil) }\n'
LIB = 'package word\n\nimport "example.test/deep"\n\nvar Word = deep.Word\n'


def module(name: str, *lines: str) -> str:
    return "\n".join((f"module example.test/{name}", "", "go 1.24", *lines, ""))


WORK = {
    "go.work": "go 1.24\n\nuse (\n\t./svc\n\t./lib\n\t./deep\n\t./other\n)\n",
    "svc/go.mod": module("svc"),
    "svc/main.go": SERVER,
    "lib/go.mod": module("lib"),
    "lib/word/word.go": LIB,
    "deep/go.mod": module("deep"),
    "deep/deep.go": 'package deep\n\nvar Word = "hi"\n',
    "other/go.mod": module("other"),
    "other/other.go": "package other\n",
}
REPLACED = {
    "svc/go.mod": module("svc", "require example.test/lib v0.0.0", "replace example.test/lib => ../lib"),
    "svc/main.go": SERVER,
    "lib/go.mod": module("lib"),
    "lib/word/word.go": 'package word\n\nvar Word = "hi"\n',
}


def dockerfile(tmp_path: Path, files: dict[str, str], source: str = "svc", context: str = ".") -> str:
    here = project(tmp_path, files, f"{{svc: {{source: {source}}}}}")
    run("build", cwd=here, code=0)
    assert target(here, "svc")["context"] == context
    assert CURRENT.fullmatch(run("check", cwd=here, code=0).err)
    return (here / source / "Dockerfile").read_text()


def refused(tmp_path: Path, files: dict[str, str], source: str = "svc") -> str:
    return run("build", cwd=project(tmp_path, files, f"{{svc: {{source: {source}}}}}"), code=2).err


def test_every_manifest_that_go_reads_is_copied_before_the_download(tmp_path: Path) -> None:
    first = dockerfile(tmp_path, WORK).partition("go mod download")[0]
    assert "COPY go.work ./\n" in first and first.rstrip().endswith("--mount=type=cache,target=/go/pkg/mod \\")
    for name in ("svc", "lib", "deep", "other"):
        assert f"COPY {name}/go.mod ./{name}/" in first


def test_only_modules_that_are_imported_are_copied_through_others_too(tmp_path: Path) -> None:
    rest = dockerfile(tmp_path, WORK).partition("go mod download")[2]
    assert "COPY lib/ /src/lib/" in rest and "COPY deep/ /src/deep/" in rest and "COPY svc/ /src/svc/" in rest
    assert "COPY other/" not in rest


def test_a_change_of_code_that_is_not_imported_changes_nothing(tmp_path: Path) -> None:
    dockerfile(tmp_path, WORK)
    (tmp_path / "other/other.go").write_text('package other\n\nimport "os"\n\nvar A = os.Getenv("A")\n')
    assert CURRENT.fullmatch(run("check", "--full", cwd=tmp_path, code=0).err)


def test_a_folder_with_nothing_but_a_workspace_builds_its_programs(tmp_path: Path) -> None:
    text = dockerfile(tmp_path, WORK, ".")
    assert "go build -trimpath '-ldflags=-s -w' -o /out/svc ./svc" in text and "go mod init" not in text


def test_a_folder_in_the_place_of_a_module_is_copied(tmp_path: Path) -> None:
    first, _, rest = dockerfile(tmp_path, REPLACED).partition("go mod download")
    assert "COPY lib/go.mod ./lib/" in first and "COPY lib/ /src/lib/" in rest and "WORKDIR /src/svc" in first


def test_one_within_the_source_needs_its_manifest_alone(tmp_path: Path) -> None:
    files = {name.removeprefix("svc/"): text.replace("../lib", "./lib") for name, text in REPLACED.items()}
    assert "COPY lib/go.mod ./lib/" in dockerfile(tmp_path, files, ".").partition("go mod download")[0]


def test_a_module_that_links_c_is_seen_where_another_module_requires_it(tmp_path: Path) -> None:
    files = {**WORK, "lib/go.mod": module("lib", "require github.com/mattn/go-sqlite3 v1.14.22")}
    assert "CGO_ENABLED=1" in dockerfile(tmp_path, files)


@pytest.mark.parametrize(
    ("files", "said", "place"),
    [
        (
            {"svc/go.mod": REPLACED["svc/go.mod"].replace("../lib", "../../lib")},
            "`example.test/lib` is replaced by `../../lib`, which lies outside of the repository",
            "svc/go.mod:5",
        ),
        (
            {"svc/go.mod": REPLACED["svc/go.mod"].replace("../lib", "../gone")},
            "`example.test/lib` is replaced by `../gone`, which has no go.mod",
            "svc/go.mod:5",
        ),
        ({"go.work": "go 1.24\nuse ./svc\nuse ./gone\n"}, "`./gone` is used, and it has no go.mod", "go.work:3"),
        ({"go.work": "go 1.24\nuse ./svc\nuse ../gone\n"}, "`../gone` is used, and it lies outside of the rep", "go.work:3"),
    ],
)  # fmt: skip
def test_a_folder_that_is_no_module_of_the_repository_is_an_error_with_its_line(
    tmp_path: Path, files: dict[str, str], said: str, place: str
) -> None:
    found = refused(tmp_path, {**REPLACED, **files})
    assert said in found and place in found


def test_a_replacement_that_nothing_requires_is_none(tmp_path: Path) -> None:
    own = module("svc", "replace example.test/gone => ../../gone")
    files = {
        "svc/go.mod": own,
        "svc/main.go": SERVER.replace('\n\t"example.test/lib/word"', "").replace("word.Word", "1"),
    }
    assert "COPY go.mod ./" in dockerfile(tmp_path, files, context="svc")


def test_a_module_that_the_workspace_around_it_does_not_use_stays_its_own(tmp_path: Path) -> None:
    files = {**WORK, "tool/go.mod": module("tool"), "tool/main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":1234", nil) }\n'}  # fmt: skip
    assert "go.work" not in dockerfile(tmp_path, files, "tool", context="tool")


def test_a_program_of_a_module_of_its_own_is_none_of_the_source(tmp_path: Path) -> None:
    files = {
        "go.mod": module("svc"),
        "main.go": 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8081", nil) }\n',
        "gen/go.mod": module("gen"),
        "gen/main.go": 'package main\n\nimport "os"\n\nfunc main() { println(os.Getenv("GEN")) }\n',
    }
    text = dockerfile(tmp_path, files, ".")
    assert "-o /out/svc .\n" in text and "gen" not in text


VENDOR = {"vendor/modules.txt": "## workspace\n# example.org/w v1.0.0\n", "vendor/example.org/w/w.go": "package w\n"}


def test_modules_that_lie_in_the_repository_are_not_downloaded(tmp_path: Path) -> None:
    text = dockerfile(tmp_path, {**WORK, **VENDOR})
    assert "COPY vendor/ /src/vendor/" in text and "go mod download" not in text and "COPY other/go.mod" in text


def test_those_of_a_member_of_a_workspace_are_not_used(tmp_path: Path) -> None:
    text = dockerfile(tmp_path, {**WORK, **{f"svc/{name}": text[3:] for name, text in VENDOR.items()}})
    assert "go mod download" in text and "COPY vendor/" not in text


READS = 'package deep\n\nimport "os"\n\nfunc Get(name string) string {\n\tv := os.Getenv(name)\n\tif v == "" {\n\t\tpanic(name)\n\t}\n\treturn v\n}\n\nvar Word = Get("DEEP_KEY")\n'


@pytest.mark.parametrize("files", [WORK, REPLACED])
def test_variables_that_a_package_of_another_module_reads_are_asked_for(tmp_path: Path, files: dict[str, str]) -> None:
    more = (
        {"deep/deep.go": READS}
        if "deep/deep.go" in files
        else {"lib/word/word.go": READS.replace("package deep", "package word")}
    )
    aside = {"lib/aside/a.go": READS.replace("package deep", "package aside").replace("DEEP", "ASIDE")}
    here = project(tmp_path, {**files, **more, **aside}, "{svc: {source: svc}}")
    said = run("build", cwd=here, code=0).err
    assert "DEEP_KEY" in said and "ASIDE_KEY" not in said


def test_the_port_that_a_package_of_another_module_reads_is_that_of_the_service(tmp_path: Path) -> None:
    files = {
        **REPLACED,
        "svc/main.go": 'package main\n\nimport (\n\t"net/http"\n\n\t"example.test/lib/word"\n)\n\n'
        'func main() { http.ListenAndServe(":"+word.Env("LISTEN_PORT", "4321"), nil) }\n',
        "lib/word/word.go": 'package word\n\nimport "os"\n\nfunc Env(name, other string) string {\n\tif v := os.Getenv(name); v != "" {\n\t\treturn v\n\t}\n\treturn other\n}\n',
    }
    dockerfile(tmp_path, files)
    assert "LISTEN_PORT" in (tmp_path / "deploy/kubernetes/svc/deployment.yaml").read_text()


def test_a_module_without_a_program_is_an_error(tmp_path: Path) -> None:
    files = {**REPLACED, "lib/word/serve.go": 'package word\n\nimport "net/http"\n\nfunc Serve() { http.ListenAndServe(":1", nil) }\n'}  # fmt: skip
    assert "has no `package main` (go.mod): it is a library" in refused(tmp_path, files, "lib")
