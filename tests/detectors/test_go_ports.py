"""Where Go programs listen, through the structs, packages, options and flags in which they keep it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run
from tests.detectors.reading import env, facts, lay, ports, starts, values

MOD = "module example.com/x\n\ngo 1.24\n"
Files = dict[str, str | bytes]

CONFIG = """package config

import "github.com/caarlos0/env/v11"

type (
	Config struct {
		HTTP web
		RPC  rpc
	}
	web struct {
		Port string `env:"HTTP_PORT{required}"`
	}
	rpc struct {
		Port string `env:"RPC_PORT{required}"`
	}
)

func New() (*Config, error) {
	cfg := &Config{}
	return cfg, env.Parse(cfg)
}
"""
OPTIONS = """package {package}

import "net"

type Option func(*Server)

func Port(port string) Option {
	return func(s *Server) {
		s.address = net.JoinHostPort("", port)
	}
}
"""
HTTP = """package httpserver

type Server struct { address string; App *fiber.App }

func New(opts ...Option) *Server { return &Server{address: ":80"} }

func (s *Server) Start() { go s.App.Listen(s.address) }
"""
RPC = """package rpcserver

import (
	"net"

	pb "google.golang.org/grpc"
)

type Server struct { address string; App *pb.Server }

func New(opts ...Option) *Server { return &Server{address: ":80", App: pb.NewServer()} }

func (s *Server) Start() {
	listener, _ := net.Listen("tcp", s.address)
	s.App.Serve(listener)
}
"""
MAIN = """package main

import (
	"example.com/x/config"
	"example.com/x/pkg/httpserver"
	"example.com/x/pkg/rpcserver"
	"github.com/gofiber/fiber/v2"
)

func main() {
	cfg, _ := config.New()
	run(cfg)
}

