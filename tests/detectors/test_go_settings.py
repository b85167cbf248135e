"""Go's libraries of settings → the variables that fill their structs, keys and flags."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.domain.facts import Facts
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


def _main(folder: Path, code: str) -> Facts:
    return facts(folder, {"go.mod": "module example.com/x\n\ngo 1.24\n", "main.go": f"package main\n\n{code}"})


# ---- what only a switch reaches, and what begins routes ---------------------------------------------------------------
TRACING = (
    'func must(to *string, name string) {\n\tv := os.Getenv(name)\n\tif v == "" {\n\t\tpanic(name)\n\t}\n\t*to = v\n}\n'
    'func trace() {\n\tvar addr string\n\tmust(&addr, "COLLECTOR")\n}\nfunc main() {\n\t%s\n}\n'
)


@pytest.mark.parametrize(
    ("line", "required"),
    [
        ('if os.Getenv("TRACING") == "1" {\n\t\ttrace()\n\t}', False),
        ('if os.Getenv("TRACING") != "" {\n\t\ttrace()\n\t}', False),
        ("trace()", True),
        ('if os.Getenv("TRACING") == "1" {\n\t\ttrace()\n\t}\n\ttrace()', True),
        # on unless a variable turns it off, or by a default
        ('if os.Getenv("QUIET") == "" {\n\t\ttrace()\n\t}', True),
        ('mode := os.Getenv("MODE")\n\tif mode == "" {\n\t\tmode = "all"\n\t}\n\tif mode == "all" {\n\t\ttrace()\n\t}', True),
        # no variable says which
        ('if len(os.Args) > 1 {\n\t\ttrace()\n\t}', True),
    ],
)  # fmt: skip
def test_what_only_a_switch_reaches_requires_nothing(line: str, required: bool, tmp_path: Path) -> None:
    assert env(_main(tmp_path, TRACING % line))["COLLECTOR"] == (None, required)


@pytest.mark.parametrize(
    ("use", "required"),
    [
        ('r.HandleFunc(base+"/cart", cart)', False),
        ('http.Handle("/", http.StripPrefix(base+"/static/", pages))', False),
        ('r.HandleFunc(base+"/cart", cart)\n\tredirect(w, base+"/cart")', False),
        ('http.Get(base + "/cart")', True),
    ],
)
def test_what_begins_routes_may_be_nothing(use: str, required: bool, tmp_path: Path) -> None:
    code = f'func main() {{\n\tbase := os.Getenv("BASE_URL")\n\t{use}\n}}\n'
    assert env(_main(tmp_path, code))["BASE_URL"] == (None, required)


def test_what_a_function_asks_for_is_optional(tmp_path: Path) -> None:
    code = (
        'var url = os.Getenv("PACKING_URL")\nfunc packs() bool {\n\treturn url != ""\n}\n'
        'func pack(id string) {\n\thttp.Get(url + "/" + id)\n}\nfunc main() {}\n'
    )
    assert env(_main(tmp_path, code))["PACKING_URL"] == (None, False)
