"""What is said of a word that another tool has: the answer, applied as it stands, makes a spec that kforge reads."""

from __future__ import annotations

import re

import pytest

from kforge.errors import InputError
from kforge.spec.read import read
from kforge.spec.resolve import resolve

HEAD = "apiVersion: kforge.dev/v1\napp: shop\n"
SERVICE = "services:\n  db: {image: docker.io/library/redis:8.8.3}\n  web:\n    source: ./web\n"
LINE = re.compile(r"`([A-Za-z]+: [^`]+)`")
KEY = re.compile(r"did you mean `([A-Za-z]+)`\?$")


def told(text: str) -> list[tuple[str, str]]:
    try:
        resolve(read(text, "f"))
    except InputError as error:
        return [(problem.message, problem.hint) for problem in error.problems]
    return []


def applied(line: str, hint: str) -> str:
    """A line of a spec after the hint on it was followed."""
    key, _, value = line.partition(":")
    lines = LINE.findall(hint)
    if lines:
        return "\n".join(f"{key[: len(key) - len(key.lstrip())]}{each}" for each in lines)
    renamed = KEY.search(hint)
    return f"{key.replace(key.strip(), renamed[1])}:{value}" if renamed else ""


COMPOSE = (
    'ports: ["8080:80"]', 'ports: ["127.0.0.1:8080:80/tcp"]', "ports: [8080]", "environment: {A: b}", "environment: [A=b]",
    "depends_on: [db]", "depends_on: {db: {condition: service_healthy}}", "healthcheck: {test: curl -f localhost}",
    "restart: always", "build: .", "build: ./web", "networks: [front]", "deploy: {replicas: 2}", "env_file: .env",
    "container_name: web", "hostname: shop.example.com", "entrypoint: [node, server.js]", "command: node server.js --port 80",
    "command: node a.js && node b.js", "volumes: [data:/data]", 'volumes: ["./data:/data"]', "mem_limit: 512Mi", 'cpus: "1"',
    "user: node", "working_dir: /app", "extra_hosts: {db: 10.0.0.1}", "stop_grace_period: 30", "configs: [a]", "links: [db]",
    "network_mode: host", "extends: {service: db}", "platform: linux/amd64", "scale: 3", "secrets: [session]", "expose: [80]",
    "image: {name: a}",
)  # fmt: skip
KUBERNETES = (
    "replicas: 3", "containers: [{name: web}]", "containerPort: 80", "livenessProbe: {httpGet: {path: /live}}",
    "readinessProbe: {httpGet: {path: /ready}}", "startupProbe: {}", "resources: {limits: {memory: 1Gi}}",
    "resources: {requests: {cpu: 100m}}", "imagePullSecrets: [{name: a}]", "serviceAccountName: web", "serviceAccount: web",
    "nodeSelector: {a: b}", "tolerations: []", "affinity: {}", "initContainers: []", "sidecars: []", "strategy: {type: Recreate}",
    "securityContext: {runAsUser: 1000}", "terminationGracePeriodSeconds: 30", "volumeMounts: [{name: a, mountPath: /a}]",
    "env: [{name: A, value: b}]", "envFrom: [{secretRef: {name: a}}]", "args: [--port]", "cronSchedule: 0 3 * * *",
    "restartPolicy: 3", "priorityClassName: high", "topologySpreadConstraints: []", "lifecycle: {}", "workingDir: /app",
    "runAsUser: 1000", "hostAliases: []", "backoffLimit: 3",
)  # fmt: skip
HELM = (
    "replicaCount: 2", "autoscaling: {enabled: true, minReplicas: 2}", "hpa: {min: 2}", "ingress: {enabled: true}",
    "image: {repository: a, tag: b}", "service: {type: ClusterIP, port: 80}", "podAnnotations: {a: b}", "podLabels: {a: b}",
    "persistence: {size: 1Gi}", "podSecurityContext: {}", "nameOverride: web", "podDisruptionBudget: {}",
)  # fmt: skip
SCORE = (
    "variables: {A: b}",
    "resources: 512Mi",
    "limits: {cpu: 1}",
    "files: {a: b}",
    "route: /web",
    "type: web",
    "name: web",
)


