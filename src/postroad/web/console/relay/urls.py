from django.urls import path

from . import acts, pages

urlpatterns = [
    path("", pages.relays, name="relay-list"),
    path("new/", pages.new, name="relay-new"),
    path("<int:relay_id>/", pages.detail, name="relay"),
    path("<int:relay_id>/_now/", pages.now, name="relay-now"),
    path("<int:relay_id>/edit/", pages.edit, name="relay-edit"),
    path("<int:relay_id>/test/", acts.test, name="relay-test"),
    path("<int:relay_id>/use-again/", acts.use_again, name="relay-use-again"),
    path("<int:relay_id>/default/", acts.make_default, name="relay-default"),
    path("<int:relay_id>/delete/", acts.delete, name="relay-delete"),
]
