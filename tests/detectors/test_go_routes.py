"""Health routes of Go programs: whole paths, the port that answers, and why some of them are no probe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts

MOD = "module example.com/shop\n\ngo 1.24\n"


def go(body: str, before: str = "", imports: str = "net/http") -> str:
    listed = "\n".join(f'\t"{name}"' for name in imports.split())
    return f"package main\n\nimport (\n{listed}\n)\n\n{before}\n\nfunc main() {{\n{body}\n}}\n"


def read(tmp_path: Path, *sources: str, **more: str) -> Any:
    files: dict[str, str | bytes] = {"go.mod": MOD, "main.go": sources[0]}
    files |= {f"{name}/{name}.go": text for name, text in more.items()}
    return facts(tmp_path, files)


def unprobed(found: Any) -> list[tuple[str, str]]:
    return [(one["path"], one["why"]) for one in found.value("unprobed")]


@pytest.mark.parametrize(
    ("source", "health"),
    [
        (go('g.Match([]string{"GET", "HEAD"}, "/health", h)'), ["/health"]),
        (go('e := echo.New()\ne.Match([]string{http.MethodGet}, "/health", h)'), ["/health"]),
        (go('mux.HandleFunc("GET /healthz/{$}", h)'), ["/healthz/"]),
        (go('r.Method("GET", "/health", h)'), ["/health"]),
        (go('r := httprouter.New()\nr.Handle("GET", "/health", h)'), ["/health"]),
        # chi
        (go('r := chi.NewRouter()\nr.Mount("/api", api())', 'func api() chi.Router {\n\tr := chi.NewRouter()\n\tr.Get("/health", h)\n\treturn r\n}'), ["/api/health"]),
        (go('r := chi.NewRouter()\nsub := chi.NewRouter()\nsub.Get("/health", h)\nr.Mount("/ops", sub)'), ["/ops/health"]),
        (go('r := chi.NewRouter()\nr.Route("/api", func(r chi.Router) {\n\tr.Route("/v1", func(r chi.Router) {\n\t\tr.Get("/ready", h)\n\t})\n})'), ["/api/v1/ready"]),
        (go('r := chi.NewRouter()\nr.Group(func(r chi.Router) {\n\tr.Use(AuthMiddleware)\n\tr.Get("/me", h)\n})\nr.Get("/health", h)'), ["/health"]),
        (go('r := chi.NewRouter()\nr.Route("/api", func(api chi.Router) { api.Get("/health", h) })\nr.Get("/livez", h)'), ["/api/health", "/livez"]),
        (go('r := chi.NewRouter()\nr.Route("/api", func(r chi.Router) {\n\tr.Route("/v1", func(r chi.Router) { r.Get("/ready", h) })\n})'), ["/api/v1/ready"]),
        # net/http
        (go('api := http.NewServeMux()\napi.HandleFunc("/health", h)\nhttp.Handle("/api/", http.StripPrefix("/api", api))'), ["/api/health"]),
        (go('api := http.NewServeMux()\napi.HandleFunc("/api/health", h)\nhttp.Handle("/api/", api)'), ["/api/health"]),
        # gin, echo, fiber: groups, given to functions, twice
        (go('r := gin.New()\nops(r.Group("/v1"))\nops(r.Group("/v2"))', 'func ops(g *gin.RouterGroup) {\n\tg.GET("/health", h)\n}'), ["/v2/health", "/v1/health"]),
        (go('r := gin.New()\nr.GET("/healthz", h)\na := r.Group("/a", AuthRequired())\na.GET("/x", h)\nr.Use(JWTAuth())'), ["/healthz"]),
        (go('app := fiber.New()\napi := app.Group("/api")\nv1 := api.Group("/v1")\nv1.Get("/health", h)'), ["/api/v1/health"]),
        (go('app := fiber.New()\nsub := fiber.New()\nsub.Get("/health", h)\napp.Mount("/sub", sub)'), ["/sub/health"]),
        (go('app := fiber.New()\napp.Use(healthcheck.New())', "", "github.com/gofiber/fiber/v2 github.com/gofiber/fiber/v2/middleware/healthcheck"), ["/readyz", "/livez"]),
        (go('app := fiber.New()\napp.Use(healthcheck.New(healthcheck.Config{LivenessEndpoint: "/alive"}))', "", "github.com/gofiber/fiber/v2/middleware/healthcheck"), ["/readyz", "/alive"]),
        # gorilla
        (go('r := mux.NewRouter()\nr.HandleFunc("/health", h).Methods("GET")\nr.HandleFunc("/ready", h).Methods(http.MethodHead)'), ["/health", "/ready"]),
        # libraries
        (go('http.Handle("/health", health.NewHandler(checker))', "", "net/http github.com/alexliesenfeld/health"), ["/health"]),
        (go('health := healthcheck.NewHandler()\nhttp.ListenAndServe(":8080", health)', "", "net/http github.com/heptiolabs/healthcheck"), ["/ready", "/live"]),
        (go('r := &server{router: chi.NewRouter()}\nr.routes()', 'func (s *server) routes() {\n\ts.router.Get("/health", h)\n}'), ["/health"]),
    ],
)  # fmt: skip
def test_a_route_has_the_prefixes_of_what_it_stands_in(tmp_path: Path, source: str, health: list[str]) -> None:
    found = read(tmp_path, source)
    assert (found.value("health"), unprobed(found)) == (health, [])


def test_a_group_that_another_package_gives_is_followed(tmp_path: Path) -> None:
    ops = 'package ops\n\nfunc Register(g *echo.Group) {\n\tg.GET("/health", h)\n}\n'
    source = go('e := echo.New()\nops.Register(e.Group("/internal"))', "", "example.com/shop/ops")
    assert read(tmp_path, source, ops=ops).value("health") == ["/internal/health"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (go('r.Post("/x", h)\nr.HandleFunc("/health", h).Methods("POST")'), [("/health", "method")]),
        (go('mux.HandleFunc("POST /health", h)'), [("/health", "method")]),
        (go("", 'func Routes(g *gin.RouterGroup) {\n\tg.GET("/health", h)\n}'), [("/health", "prefix")]),
        (go("", 'func Routes(r chi.Router) {\n\tr.Get("/health", h)\n}'), [("/health", "prefix")]),
        (go('g := r.Group(load().Prefix)\ng.GET("/health", h)'), [("/health", "prefix")]),
        (go('r := gin.New()\ng := r.Group("/api", AuthMiddleware())\ng.GET("/health", h)'), [("/api/health", "login")]),
        (go('r := gin.New()\ng := r.Group("/api")\ng.Use(middleware.RequireUser())\nv := g.Group("/v1")\nv.GET("/health", h)'), [("/api/v1/health", "login")]),
        (go('r := chi.NewRouter()\nr.Group(func(r chi.Router) {\n\tr.Use(jwtauth.Verifier(t))\n\tr.Get("/health", h)\n})'), [("/health", "login")]),
        (go('r := chi.NewRouter()\nr.With(authMiddleware).Get("/health", h)'), [("/health", "login")]),
        (go('r := echo.New()\nr.Use(JWTMiddleware)\nr.GET("/health", h)'), [("/health", "login")]),
        (go('r := gin.New()\nr.GET("/health", AuthRequired(), h)'), [("/health", "login")]),
    ],
)  # fmt: skip
def test_a_route_that_nothing_can_ask_is_told_with_its_reason(
    tmp_path: Path, source: str, expected: list[tuple[str, str]]
) -> None:
    found = read(tmp_path, source)
    assert (found.value("health"), unprobed(found)) == ([], expected)


@pytest.mark.parametrize(
    ("body", "main", "beside"),
    [
        ('admin.HandleFunc("/healthz", h)', [], [{"path": "/healthz", "port": 9090}]),
        ('api.HandleFunc("/healthz", h)', ["/healthz"], []),
    ],
)
def test_a_route_belongs_to_the_port_of_its_server(
    tmp_path: Path, body: str, main: list[str], beside: list[dict[str, Any]]
) -> None:
    listens = 'func serve() {\n\thttp.ListenAndServe(":8080", api)\n\thttp.ListenAndServe(":9090", admin)\n}\nvar api = http.NewServeMux()\nvar admin = http.NewServeMux()\n'
    found = read(tmp_path, go(body, listens))
    assert (found.value("health"), found.value("health_ports")) == (main, beside)


def test_routers_that_are_mounted_in_each_other_end(tmp_path: Path) -> None:
    body = 'a := chi.NewRouter()\nb := chi.NewRouter()\na.Mount("/a", b)\nb.Mount("/b", a)\na.Get("/health", h)\n'
    assert read(tmp_path, go(body)).value("health") == []


def test_servers_of_one_function_have_their_own_routes(tmp_path: Path) -> None:
    body = (
        'api := http.NewServeMux()\nadmin := http.NewServeMux()\nadmin.HandleFunc("/ready", h)\n'
        'srv := &http.Server{Addr: ":8080", Handler: api}\ngo http.ListenAndServe(":9090", admin)\nsrv.ListenAndServe()\n'
    )
    found = read(tmp_path, go(body))
    assert found.value("health_ports") == [{"path": "/ready", "port": 9090}]
    assert [port["port"] for port in found.value("ports")] == [8080, 9090]


def test_a_login_on_the_line_of_a_span_guards_what_stands_in_it(tmp_path: Path) -> None:
    span = 'r.Route("/in", func(r chi.Router) { r.Use(AuthMiddleware); r.Get("/health", h) })'
    found = read(tmp_path, go(f'r := chi.NewRouter()\n{span}\nr.Get("/livez", h)'))
    assert (found.value("health"), unprobed(found)) == (["/livez"], [("/in/health", "login")])
