"""Python's libraries of settings → the variables that fill them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import env, facts, ports, values

PYDANTIC = "from pydantic import BaseModel, Field, AliasChoices\nfrom pydantic_settings import BaseSettings, SettingsConfigDict\n"


@pytest.mark.parametrize(
    ("code", "variables"),
    [
        ("class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\n    url: str\n    level: str = 'INFO'\n", {"APP_URL": (None, True), "APP_LEVEL": ("INFO", False)}),
        ("class S(BaseSettings):\n    class Config:\n        env_prefix = 'APP_'\n    url: str = Field(...)\n", {"APP_URL": (None, True)}),
        ("class S(BaseSettings):\n    url: str = Field(validation_alias=AliasChoices('DATABASE_URL', 'DB_URL'))\n", {"DATABASE_URL": (None, True)}),
        ("class S(BaseSettings):\n    url: str | None\n    other: str | None = None\n", {"URL": (None, True), "OTHER": ("", False)}),
        ("class S(BaseSettings):\n    debug: bool = True\n    key: str = Field(default_factory=make)\n", {"DEBUG": ("True", False), "KEY": ("", False)}),
        ("class Base(BaseSettings):\n    a: str\nclass Mine(Base):\n    b: int = 5\n", {"A": (None, True), "B": ("5", False)}),
        (
            "class Db(BaseModel):\n    host: str\n    port: int = 5432\n"
            "class S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_', env_nested_delimiter='__')\n    db: Db\n",
            {"APP_DB__HOST": (None, True), "APP_DB__PORT": ("5432", False)},
        ),
        ("PREFIX = 'APP_'\nclass S(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix=PREFIX)\n    url: str\n", {"APP_URL": (None, True)}),
        ("class Base(BaseSettings):\n    model_config = SettingsConfigDict(env_prefix='APP_')\nclass Mine(Base):\n    url: str\n", {"APP_URL": (None, True)}),
        (
            "class Base(BaseSettings):\n    host: str\n    port: int = 1\nclass Pg(Base):\n    model_config = {'env_prefix': 'PG_'}\n    port: int = 5432\n",
            {"PG_HOST": (None, True), "PG_PORT": ("5432", False)},
        ),
        ("class App(BaseSettings):\n    key: str\nclass TestAppSettings(App):\n    key: str = 'x'\n    only: str\n", {"KEY": (None, True)}),
        ("class App(BaseSettings):\n    key: str\nclass Dev(App):\n    key: str = 'x'\n", {"KEY": ("(hidden)", True)}),
        ("class S(BaseSettings):\n    url: str = os.environ.get('OTHER')\n", {"URL": (None, True), "OTHER": (None, False)}),
    ],
)  # fmt: skip
def test_fields_of_pydantics_settings_are_variables(
    tmp_path: Path, code: str, variables: dict[str, tuple[str | None, bool]]
) -> None:
    assert env(facts(tmp_path, {"main.py": f"import os\n{PYDANTIC}{code}"})) == variables


def test_the_first_pydantic_lets_an_optional_field_be_without_a_default(tmp_path: Path) -> None:
    code = "from typing import Optional\nfrom pydantic import BaseSettings\nclass S(BaseSettings):\n    url: Optional[str]\n"
    assert env(facts(tmp_path, {"main.py": code})) == {"URL": (None, False)}


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("from environs import Env\nenv = Env()\nx = env.str('X')", "X", (None, True)),
        ("from environs import Env\nenv = Env()\nx = env.int('X', 5)", "X", ("5", False)),
        ("from environs import Env\nenv = Env()\nx = env.bool('X', default=False)", "X", ("False", False)),
        ("import environ\nenv = environ.Env(X=(bool, False))\nx = env('X')", "X", ("False", False)),
        ("import environ\nenv = environ.Env()\nDATABASES = {'default': env.db()}", "DATABASE_URL", (None, True)),
        ("import environ\nenv = environ.Env()\nC = {'default': env.cache(default='locmemcache://')}", "CACHE_URL", ("locmemcache://", False)),
        ("from decouple import config\nx = config('X', cast=int)", "X", (None, True)),
        ("from decouple import config\nx = config('X', default='')", "X", ("", False)),
        ("import dj_database_url\nD = {'default': dj_database_url.config()}", "DATABASE_URL", (None, True)),
        ("import dj_database_url\nD = {'default': dj_database_url.config(env='X', default='sqlite:///x')}", "X", ("sqlite:///x", False)),
        ("import click\n@click.option('--x', envvar='X', required=True)\ndef f(x): ...", "X", (None, True)),
        ("import typer\ndef f(x: str = typer.Option('d', envvar='X')): ...", "X", (None, False)),
        ("p.add_argument('--x', env_var='X', default='d')", "X", ("d", False)),
        ("INSTALLED_APPS = []\nSECRET_KEY = os.environ.get('X')", "X", (None, True)),
        ("INSTALLED_APPS = []\nCELERY_BROKER_URL = os.environ.get('X')", "X", (None, True)),
        ("DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': os.environ.get('X')}}", "X", (None, True)),
        ("if sql:\n    DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': os.environ.get('X')}}", "X", (None, False)),
        ("app.config['SQLALCHEMY_DATABASE_URI'] = os.environ.get('X')", "X", (None, True)),
        ("engine = create_engine(os.environ.get('X'))", "X", (None, True)),
        ("app = Celery('x', broker=os.environ.get('X'))", "X", (None, True)),
        ("client.run(os.getenv('X'))", "X", (None, True)),
    ],
)  # fmt: skip
def test_libraries_of_settings_say_what_they_need(
    tmp_path: Path, code: str, name: str, value: tuple[str | None, bool]
) -> None:
    assert env(facts(tmp_path, {"main.py": f"import os\n{code}\n"}))[name] == value


def test_a_port_of_settings_is_that_of_the_variable(tmp_path: Path) -> None:
    code = f"{PYDANTIC}import uvicorn\nclass S(BaseSettings):\n    model_config = {{'env_prefix': 'APP_'}}\n    port: int = 9000\nuvicorn.run('m:app', port=S().port)\n"
    assert ports(facts(tmp_path, {"main.py": code})) == [(9000, "http", "APP_PORT")]


def test_an_address_that_only_a_branch_puts_together_requires_nothing_of_it(tmp_path: Path) -> None:
    code = (
        'import os\nCDN = os.environ.get("CDN_HOST")\nAPI = os.environ.get("API_HOST")\nURL = f"https://{API}/v1"\n'
        'if os.environ.get("USE_CDN"):\n    STATIC = f"https://{CDN}/static/"\n'
    )
    found = facts(tmp_path, {"requirements.txt": "flask\n", "app.py": code})
    asked = {one["name"] for one in values(found, "env") if one["required"]}
    assert asked == {"API_HOST"}


@pytest.mark.parametrize(
    ("code", "required"),
    [
        ('os.environ["TOR"] = "1" if up() else "0"\nprint(int(os.environ["TOR"]))\n', False),
        ('def f():\n    os.environ["TOR"] = "1"\n\n\nprint(os.environ["TOR"])\n', False),
        ('os.environ["OTHER"] = "1"\nprint(os.environ["TOR"])\n', True),
        ('settings["TOR"] = "1"\nprint(os.environ["TOR"])\n', True),
    ],
)
def test_what_the_program_writes_it_does_not_need(tmp_path: Path, code: str, required: bool) -> None:
    found = env(facts(tmp_path, {"requirements.txt": "flask\n", "main.py": f"import os\n{code}"}))
    assert found["TOR"] == (None, required)


PREFIXED = """from environs import Env
env = Env()
with env.prefixed("SHOP_"):
    key = env.str("KEY")
    with env.prefixed("MAIL_"):
        host = env.str("HOST")
        port = env.int("PORT", 25)
plain = env("PLAIN")
"""


def test_environs_puts_the_prefixes_of_with_before_names(tmp_path: Path) -> None:
    assert env(facts(tmp_path, {"main.py": PREFIXED})) == {
        "SHOP_KEY": (None, True), "SHOP_MAIL_HOST": (None, True), "SHOP_MAIL_PORT": ("25", False), "PLAIN": (None, True),
    }  # fmt: skip


def test_environs_may_have_a_prefix_for_all_names(tmp_path: Path) -> None:
    own = 'from environs import Env\nenv = Env(prefix="SHOP_")\nwith env.prefixed("DB_"):\n    key = env("KEY")\n'
    assert env(facts(tmp_path, {"main.py": own})) == {"SHOP_DB_KEY": (None, True)}


def test_what_other_objects_open_puts_nothing_before_names(tmp_path: Path) -> None:
    other = 'from environs import Env\nenv, other = Env(), Thing()\nwith other.prefixed("A_"), open("x"):\n    key = env("KEY")\n'
    assert env(facts(tmp_path, {"main.py": other})) == {"KEY": (None, True)}
