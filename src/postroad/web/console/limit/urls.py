from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.limits, name="limit-list"),
    path("_lanes/", pages.lanes, name="limit-lanes"),
    path("domain/", pages.domain, name="limit-domain"),
    path("lanes/<str:lane>/", pages.lane, name="limit-lane"),
]
