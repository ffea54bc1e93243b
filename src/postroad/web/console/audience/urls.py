from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.audiences, name="audience-list"),
    path("new/", pages.new, name="audience-new"),
    path("<int:audience_id>/", pages.detail, name="audience"),
    path("<int:audience_id>/edit/", pages.edit, name="audience-edit"),
    path("<int:audience_id>/_count/", pages.count, name="audience-count"),
]
