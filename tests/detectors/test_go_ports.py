"""Where Go programs listen, through the structs, packages, options and flags in which they keep it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, lay, ports, values

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
