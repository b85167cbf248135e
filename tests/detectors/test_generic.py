"""Manifests of toolchains without a detector → proposals by the table of ordinary ways, and in words why there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kforge.domain.facts import Facts
from kforge.domain.toolchains import toolchains
from tests.detectors.reading import facts, notes, places, ports, starts, values

Files = dict[str, str | bytes]
LISTENS = 'listen("0.0.0.0", 4000) http\n'
SOURCES: dict[str, tuple[Files, list[str], list[str]]] = {
    "ruby": (
        {"Gemfile": 'gem "rack"\ngem "puma"\n', "config.ru": "run App\n"},
        ["bundle", "exec", "puma", "--bind", "tcp://0.0.0.0:9292"],
        ["."],
    ),
    "php": (
        {"composer.json": "{}", "public/index.php": "<?php\n"},
        ["php", "-S", "0.0.0.0:8000", "-t", "public"],
        ["."],
    ),
    "elixir": (
        {"mix.exs": "  [app: :shop_web,\n  [mod: {Shop, []}]\n"},
        ["_build/prod/rel/shop_web/bin/shop_web", "start"],
        ["_build/prod/rel/shop_web"],
    ),
    "erlang": (
        {"rebar.config": '{relx, [\n  {release, {shop, "0.1.0"}, [shop]}]}.\n'},
        ["_build/prod/rel/shop/bin/shop", "foreground"],
        ["_build/prod/rel/shop"],
    ),
    "rust": (
        {"Cargo.toml": '[package]\nname = "shop-api"\n', "Cargo.lock": "", "src/main.rs": LISTENS},
        ["target/release/shop-api"],
        ["target/release/shop-api"],
    ),
    "maven": (
        {
            "pom.xml": "<project><parent><artifactId>p</artifactId><version>9</version></parent>\n"
            "<artifactId>shop</artifactId>\n<version>1.2</version>\n<build><plugins><plugin>\n"
            "<artifactId>spring-boot-maven-plugin</artifactId></plugin></plugins></build></project>\n"
        },
        ["java", "-jar", "target/shop-1.2.jar"],
        ["target/shop-1.2.jar"],
    ),
    "gradle": (
        {"build.gradle.kts": "plugins { application }\n", "settings.gradle.kts": 'rootProject.name = "shop"\n'},
        ["build/install/shop/bin/shop"],
        ["build/install/shop"],
    ),
    "dotnet": (
        {"Shop.Api.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web">\n<TargetFramework>net9.0</TargetFramework>\n'},
        ["dotnet", "out/Shop.Api.dll"],
        ["out"],
    ),
    "dart": ({"pubspec.yaml": "name: shop\n", "bin/server.dart": LISTENS}, ["bin/server"], ["bin/server"]),
    "crystal": ({"shard.yml": "name: shop\ntargets:\n  shop:\n"}, ["bin/shop"], ["bin/shop"]),
    "gleam": ({"gleam.toml": 'name = "shop"\n'}, ["build/erlang-shipment/entrypoint.sh", "run"], ["build/erlang-shipment"]),
    "swift": ({"Package.swift": '  .executableTarget(name: "Shop")\n'}, ["bin/Shop"], ["bin/Shop"]),
    "cmake": ({"CMakeLists.txt": "add_executable(shop main.cpp)\n", "main.cpp": ""}, ["build/shop"], ["build/shop"]),
    "deno": (
        {"deno.json": "{}", "main.ts": "Deno.serve(() => new Response())\n"},
        ["deno", "run", "--cached-only", "--allow-net", "--allow-env", "--allow-read", "main.ts"],
        ["."],
    ),
    "haskell": ({"shop.cabal": "executable shop-server\n"}, ["bin/shop-server"], ["bin/shop-server"]),
    "nim": ({"shop.nimble": "bin = @[\"shop\"]\n", "src/shop.nim": LISTENS}, ["bin/shop"], ["bin/shop"]),
    "perl": (
        {"cpanfile": "requires 'Plack';\n", "app.psgi": "sub {}\n"},
        ["perl", "local/bin/plackup", "--host", "0.0.0.0", "--port", "5000", "app.psgi"],
        ["."],
    ),
    "lua": ({"shop-1.rockspec": "", "server.lua": LISTENS}, ["lua5.4", "server.lua"], ["."]),
    "ocaml": (
        {"dune-project": "(lang dune 3.0)\n", "bin/dune": "(executable (name main))\n", "bin/main.ml": LISTENS},
        ["_build/default/bin/main.exe"],
        ["_build/default/bin/main.exe"],
    ),
}  # fmt: skip


def proposal(found: Facts) -> dict[str, Any]:
    (plan,) = found.value("proposals")
    return dict(plan)


def test_every_row_of_the_table_has_a_source_here() -> None:
    assert SOURCES.keys() == {name for name, each in toolchains().items() if each.ways}


@pytest.mark.parametrize("name", SOURCES)
def test_the_one_ordinary_way_of_a_manifest_is_proposed(tmp_path: Path, name: str) -> None:
    files, command, copied = SOURCES[name]
    found = facts(tmp_path, files)
    plan = proposal(found)
    assert (values(found, "language"), plan["toolchain"], starts(found)) == ("generic", name, [" ".join(command)])
    assert (plan["copied"], plan["command"]) == (copied, command)


@pytest.mark.parametrize("name", SOURCES)
def test_a_manifest_alone_is_no_way_to_a_program(tmp_path: Path, name: str) -> None:
    manifest = next(iter(SOURCES[name][0]))
    found = facts(tmp_path, {manifest: "\n"})
    if name == "gleam":  # its compiler makes one start of every project
        return
    assert (found.language, found.proposals, found.start) == (None, (), ())
    assert f"`{manifest}` shows no ordinary way to a program" in found.value("unproposed")[0]


@pytest.mark.parametrize("name", SOURCES)
def test_a_dockerfile_of_the_authors_goes_before_it(tmp_path: Path, name: str) -> None:
    found = facts(tmp_path, {**SOURCES[name][0], "Dockerfile": 'FROM docker.io/library/debian:13\nCMD ["shop"]\n'})
    assert (found.language, found.proposals, found.dockerfile is not None) == (None, (), True)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"Cargo.toml": '[workspace]\nmembers = ["a"]\n', "src/main.rs": ""}, "is a workspace of several packages"),
        ({"Cargo.toml": '[package]\nname = "a"\n[[bin]]\n', "src/main.rs": ""}, "names programs of its own"),
        ({"pom.xml": "<modules>\n<module>a</module></modules>"}, "is a project of several modules"),
        ({"mix.exs": "[apps_path: \"apps\"]"}, "is an umbrella of several applications"),
        ({"A.csproj": "Microsoft.NET.Sdk.Web", "B.csproj": "Microsoft.NET.Sdk.Web"}, "is one of several: `A.csproj`, `B.csproj`"),
        ({"CMakeLists.txt": "add_executable(a a.c)\nadd_subdirectory(lib)\n"}, "is made of several folders"),
        ({"Cargo.toml": '# name = "a"\n', "src/main.rs": ""}, "names no program"),
        ({"Cargo.toml": 'name = "../../etc"\n', "src/main.rs": ""}, "names no program"),
        ({"CMakeLists.txt": "add_executable(${NAME} a.c)\n"}, "names no program"),
    ],
)  # fmt: skip
def test_what_is_no_sure_way_is_said_with_its_manifest(tmp_path: Path, files: Files, said: str) -> None:
    found = facts(tmp_path, files)
    assert found.proposals == () and said in found.value("unproposed")[0]


@pytest.mark.parametrize(
    ("manifest", "name"),
    [
        ('[lib]\nname = "shop_core"\n\n[package]\nname = "shop"\n', "shop"),
        ('[package]\nname = "shop"\n\n[lib]\nname = "shop_core"\n', "shop"),
        ('[dependencies.serde]\nname = "other"\n[package]\nname="shop"\n', "shop"),
        ("package.name = 'shop'\n", "shop"),
        ('[package]\ndescription = """\nname = "other"\n"""\nname = "shop"\n', "shop"),
        ('[lib]\nname = "shop_core"\n', ""),
        ('[package]\nversion = "1"\n[lib]\nname = "shop_core"\n', ""),
        ("[package]\nname = 1\n", ""),
        ('package = "name"\nname = "shop"\n', ""),
        ('[package]\nname = "shop"\nversion = \n', ""),
        ('[package]\nname = "shop"\nx = ' + "[" * 5000, ""),
        ('[package]\nname = "shop"\n' + "a." * 5000 + "b = 1\n", ""),
    ],
)
def test_the_name_of_a_package_is_that_of_its_table(tmp_path: Path, manifest: str, name: str) -> None:
    found = facts(tmp_path, {"Cargo.toml": manifest, "Cargo.lock": "", "src/main.rs": LISTENS})
    assert starts(found) == ([f"target/release/{name}"] if name else [])
    assert name or "names no program" in found.value("unproposed")[0]


def test_two_manifests_are_two_proposals_and_start_nothing(tmp_path: Path) -> None:
    found = facts(tmp_path, {**SOURCES["rust"][0], **SOURCES["cmake"][0]})
    assert [one["toolchain"] for one in found.value("proposals")] == ["rust", "cmake"]
    assert (values(found, "language"), found.start, found.ports) == ("generic", (), ())


def test_a_program_of_a_language_that_a_detector_reads_goes_before_a_manifest(tmp_path: Path) -> None:
    found = facts(tmp_path, {**SOURCES["cmake"][0], "app.py": "import flask\napp = flask.Flask(__name__)\n"})
    assert (values(found, "language"), found.proposals) == ("python", ())
    assert "generic" not in notes(found)


def test_tools_in_a_package_json_do_not_hide_a_manifest(tmp_path: Path) -> None:
    files: Files = {**SOURCES["ruby"][0], "package.json": '{"devDependencies": {"prettier": "3"}}'}
    assert values(facts(tmp_path, files), "language") == "generic"


# ---- where it listens -----------------------------------------------------------------------------------------
RUST: Files = {"Cargo.toml": 'name = "a"\n', "Cargo.lock": ""}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('TcpListener::bind("0.0.0.0:3000") // http', [(3000, "http", "")]),
        ('TcpListener::bind("0.0.0.0:3000")', [(3000, "tcp", "")]),
        ('let port = env::var("PORT").unwrap_or("4001".into()); http', [(4001, "http", "PORT")]),
        ('let port = env::var("PORT").unwrap(); http', [(8080, "http", "PORT")]),
        ('// bind("0.0.0.0:3000")', []),
        ("let timeout_port_wait = 3000;", []),
        ('version = "1.3000"; bind()', []),
        ("bind(2024000)", []),
    ],
)
def test_the_one_number_of_the_code_is_the_port(
    tmp_path: Path, code: str, expected: list[tuple[int, str, str]]
) -> None:
    assert ports(facts(tmp_path, {**RUST, "src/main.rs": f"{code}\n"})) == expected


@pytest.mark.parametrize(
    "line",
    [
        'let db = connect_host("redis", 6379);', 'connect("queue_host", 7000);', 'let c = Client::new(host, 7000);',
        'redisClient(host, 7000)', 'const CLIENT_PORT: u16 = 7000;', 'dbConnect(host, 7000)',
        'let url = "postgresql://db_host:7000/shop";', 'get("http://localhost:7000")', 'bind("tcp://10.0.0.1:7000")',
        'let db_port = 5432;', 'host = "db", 3306', 'addr("mongo", 27017)', 'port(5672)', 'port(9092)', 'port(11211)', 'port(9200)',
        'bind("http://0.0.0.0.example:7000")',
    ],
)  # fmt: skip
def test_the_number_of_another_program_is_not_the_port(tmp_path: Path, line: str) -> None:
    found = facts(tmp_path, {**RUST, "src/main.rs": f'{line}\nlet p = env::var("PORT"); // http\n'})
    assert (ports(found), found.doubts, found.port_lines) == ([(8080, "http", "PORT")], (), ())


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ('bind("tcp://0.0.0.0:7000")', 7000), ('serve("http://*:7000")', 7000), ('serve("http://[::]:7000")', 7000),
        ("bind(7000) // see https://example.com/port", 7000), ("bind(7000) # for every client", 7000),
        ("serve_clients(7000)", 7000), ("disconnected_port(7000)", 7000), ("connection_port(7000)", 7000),
        ('listen("0.0.0.0", 6379)', 6379), ('TcpListener::bind("0.0.0.0:5432")', 5432),
        ("port(5433)", 5433), ("port(3000)", 3000), ("port(8080)", 8080), ("port(9090)", 9090),
    ],
)  # fmt: skip
def test_a_number_beside_such_words_is_the_port(tmp_path: Path, line: str, number: int) -> None:
    found = facts(tmp_path, {**RUST, "src/main.rs": f"{line}\n"})
    assert [port for port, _, _ in ports(found)] == [number]


SPRING = SOURCES["maven"][0]


@pytest.mark.parametrize(
    ("code", "number", "doubted"),
    [
        ('String url = "jdbc:postgresql://localhost:5432/shop"; // host', 8080, False),
        ("", 8080, False),
        ("server.setPort(9000);", 9000, True),
        ("server.setPort(8080);", 8080, False),
    ],
)
def test_a_number_other_than_that_of_the_toolchain_is_doubted(
    tmp_path: Path, code: str, number: int, doubted: bool
) -> None:
    found = facts(tmp_path, {**SPRING, "src/main/java/Shop.java": f"{code}\n"})
    assert [port for port, _, _ in ports(found)] == [number]
    said = [fact["said"] for fact in found.value("doubts")]
    named = "the code names 9000 (src/main/java/Shop.java:1), and what starts it listens on 8080"
    assert [text.startswith(named) for text in said] == [True] * doubted


def test_of_several_numbers_none_is_taken_and_all_are_told(tmp_path: Path) -> None:
    found = facts(tmp_path, {**RUST, "src/main.rs": "bind(3000)\nbind(4000)\n"})
    assert ports(found) == []
    assert "3000 (src/main.rs:1), 4000 (src/main.rs:2)" in found.value("doubts")[0]["said"]


def test_a_server_that_only_its_own_pod_reaches_is_told(tmp_path: Path) -> None:
    found = facts(tmp_path, {**RUST, "src/main.rs": 'bind("127.0.0.1:3000")\n'})
    assert ports(found) == [(3000, "tcp", "")]
    assert "listens on its own address alone (src/main.rs:1)" in found.value("doubts")[0]["said"]


@pytest.mark.parametrize(
    ("route", "known"), [("/healthz", True), ("/up", True), ("/upload", False), ("/orders", False)]
)
def test_a_quoted_health_route_is_one(tmp_path: Path, route: str, known: bool) -> None:
    found = facts(tmp_path, {**RUST, "src/main.rs": f'bind(3000) http\nget("{route}")\n'})
    assert values(found, "health") == ([route] if known else [])
    assert not known or places(found, "health") == ["src/main.rs:2"]


# ---- versions -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({}, "3.4"),
        ({".ruby-version": "3.3.6\n"}, "3.3"),
        ({".ruby-version": "ruby-3.3.6\n"}, "3.3"),
        ({".tool-versions": "ruby 3.2.1\n"}, "3.2"),
        ({".ruby-version": "2.6.3\n"}, "3.4"),
        ({".ruby-version": "3\n"}, "3.4"),
        ({".ruby-version": "latest; rm -rf /\n"}, "3.4"),
    ],
)
def test_a_version_is_one_that_an_image_is_known_for(tmp_path: Path, files: Files, version: str) -> None:
    assert proposal(facts(tmp_path, {**SOURCES["ruby"][0], **files}))["version"] == version
