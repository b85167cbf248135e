"""Prisma's server of engines as the trials play it, and the schema engine that it hands out."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.repositories import engines
from benchmarks.repositories.overlays import Failed

PLACE = "/all_commits/0a1b2c/debian-openssl-3.0.x"
NODE = shutil.which("node") or ""
APPLIED = "select migration_name from _prisma_migrations where finished_at is not null"
needs_node = pytest.mark.skipif(not NODE, reason="the stand-in for the schema engine runs on Node")


# ---- the server ---------------------------------------------------------------------------------------------------------
def test_the_schema_engine_comes_packed_with_both_sums_and_is_of_the_version_that_is_asked_for() -> None:
    with engines.played() as mirror:
        packed, *sums = (
            urllib.request.urlopen(f"{mirror.address}{PLACE}/schema-engine{end}").read()
            for end in (".gz", ".gz.sha256", ".sha256")
        )
    program = gzip.decompress(packed)
    assert b"'0a1b2c'" in program
    assert [one.split()[0].decode() for one in sums] == [hashlib.sha256(one).hexdigest() for one in (packed, program)]


def asked_for(file: str, said: str = "{url} failed") -> None:
    with engines.played() as mirror:
        url = f"{mirror.address}{PLACE}/{file}"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(url)
        raise Failed(said.format(url=url))


def test_a_step_that_fails_for_another_engine_could_not_be_performed() -> None:
    with pytest.raises(
        engines.Unreached, match=r"Prisma's libquery_engine\.so\.node comes from binaries\.prisma\.sh alone"
    ):
        asked_for("libquery_engine.so.node.gz.sha256")


def test_a_step_that_fails_for_something_else_fails_although_an_engine_was_missed() -> None:
    with pytest.raises(Failed, match="next build"):
        asked_for("libquery_engine.so.node.gz", said="`next build` ended with 1")


def test_a_step_that_fails_by_itself_fails() -> None:
    with pytest.raises(Failed), engines.played() as mirror:
        raise Failed(f"{mirror.address}: read, and then something else")


def test_a_switch_of_a_row_is_a_value_or_the_path_of_a_file_while_steps_run() -> None:
    with engines.switched({"SKIP_MAP": "1", "FONTS": {"file": "module.exports = {};\n"}}) as switches:
        text = Path(switches["FONTS"]).read_text()
    assert (switches["SKIP_MAP"], text) == ("1", "module.exports = {};\n")
    assert not Path(switches["FONTS"]).exists()


# ---- the engine ---------------------------------------------------------------------------------------------------------
@contextmanager
def a_database(applied: tuple[str, ...] = (), fails: str = "none does") -> Iterator[tuple[str, list[str]]]:
    """The address of a server that takes every statement, and what was asked of it."""
    asked: list[str] = []

    def message(kind: bytes, body: bytes = b"") -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    def answer(client: socket.socket) -> None:
        file = client.makefile("rwb")
        file.read(int.from_bytes(file.read(4), "big") - 4)
        file.write(message(b"R", bytes(4)) + message(b"Z", b"I"))
        file.flush()
        while file.read(1) == b"Q":
            asked.append(file.read(int.from_bytes(file.read(4), "big") - 4)[:-1].decode())
            names = applied if asked[-1] == APPLIED else ()
            for name in names:
                file.write(message(b"D", b"\0\1" + len(name).to_bytes(4, "big") + name.encode()))
            if fails in asked[-1]:
                file.write(message(b"E", b"SERROR\0Mno such table\0\0"))
            file.write(message(b"Z", b"I"))
            file.flush()

    def serve() -> None:
        try:
            while True:
                client, _ = server.accept()
                with client:
                    answer(client)
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"postgresql://me@127.0.0.1:{server.getsockname()[1]}/shop", asked
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [NODE, str(engines.SCRIPT), *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)


def called(method: str, url: str, *migrations: tuple[str, str]) -> dict[str, object]:
    listed = [
        {"path": path, "migrationFile": {"path": "migration.sql", "content": {"tag": "ok", "value": sql}}}
        for path, sql in migrations
    ]
    params = {"migrationsList": {"baseDir": "prisma/migrations", "migrationDirectories": listed}}
    request = json.dumps({"id": 1, "jsonrpc": "2.0", "method": method, "params": params})
    said = json.loads(run("--datasource", json.dumps({"url": url}), stdin=request + "\n").stdout)
    assert said["id"] == 1
    return dict(said)


MIGRATIONS = (("01_init", "create table a ()"), ("02_more", "create table b ()"))


@needs_node
def test_migrations_that_are_not_applied_run_in_their_order_and_are_recorded() -> None:
    with a_database(applied=("01_init",)) as (url, asked):
        said = called("applyMigrations", url, *MIGRATIONS, ("03_last", "create table c ()"))
    tail = [re.sub(r"'[0-9a-f-]{36,64}'", "?", one) for one in asked[3:]]
    assert said["result"] == {"appliedMigrationNames": ["02_more", "03_last"]}
    assert [one.split(" (")[0] for one in tail] == [
        "insert into _prisma_migrations",
        "create table b",
        "update _prisma_migrations set finished_at = now(), applied_steps_count = 1 where id = ?",
        "insert into _prisma_migrations",
        "create table c",
        "update _prisma_migrations set finished_at = now(), applied_steps_count = 1 where id = ?",
    ]


@needs_node
def test_a_migration_that_fails_is_an_error_and_the_next_ones_do_not_run() -> None:
    with a_database(fails="create table a ()") as (url, asked):
        said = called("applyMigrations", url, *MIGRATIONS)
    error = said["error"]
    assert isinstance(error, dict)
    assert error["data"]["error_code"] == "P3018"
    assert "01_init" in error["data"]["message"] and "no such table" in error["data"]["message"]
    assert "create table b ()" not in asked


@needs_node
def test_what_else_an_engine_does_is_refused() -> None:
    said = called("schemaPush", "postgresql://me@127.0.0.1:1/shop")
    error = said["error"]
    assert isinstance(error, dict) and "does not play schemaPush" in error["data"]["message"]


@needs_node
def test_a_database_that_is_not_there_is_told_as_the_engine_tells_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"postgresql://me@127.0.0.1:{closed.getsockname()[1]}/shop"
    done = run("--datasource", json.dumps({"url": url}), "cli", "can-connect-to-database")
    error = json.loads(done.stderr.splitlines()[1])
    assert (done.returncode, error["fields"]["error_code"], error["target"]) == (1, "P1001", "schema_engine::logger")
    with a_database() as (url, _):
        assert run("--datasource", json.dumps({"url": url}), "cli", "can-connect-to-database").returncode == 0


@needs_node
def test_it_tells_its_version() -> None:
    assert run("--version").stdout == "schema-engine-cli @VERSION@\n"
