"""Variables that hold where a program listens keep the form of their default."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts

GO: dict[str, str | bytes] = {"go.mod": "module example.com/x\n\ngo 1.24\n"}


def forms(root: Path, path: str, code: str) -> list[tuple[int, str, str]]:
    beside = GO if path.endswith(".go") else {"package.json": "{}"} if path.endswith(".js") else {}
    found = facts(root, {**beside, path: code})
    held = {one["env"]: one["form"] for one in found.value("forms")}
    return [(port["port"], port["env"], held.get(port["env"], "{}")) for port in found.value("ports")]


def go(default: str) -> str:
    return f'package main\nfunc main() {{\n\taddr := os.Getenv("LISTEN_ADDR")\n\tif addr == "" {{\n\t\taddr = "{default}"\n\t}}\n\thttp.ListenAndServe(addr, nil)\n}}\n'


@pytest.mark.parametrize(
    ("path", "code", "form"),
    [
        ("main.go", go(":8080"), (8080, "LISTEN_ADDR", ":{}")),
        ("main.go", go("0.0.0.0:8080"), (8080, "LISTEN_ADDR", "0.0.0.0:{}")),
        ("main.go", go("127.0.0.1:8080"), (8080, "LISTEN_ADDR", "0.0.0.0:{}")),
        ("main.go", go("localhost:8080"), (8080, "LISTEN_ADDR", "0.0.0.0:{}")),
        ("main.go", go("[::]:8080"), (8080, "LISTEN_ADDR", "[::]:{}")),
        ("main.go", 'package main\nfunc main() { http.ListenAndServe(os.Getenv("ADDR"), nil) }\n', (8080, "ADDR", "0.0.0.0:{}")),
        ("main.go", 'package main\nfunc main() { http.ListenAndServe(":"+os.Getenv("PORT"), nil) }\n', (8080, "PORT", "{}")),
        ("main.go", 'package main\nfunc main() {\n\tp := cmp.Or(os.Getenv("PORT"), ":8081")\n\thttp.ListenAndServe(p, nil)\n}\n', (8081, "PORT", ":{}")),
        ("main.go", 'package main\nfunc main() {\n\tp := cmp.Or(os.Getenv("PORT"), "8081")\n\thttp.ListenAndServe(":"+p, nil)\n}\n', (8081, "PORT", "{}")),
        ("main.go", 'package main\nfunc main() {\n\ta := cmp.Or(os.Getenv("BIND"), ":8081")\n\t_, p, _ := net.SplitHostPort(a)\n\thttp.ListenAndServe(":"+p, nil)\n}\n', (8081, "BIND", ":{}")),
        ("main.py", "import os, uvicorn\nhost, port = os.environ.get('BIND_ADDR', '0.0.0.0:9001').split(':')\nuvicorn.run(app, host=host, port=int(port))\n", (9001, "BIND_ADDR", "0.0.0.0:{}")),
        ("main.py", "import os, grpc\ns = grpc.server(x)\ns.add_insecure_port(os.environ.get('LISTEN_ADDR', '[::]:50051'))\n", (50051, "LISTEN_ADDR", "[::]:{}")),
        ("main.py", "import os, grpc\ns = grpc.server(x)\ns.add_insecure_port(f\"[::]:{os.environ.get('PORT', '50051')}\")\n", (50051, "PORT", "{}")),
        ("index.js", "const [host, port] = (process.env.LISTEN || '0.0.0.0:3100').split(':');\nserver.listen(port, host);\n", (3100, "LISTEN", "0.0.0.0:{}")),
        ("index.js", "server.listen(process.env.PORT || 3000);\n", (3000, "PORT", "{}")),
    ],
)  # fmt: skip
def test_the_variable_of_a_port_keeps_the_form_of_its_default(
    tmp_path: Path, path: str, code: str, form: tuple[int, str, str]
) -> None:
    assert forms(tmp_path, path, code) == [form]


def test_a_variable_that_holds_a_host_is_none_of_the_port(tmp_path: Path) -> None:
    code = 'package main\nfunc main() {\n\th := cmp.Or(os.Getenv("LISTEN_HOST"), "0.0.0.0")\n\thttp.ListenAndServe(h+":8080", nil)\n}\n'
    assert forms(tmp_path, "main.go", code) == [(8080, "", "{}")]


def test_a_default_of_loopback_is_no_reason_to_warn_where_the_variable_is_set(tmp_path: Path) -> None:
    assert facts(tmp_path, {**GO, "main.go": go("127.0.0.1:8080")}).value("notes") == []
