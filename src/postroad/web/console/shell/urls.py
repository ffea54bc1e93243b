from django.urls import path

from . import pages

urlpatterns = [
    path("_nav/", pages.nav, name="shell-nav"),
]
