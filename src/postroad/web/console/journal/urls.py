from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.entries, name="journal-list"),
    path("_new/", pages.new, name="journal-new"),
    path("<int:entry_id>/", pages.entry, name="journal-entry"),
]
