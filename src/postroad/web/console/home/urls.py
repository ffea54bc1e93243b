from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("_now/", pages.now, name="home-now"),
    path("_here/", pages.here, name="home-here"),
]
