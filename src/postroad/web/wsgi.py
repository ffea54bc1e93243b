"""The WSGI application: Django, with the App in every request's environment."""

from collections.abc import Callable, Iterable
from typing import Any

from postroad.settings import Settings

from .django_settings import configure
from .proxy import seen_through

APP_KEY = "postroad.app"
"""Where middleware finds the App in the WSGI environment."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def make_application(settings: Settings, dsn: str) -> Application:
    """Configure this process for the database of `dsn` and make the application."""
    configure(settings, dsn)
    from django.core.handlers.wsgi import WSGIHandler

    from postroad.app import build_app

    app = build_app(settings, dsn)
    handler = WSGIHandler()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told = seen_through(environ, settings.proxies)
        return handler({**told, APP_KEY: app}, start_response)

    return application
