"""Our settings in Django's names, and nothing else.

The module itself is a valid DJANGO_SETTINGS_MODULE without a database, for the
type checker and for `makemigrations`. A process that runs calls `configure`.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from csp.constants import NONE, SELF

from postroad.dsn import pinned
from postroad.logs import others_log
from postroad.settings import Settings, words
from postroad.store.secrets import derive, key_of

_WEB: Final = Path(__file__).parent
_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")

DEBUG = False
SECRET_KEY = "only for tools that never serve"  # noqa: S105 - `configure` sets the real one.
ALLOWED_HOSTS: list[str] = list(_LOOPBACK)
ROOT_URLCONF = "postroad.web.urls"
INSTALLED_APPS = [
    "postroad.store",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "postroad.web.proxy.secure_cookies",
    "postroad.web.public.middleware.any_host",
    "postroad.web.probe.pages.any_host",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "postroad.web.access.access_log",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "postroad.web.console.middleware.bounded",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "postroad.web.console.middleware.with_app",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_WEB / "console", _WEB / "public"],
        "OPTIONS": {
            "builtins": ["postroad.web.console.tags"],
            "context_processors": ["django.template.context_processors.request"],
        },
    },
]
DATABASES: dict[str, dict[str, Any]] = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "postroad"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
USE_I18N = False
TIME_ZONE = "UTC"
APPEND_SLASH = True

# A paste of a million characters fits; files are streamed to disk and not counted.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

# Files of the package, each asked for with its own hash, so kept for a year.
STATIC_URL = "/static/"
STATIC_ROOT = str(_WEB / "static") if (_WEB / "static").is_dir() else None
WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 365 * 24 * 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "frame-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# One manager.
LOGIN_URL = "web:account-login"
LOGIN_REDIRECT_URL = "web:home"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "postroad.web.console.shell.errors.stale_form"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_CALLABLE = "postroad.web.console.account.pages.locked_out"


def configure(settings: Settings, dsn: str) -> None:
    """Set Django up on the database of `dsn` (a URI or libpq's key=value).

    Makes the key file when there is none. In a process that is configured
    already, only the database is exchanged: tests go from one clone to the
    next so.
    """
    import django
    from django.conf import settings as django_settings

    if django_settings.configured:
        _point_at(dsn)
        return
    names = {name: value for name, value in globals().items() if name.isupper() and name[0] != "_"}
    names |= {
        "DATABASES": {"default": database_options(dsn)},
        "SECRET_KEY": derive(key_of(settings), "django").hex(),
        "ALLOWED_HOSTS": allowed_hosts(settings),
        "TIME_ZONE": _local_zone(),
        # Django's own default would keep a crash to itself unless DEBUG is on.
        "LOGGING": others_log(settings, "django", level="WARNING"),
        # Cookies know no port: two products on one machine must not share them.
        "SESSION_COOKIE_NAME": f"postroad_{settings.port}",
        "CSRF_COOKIE_NAME": f"postroad_csrf_{settings.port}",
    }
    django_settings.configure(**names)
    django.setup()


def database_options(dsn: str) -> dict[str, Any]:
    """Hand the DSN to libpq as it is, which knows best how to read it.

    NAME must be there for Django; the `dbname` of None keeps it from libpq.
    """
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postroad",
        "OPTIONS": {"conninfo": pinned(dsn), "dbname": None},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _point_at(dsn: str) -> None:
    from django.db import connections  # noqa: TID251 - the one place that names the database.

    connections.close_all()
    connections.settings["default"].update(database_options(dsn))


def _local_zone() -> str:
    """The machine's zone by name, in which the console shows times."""
    named = os.environ.get("TZ", "").lstrip(":") or str(Path("/etc/localtime").resolve())
    name = named.partition("zoneinfo/")[2] or named
    return name if name in available_timezones() else "UTC"


def allowed_hosts(settings: Settings) -> list[str]:
    """Names under which the console may be asked for (against DNS rebinding).

    Whoever listens on every address and names none is reached by names that only they know.
    """
    public = urlsplit(settings.public_url).hostname
    named = [*words(settings.hosts), *([public] if public else [])]
    if settings.host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound.
        return [*_LOOPBACK, *named] if named else ["*"]
    return [*_LOOPBACK, settings.host, *named]
