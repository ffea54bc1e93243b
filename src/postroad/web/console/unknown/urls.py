from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.unknowns, name="unknown-list"),
    path("settle/", pages.settle, name="unknown-settle"),
]
