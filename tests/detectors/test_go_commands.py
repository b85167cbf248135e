"""The words that Go programs are started with: what serves, and what migrates and ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, starts, values

MOD = "module example.com/shop\n\ngo 1.24\n"
COBRA = """package cmd

var rootCmd = &cobra.Command{{Use: "shop", {root}}}
var serveCmd = &cobra.Command{{Use: "serve", RunE: serve}}
var dbCmd = &cobra.Command{{Use: "db"}}

func newMigrate() *cobra.Command {{
	cmd := &cobra.Command{{Use: "migrate", {migrate}}}
	{up}
	return cmd
}}

func init() {{
	dbCmd.AddCommand(newMigrate())
	rootCmd.AddCommand(serveCmd, dbCmd)
}}
"""
UP = 'cmd.AddCommand(&cobra.Command{Use: "up", Run: up}, &cobra.Command{Use: "down", Run: down})'
MAIN = 'package main\nimport "example.com/shop/cmd"\nfunc main() { cmd.Execute() }\n'


def commands(tmp_path: Path, files: dict[str, str | bytes]) -> tuple[str, list[str]]:
    found = facts(tmp_path, {"go.mod": MOD, **files})
    return starts(found)[0], [" ".join(each["command"]) for each in values(found, "beside")]


@pytest.mark.parametrize(
    ("root", "migrate", "up", "start", "migrates"),
    [
        ("Short: `a`", "Run: migrate", "", "/app/shop serve", ["/app/shop db migrate"]),
        ("RunE: serve", "Run: migrate", "", "/app/shop", ["/app/shop db migrate"]),
        ("Short: `a`", "Short: `b`", UP, "/app/shop serve", ["/app/shop db migrate up"]),
        ("Short: `a`", "Short: `b`", "", "/app/shop serve", []),
    ],
)
def test_the_commands_of_cobra_say_what_serves_and_what_migrates(
    tmp_path: Path, root: str, migrate: str, up: str, start: str, migrates: list[str]
) -> None:
    code = COBRA.format(root=root, migrate=migrate, up=up)
    assert commands(tmp_path, {"main.go": MAIN, "cmd/root.go": code}) == (start, migrates)


def test_the_commands_of_urfave_do_so_too(tmp_path: Path) -> None:
    main = 'package main\nfunc main() {\n\tapp := &cli.App{Name: "shop", Commands: []*cli.Command{{Name: "server", Action: serve}, {Name: "migrate", Subcommands: []*cli.Command{{Name: "up", Action: up}}}}}\n\tapp.Run(os.Args)\n}\n'
    assert commands(tmp_path, {"main.go": main}) == ("/app/shop server", ["/app/shop migrate up"])


@pytest.mark.parametrize(
    ("body", "migrates"),
    [
        ('m := flag.Bool("migrate", false, "m")\n\tflag.Parse()\n\tif *m {\n\t\tup()\n\t\treturn\n\t}', ["/app/shop --migrate"]),
        ('var m bool\n\tflag.BoolVar(&m, "migrate", false, "m")\n\tflag.Parse()\n\tif m {\n\t\tup()\n\t\tos.Exit(0)\n\t}', ["/app/shop --migrate"]),
        ('m := flag.Bool("migrate", false, "m")\n\tflag.Parse()\n\tif *m {\n\t\tup()\n\t}', []),  # it serves then
        ('m := flag.Bool("migrate", true, "m")\n\tflag.Parse()\n\tif *m {\n\t\tup()\n\t\treturn\n\t}', []),
        ('v := flag.Bool("version", false, "m")\n\tif *v {\n\t\treturn\n\t}', []),
        ('switch os.Args[1] {\n\tcase "migrate":\n\t\tup()\n\t\treturn\n\tcase "help":\n\t\treturn\n\t}', ["/app/shop migrate"]),
        ('switch os.Args[1] {\n\tcase "migrate":\n\t\tup()\n\t}', []),
        ('command := flag.Arg(0)\n\tif command == "migrate" {\n\t\tup()\n\t\treturn\n\t}', ["/app/shop migrate"]),
        ('switch kind {\n\tcase "migrate":\n\t\treturn\n\t}', []),
    ],
)  # fmt: skip
def test_a_flag_or_an_argument_migrates_where_its_branch_ends(tmp_path: Path, body: str, migrates: list[str]) -> None:
    main = f'package main\nfunc main() {{\n\t{body}\n\thttp.ListenAndServe(":8080", nil)\n}}\n'
    assert commands(tmp_path, {"main.go": main}) == ("/app/shop", migrates)


@pytest.mark.parametrize(
    ("head", "imported", "flags"),
    [
        ("//go:build migrate", "github.com/golang-migrate/migrate/v4", ["-tags=migrate"]),
        ("//go:build migrations", "github.com/pressly/goose/v3", ["-tags=migrations"]),
        ("//go:build windows", "github.com/pressly/goose/v3", []),
        ("//go:build migrate", "net/http", []),
        ("//go:build migrate && linux", "github.com/pressly/goose/v3", []),
    ],
)
def test_a_program_is_built_with_the_tag_of_what_migrates_it(
    tmp_path: Path, head: str, imported: str, flags: list[str]
) -> None:
    file = f'{head}\n\npackage app\n\nimport "{imported}"\n\nfunc init() {{ up() }}\n'
    found = facts(tmp_path, {"go.mod": MOD, "main.go": MAIN, "app/migrate.go": file})
    assert [word for word in values(found, "build")[0] if word.startswith("-tags")] == flags
