from django.urls import path

from . import acts, pages

urlpatterns = [
    path("", pages.letters, name="dead-list"),
    path("requeue/", acts.requeue, name="dead-requeue"),
    path("discard/", acts.discard, name="dead-discard"),
    path("undo/", acts.undo, name="dead-undo"),
    path("group/requeue/", acts.requeue_group, name="dead-requeue-group"),
    path("group/discard/", acts.discard_group, name="dead-discard-group"),
]
