"""TLS that code serves with: for certain or not, with which files, and what of it no probe can ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, ports, values

PYTHON = {"requirements.txt": "fastapi\nuvicorn\nflask\naiohttp\ntornado\ngrpcio\ngrpcio-health-checking\n"}
UVICORN = "import os\nimport uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\nif __name__ == '__main__':\n    uvicorn.run(app, host='0.0.0.0', port=8443{})\n"
HTTP_SERVER = "import ssl\nfrom http.server import HTTPServer\nhttpd = HTTPServer(('', 8443), H)\nctx = ssl.SSLContext()\nctx.load_cert_chain('/tls/c.pem', '/tls/k.pem')\n{}\nhttpd.serve_forever()\n"
AIOHTTP = (
    "import os\nimport ssl\nfrom aiohttp import web\n{}\nweb.run_app(web.Application(), port=8443, ssl_context=ctx)\n"
)
MOD = "module example.com/x\n\ngo 1.24\n"
MAIN = 'package main\n\nimport (\n\t"net"\n\t"net/http"\n\t"os"\n)\n\nfunc main() {\n'
SERVER = '\tsrv := &http.Server{Addr: ":8443"}\n'
FILES = '"/tls/c.crt", "/tls/k.key"'


def python(code: str) -> dict[str, str | bytes]:
    return {**PYTHON, "main.py": code}


def go(code: str) -> dict[str, str | bytes]:
    return {"go.mod": MOD, "main.go": MAIN + code + "}\n"}


def node(code: str) -> dict[str, str | bytes]:
    table = {"name": "x", "main": "server.js", "dependencies": {"express": "4", "fastify": "5", "@nestjs/core": "11"}}
    return {"package.json": json.dumps(table), "server.js": code}


@pytest.mark.parametrize(
    "files",
    [
        python(UVICORN.format(", ssl_keyfile='k.pem', ssl_certfile='c.pem'")),
        python(UVICORN.format(", ssl_keyfile=os.environ['KEY'], ssl_certfile=os.environ['CERT']")),
        python("from flask import Flask\napp = Flask(__name__)\napp.run(host='0.0.0.0', port=8443, ssl_context='adhoc')\n"),
        python(HTTP_SERVER.format("httpd.socket = ctx.wrap_socket(httpd.socket, server_side=True)")),
        python(AIOHTTP.format("ctx = ssl.create_default_context()")),
        python("from tornado import httpserver\nserver = httpserver.HTTPServer(app, ssl_options={'certfile': 'c'})\nserver.listen(8443)\n"),
        go(f'\thttp.ListenAndServeTLS(":8443", {FILES}, nil)\n'),
        go(f"{SERVER}\tsrv.ListenAndServeTLS({FILES})\n"),
        go(f'\tl, _ := net.Listen("tcp", ":8443")\n\thttp.ServeTLS(l, nil, {FILES})\n'),
        go('\tl, _ := tls.Listen("tcp", ":8443", cfg)\n\thttp.Serve(l, nil)\n'),
        node("const https = require('https');\nhttps.createServer(o, app).listen(8443);\n"),
        node("const { createServer } = require('node:https');\nconst server = createServer(o, app);\nserver.listen(8443);\n"),
        node("const app = require('fastify')({ https: { key, cert } });\napp.listen({ port: 8443, host: '0.0.0.0' });\n"),
        node("const app = await NestFactory.create(M, { httpsOptions: { key, cert } });\nawait app.listen(8443);\n"),
        node("Bun.serve({ port: 8443, tls: { key: Bun.file('k.pem') }, fetch() {} });\n"),
    ],
)  # fmt: skip
def test_a_server_with_tls_speaks_https(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert [(port, protocol) for port, protocol, _ in ports(facts(tmp_path, files))] == [(8443, "https")]


@pytest.mark.parametrize(
    "files",
    [
        python(UVICORN.format("")),
        python(UVICORN.format(", ssl_keyfile=os.environ.get('KEY'), ssl_certfile=os.environ.get('CERT')")),
        python(UVICORN.format(", ssl_keyfile=None, ssl_certfile=None")),
        python(AIOHTTP.format("ctx = None\nif os.getenv('CERT'):\n    ctx = ssl.create_default_context()")),
        python(AIOHTTP.format("ctx = ssl.create_default_context() if os.getenv('CERT') else None")),
        python(HTTP_SERVER.format("if TLS:\n    httpd.socket = ctx.wrap_socket(httpd.socket, server_side=True)")),
        go(f"{SERVER}\tif os.Getenv(\"C\") != \"\" {{\n\t\tsrv.ListenAndServeTLS({FILES})\n\t}} else {{\n\t\tsrv.ListenAndServe()\n\t}}\n"),
        go('\tl, _ := net.Listen("tcp", ":8443")\n\thttp.Serve(l, nil)\n'),
        node("const server = process.env.TLS ? https.createServer(o, app) : http.createServer(app);\nserver.listen(8443);\n"),
        node("const app = require('fastify')({ https: process.env.TLS ? o : null });\napp.listen({ port: 8443, host: '0.0.0.0' });\n"),
    ],
)  # fmt: skip
def test_one_that_may_do_without_needs_no_certificate(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    found = facts(tmp_path, files)
    assert [(port, protocol) for port, protocol, _ in ports(found)] == [(8443, "http")]
    assert found.certificates == ()


@pytest.mark.parametrize(
    "files",
    [
        go(f'\tgo http.ListenAndServe(":80", http.HandlerFunc(redirect))\n\thttp.ListenAndServeTLS(":443", {FILES}, nil)\n'),
        node("http.createServer((q, s) => {\n  s.writeHead(301, { Location: u });\n}).listen(80);\nhttps.createServer(o, app).listen(443);\n"),
        go(f'\tm := &http.Server{{Addr: ":80", Handler: redirect()}}\n\tgo m.ListenAndServe()\n\thttp.ListenAndServeTLS(":443", {FILES}, nil)\n'),
    ],
)  # fmt: skip
def test_what_sends_to_https_comes_behind_it(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert [(port, protocol) for port, protocol, _ in ports(facts(tmp_path, files))] == [(443, "https"), (80, "http")]


PLAIN = 'if os.Getenv("PLAIN") == "true" {\n\t\tsrv.ListenAndServe()\n\t}\n'
SECURE = f'if os.Getenv("TLS") != "" {{\n\t\tsrv.ListenAndServeTLS({FILES})\n\t}}\n'


@pytest.mark.parametrize(
    ("code", "protocol"),
    [
        (f"{SERVER}\t{PLAIN}\tsrv.ListenAndServeTLS({FILES})\n", "https"),
        (f"{SERVER}\t{SECURE}\tsrv.ListenAndServe()\n", "http"),
        (f"{SERVER}\t{SECURE}\t{PLAIN}", "http"),
    ],
)
def test_a_server_speaks_what_it_does_without_a_condition(tmp_path: Path, code: str, protocol: str) -> None:
    assert ports(facts(tmp_path, go(code)))[0][1] == protocol


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (python(UVICORN.format(", ssl_keyfile='certs/k.pem', ssl_certfile='/tls/c.pem'")), ["/app/certs/k.pem", "/tls/c.pem"]),
        (python(UVICORN.format(", ssl_keyfile=os.getenv('K', '/tls/k.pem')")), ["/tls/k.pem"]),
        (python(HTTP_SERVER.format("httpd.socket = ctx.wrap_socket(httpd.socket)")), ["/tls/c.pem", "/tls/k.pem"]),
        (go(f"{SERVER}\tsrv.ListenAndServeTLS({FILES})\n"), ["/tls/c.crt", "/tls/k.key"]),
        (node("const o = { key: fs.readFileSync('/tls/k.pem'), page: fs.readFileSync('index.html') };\nhttps.createServer(o, app).listen(8443);\n"), ["/tls/k.pem"]),
    ],
)  # fmt: skip
def test_its_certificates_are_named_with_their_lines(
    tmp_path: Path, files: dict[str, str | bytes], expected: list[str]
) -> None:
    found = facts(tmp_path, files)
    assert sorted(one["path"] for one in values(found, "certificates")) == expected
    assert all(int(place.rpartition(":")[2]) > 0 for place in places(found, "certificates"))


def test_a_certificate_that_the_source_holds_is_not_missed(tmp_path: Path) -> None:
    files = {**python(UVICORN.format(", ssl_certfile='certs/site.crt', ssl_keyfile='/k'")), "certs/site.crt": "x"}
    assert values(facts(tmp_path, files), "certificates") == []


PYTHON_GRPC = "import grpc\nfrom grpc_health.v1 import health, health_pb2_grpc\nserver = grpc.server(pool)\n{}server.{}\nserver.start()\n"
PYTHON_HEALTH = "health_pb2_grpc.add_HealthServicer_to_server(health.HealthServicer(), server)\n"
GO_GRPC = (
    '\tl, _ := net.Listen("tcp", ":50051")\n{}\thealthpb.RegisterHealthServer(s, health.NewServer())\n\ts.Serve(l)\n'
)
NODE_GRPC = "const grpc = require('@grpc/grpc-js');\nconst server = new grpc.Server();\n{}\nserver.bindAsync('0.0.0.0:50051', grpc.ServerCredentials.{}, cb);\n"
LIBRARY = "new (require('grpc-health-check').HealthImplementation)({}).addToServer(server);"
OWN = "server.addService(proto.grpc.health.v1.Health.service, { check });"


@pytest.mark.parametrize(
    ("files", "health", "refused"),
    [
        (python(PYTHON_GRPC.format(PYTHON_HEALTH, "add_insecure_port('[::]:50051')")), ["grpc"], []),
        (python(PYTHON_GRPC.format("", "add_insecure_port('[::]:50051')")), [], []),
        (python(PYTHON_GRPC.format(PYTHON_HEALTH, "add_secure_port('[::]:50051', creds)")), [], ["encrypted"]),
        (go(GO_GRPC.format("\ts := grpc.NewServer()\n")), ["grpc"], []),
        (go(GO_GRPC.format("\ts := grpc.NewServer(grpc.Creds(creds))\n")), [], ["encrypted"]),
        (go(GO_GRPC.format('\tif os.Getenv("TLS") != "" {\n\t\topts = append(opts, grpc.Creds(creds))\n\t}\n\ts := grpc.NewServer(opts...)\n')), ["grpc"], []),
        (node(NODE_GRPC.format(LIBRARY, "createInsecure()")), ["grpc"], []),
        (node(NODE_GRPC.format(OWN, "createInsecure()")), ["grpc"], []),
        (node(NODE_GRPC.format("", "createInsecure()")), [], []),
        (node(NODE_GRPC.format(LIBRARY, "createSsl(null, pairs)")), [], ["encrypted"]),
    ],
)  # fmt: skip
def test_the_grpc_health_service_is_asked_where_a_probe_can_reach_it(
    tmp_path: Path, files: dict[str, str | bytes], health: list[str], refused: list[str]
) -> None:
    found = facts(tmp_path, files)
    # A proxy that reads `grpc` would speak HTTP/2 in the clear to what waits for TLS.
    assert ports(found)[0][:2] == (50051, "tcp" if refused else "grpc")
    assert (values(found, "health"), [one["why"] for one in values(found, "unprobed")]) == (health, refused)