func run(cfg *config.Config) {
	rpcserver.New(rpcserver.Port(cfg.RPC.Port)).Start()
	httpserver.New(httpserver.Port(cfg.HTTP.Port)).Start()
}
"""


def served(required: str, default: str = "") -> Files:
    config = CONFIG.replace("{required}", required)
    for name in ("HTTP", "RPC") if default else ():
        config = config.replace(f'`env:"{name}_PORT"`', f'`env:"{name}_PORT" envDefault:"{default}{len(name)}"`')
    return {
        "go.mod": MOD,
        "cmd/app/main.go": MAIN,
        "config/config.go": config,
        "pkg/httpserver/options.go": OPTIONS.replace("{package}", "httpserver"),
        "pkg/httpserver/server.go": HTTP,
        "pkg/rpcserver/options.go": OPTIONS.replace("{package}", "rpcserver"),
        "pkg/rpcserver/server.go": RPC,
    }


def test_options_of_two_packages_are_told_apart(tmp_path: Path) -> None:
    found = facts(tmp_path, served("", default="700"))
    assert sorted(ports(found)) == [(7003, "grpc", "RPC_PORT"), (7004, "http", "HTTP_PORT")]


def test_ports_that_only_required_variables_know_have_numbers_of_their_own(tmp_path: Path) -> None:
    found = facts(tmp_path, served(",required"))
    assert ports(found) == [(8080, "http", "HTTP_PORT"), (8081, "grpc", "RPC_PORT")]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (  # the field of the struct that is meant, not of another with the same name
            {
                "main.go": 'package main\ntype Web struct { Port int `env:"WEB_PORT" envDefault:"8000"` }\ntype Db struct { Port int `env:"DB_PORT" envDefault:"5432"` }\n'
                'type C struct { Db Db\n Web Web }\nfunc serve(w Web) { http.ListenAndServe(fmt.Sprintf(":%d", w.Port), nil) }\nfunc main() { var c C; env.Parse(&c); serve(c.Web) }\n'
            },
            [(8000, "http", "WEB_PORT")],
        ),
        (  # a method of the settings that puts the address together
            {
                "main.go": 'package main\nimport "example.com/x/web"\ntype C struct { Web *web.Config }\nfunc serve(c *C) { http.ListenAndServe(c.Web.Address(), nil) }\nfunc main() { serve(&C{Web: web.Default()}) }\n',
                "web/web.go": 'package web\nconst DefaultPort = 8030\ntype Config struct { Host string; Port int }\nfunc Default() *Config { return &Config{Host: "0.0.0.0", Port: DefaultPort} }\nfunc (w *Config) Address() string { return fmt.Sprintf("%s:%d", w.Host, w.Port) }\n',
                "db/db.go": 'package db\ntype Config struct { Port int }\nfunc Default() *Config { return &Config{Port: 5432} }\nfunc (d *Config) Dsn() string { return fmt.Sprintf("db:%d", d.Port) }\n',
            },
            [(8030, "http", "")],
        ),
        (  # a function of the source's own that gives the address
            {
                "main.go": 'package main\nfunc address() string { return ":" + port() }\nfunc port() string { if p := os.Getenv("PORT"); p != "" { return p }; return "8090" }\nfunc main() { http.ListenAndServe(address(), nil) }\n'
            },
            [(8090, "http", "PORT")],
        ),
        (  # two functions of one name in two packages
            {
                "main.go": 'package main\nimport ("example.com/x/a"; "example.com/x/b")\nfunc main() { a.Serve(":7001"); b.Dial(":7002") }\n',
                "a/a.go": "package a\nfunc Serve(address string) { http.ListenAndServe(address, nil) }\n",
                "b/b.go": "package b\nfunc Dial(address string) {}\n",
                "b/serve.go": "package b\nfunc Serve(other int, address string) {}\n",
            },
            [(7001, "http", "")],
        ),
        (  # a port that is off unless a variable opens it
            {
                "main.go": 'package main\nvar metrics = os.Getenv("METRICS_PORT")\nfunc main() { http.ListenAndServe(":0", nil); http.ListenAndServe(":8080", nil) }\n'
            },
            [(8080, "http", "")],
        ),
    ],
)
def test_the_port_is_that_of_the_value_that_reaches_the_server(
    tmp_path: Path, files: Files, expected: list[tuple[int, str, str]]
) -> None:
    assert ports(facts(tmp_path, {"go.mod": MOD, **files})) == expected


def test_a_health_service_is_found_under_any_name_of_its_package(tmp_path: Path) -> None:
    main = 'package main\nimport (\n\tpb "google.golang.org/grpc"\n\thv1 "google.golang.org/grpc/health/grpc_health_v1"\n)\nfunc main() {\n\ts := pb.NewServer()\n\thv1.RegisterHealthServer(s, nil)\n\tl, _ := net.Listen("tcp", ":9000")\n\ts.Serve(l)\n}\n'
    found = facts(lay(tmp_path, {}), {"go.mod": MOD, "main.go": main})
    assert (ports(found), values(found, "health")) == ([(9000, "grpc", "")], ["grpc"])


# ---- flags and keys ---------------------------------------------------------------------------------------------
VIPER = 'package main\nimport "github.com/spf13/viper"\n'


@pytest.mark.parametrize(
    ("code", "port", "form"),
    [
        (  # flags that viper binds, a struct that it fills by key
            VIPER
            + 'type Config struct {\n\tHost string `mapstructure:"host"`\n\tPort string `mapstructure:"port"`\n\tRpc int `mapstructure:"grpc-port"`\n}\ntype Server struct { config *Config }\n'
            'func (s *Server) Run() {\n\thttp.ListenAndServe(s.config.Host + ":" + s.config.Port, nil)\n}\n'
            'func main() {\n\tfs := pflag.NewFlagSet("x", pflag.ContinueOnError)\n\tfs.String("host", "", "host")\n\tfs.Int("port", 9898, "port")\n\tfs.Int("grpc-port", 0, "rpc")\n\tviper.BindPFlags(fs)\n'
            '\tviper.SetEnvPrefix("SHOP")\n\tviper.SetEnvKeyReplacer(strings.NewReplacer("-", "_"))\n\tviper.AutomaticEnv()\n\tvar c Config\n\tviper.Unmarshal(&c)\n\t(&Server{config: &c}).Run()\n}\n',
            (9898, "http", "SHOP_PORT"),
            None,
        ),
        (  # a host that is the pod alone, in a key of its own
            VIPER
            + 'func main() {\n\tflags := cmd.Flags()\n\tflags.StringP("address", "a", "127.0.0.1", "address")\n\tflags.StringP("port", "p", "8080", "port")\n\tv := viper.New()\n\tv.SetEnvPrefix("FB")\n\tv.AutomaticEnv()\n\tv.SetEnvKeyReplacer(strings.NewReplacer(made()...))\n'
            '\tv.BindPFlags(flags)\n\tserver := &Server{}\n\tserver.Address = v.GetString("address")\n\tserver.Port = v.GetString("port")\n\tadr := server.Address + ":" + server.Port\n\tl, _ := net.Listen("tcp", adr)\n\thttp.Serve(l, nil)\n}\ntype Server struct { Address, Port string }\n',
            (8080, "http", "FB_PORT"),
            {"env": "FB_ADDRESS", "form": "0.0.0.0"},
        ),
        (
            VIPER
            + 'func main() {\n\tviper.SetDefault("server.addr", "localhost:7000")\n\tviper.BindEnv("server.addr", "SHOP_ADDR")\n\thttp.ListenAndServe(viper.GetString("server.addr"), nil)\n}\n',
            (7000, "http", "SHOP_ADDR"),
            {"env": "SHOP_ADDR", "form": "0.0.0.0:{}"},
        ),
        (  # koanf, whose names of variables have two strokes for the dot
            'package main\nimport (\n\t"github.com/knadh/koanf/v2"\n\t"github.com/knadh/koanf/providers/confmap"\n\t"github.com/knadh/koanf/providers/env"\n)\nvar ko = koanf.New(".")\nfunc main() {\n\tko.Load(confmap.Provider(map[string]any{"app.address": "127.0.0.1:9000"}, "."), nil)\n'
            '\tko.Load(env.Provider("MONK_", ".", func(s string) string {\n\t\treturn strings.Replace(strings.ToLower(strings.TrimPrefix(s, "MONK_")), "__", ".", -1)\n\t}), nil)\n\thttp.ListenAndServe(ko.String("app.address"), nil)\n}\n',
            (9000, "http", "MONK_APP__ADDRESS"),
            {"env": "MONK_APP__ADDRESS", "form": "0.0.0.0:{}"},
        ),
        (  # a function of the source's own that fills fields, whose literal holds the defaults
            'package main\ntype Tls struct { Port int }\ntype Server struct { Port int; Tls Tls }\ntype Config struct { Server Server }\nconst EnvPort = "APP_SERVER_PORT"\n'
            "func readInt(target *int, name string) error {\n\traw, ok := os.LookupEnv(name)\n\tif ok { *target = atoi(raw) }\n\treturn nil\n}\n"
            'func get() *Config {\n\tc := &Config{Server: Server{Port: 80, Tls: Tls{Port: 443}}}\n\treadInt(&c.Server.Port, EnvPort)\n\treadInt(&c.Server.Tls.Port, "APP_SERVER_SSL_PORT")\n\treturn c\n}\n'
            'func main() { c := get(); http.ListenAndServe(fmt.Sprintf(":%d", c.Server.Port), nil) }\n',
            (80, "http", "APP_SERVER_PORT"),
            None,
        ),
    ],
)
def test_flags_keys_and_helpers_lead_to_the_port(
    tmp_path: Path, code: str, port: tuple[int, str, str], form: dict[str, str] | None
) -> None:
    found = facts(tmp_path, {"go.mod": MOD, "main.go": code})
    assert (ports(found), values(found, "forms")) == ([port], [form] if form else [])


def test_a_mixed_key_whose_variable_the_code_makes_up_is_no_variable(tmp_path: Path) -> None:
    code = f'{VIPER}func main() {{\n\tviper.AutomaticEnv()\n\tviper.SetEnvKeyReplacer(strings.NewReplacer(made()...))\n\tuse(viper.GetString("cacheDir"), viper.GetString("port"))\n}}\n'
    assert [each["name"] for each in values(facts(tmp_path, {"go.mod": MOD, "main.go": code}), "env")] == ["PORT"]


# ---- tables of settings -----------------------------------------------------------------------------------------
SERVER = "package server\nfunc Run(addresses []string) {\n\tfor _, a := range addresses {\n\t\t(&http.Server{Addr: a}).ListenAndServe()\n\t}\n}\n"
TABLE = """package config
type value struct { text string; raw string; target string }
func options() map[string]*value {
	return map[string]*value{
		"LISTEN_ADDR": {text: "", raw: "127.0.0.1:8085"},
		"ADMIN_NAME":  {raw: "root"},
		"ADMIN_NAME_FILE": {target: "ADMIN_NAME"},
		"RUN_TASKS":   {raw: "0"},
	}
}
func Parse() { for _, line := range os.Environ() { set(line) } }
"""
SWITCH = """package config
const defaultAddr = "127.0.0.1:8085"
func Parse() { parse(os.Environ()) }
func parse(lines []string) {
	for _, line := range lines {
		switch key, value := cut(line); key {
		case "LISTEN_ADDR":
			c.addr = parseString(value, defaultAddr)
		case "ADMIN_NAME":
			c.name = parseString(value, "root")
		case "ADMIN_NAME_FILE":
			c.name = readFile(value)
		case "RUN_TASKS":
			c.tasks = parseBool(value, 0)
		}
	}
}
"""


@pytest.mark.parametrize("config", [TABLE, SWITCH])
def test_a_table_of_variables_is_read_and_says_where_the_program_listens(tmp_path: Path, config: str) -> None:
    main = "package main\nfunc main() { config.Parse(); server.Run(nil) }\n"
    found = facts(tmp_path, {"go.mod": MOD, "main.go": main, "config/config.go": config, "server/server.go": SERVER})
    assert env(found) == {
        "LISTEN_ADDR": ("127.0.0.1:8085", False),
        "ADMIN_NAME": ("root", False),
        "ADMIN_NAME_FILE": (None, False),
        "RUN_TASKS": ("0", False),
    }
    assert (ports(found), values(found, "forms")) == (
        [(8085, "http", "LISTEN_ADDR")],
        [{"env": "LISTEN_ADDR", "form": "0.0.0.0:{}"}],
    )


def test_a_table_without_the_environment_is_no_settings(tmp_path: Path) -> None:
    main = 'package main\nvar codes = map[string]string{"LISTEN_ADDR": "127.0.0.1:80", "B": "b", "C": "c"}\nfunc main() { http.Serve(l, nil) }\n'
    found = facts(tmp_path, {"go.mod": MOD, "main.go": main})
    assert (ports(found), env(found)) == ([], {})


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ('"REDIS_ADDR", ":6379"); get("SSL_PORT", "8443"); get("SHOP_PORT", "8111"', [(8111, "http", "SHOP_PORT")]),
        ('"GRPC_PORT", "9000"); get("METRICS_ADDR", ":9100"', []),
        ('"DB_PORT", "5432"); get("HTTP_ADDR", "localhost:8112"); get("PORT", "8113"', [(8112, "http", "HTTP_ADDR")]),
    ],
)
def test_of_a_server_that_no_call_shows_the_name_of_a_variable_says_the_port(
    tmp_path: Path, variables: str, expected: list[tuple[int, str, str]]
) -> None:
    main = f'package main\nfunc get(name, fallback string) string {{ if v := os.Getenv(name); v != "" {{ return v }}; return fallback }}\nfunc main() {{ get({variables}); http.Serve(listener, nil) }}\n'
    assert ports(facts(tmp_path, {"go.mod": MOD, "main.go": main})) == expected


# ---- addresses of the pod alone ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "port", "start"),
    [
        ('addr := flag.String("addr", "127.0.0.1:8080", "where")\n\thttp.ListenAndServe(*addr, nil)', 8080, "/app/x --addr=0.0.0.0:8080"),
        ('var host string\n\tflag.StringVar(&host, "host", "localhost", "where")\n\thttp.ListenAndServe(host+":8081", nil)', 8081, "/app/x --host=0.0.0.0"),
        ('host := flag.String("bind", "localhost", "where")\n\tport := flag.Int("port", 8082, "where")\n\thttp.ListenAndServe(fmt.Sprintf("%s:%d", *host, *port), nil)', 8082, "/app/x --bind=0.0.0.0"),
        ('port := flag.Int("port", 80, "where")\n\thttp.ListenAndServe(fmt.Sprintf(":%d", *port), nil)', 8080, "/app/x --port=8080"),
        ('addr := flag.String("addr", ":80", "where")\n\thttp.ListenAndServe(*addr, nil)', 8080, "/app/x --addr=:8080"),
        ('addr := flag.String("addr", ":8080", "where")\n\thttp.ListenAndServe(*addr, nil)', 8080, "/app/x"),
        ('go http.ListenAndServe("localhost:6060", nil)\n\thttp.ListenAndServe(":8080", nil)', 8080, "/app/x"),
    ],
)  # fmt: skip
def test_a_flag_opens_what_only_the_pod_reaches(tmp_path: Path, body: str, port: int, start: str) -> None:
    found = facts(tmp_path, {"go.mod": MOD, "main.go": f"package main\nfunc main() {{\n\t{body}\n}}\n"})
    assert ([each[0] for each in ports(found)], starts(found), values(found, "doubts")) == ([port], [start], [])


@pytest.mark.parametrize("given", ['"localhost:8080"', '"127.0.0.1:" + port', 'fmt.Sprintf("localhost:%s", port)'])
def test_a_server_that_nothing_opens_is_told_with_its_line(tmp_path: Path, given: str) -> None:
    main = f'package main\nvar port = "8080"\nfunc main() {{\n\thttp.ListenAndServe({given}, nil)\n}}\n'
    found = facts(tmp_path, {"go.mod": MOD, "main.go": main})
    assert [str(place) for fact in found.doubts for place in fact.evidence] == ["main.go:4"]
    assert "localhost only" in values(found, "doubts")[0]["said"]


# ---- programs beside the first ----------------------------------------------------------------------------------
def test_each_program_of_a_module_has_the_ports_of_the_packages_that_it_is_made_of(tmp_path: Path) -> None:
    main = 'package main\nimport "example.com/x/{0}"\nfunc main() {{ {0}.Run() }}\n'
    package = 'package {0}\nfunc Run() {{ http.ListenAndServe(":{1}", nil) }}\n'
    files: Files = {"go.mod": MOD}
    for name, number in (("api", 8001), ("mail", 8002)):
        files |= {f"cmd/{name}/main.go": main.format(name), f"{name}/{name}.go": package.format(name, number)}
    files["cmd/once/main.go"] = "package main\nfunc main() { work() }\n"
    assert values(facts(tmp_path, files), "programs") == [
        {"command": "/app/mail", "ports": [{"port": 8002, "protocol": "http", "env": ""}]}
    ]


def test_services_of_one_module_listen_where_their_programs_do(tmp_path: Path) -> None:
    code = 'package main\nfunc main() {{ http.ListenAndServe(":{}", nil) }}\n'
    files: Files = {"go.mod": MOD, "cmd/a/main.go": code.format(8080), "cmd/b/main.go": code.format(8090)}
    spec = "apiVersion: kforge.dev/v1\napp: pair\nregistry: ghcr.io/acme\nservices:\n  a: {source: ., command: [/app/a]}\n  b: {source: ., command: [/app/b]}\n"
    lay(tmp_path, {**files, "app.kforge.yaml": spec})
    run("build", cwd=tmp_path, code=0)
    shown = {name: (tmp_path / f"deploy/kubernetes/{name}/service.yaml").read_text() for name in ("a", "b")}
    assert ["port: 8080" in shown["a"], "port: 8090" in shown["b"], "8080" in shown["b"]] == [True, True, False]


# ---- configuration files ----------------------------------------------------------------------------------------
SETTINGS = 'type Http struct {{\n\tPort string `yaml:"port" mapstructure:"port"{tag}`\n}}\ntype Config struct {{\n\tHttp Http `yaml:"http" mapstructure:"http"`\n}}\n'
SERVES = '\thttp.ListenAndServe(":"+c.Http.Port, nil)\n}\n'


@pytest.mark.parametrize(
    ("tag", "load", "path", "text", "expected"),
    [
        (' env:"HTTP_PORT"', 'cleanenv.ReadConfig("./config/config.yml", &c)', "config/config.yml", 'http:\n  port: "8071"\n', (8071, "http", "HTTP_PORT")),
        ("", 'data, _ := os.ReadFile("config.yaml")\n\tyaml.Unmarshal(data, &c)', "config.yaml", "http: {port: 8072}\n", (8072, "http", "")),
        ("", 'viper.SetConfigName("config")\n\tviper.AddConfigPath(".")\n\tviper.Unmarshal(&c)', "config.toml", "[http]\nport = 8073\n", (8073, "http", "")),
        ("", 'json.NewDecoder(open("configs/app.json")).Decode(&c)', "configs/app.json", '{"http": {"port": 8074}}', (8074, "http", "")),
    ],
)  # fmt: skip
def test_a_configuration_file_of_the_source_says_the_port_and_is_in_the_image(
    tmp_path: Path, tag: str, load: str, path: str, text: str, expected: tuple[int, str, str]
) -> None:
    code = f"package main\n{SETTINGS.format(tag=tag)}func main() {{\n\tvar c Config\n\t{load}\n{SERVES}"
    found = facts(tmp_path, {"go.mod": MOD, "main.go": code, path: text})
    assert (ports(found), values(found, "opened")) == ([expected], [path])


def test_a_configuration_file_that_nothing_names_says_nothing(tmp_path: Path) -> None:
    code = f"package main\n{SETTINGS.format(tag='')}func main() {{\n\tvar c Config\n{SERVES}"
    found = facts(tmp_path, {"go.mod": MOD, "main.go": code, "config.yaml": "http: {port: 8072}\n"})
    assert (ports(found), values(found, "opened")) == ([], [])


@pytest.mark.parametrize(
    ("names", "variable"),
    [
        (("DB_HOST", "DB_PORT", "SERVER_HOST", "SERVER_PORT"), "SERVER_PORT"),
        (("DB_PORT", "PORT"), "PORT"),
        (("DB_HOST", "DB_PORT"), ""),
    ],
)
def test_a_port_that_no_call_shows_is_not_that_of_a_store(
    names: tuple[str, ...], variable: str, tmp_path: Path
) -> None:
    reads = "\n".join(f'\tparts = append(parts, os.Getenv("{name}"))' for name in names)
    code = f'package main\n\nimport "github.com/gofiber/fiber/v2"\n\nfunc url(n string) string {{\n\tvar parts []string\n{reads}\n\treturn fmt.Sprintf("%s:%s", os.Getenv("DB_HOST"), parts[0])\n}}\nfunc main() {{\n\tfiber.New().Listen(url("fiber"))\n}}\n'
    found = facts(tmp_path, {"go.mod": "module example.com/x\n\ngo 1.24\n", "main.go": code})
    assert [port["env"] for port in found.value("ports")] == ([variable] if variable else [])
