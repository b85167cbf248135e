"""Django's settings → those of production, DEBUG off, and what a build does for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts, values

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'
WSGI = 'import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\napplication = get_wsgi_application()\n'
HEAD = 'import os\nfrom pathlib import Path\nBASE = Path(__file__).resolve().parent.parent\nROOT_URLCONF = "shop.urls"\nINSTALLED_APPS = ["django.contrib.staticfiles"]\n'
STATIC = 'STATIC_ROOT = BASE / "collected"\n'
COLLECT = ["python", "manage.py", "collectstatic", "--noinput"]


def django(
    settings: str | None = "", module: str = "shop.settings", served: str = "", more: dict[str, str] | None = None
) -> dict[str, str | bytes]:
    held = {} if settings is None else {"shop/settings.py": HEAD + settings}
    return {
        "requirements.txt": "django==5.2\ngunicorn==23.0.0\nwhitenoise==6.8.2\n",
        "manage.py": MANAGE.format(module),
        "shop/__init__.py": "",
        "shop/wsgi.py": WSGI.format(served or module),
        "shop/urls.py": "urlpatterns = []\n",
        **held,
        **(more or {}),
    }


def production(found: Any) -> dict[str, str]:
    return {one["name"]: one["value"] for one in found.value("production")}


# ---- DEBUG --------------------------------------------------------------------------------------------------------
HELPER = 'def flag(name, default):\n    return os.getenv(name, default) == "True"\n'


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('DEBUG = os.getenv("DEBUG", "True") == "True"\n', {"DEBUG": "False"}),
        ('DEBUG = os.getenv("DEBUG", "true").lower() == "true"\n', {"DEBUG": "false"}),
        ('DEBUG = os.environ.get("APP_DEBUG", "1") in ("1", "true", "yes")\n', {"APP_DEBUG": "0"}),
        ('DEBUG = os.environ.get("DEBUG", default=True) in (True, "True")\n', {"DEBUG": "False"}),
        ('DEBUG = int(os.environ.get("DEBUG", 1))\n', {"DEBUG": "0"}),
        ('DEBUG = bool(int(os.environ.get("DEBUG", "1")))\n', {"DEBUG": "0"}),
        ('DEBUG = bool(os.environ.get("DEBUG", "True"))\n', {"DEBUG": ""}),  # every text is true
        ('DEBUG = os.environ.get("DEBUG", True)\n', {"DEBUG": ""}),
        ('DEBUG = os.environ.get("ENVIRONMENT", "dev") != "production"\n', {"ENVIRONMENT": "production"}),
        ('DEBUG = os.environ.get("ENVIRONMENT", "production") != "production"\n', {}),
        ('DEBUG = os.environ.get("ENVIRONMENT") == "development"\n', {}),
        ('DEBUG = os.getenv("DEBUG", "False") == "True"\n', {}),
        ('DEBUG = "DYNO" not in os.environ\n', {}),
        ("DEBUG = False\n", {}),
        (HELPER + 'DEBUG = flag("DEBUG", "True")\n', {"DEBUG": "False"}),
        (HELPER + 'DEBUG = flag("DEBUG", "False")\n', {}),
        ('import environ\nenv = environ.Env(DEBUG=(bool, True))\nDEBUG = env("DEBUG")\n', {"DEBUG": "False"}),
        ('import environ\nenv = environ.Env(DEBUG=(bool, False))\nDEBUG = env("DEBUG")\n', {}),
        ('import environ\nenv = environ.Env()\nDEBUG = env.bool("DEBUG", default=True)\n', {"DEBUG": "False"}),
        ('import environ\nenv = environ.Env()\nDEBUG = env.bool("DEBUG")\n', {"DEBUG": "False"}),
        ('from decouple import config\nDEBUG = config("DEBUG", default=True, cast=bool)\n', {"DEBUG": "False"}),
        ('MODE = os.environ.get("MODE", "dev")\nDEBUG = MODE == "dev"\n', {"MODE": "production"}),
    ],
)  # fmt: skip
def test_debug_is_switched_off_in_the_form_that_the_settings_read(
    tmp_path: Path, code: str, expected: dict[str, str]
) -> None:
    assert production(facts(tmp_path, django(code))) == expected


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("DEBUG = True\n", True),
        ("DEBUG = False\n", False),
        ('DEBUG = True\nif os.environ.get("PROD"):\n    DEBUG = False\n', False),
    ],
)
def test_debug_that_is_written_on_is_a_doubt_with_its_line(tmp_path: Path, code: str, told: bool) -> None:
    found = facts(tmp_path, django(code))
    shown = [str(fact.evidence[0]) for fact in found.doubts if "`DEBUG` is on" in fact.value["said"]]
    assert shown == (["shop/settings.py:6"] if told else [])


# ---- the module ---------------------------------------------------------------------------------------------------
BASE = {"shop/settings/__init__.py": "", "shop/settings/base.py": HEAD + "DEBUG = True\n" + STATIC}


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (django(None, "shop.settings.dev", more={**BASE, "shop/settings/dev.py": "from .base import *\n", "shop/settings/production.py": "from .base import *\nDEBUG = False\n"}),
         "shop.settings.production"),
        (django(None, "shop.settings.local", "shop.settings.prod", {**BASE, "shop/settings/local.py": "", "shop/settings/prod.py": "from .base import *\nDEBUG = False\n"}),
         "shop.settings.prod"),  # what the server takes, told to tasks as well
        (django(None, more={**BASE, "shop/settings/__init__.py": "try:\n    from .dev import *\nexcept ImportError:\n    from .prod import *\n", "shop/settings/dev.py": "from .base import *\n",
                            "shop/settings/prod.py": "from .base import *\nDEBUG = False\n"}), "shop.settings.prod"),
        (django("", more={"shop/settings_production.py": "from .settings import *\n"}), "shop.settings_production"),
        (django(None, "shop.settings.dev", more={**BASE, "shop/settings/dev.py": "from .base import *\n"}), None),
        (django(None, "shop.settings.docker", more={**BASE, "shop/settings/docker.py": "from .base import *\n", "shop/settings/prod.py": ""}), None),
        (django("", more={"other/__init__.py": "", "other/settings_production.py": ""}), None),
    ],
)  # fmt: skip
def test_the_settings_of_production_are_chosen_where_there_are_some(
    tmp_path: Path, files: dict[str, str | bytes], chosen: str | None
) -> None:
    found = facts(tmp_path, files)
    assert production(found).get("DJANGO_SETTINGS_MODULE") == chosen


def test_what_is_built_on_other_settings_takes_theirs(tmp_path: Path) -> None:
    more = {**BASE, "shop/settings/dev.py": "", "shop/settings/prod.py": "from .base import *\nDEBUG = False\n"}
    found = facts(tmp_path, django(None, "shop.settings.dev", more=more))
    step = ["env", "DJANGO_SETTINGS_MODULE=shop.settings.prod", *COLLECT]
    assert (values(found, "build"), values(found, "doubts")) == ([step], [])


# ---- what a build does --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (STATIC, [COLLECT]),
        ("", []),  # nothing is collected where nothing says where to
        (STATIC + 'SECRET_KEY = os.environ["SECRET_KEY"]\n', [["env", "SECRET_KEY=none", *COLLECT]]),
        (STATIC + 'SECRET_KEY = os.environ.get("SECRET_KEY")\n', [["env", "SECRET_KEY=none", *COLLECT]]),
        (STATIC + 'SECRET_KEY = os.environ.get("SECRET_KEY", "dev")\n', [COLLECT]),
        (STATIC + 'if "KEY" in os.environ:\n    SECRET_KEY = os.environ["KEY"]\nelse:\n    SECRET_KEY = "x"\n', [COLLECT]),
        (STATIC + 'LIMIT = int(os.environ["LIMIT"])\n', [["env", "LIMIT=1", *COLLECT]]),
        (STATIC + 'import environ\nenv = environ.Env()\nDATABASES = {"default": env.db()}\n', [["env", "DATABASE_URL=sqlite://:memory:", *COLLECT]]),
        (STATIC + 'DEBUG = os.getenv("DEBUG", "True") == "True"\n', [["env", "DEBUG=False", *COLLECT]]),
        (STATIC + 'STATICFILES_STORAGE = "storages.backends.s3boto3.S3StaticStorage"\n', []),
        (STATIC + 'STORAGES = {"staticfiles": {"BACKEND": "storages.backends.gcloud.GoogleCloudStorage"}}\n', []),
        (STATIC + 'STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}\n', [COLLECT]),
    ],
)  # fmt: skip
def test_static_files_are_collected_with_what_the_settings_need(
    tmp_path: Path, code: str, expected: list[list[str]]
) -> None:
    assert values(facts(tmp_path, django(code)), "build") == expected


def test_what_is_compressed_offline_is_compressed_after_it_was_collected(tmp_path: Path) -> None:
    files = django(STATIC + "COMPRESS_OFFLINE = True\n")
    files["requirements.txt"] = "django==5.2\ngunicorn==23.0.0\nwhitenoise==6\ndjango-compressor==4.5\n"
    assert values(facts(tmp_path, files), "build") == [COLLECT, ["python", "manage.py", "compress"]]


def test_what_is_collected_beside_the_program_is_told(tmp_path: Path) -> None:
    found = facts(tmp_path, django('STATIC_ROOT = "/var/www/static"\n'))
    assert values(found, "collected") == ["/var/www/static"]


@pytest.mark.parametrize(
    ("server", "told"), [("gunicorn==23.0.0", True), ("gunicorn==23.0.0\nwhitenoise==6.8.2", False)]
)
def test_static_files_that_nothing_serves_are_a_doubt(tmp_path: Path, server: str, told: bool) -> None:
    files = {**django("DEBUG = False\n" + STATIC), "requirements.txt": f"django==5.2\n{server}\n"}
    said = [one["said"] for one in facts(tmp_path, files).value("doubts")]
    assert said == (["`collectstatic` fills `/app/collected`, which gunicorn does not serve"] if told else [])


PO = "locale/de/LC_MESSAGES/django.po"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({PO: ""}, [["python", "manage.py", "compilemessages"]]),
        ({PO: "", PO.replace(".po", ".mo"): ""}, []),
        ({"docs/" + PO.replace("locale/", "texts/"): ""}, []),
    ],
)  # fmt: skip
def test_translations_that_are_not_compiled_are(
    tmp_path: Path, more: dict[str, str], expected: list[list[str]]
) -> None:
    found = facts(tmp_path, django(more=more))
    assert values(found, "build") == expected
    assert ("gettext" in values(found, "build_packages")) is bool(expected)


def test_translations_of_babel_are_compiled(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "flask\nflask-babel\ngunicorn\n",
        "app/__init__.py": "from flask import Flask\napp = Flask(__name__)\n",
        "app/translations/es/LC_MESSAGES/messages.po": "",
    }
    assert values(facts(tmp_path, files), "build") == [["pybabel", "compile", "--directory", "app/translations"]]


# ---- hosts --------------------------------------------------------------------------------------------------------
def hosts(*names: str, env: str = "", split: str = ",") -> dict[str, Any]:
    return {"hosts": [*names], "env": env, "split": split}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('ALLOWED_HOSTS = ["*"]\n', None),
        ('ALLOWED_HOSTS = os.getenv("HOSTS", "*").split(",")\n', None),
        ('ALLOWED_HOSTS = ["shop.example.com", ".example.org"]\n', hosts("shop.example.com", ".example.org")),
        ('ALLOWED_HOSTS = os.environ["HOSTS"].split(",")\n', hosts(env="HOSTS")),
        ('ALLOWED_HOSTS = os.environ.get("HOSTS", "localhost,127.0.0.1").split(",")\n', hosts("localhost", "127.0.0.1", env="HOSTS")),
        ('ALLOWED_HOSTS = os.environ.get("HOSTS", "a b").split(" ")\n', hosts("a", "b", env="HOSTS", split=" ")),
        ('ALLOWED_HOSTS = os.environ.get("HOSTS", "a b").split()\n', hosts("a", "b", env="HOSTS", split=" ")),
        ('ALLOWED_HOSTS = [one.strip() for one in os.environ.get("HOSTS", "a").split(",")]\n', hosts("a", env="HOSTS")),
        ('ALLOWED_HOSTS = [one.strip() for one in os.environ["HOSTS"].split(";")]\n', hosts(env="HOSTS", split=";")),
        ('ALLOWED_HOSTS = [os.environ.get("HOST", "a.example.com")]\n', hosts("a.example.com", env="HOST", split="")),
        ('ALLOWED_HOSTS = ["localhost", os.environ["HOST"]]\n', hosts("localhost", env="HOST", split="")),
        ('import environ\nenv = environ.Env()\nALLOWED_HOSTS = env.list("HOSTS", default=["a"])\n', hosts("a", env="HOSTS")),
        ('from decouple import Csv, config\nALLOWED_HOSTS = config("HOSTS", default="a,b", cast=Csv())\n', hosts("a", "b", env="HOSTS")),
        ('import socket\nALLOWED_HOSTS = ["a", socket.gethostname()]\n', hosts("a")),
        ('ALLOWED_HOSTS = ["a"]\nALLOWED_HOSTS.append("b")\n', hosts("a", "b")),
        ('if "DYNO" in os.environ:\n    ALLOWED_HOSTS = ["*"]\nelse:\n    ALLOWED_HOSTS = [".localhost"]\n', hosts(".localhost")),
        ('if v := os.getenv("HOSTS"):\n    ALLOWED_HOSTS = v.split(",")\nelse:\n    ALLOWED_HOSTS = [where()]\n', hosts(env="HOSTS")),
        ('name = os.environ.get("HOST")\nif name:\n    ALLOWED_HOSTS = [name]\nelse:\n    ALLOWED_HOSTS = ["*"]\n', None),
        ("ALLOWED_HOSTS = load()\n", None),
    ],
)  # fmt: skip
def test_the_hosts_that_django_answers_for_are_known(
    tmp_path: Path, code: str, expected: dict[str, Any] | None
) -> None:
    assert facts(tmp_path, django(code)).value("allowed_hosts") == expected


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ('ALLOWED_HOSTS = ["localhost", "127.0.0.1"]\n', "`ALLOWED_HOSTS` holds `localhost`, `127.0.0.1`: requests for any other host get status 400"),
        ("ALLOWED_HOSTS = []\n", "`ALLOWED_HOSTS` holds nothing: requests for any other host get status 400"),
        ('ALLOWED_HOSTS = ["shop.example.com"]\n', ""),
        ('ALLOWED_HOSTS = os.getenv("HOSTS", "localhost").split(",")\n', ""),
    ],
)  # fmt: skip
def test_hosts_of_the_code_that_no_visitor_asks_for_are_a_doubt(tmp_path: Path, code: str, told: str) -> None:
    said = [one["said"] for one in facts(tmp_path, django(code)).value("doubts")]
    assert said == ([told] if told else [])


def test_the_folder_of_an_embedded_database_is_there_for_what_imports_the_settings(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "django==5.1\ngunicorn==23.0\nwhitenoise==6.0\n",
        "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        "shop/__init__.py": "",
        "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
        "shop/settings.py": "INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = 'static'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': 'data/db.sqlite3'}}\n",
    }
    steps = facts(tmp_path, files).value("build")
    assert steps == [["mkdir", "-p", "data"], ["python", "manage.py", "collectstatic", "--noinput"]]
