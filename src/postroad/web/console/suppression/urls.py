from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.suppressions, name="suppression-list"),
    path("new/", pages.new, name="suppression-new"),
    path("<str:hexed>/release/", pages.release, name="suppression-release"),
]