@pytest.mark.parametrize("line", [*COMPOSE, *KUBERNETES, *HELM, *SCORE])
def test_a_neighbours_word_is_answered_by_a_line_that_works(line: str) -> None:
    service = SERVICE.replace("    source: ./web\n", "") if line.startswith(("image:", "build:")) else SERVICE
    key = line.partition(":")[0]
    hint = next(hint for message, hint in told(f"{HEAD}{service}    {line}\n") if key in message)
    better = applied(f"    {line}", hint)
    left_out = hint.startswith("leave it out") or "services of their own" in hint
    said = told(f"{HEAD}{service}{'' if left_out and 'write' not in hint else better}\n")
    if "at the top" in hint and "write" not in hint:
        said = told(f"{HEAD}{better.strip()}\n{SERVICE}") if LINE.search(hint) else []
    assert (bool(hint), said) == (True, []), hint


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("replicas: 3", "did you mean `scale.min`? write `scale: {min: 3}`"),
        ("depends_on: {db: {condition: service_healthy}}", "did you mean `needs`? write `needs: [db]`"),
        ("environment: [A=hunter2]", "did you mean `env`? write a mapping: `env: {NAME: value}`"),
        ("environment: {A: hunter2}", "did you mean `env`?"),
        ('ports: ["8080:80"]', "write `ports: [{name: http, port: 80}]`"),
        ("command: node server.js", "write program and arguments as a list: `command: [node, server.js]`"),
        ("build: ./web", "write `source: ./web`"),
        ("hostname: shop.example.com", "did you mean `expose.host`? write `expose: {host: shop.example.com}`"),
        ("mem_limit: 512Mi", "did you mean `resources.memory`? write `resources: {memory: 512Mi}`"),
    ],
)
def test_the_answer_has_the_value_that_was_written(line: str, hint: str) -> None:
    assert told(f"{HEAD}{SERVICE}    {line}\n")[0][1] == hint


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("version: 1.10", ('`version` must be a string, not the number 1.10', 'write `version: "1.10"`')),
        ("kubernetes: 1.34", ("`kubernetes` must be a string, not the number 1.34", 'write `kubernetes: "1.34"`')),
        ("registries: [8000]", ("`registries[0]` must be a string, not the number 8000", 'write `"8000"`')),
        (f"{SERVICE}    port: '3000'", ("`services.web.port` must be a whole number, not `'3000'`", "leave the quotes out: `port: 3000`")),
        (f"{SERVICE}    env: {{PORT: 8000}}", ("`services.web.env.PORT` must be a string, not a number", "put the value in quotes")),
        (f"{SERVICE}    env: {{A: [1, 2]}}", ("`services.web.env.A` must be a string, not a list", 'write one string, as the program reads it: `"[1, 2]"` or `"1,2"`; a whole file belongs under `config.files`')),
        (f"{SERVICE}    env: {{A: {{b: c}}}}", ("`services.web.env.A` must be a string, not a mapping", "write one string, as the program reads it: `'{\"a\": 1}'`; a Secret's value belongs under `secrets`, a whole file under `config.files`")),
        (f"{SERVICE}    env: [A]", ("`services.web.env` must be a mapping, not a list", "write a mapping: `env: {NAME: value}`")),
        (f"{SERVICE}    command: [node, 8000]", ("`services.web.command[1]` must be a string, not a number", "put the value in quotes")),
        (f"{SERVICE}    labels: {{tier: 1}}", ("`services.web.labels.tier` must be a string, not the number 1", 'write `tier: "1"`')),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_told_with_the_line_to_write(line: str, said: tuple[str, str]) -> None:
    text = f"{HEAD}{line}\n" + ("" if "services" in line else SERVICE)
    assert told(text) == [said]
