"""Configuration files without which Go programs end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, values

MOD = "module example.com/watch\n\ngo 1.24\n"
Files = dict[str, str | bytes]
DECLARED = """package config

import "errors"

const DefaultConfigPath = "config/config.yaml"

var ErrMissing = errors.New("configuration file not found")

func Load(path string) error {
	for _, each := range []string{path, DefaultConfigPath} {
		if _, err := os.Stat(each); err == nil {
			return read(each)
		}
	}
	return ErrMissing
}
"""
MAIN = (
    'package main\n\nimport "example.com/watch/config"\n\nfunc main() { config.Load(os.Getenv("WATCH_CONFIG_PATH")) }\n'
)
VIPER = 'package main\nfunc main() {{\n\tviper.AddConfigPath("etc")\n\tviper.SetConfigName("config")\n\tviper.SetConfigType("toml")\n\tif err := viper.ReadInConfig(); err != nil {{\n\t\t{}\n\t}}\n}}\n'


def main(body: str) -> str:
    return f"package main\nfunc main() {{\n\t{body}\n}}\n"


@pytest.mark.parametrize(
    ("files", "path", "env", "example", "place"),
    [
        ({"main.go": MAIN, "config/config.go": DECLARED}, "/app/config/config.yaml", ["WATCH_CONFIG_PATH"], "", "config/config.go:5"),
        ({"main.go": MAIN, "config/config.go": DECLARED, "deploy/config.yaml": "a: b\n"}, "/app/config/config.yaml", ["WATCH_CONFIG_PATH"], "deploy/config.yaml", "config/config.go:5"),
        ({"main.go": main('data, err := os.ReadFile("./config.yml")\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}'), "config.example.yml": ""},
         "/app/config.yml", [], "config.example.yml", "main.go:3"),
        ({"main.go": main('path := flag.String("config", "config.toml", "file")\n\tif _, err := toml.DecodeFile(*path, &c); err != nil {\n\t\tpanic(err)\n\t}')},
         "/app/config.toml", [], "", "main.go:4"),
        ({"main.go": main('f, err := os.Open("/etc/watch/rules.yaml")\n\tif err != nil {\n\t\tos.Exit(1)\n\t}')}, "/etc/watch/rules.yaml", [], "", "main.go:3"),
        ({"main.go": VIPER.format("panic(err)")}, "/app/etc/config.toml", [], "", "main.go:6"),
    ],
)  # fmt: skip
def test_a_file_without_which_the_program_ends_is_told(
    tmp_path: Path, files: Files, path: str, env: list[str], example: str, place: str
) -> None:
    found = facts(tmp_path, {"go.mod": MOD, **files})
    assert values(found, "configured") == [{"path": path, "env": env, "example": example}]
    assert places(found, "configured") == [place]


@pytest.mark.parametrize(
    "files",
    [
        {"main.go": main('data, err := os.ReadFile("config.yml")\n\tif err != nil {\n\t\tlog.Println(err)\n\t}')},
        {"main.go": main('if exists("config.yml") {\n\t\tdata, err := os.ReadFile("config.yml")\n\t\tif err != nil {\n\t\t\tpanic(err)\n\t\t}\n\t}')},
        {"main.go": main('data, err := os.ReadFile("words.txt")\n\tif err != nil {\n\t\tpanic(err)\n\t}')},
        {"main.go": VIPER.format("if _, ok := err.(viper.ConfigFileNotFoundError); !ok { panic(err) }")},
        {"main.go": MAIN, "config/config.go": DECLARED.replace("configuration file not found", "no such name")},
    ],
)  # fmt: skip
def test_a_file_that_a_program_does_without_is_not(tmp_path: Path, files: Files) -> None:
    assert values(facts(tmp_path, {"go.mod": MOD, **files}), "configured") == []


def test_a_file_that_the_source_has_comes_into_the_image(tmp_path: Path) -> None:
    files: Files = {"go.mod": MOD, "main.go": MAIN, "config/config.go": DECLARED, "config/config.yaml": "a: b\n"}
    found = facts(tmp_path, files)
    assert (values(found, "configured"), values(found, "opened")) == ([], ["config/config.yaml"])


# ---- files of variables ----------------------------------------------------------------------------------------------
DOTENV = 'package main\n\nimport "github.com/joho/godotenv"\n\nfunc main() {{\n\t{}\n\thttp.ListenAndServe(":8080", nil)\n}}\n'


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ('err := godotenv.Load()\n\tif err != nil {\n\t\tlog.Fatal("no .env")\n\t}', ["/out/.env"]),
        ('if err := godotenv.Load("app.env"); err != nil {\n\t\tpanic(err)\n\t}', ["/out/app.env"]),
        # goes on without it, or is told where it lies
        ('if err := godotenv.Load(); err != nil {\n\t\tlog.Println("no .env")\n\t}', []),
        ("godotenv.Load()", []),
        ("if local {\n\t\tif err := godotenv.Load(); err != nil {\n\t\t\tlog.Fatal(err)\n\t\t}\n\t}", []),
        ("if err := godotenv.Load(path); err != nil {\n\t\tlog.Fatal(err)\n\t}", []),
        ('if err := godotenv.Load("../.env"); err != nil {\n\t\tlog.Fatal(err)\n\t}', []),
    ],
)
def test_a_file_of_variables_that_must_be_there_is_empty(line: str, made: list[str], tmp_path: Path) -> None:
    found = facts(tmp_path, {"go.mod": "module example.com/x\n\ngo 1.24\n", "main.go": DOTENV.format(line)})
    assert [command[1] for command in values(found, "build") if command[0] == "touch"] == made


VIPER = (
    'package main\n\nimport "github.com/spf13/viper"\n\ntype Config struct {{\n\tSource string `mapstructure:"DB_SOURCE"`\n\tAddress string `mapstructure:"HTTP_ADDRESS"`\n}}\n'
    'func load(path string) (c Config, err error) {{\n\tviper.AddConfigPath(path)\n\tviper.SetConfigName("app")\n\tviper.SetConfigType("env")\n\tviper.AutomaticEnv()\n\t{}\n'
    '\terr = viper.Unmarshal(&c)\n\treturn\n}}\nfunc main() {{\n\tc, _ := load(".")\n\thttp.ListenAndServe(c.Address, nil)\n}}\n'
)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("err = viper.ReadInConfig()\n\tif err != nil {\n\t\treturn\n\t}", 1),
        ("viper.ReadInConfig()", 0),
        ('if err = viper.ReadInConfig(); err != nil {\n\t\tlog.Println("none")\n\t}', 0),
    ],
)
def test_keys_of_a_file_of_variables_are_variables(line: str, told: int, tmp_path: Path) -> None:
    files = {"go.mod": "module example.com/x\n\ngo 1.24\n", "main.go": VIPER.format(line), "app.env": "DB_SOURCE=x\n"}
    found = facts(tmp_path, files)
    assert [one["name"] for one in values(found, "env")] == ["DB_SOURCE", "HTTP_ADDRESS"]
    assert len(values(found, "doubts")) == told
