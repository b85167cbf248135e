"""What is sure in a wish is read of it, and nothing else: a wrong reading would be a wrong finding."""

from __future__ import annotations

import pytest

from kforge.domain.wishes.readings import readings

GIB = 1 << 30


def read(wish: str) -> dict[str, str]:
    return {one.field: str(one.value) for one in readings(wish)}


@pytest.mark.parametrize(
    ("wish", "field", "value"),
    [
        ("2 GiB of memory", "resources.memory", str(2 * GIB)),
        ("memory: 2Gi", "resources.memory", str(2 * GIB)),
        ("It loads 1.5 GB at start: give it 2 GiB", "resources.memory", str(2 * GIB)),
        ("bitte 2 GB Arbeitsspeicher", "resources.memory", str(2 * GIB)),
        ("il lui faut 2 Go de mémoire", "resources.memory", str(2 * GIB)),
        ("no more than 2 GiB of memory", "resources.memoryLimit", str(2 * GIB)),
        ("needs 2 GB of scratch disk", "resources.storage", str(2 * GIB)),
        ("500m CPU", "resources.cpu", "1/2"),
        ("never more than two CPUs", "resources.cpuLimit", "2"),
        ("it needs ten minutes to start", "probes.startup", "600"),
        ("der Start dauert bis zu 3 Minuten", "probes.startup", "180"),
        ("readiness should ask /status/ready", "probes.readiness", "/status/ready"),
        ("give running uploads 2 minutes to finish", "rollout.gracePeriod", "120"),
        ("our load balancer needs 20 seconds", "rollout.drain", "20"),
        ("retry 3 times", "rollout.retries", "3"),
        ("three replicas", "scale", "3"),
        ("Alpine", "build.distribution", "alpine"),
        ("not on Alpine, use Debian", "build.distribution", "debian"),
        ("Node.js 22 please", "build.version", "node 22"),
        ("use Go 1.25", "build.version", "golang 1.25"),
        ("it listens on port 8081", "process.port", "8081"),
        ("run as uid 1001", "process.user", "1001"),
        ("use the recreate strategy", "rollout.strategy", "recreate"),
        ("stop the old one first", "rollout.strategy", "recreate"),
        ("the old pod must stop before the new one starts", "rollout.strategy", "recreate"),
        ("do not spread the replicas", "rollout.spread", "none"),
        ("spread the pods over nodes", "rollout.spread", "node"),
        ("never two of them on the same machine", "rollout.spread", "node"),
        ("spread it across availability zones", "rollout.spread", "zone"),
        ("take 1 GiB instead", "resources.memory", str(GIB)),
        ("内存 2 GB", "resources.memory", str(2 * GIB)),
    ],
)
def test_a_plain_wish_is_read(wish: str, field: str, value: str) -> None:
    assert read(wish) == {field: value}


@pytest.mark.parametrize(
    "wish",
    [
        "the old server had 2 GiB of memory",  # of something else
        "if it needs more than 2 GiB of memory, tell us",  # a condition
        "two processes, each needs about 400 MiB of memory",  # a part of the whole
        "512 MiB normally, but let it grow to 1 GiB before it is killed",  # two that only a reader tells apart
        "a file of 2 GB is uploaded",
        "it handles 200 requests a second",
        "we deploy on 3 nodes with 8 cores",
        "do not use Alpine",
        "the old one stops slowly",
        "do not stop the old one first",
        "spread the replicas",
        "not over nodes",
        "it talks to different hosts of our partners",
        "Alpine was slow",
        "the gateway in front of it has port forwarding",
        "one missing replica during a deployment is fine",
        "restart it only after three minutes without an answer",
    ],
)
def test_what_is_not_sure_is_not_read(wish: str) -> None:
    assert read(wish) == {}


def test_two_values_for_one_setting_are_none() -> None:
    assert read("512 MiB of memory. Or rather: 1 GiB of memory.") == {}


def test_a_spanish_wish_is_read_clause_by_clause() -> None:
    assert read("dale 2 GiB de memoria y tres réplicas") == {"resources.memory": str(2 * GIB), "scale": "3"}


def test_a_sentence_with_several_wishes_gives_several_readings() -> None:
    assert read("512MB RAM, 1 CPU, 3 instances") == {
        "resources.memory": str(GIB // 2),
        "resources.cpu": "1",
        "scale": "3",
    }


def test_a_reading_repeats_the_words_it_stands_on() -> None:
    assert {one.field: one.said for one in readings("Use Alpine. It needs  2 GiB of memory.")} == {
        "build.distribution": "Use Alpine",
        "resources.memory": "It needs 2 GiB of memory",
    }


def test_a_long_wish_is_read_up_to_a_length() -> None:
    assert read("2 GiB of memory. " + "and so on; " * 100_000) == {"resources.memory": str(2 * GIB)}
