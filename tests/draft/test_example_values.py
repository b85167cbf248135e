"""Which values of an example are harmless: a form of their own each, and none that only stands for another."""

from __future__ import annotations

import pytest

from kforge.draft.example_values import harmless, secret


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_NAME", "go-clean-template"), ("APP_NAME", "My App"), ("APP_VERSION", "1.0.0"), ("VERSION", "v2.1.0-rc.1"), ("PG_POOL_MAX", "2"),
        ("PROJECT_NAME", "Full Stack FastAPI Project"), ("RPC_SERVER", "rpc_server"), ("JWT_EXPIRY", "24h"), ("JWT_TOKEN_EXPIRY", "24h"),
        ("FIRST_SUPERUSER", "admin@example.com"), ("MAIL_FROM", "noreply@shop.test"), ("API_V1_STR", "/api/v1"), ("URL_PREFIX", "/"),
        ("TZ", "Europe/Berlin"), ("LANG", "en_US.UTF-8"), ("ALGORITHM", "HS256"), ("MAX_UPLOAD", "10 MB"), ("RATE", "0.5"), ("HOST", "0.0.0.0"),
        ("DISABLE_SIGNUP", "false"), ("METRICS_ENABLED", "true"), ("SMTP_PORT", "587"), ("METHODS", "GET, POST"), ("COMPANY", "O'Reilly & Sons"),
        ("TITLE", "Größe"), ("LOG_LEVEL", "warn"), ("SALES_START", "monday"),
    ],
)  # fmt: skip
def test_a_plain_value_is_taken(name: str, value: str) -> None:
    assert harmless(name, value) == value


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("DEBUG", "True", "False"), ("APP_DEBUG", "true", "false"), ("DEBUG", "1", "0"), ("USE_MOCK", "ON", "OFF"), ("OTLP_INSECURE", "yes", "no"),
        ("DEBUG", "app:*", ""), ("LOG_LEVEL", "debug", "info"), ("APP_LOGLEVEL", "DEBUG", "INFO"), ("LOG_LEVEL", "Trace", "Info"),
    ],
)  # fmt: skip
def test_switches_of_development_are_off_and_logs_are_quiet(name: str, value: str, taken: str) -> None:
    assert harmless(name, value) == taken


@pytest.mark.parametrize(
    "value",
    ["changeme", "change-me", "CHANGE_THIS", "changethis", "xxx", "XXXX", "<your-thing>", "your-thing", "your_thing_here", "my-bucket", "...", "***", "---",
     "TODO", "fixme-later", "replace-me", "insert value", "placeholder", "set me", "foo", "bar2", "example", "string", "username", "test", "12345678",
     "000000", "some-user-id", "put it here", "none", "null"],
)  # fmt: skip
def test_what_stands_for_a_value_is_not_taken(value: str) -> None:
    assert harmless("SHOP_THING", value) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CACHE", "localhost:6379"), ("API", "http://localhost:3000"), ("SHOP", "127.0.0.1"), ("SHOP", "shop.acme.dev"), ("DB_HOST", "postgres"),
        ("DB_HOST", "0.0.0.0"), ("SMTP_SERVER", "mail"), ("MAIL_FROM", "support@yourapp.com"), ("APP_ENV", "development"), ("MODE", "dev"), ("STAGE", "staging"),
        ("COOKIE_SECURE", "false"), ("SSL_VERIFY", "0"), ("DISABLE_AUTH", "true"), ("AWS_REGION", "us-east-1"), ("CLIENT_ID", "shop"), ("BUCKET", "shop"),
        ("UPLOAD_DIR", "./uploads"), ("DATA", "/var/lib/shop"), ("FILE", "config.yaml"), ("ORIGINS", "*"), ("LIST", '["a"]'), ("SHOP", ""), ("SHOP", "a, b@c"),
    ],
)  # fmt: skip
def test_what_only_the_author_s_machine_or_account_has_is_not_taken(name: str, value: str) -> None:
    assert harmless(name, value) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "plain"), ("DB_PASS", "5"), ("API_TOKEN", "abc"), ("X", "AKIA" + "ABCDEFGHIJKLMNOP"), ("X", "550e8400-e29b-41d4-a716-446655440000"),
        ("X", "3f2a9c1e"), ("X", "aB3dE5gH7jK9mN1pQ3rS5tU7vW9"), ("X", "redis://joe:pw12345@cache"), ("SALT", "abc"),
    ],
)  # fmt: skip
def test_a_credential_is_none_by_its_name_or_by_its_looks(name: str, value: str) -> None:
    assert secret(name, value)
    assert harmless(name, value) == ""
