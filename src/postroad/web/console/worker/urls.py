from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.workers, name="worker-list"),
    path("_rows/", pages.rows, name="worker-rows"),
    path("rest/end/", pages.end_rest, name="worker-rest-end"),
    path("<uuid:worker_id>/drain/", pages.drain, name="worker-drain"),
    path("<uuid:worker_id>/drain/undo/", pages.undo_drain, name="worker-drain-undo"),
]
