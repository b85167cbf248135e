"""Debian packages that Python dependencies need on `python:3.x-slim`. Data: wheels that bring all they need are not
here.

Each row was read off the project's own installation page; names are those of Debian 13.
"""

from __future__ import annotations

from typing import NamedTuple


class PythonNeeds(NamedTuple):
    """Packages at run time, packages to build, and the page that says so."""

    run: tuple[str, ...]
    build: tuple[str, ...]
    source: str


PACKAGES = {
    "psycopg2": PythonNeeds(("libpq5",), ("gcc", "libc6-dev", "libpq-dev"), "https://www.psycopg.org/docs/install.html"),
    "psycopg": PythonNeeds(("libpq5",), (), "https://www.psycopg.org/psycopg3/docs/basic/install.html"),
    "psycopg-c": PythonNeeds(("libpq5",), ("gcc", "libc6-dev", "libpq-dev"), "https://www.psycopg.org/psycopg3/docs/basic/install.html"),
    "mysqlclient": PythonNeeds(("libmariadb3",), ("gcc", "libc6-dev", "libmariadb-dev", "pkg-config"), "https://github.com/PyMySQL/mysqlclient#install"),
    "uwsgi": PythonNeeds(("libpcre2-8-0", "media-types"), ("gcc", "libc6-dev", "libcrypt-dev", "libpcre2-dev"), "https://uwsgi-docs.readthedocs.io/en/latest/Install.html"),
    "python-ldap": PythonNeeds(("libldap2", "libsasl2-2"), ("gcc", "libc6-dev", "libldap2-dev", "libsasl2-dev"), "https://www.python-ldap.org/en/latest/installing.html"),
    "python-magic": PythonNeeds(("libmagic1",), (), "https://github.com/ahupp/python-magic#installation"),
    "pylibmc": PythonNeeds(("libmemcached11",), ("gcc", "libc6-dev", "libmemcached-dev", "zlib1g-dev"), "https://sendapatch.se/projects/pylibmc/install.html"),
    "gssapi": PythonNeeds(("libgssapi-krb5-2",), ("gcc", "libc6-dev", "libkrb5-dev"), "https://github.com/pythongssapi/python-gssapi#installation"),
    "m2crypto": PythonNeeds((), ("gcc", "libc6-dev", "libssl-dev", "swig"), "https://gitlab.com/m2crypto/m2crypto/-/blob/master/INSTALL.rst"),
    "netifaces": PythonNeeds((), ("gcc", "libc6-dev"), "https://pypi.org/project/netifaces/"),
    "pyaudio": PythonNeeds(("libportaudio2",), ("gcc", "libc6-dev", "portaudio19-dev"), "https://people.csail.mit.edu/hubert/pyaudio/"),
    "pygraphviz": PythonNeeds(("graphviz",), ("gcc", "libc6-dev", "graphviz-dev"), "https://pygraphviz.github.io/documentation/stable/install.html"),
    "graphviz": PythonNeeds(("graphviz",), (), "https://graphviz.readthedocs.io/en/stable/manual.html#installation"),
    "pycairo": PythonNeeds(("libcairo2",), ("gcc", "libc6-dev", "libcairo2-dev", "pkg-config"), "https://pycairo.readthedocs.io/en/latest/getting_started.html"),
    "cairosvg": PythonNeeds(("libcairo2",), (), "https://cairosvg.org/documentation/"),
    "weasyprint": PythonNeeds(("libharfbuzz-subset0", "libpango-1.0-0", "libpangoft2-1.0-0"), (), "https://doc.courtbouillon.org/weasyprint/stable/first_steps.html#linux"),
    "opencv-python": PythonNeeds(("libgl1", "libglib2.0-0"), (), "https://github.com/opencv/opencv-python#frequently-asked-questions"),
    "opencv-contrib-python": PythonNeeds(("libgl1", "libglib2.0-0"), (), "https://github.com/opencv/opencv-python#frequently-asked-questions"),
    "pdf2image": PythonNeeds(("poppler-utils",), (), "https://github.com/Belval/pdf2image#how-to-install"),
    "pytesseract": PythonNeeds(("tesseract-ocr",), (), "https://github.com/madmaze/pytesseract#installation"),
    "ffmpeg-python": PythonNeeds(("ffmpeg",), (), "https://github.com/kkroening/ffmpeg-python#installation"),
    "pydub": PythonNeeds(("ffmpeg",), (), "https://github.com/jiaaro/pydub#dependencies"),
    "gitpython": PythonNeeds(("git",), (), "https://gitpython.readthedocs.io/en/stable/intro.html#requirements"),
    "pyzbar": PythonNeeds(("libzbar0",), (), "https://github.com/NaturalHistoryMuseum/pyzbar#installation"),
    "lightgbm": PythonNeeds(("libgomp1",), (), "https://lightgbm.readthedocs.io/en/latest/Installation-Guide.html"),
    "shap": PythonNeeds((), ("gcc", "g++", "libc6-dev"), "https://github.com/shap/shap#install"),
    "xmlsec": PythonNeeds(("libxmlsec1-openssl",), ("gcc", "libc6-dev", "libxmlsec1-dev", "pkg-config"), "https://github.com/xmlsec/python-xmlsec#install"),
    "pyodbc": PythonNeeds(("unixodbc",), (), "https://github.com/mkleehammer/pyodbc/wiki/Install"),
    "dlib": PythonNeeds((), ("cmake", "g++", "libc6-dev", "make"), "https://github.com/davisking/dlib#compiling-your-own-python-extension"),
}  # fmt: skip
# Extras and packages that bring the library along, so that nothing is needed.
BUNDLED = {"psycopg": ("binary", "psycopg-binary")}
# Extras of other packages that bring one of the packages: https://docs.sqlalchemy.org/en/20/intro.html#supported-installation-options
EXTRAS = {
    "psycopg-c": (("psycopg", "c"),),
    "psycopg2": (("sqlalchemy", "postgresql"),),
    "mysqlclient": (("sqlalchemy", "mysql"),),
}
# What packages speak to by a client of another's, which comes with them, or with an extra of theirs: that client.
CLIENTS = {
    "celery": {"redis": "redis"}, "kombu": {"redis": "redis"}, "dramatiq": {"redis": "redis", "rabbitmq": "pika"}, "flask-limiter": {"redis": "redis"},
    "rq": {"": "redis"}, "django-rq": {"": "redis"}, "arq": {"": "redis"}, "taskiq-redis": {"": "redis"}, "channels-redis": {"": "redis"},
    "django-redis": {"": "redis"}, "flask-redis": {"": "redis"}, "taskiq-aio-pika": {"": "aio-pika"},
    "tortoise-orm": {"asyncpg": "asyncpg", "psycopg": "psycopg", "asyncmy": "asyncmy", "aiomysql": "aiomysql"},
    "databases": {"postgresql": "asyncpg", "asyncpg": "asyncpg", "mysql": "aiomysql", "aiomysql": "aiomysql", "asyncmy": "asyncmy"},
    "piccolo": {"postgres": "asyncpg", "all": "asyncpg"},
    "sqlalchemy": {
        "postgresql": "psycopg2", "postgresql-asyncpg": "asyncpg", "postgresql_asyncpg": "asyncpg", "postgresql-psycopg": "psycopg",
        "postgresql_psycopg": "psycopg", "postgresql-psycopg2binary": "psycopg2-binary", "postgresql_psycopg2binary": "psycopg2-binary",
        "pymysql": "pymysql", "aiomysql": "aiomysql", "asyncmy": "asyncmy", "mysql": "mysqlclient",
    },
}  # fmt: skip

_GCC = ("gcc", "libc6-dev")
# What compiling takes of packages that usually come as wheels, "" for any other one.
COMPILED = {
    "": PythonNeeds((), ("g++", "libc6-dev"), "https://packaging.python.org/en/latest/guides/packaging-binary-extensions/"),
    "cffi": PythonNeeds((), (*_GCC, "libffi-dev"), "https://cffi.readthedocs.io/en/stable/installation.html"),
    "lxml": PythonNeeds(("libxml2", "libxslt1.1"), (*_GCC, "libxml2-dev", "libxslt1-dev", "zlib1g-dev"), "https://lxml.de/installation.html#requirements"),
    "pillow": PythonNeeds(("libjpeg62-turbo", "zlib1g"), (*_GCC, "libjpeg62-turbo-dev", "zlib1g-dev"), "https://pillow.readthedocs.io/en/stable/installation/building-from-source.html"),
    "psycopg2-binary": PythonNeeds(("libpq5",), (*_GCC, "libpq-dev"), "https://www.psycopg.org/docs/install.html"),
    "shapely": PythonNeeds(("libgeos-c1t64",), (*_GCC, "libgeos-dev"), "https://shapely.readthedocs.io/en/stable/installation.html"),
}  # fmt: skip
