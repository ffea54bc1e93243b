from django.urls import path

from . import acts, mapping, pages

urlpatterns = [
    path("", pages.sources, name="source-list"),
    path("new/", pages.new, name="source-new"),
    path("<int:source_id>/", pages.detail, name="source"),
    path("<int:source_id>/edit/", pages.edit, name="source-edit"),
    path("<int:source_id>/accounts/", pages.accounts, name="source-accounts"),
    path("<int:source_id>/test/", acts.test, name="source-test"),
    path("<int:source_id>/refresh/", acts.refresh, name="source-refresh"),
    path("<int:source_id>/delete/", acts.delete, name="source-delete"),
    path("<int:source_id>/tables/", mapping.tables, name="source-tables"),
    path("<int:source_id>/map/", mapping.people, name="source-map"),
]
