from django.urls import path

from . import acts, pages

urlpatterns = [
    path("", pages.queues, name="queue-list"),
    path("_rows/", pages.rows, name="queue-rows"),
    path("prepare/purge/", acts.purge, {"stage": "prepare"}, name="queue-purge-prepare"),
    path("dispatch/purge/", acts.purge, {"stage": "dispatch"}, name="queue-purge-dispatch"),
    path("stop-everything/", acts.stop_everything, name="queue-stop-everything"),
]
