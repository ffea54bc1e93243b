from django.urls import path, re_path

from . import pages

app_name = "public"
urlpatterns = [
    # Without a slash at its end: RFC 8058 allows no redirect.
    path("<str:token>/unsubscribe", pages.unsubscribe, name="unsubscribe"),
    re_path(r"", pages.unknown, name="unknown"),
]
