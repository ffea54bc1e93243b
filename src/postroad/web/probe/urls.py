from django.urls import path

from . import pages

app_name = "probe"
urlpatterns = [
    # Without a slash at its end, as every prober asks.
    path("healthz", pages.health, name="health"),
    path("readyz", pages.readiness, name="readiness"),
    path("metrics", pages.metrics, name="metrics"),
]
