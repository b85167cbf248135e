"""Which addresses are this machine's own, and which one must not ask in the clear."""

from __future__ import annotations

import pytest

from kforge import catalog
from kforge.domain.model import address
from kforge.domain.model.request import Endpoint, ServedModel
from kforge.domain.model.vendors import VENDORS


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1",
        "http://LOCALHOST/",
        "http://127.0.0.1",
        "http://127.9.9.9:8/v1",
        "http://[::1]:1",
        "http://a.localhost",
        "http://[::ffff:127.0.0.1]",
    ],
)
def test_loopback_is_this_machine(url: str) -> None:
    assert address.is_loopback(url) and not address.is_clear(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.example.com", "http://localhost.example.com", "http://0.0.0.0", "http://host.docker.internal",
        "http://10.0.0.1", "http://2130706433", "http://0x7f.1", "http://[::ffff:10.0.0.1]", "http://localhost@example.com",
    ],
)  # fmt: skip
def test_what_only_looks_like_loopback_is_not(url: str) -> None:
    assert not address.is_loopback(url) and address.is_clear(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a",
        "ftp://a",
        "file:///etc/passwd",
        "http://",
        "https://u@a",
        "https://u:p@a",
        "https://a?b=c",
        "https://a#b",
        "http://a:x",
        "http://a b",
        "http://a\n",
    ],
)
def test_texts_that_are_no_base_url_are_odd(url: str) -> None:
    assert address.odd(url)


def test_a_key_goes_to_its_vendor_and_to_nobody_with_a_like_name() -> None:
    own = "https://api.openai.com/v1"
    assert [
        address.kin(url, own)
        for url in (
            own,
            "https://eu.api.openai.com",
            "https://openai.com.evil.com",
            "https://evilopenai.com",
            "https://api.openai.com.",
        )
    ] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert not address.kin("https://anything.com", "")


@pytest.mark.parametrize(
    ("url", "host", "meant"),
    [
        ("https://gpu.lan:8443/v1", "gpu.lan", True), ("https://gpu.lan:8443/v1", "gpu.lan:8443", True), ("https://gpu.lan/v1", "gpu.lan:443", True),
        ("https://gpu.lan/v1", "gpu.lan:8443", False), ("https://a.gpu.lan", "gpu.lan", False), ("https://gpu.lan", "*", True),
        ("https://[fd00::1]:8443", "fd00::1", True), ("https://[fd00::1]:8443", "[fd00::1]:8443", True), ("https://[fd00::1]", "[fd00::1]", True),
        ("https://[fd00::1]:8443", "fd00::1:8443", False), ("https://[fd00::1:8443]", "[fd00::1]:8443", False), ("https://a:x", "a", False),
    ],
)  # fmt: skip
def test_consent_is_meant_as_it_is_written_for_a_host_or_one_of_its_ports(url: str, host: str, meant: bool) -> None:
    assert address.consented(url, (host,)) is meant


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434"), ("gpu:8080", "http://gpu:8080"), (":8081", "http://127.0.0.1:8081"),
        ("https://host", "https://host:443"), ("http://host", "http://host:80"), ("::1", "http://[::1]:11434"),
        ("[::]:5", "http://127.0.0.1:5"), ("https://host/ollama/", "https://host:443/ollama"), ('"127.0.0.1"', "http://127.0.0.1:11434"),
    ],
)  # fmt: skip
def test_the_address_of_ollama_is_read_as_ollama_reads_it(told: str, url: str) -> None:
    assert address.ollama(told) == url


def test_vendors_agree_with_the_protocols_that_they_speak() -> None:
    providers = catalog.providers()
    ends = [Endpoint(vendor.provider, ServedModel("m"), vendor.base_url, server=vendor.name) for vendor in VENDORS]
    assert [providers[end.provider].at(end).keys for end in ends] == [vendor.keys for vendor in VENDORS]
