"""What is read off Go sources, by the idioms that people write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import env, facts, hosts, notes, places, ports, starts, values

MOD = "module github.com/acme/shop\n\ngo 1.22.3\n"


def main(body: str, imports: str = "", before: str = "") -> str:
    listed = "\n".join(f'\t"{name}"' for name in imports.split())
    return f"package main\n\nimport (\n{listed}\n)\n\n{before}\n\nfunc main() {{\n{body}\n}}\n"


# ---- module and programs ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("lines", "version"),
    [("go 1.22.3", "1.22"), ("go 1.21", "1.21"), ("go 1.21\ntoolchain go1.23.1", "1.23"), ("", None)],
)
def test_the_version_is_that_of_the_module_or_its_newer_toolchain(
    tmp_path: Path, lines: str, version: str | None
) -> None:
    assert values(facts(tmp_path, {"go.mod": f"module a\n{lines}\n", "main.go": main("")}), "version") == version


def test_dependencies_are_the_direct_ones(tmp_path: Path) -> None:
    mod = (
        MOD
        + "require github.com/Azure/x v1.0.0\nrequire (\n\tgithub.com/gin-gonic/gin v1.10.0 // a note\n\tgolang.org/x/net v0.1.0 // indirect\n)\n"
    )
    found = facts(tmp_path, {"go.mod": mod, "go.sum": "x", "main.go": main("")})
    assert values(found, "dependencies") == ["github.com/azure/x", "github.com/gin-gonic/gin"]
    assert (values(found, "manifests"), values(found, "lockfile")) == (["go.mod", "go.sum"], "go.sum")
    assert places(found, "dependencies") == ["go.mod:4", "go.mod:6"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["main.go"], ["/app/shop"]),
        (["cmd/server/main.go", "cmd/admin/main.go"], ["/app/server", "/app/admin"]),
        (["cmd/migrate/main.go", "cmd/shop/main.go"], ["/app/shop", "/app/migrate"]),
        (["main.go", "cmd/tool/main.go"], ["/app/shop", "/app/tool"]),
        (["cmd/worker/main.go", "tools/gen/main.go", "examples/a/main.go"], ["/app/worker"]),
        (["main.go", "hack/datagen/main.go", "ci/main.go"], ["/app/shop"]),
        (["tools/gen/main.go", "scripts/load/main.go"], ["/app/load", "/app/gen"]),
    ],
)
def test_the_best_program_is_named_like_the_module_or_a_service(
    tmp_path: Path, names: list[str], expected: list[str]
) -> None:
    found = facts(tmp_path, {"go.mod": MOD, **{name: main("") for name in names}})
    assert starts(found) == expected


def test_a_program_is_built_without_paths_and_symbols(tmp_path: Path) -> None:
    found = facts(tmp_path, {"go.mod": MOD, "cmd/api/main.go": main("")})
    assert values(found, "build") == [["go", "build", "-trimpath", "-ldflags=-s -w", "-o", "/out/api", "./cmd/api"]]


def test_other_programs_are_not_the_service(tmp_path: Path) -> None:
    other = main('http.ListenAndServe(":9999", nil)\nos.Getenv("OTHER")', "net/http os")
    found = facts(
        tmp_path,
        {
            "go.mod": MOD,
            "cmd/shop/main.go": main('http.ListenAndServe(":8080", nil)', "net/http"),
            "cmd/zed/main.go": other,
        },
    )
    assert (ports(found), env(found)) == ([(8080, "http", "")], {})


@pytest.mark.parametrize(
    "named", ["./gen", "./gen/main.go", "github.com/acme/shop/words/gen", "-mod=mod ./gen -o out.go"]
)
def test_a_program_that_only_a_generate_line_runs_is_not_shipped(tmp_path: Path, named: str) -> None:
    words = f"package words\n\n//go:generate go run {named}\n"
    files = {"cmd/shop/main.go": main(""), "words/words.go": words, "words/gen/main.go": main("")}
    assert starts(facts(tmp_path, {"go.mod": MOD, **files})) == ["/app/shop"]


@pytest.mark.parametrize("folder", ["words/gen", "hack/fill", "tools/docs", "scripts"])
def test_what_a_generator_or_a_developer_s_program_does_is_none_of_the_service(tmp_path: Path, folder: str) -> None:
    other = main(
        'os.WriteFile("words_gen.go", b, 0o644)\nos.Getenv("OTHER")\nhttp.ListenAndServe(":9", nil)', "os net/http"
    )
    files = {
        "cmd/shop/main.go": main('http.ListenAndServe(":8080", nil)', "net/http github.com/acme/shop/words"),
        "words/words.go": "package words\n\n//go:generate go run ./gen\n",
        f"{folder}/main.go": other,
    }
    found = facts(tmp_path, {"go.mod": MOD, **files})
    assert (values(found, "writable"), env(found), ports(found)) == ([], {}, [(8080, "http", "")])


def test_a_folder_without_a_module_says_so(tmp_path: Path) -> None:
    found = facts(tmp_path, {"main.go": main("")})
    assert (values(found, "language"), "no go.mod" in notes(found)) == ("go", True)


def test_a_library_without_go_mod_is_no_program(tmp_path: Path) -> None:
    assert values(facts(tmp_path, {"lib.go": "package lib\n"}), "language") is None


def test_vendored_modules_are_a_manifest_and_no_code(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "go.mod": MOD,
            "main.go": main(""),
            "vendor/modules.txt": "# x\n",
            "vendor/github.com/x/x.go": main('http.ListenAndServe(":1234", nil)', "net/http"),
        },
    )
    assert (values(found, "manifests"), ports(found)) == (["go.mod", "vendor/modules.txt"], [])


@pytest.mark.parametrize("mod", [MOD, MOD + "require github.com/mattn/go-sqlite3 v1.14.0\n"])
def test_c_needs_a_compiler(tmp_path: Path, mod: str) -> None:
    source = 'package main\n\n// #include <stdio.h>\nimport "C"\n\nfunc main() {}\n' if mod == MOD else main("")
    assert values(facts(tmp_path, {"go.mod": mod, "main.go": source}), "build_packages") == ["gcc", "libc6-dev"]


# ---- ports ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (main('http.ListenAndServe(":8080", nil)', "net/http"), (8080, "http", "")),
        (main('log.Fatal(http.ListenAndServe("0.0.0.0:8081", mux))', "net/http log"), (8081, "http", "")),
        (main('srv := &http.Server{\n\tHandler: mux,\n\tAddr:    ":8082",\n}\nsrv.ListenAndServe()', "net/http"), (8082, "http", "")),
        (main('port := os.Getenv("PORT")\nif port == "" {\n\tport = "8083"\n}\nhttp.ListenAndServe(":"+port, nil)', "net/http os"), (8083, "http", "PORT")),
        (main('addr := ":8084"\nif p := os.Getenv("PORT"); p != "" {\n\taddr = ":" + p\n}\nhttp.ListenAndServe(addr, nil)', "net/http os"), (8084, "http", "PORT")),
        (main('http.ListenAndServe(fmt.Sprintf(":%s", getEnv("PORT", "8085")), nil)', "net/http os fmt",
              'func getEnv(key, fallback string) string {\n\tif v, ok := os.LookupEnv(key); ok {\n\t\treturn v\n\t}\n\treturn fallback\n}'), (8085, "http", "PORT")),
        (main('addr := flag.String("addr", ":8086", "listen address")\nflag.Parse()\nhttp.ListenAndServe(*addr, nil)', "net/http flag"), (8086, "http", "")),
        (main('var port int\nflag.IntVar(&port, "port", 8087, "x")\nhttp.ListenAndServe(fmt.Sprintf(":%d", port), nil)', "net/http flag fmt"), (8087, "http", "")),
        (main("http.ListenAndServe(address, nil)", "net/http", 'const address = ":8088"'), (8088, "http", "")),
        (main('r := gin.Default()\nr.Run(":8089")', "github.com/gin-gonic/gin"), (8089, "http", "")),
        (main("r := gin.Default()\nr.Run()", "github.com/gin-gonic/gin"), (8080, "http", "PORT")),
        (main('e := echo.New()\ne.Logger.Fatal(e.Start(":8090"))', "github.com/labstack/echo/v4"), (8090, "http", "")),
        (main('app := fiber.New()\napp.Listen(":8091")', "github.com/gofiber/fiber/v2"), (8091, "http", "")),
        (main('lis, _ := net.Listen("tcp", ":50051")\ns := grpc.NewServer()\ns.Serve(lis)', "net google.golang.org/grpc"), (50051, "grpc", "")),
        (main('l, err := net.Listen("tcp", "0.0.0.0:7000")\nfor {\n\tc, _ := l.Accept()\n\tgo h(c)\n}', "net"), (7000, "tcp", "")),
        (main('l, _ := net.Listen("tcp", ":8092")\nhttp.Serve(l, nil)', "net net/http"), (8092, "http", "")),
        (main('run(":8093")', "net/http", "func run(addr string) {\n\thttp.ListenAndServe(addr, nil)\n}"), (8093, "http", "")),
        (main("cfg := load()\nhttp.ListenAndServe(\":\"+cfg.Port, nil)", "net/http", 'type config struct {\n\tPort string `env:"PORT" envDefault:"8094"`\n}'), (8094, "http", "PORT")),
        (main("http.ListenAndServe(net.JoinHostPort(\"\", strconv.Itoa(8095)), nil)", "net/http net strconv"), (8095, "http", "")),
        (main('http.ListenAndServe(":"+cmp.Or(os.Getenv("PORT"), "8096"), nil)', "net/http cmp os"), (8096, "http", "PORT")),
        (main('viper.SetDefault("port", 8097)\nhttp.ListenAndServe(":"+viper.GetString("port"), nil)', "net/http github.com/spf13/viper"), (8097, "http", "")),
        (main('http.ListenAndServe(":"+os.Getenv("PORT"), nil)', "net/http os"), (8080, "http", "PORT")),
    ],
)  # fmt: skip
def test_a_listening_call_shows_port_protocol_and_variable(
    tmp_path: Path, source: str, expected: tuple[int, str, str]
) -> None:
    assert ports(facts(tmp_path, {"go.mod": MOD, "main.go": source})) == [expected]


@pytest.mark.parametrize(
    "body",
    ['// http.ListenAndServe(":1", nil)', '/* http.ListenAndServe(":8080", nil) */', 's := "http.ListenAndServe(\\":8080\\", nil)"',
     "s := `http.ListenAndServe(\":8080\", nil)`", 'cmd := exec.Command("x")\ncmd.Run()', 'rdb := redis.NewClient(&redis.Options{Addr: "cache:6379"})'],
)  # fmt: skip
def test_what_only_looks_like_a_server_listens_on_nothing(tmp_path: Path, body: str) -> None:
    assert ports(facts(tmp_path, {"go.mod": MOD, "main.go": main(body, "net/http")})) == []


# ---- health, variables, hosts, writes ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("source", "health"),
    [
        (main('http.HandleFunc("/healthz", h)'), ["/healthz"]),
        (main('mux.HandleFunc("GET /healthz", h)\nmux.HandleFunc("POST /health", h)'), ["/healthz"]),
        (
            main(
                'r := gin.Default()\nr.GET("/health", h)\napi := r.Group("/api")\nv1 := api.Group("/v1")\nv1.GET("/ready", h)'
            ),
            ["/health", "/api/v1/ready"],
        ),
        (
            main('r.Route("/api", func(r chi.Router) {\n\tr.Get("/healthz", h)\n})\nr.Get("/livez", h)'),
            ["/api/healthz", "/livez"],
        ),
        (main('s := r.PathPrefix("/ops").Subrouter()\ns.HandleFunc("/health", h).Methods("GET")'), ["/ops/health"]),
        (
            main('routes(r.Group("/x"))', "", 'func routes(g *gin.RouterGroup) {\n\tg.GET("/healthz", h)\n}'),
            ["/x/healthz"],
        ),
        (main("", "", 'func Routes(g *gin.RouterGroup) {\n\tg.GET("/healthz", h)\n}'), []),
        (main("mux.HandleFunc(healthPath, h)", "", 'const healthPath = "/healthz"'), ["/healthz"]),
        (main('switch r.URL.Path {\ncase "/livez":\n}\nif r.URL.Path == "/ready" {\n}'), ["/livez", "/ready"]),
        (main("healthpb.RegisterHealthServer(s, health.NewServer())"), ["grpc"]),
        (main('http.Get("/health")\nclient.Get("/healthz")\nr.GET("/users/:id/status", h)'), []),
    ],
)
def test_health_routes_have_their_whole_path(tmp_path: Path, source: str, health: list[str]) -> None:
    assert sorted(values(facts(tmp_path, {"go.mod": MOD, "main.go": source}), "health")) == sorted(health)


def test_variables_have_defaults_and_are_required_where_the_program_would_fail(tmp_path: Path) -> None:
    body = (
        'a := os.Getenv("A_VAR")\nuse(a)\nb := os.Getenv("B_VAR")\nif b == "" {\n\tb = "b"\n}\nc, ok := os.LookupEnv("C_VAR")\nif !ok {\n\tlog.Fatal("c")\n}\n'
        'd, e := os.Getenv("D_VAR"), os.Getenv("E_VAR")\nif d == "" || e == "" {\n\treturn errors.New("x")\n}\nf := cmp.Or(os.Getenv("F_VAR"), "f")\n'
        'g := getEnv("G_VAR", "g")\nh := must("H_VAR")\nk := os.Getenv(name)\nos.Setenv("SET", "x")\n'
    )
    before = (
        'const name = "K_VAR"\nfunc getEnv(key, fallback string) string {\n\tif v := os.Getenv(key); v != "" {\n\t\treturn v\n\t}\n\treturn fallback\n}\n'
        'func must(key string) string {\n\tv := os.Getenv(key)\n\tif v == "" {\n\t\tpanic(key)\n\t}\n\treturn v\n}\n'
        'type config struct {\n\tL string `envconfig:"L_VAR" required:"true"`\n\tM string `env:"M_VAR, default=m"`\n\tN string `json:"n"`\n}\n'
    )
    found = facts(tmp_path, {"go.mod": MOD, "main.go": main(body, "os log errors cmp", before)})
    assert env(found) == {
        "A_VAR": (None, False),
        "B_VAR": ("b", False),
        "C_VAR": (None, True),
        "D_VAR": (None, True),
        "E_VAR": (None, True),
        "F_VAR": ("f", False),
        "G_VAR": ("g", False),
        "H_VAR": (None, True),
        "K_VAR": (None, False),
        "L_VAR": (None, True),
        "M_VAR": ("m", False),
    }


def test_a_variable_that_only_one_branch_reads_is_not_required(tmp_path: Path) -> None:
    body = (
        'a := must("A_VAR")\nswitch a {\ncase "x":\n\tuse(must("B_VAR"))\ndefault:\n\tuse(must("C_VAR"))\n}\n'
        'if a == "y" {\n\tuse(must("D_VAR"))\n} else {\n\tuse(must("E_VAR"))\n}\ngo func() {\n\tuse(must("F_VAR"))\n}()\n'
        'use(config{\n\tvalue: must("G_VAR"),\n})\n'
    )
    before = (
        'func must(key string) string {\n\tv := os.Getenv(key)\n\tif v == "" {\n\t\tpanic(key)\n\t}\n\treturn v\n}\n'
    )
    found = facts(tmp_path, {"go.mod": MOD, "main.go": main(body, "os", before)})
    assert [name for name, (_, required) in sorted(env(found).items()) if required] == ["A_VAR", "F_VAR", "G_VAR"]


def test_hosts_are_names_in_the_position_of_a_host(tmp_path: Path) -> None:
    body = (
        '// http://comment:1/\nhost, ok := os.LookupEnv("AMQP_HOST")\nif !ok {\n\thost = "rabbitmq"\n}\nuri := fmt.Sprintf("amqp://guest:guest@%s:5672/", host)\n'
        'catalog := getEnv("CATALOG_URL", "http://catalog:8000")\nrdb := redis.NewClient(&redis.Options{Addr: "cache:6379"})\n'
        'conn, _ := grpc.NewClient("orders:50051")\nhttp.Get("http://" + stockHost + ":8080/x")\ndsn := "host=db"\nhttp.Get("https://api.example.com")\n'
        'l := "localhost:1234"\nt := "10:30"\nlog.Printf("x: %s", dsn)\n'
    )
    before = 'const stockHost = "stock"\nfunc getEnv(k, d string) string {\n\tif v := os.Getenv(k); v != "" {\n\t\treturn v\n\t}\n\treturn d\n}\n'
    found = facts(tmp_path, {"go.mod": MOD, "main.go": main(body, "os fmt", before)})
    assert hosts(found) == ["cache:6379", "catalog:8000", "orders:50051", "rabbitmq:5672", "stock:8080"]


def test_writable_are_the_folders_that_writes_need(tmp_path: Path) -> None:
    body = (
        'os.WriteFile("/data/x.json", b, 0o600)\nos.MkdirAll(filepath.Join(root, "uploads"), 0o755)\nos.OpenFile("a.log", os.O_APPEND|os.O_CREATE, 0o600)\n'
        'os.OpenFile("/etc/x", os.O_RDONLY, 0)\nos.Open("/etc/y")\nf, _ := os.CreateTemp("", "x")\nsql.Open("sqlite3", "file:/var/lib/shop/a.db?cache=shared")\n'
        "r.ParseMultipartForm(32 << 20)\n"
    )
    found = facts(tmp_path, {"go.mod": MOD, "main.go": main(body, "os", 'const root = "/srv"')})
    assert values(found, "writable") == ["/app", "/data", "/srv/uploads", "/tmp", "/var/lib/shop"]


@pytest.mark.parametrize(
    ("source", "framework"),
    [
        (main('http.ListenAndServe(":1", nil)', "net/http"), "net/http"), (main("", "github.com/gin-gonic/gin"), "gin"),
        (main("", "github.com/go-chi/chi/v5 net/http"), "chi"), (main("grpc.NewServer()", "google.golang.org/grpc"), "grpc"), (main("", "os"), None),
    ],
)  # fmt: skip
def test_the_framework_is_what_the_code_imports(tmp_path: Path, source: str, framework: str | None) -> None:
    assert values(facts(tmp_path, {"go.mod": MOD, "main.go": source}), "framework") == framework


@pytest.mark.parametrize(
    "pin",
    [
        {"mise.toml": '[tools]\ngo = "1.25.3"\n'},
        {".tool-versions": "nodejs 22\ngolang 1.25.3\n"},
        {".go-version": "1.25.3\n"},
    ],
)
def test_the_go_that_a_team_pins_for_its_tools_is_a_fact(tmp_path: Path, pin: dict[str, str | bytes]) -> None:
    found = facts(tmp_path, {"go.mod": "module a\ngo 1.18\n", "main.go": main(""), **pin})
    assert (values(found, "version"), values(found, "toolchain")) == ("1.18", "1.25")
