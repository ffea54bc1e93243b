from django.urls import path

from . import pages

urlpatterns = [
    path("<int:run_id>/", pages.detail, name="run"),
    path("<int:run_id>/_progress/", pages.progress, name="run-progress"),
    path("<int:run_id>/_head/", pages.head, name="run-head"),
]
