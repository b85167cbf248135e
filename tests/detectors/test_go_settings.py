"""Go's libraries of settings → the variables that fill their structs, keys and flags."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import env, facts, ports

Variables = dict[str, tuple[str | None, bool]]
KELSEY = 'import "github.com/kelseyhightower/envconfig"\n'


@pytest.mark.parametrize(
    ("code", "variables"),
    [
        (
            KELSEY + 'type C struct {\n\tHTTPPort int `default:"8080" split_words:"true"`\n\tURL string `required:"true"`\n\tKey string `envconfig:"API_ID"`\n}\n'
            'func main() {\n\tvar c C\n\tenvconfig.MustProcess("app", &c)\n}\n',
            {"APP_HTTP_PORT": ("8080", False), "APP_URL": (None, True), "APP_API_ID": (None, False)},
        ),
        (
            'type C struct {\n\tURL string `env:"URL,required"`\n\tPort int `env:"PORT" envDefault:"8080"`\n\tName string `env:"NAME,notEmpty"`\n}\n',
            {"URL": (None, True), "PORT": ("8080", False), "NAME": (None, True)},
        ),
        (
            'type Db struct {\n\tHost string `env:"HOST" envDefault:"db"`\n}\ntype C struct {\n\tDb Db `envPrefix:"DB_"`\n}\n'
            'func main() { env.ParseWithOptions(&c, env.Options{Prefix: "APP_", RequiredIfNoDef: true}) }\n',
            {"APP_DB_HOST": ("db", False)},
        ),
        (
            'type C struct {\n\tDb struct {\n\t\tHost string `env:"HOST" env-default:"db"`\n\t\tName string `env:"NAME" env-required:"true"`\n\t} `env-prefix:"DB_"`\n}\n',
            {"DB_HOST": ("db", False), "DB_NAME": (None, True)},
        ),
        (
            'type C struct {\n\tHost string `env:"HOST, default=db, required"`\n\tName string `env:"NAME, required"`\n}\n',
            {"HOST": ("db", True), "NAME": (None, True)},
        ),
        (
            'type C struct {\n\tPort int `arg:"--port,env:PORT" default:"80"`\n\tURL string `arg:"env:URL,required"`\n}\n',
            {"PORT": ("80", False), "URL": (None, True)},
        ),
        (
            'import "github.com/spf13/viper"\nfunc main() {\n\tviper.SetEnvPrefix("app")\n\tviper.AutomaticEnv()\n\tviper.SetEnvKeyReplacer(strings.NewReplacer(".", "_"))\n'
            '\tviper.SetDefault("http.port", 8080)\n\tuse(viper.GetString("db.url"))\n\tviper.BindEnv("key.id", "KEY_ID")\n\tuse(viper.GetString("key.id"))\n}\n',
            {"APP_HTTP_PORT": ("8080", False), "APP_DB_URL": (None, False), "KEY_ID": (None, False)},
        ),
        (
            'import "github.com/urfave/cli/v2"\nvar f = []cli.Flag{&cli.StringFlag{Name: "url", EnvVars: []string{"URL"}, Required: true}, &cli.IntFlag{Name: "port", EnvVars: []string{"PORT"}, Value: 80}}\n',
            {"URL": (None, True), "PORT": ("80", False)},
        ),
    ],
)  # fmt: skip
def test_libraries_of_settings_say_what_they_need(tmp_path: Path, code: str, variables: Variables) -> None:
    files: dict[str, str | bytes] = {
        "go.mod": "module example.com/x\n\ngo 1.24\n",
        "main.go": f"package main\n\n{code}",
    }
    assert env(facts(tmp_path, files)) == variables


def test_the_port_of_a_struct_is_that_of_its_variable(tmp_path: Path) -> None:
    code = f'package main\n{KELSEY}type C struct {{\n\tPort string `default:"8080"`\n}}\nfunc main() {{\n\tvar c C\n\tenvconfig.Process("app", &c)\n\thttp.ListenAndServe(":"+c.Port, nil)\n}}\n'
    found = facts(tmp_path, {"go.mod": "module example.com/x\n\ngo 1.24\n", "main.go": code})
    assert ports(found) == [(8080, "http", "APP_PORT")]
