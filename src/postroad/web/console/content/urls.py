from django.urls import path

from . import editing, pages, preview

urlpatterns = [
    path("", pages.contents, name="content-list"),
    path("new/", editing.new, name="content-new"),
    path("<int:content_id>/", preview.latest, name="content"),
    path("<int:content_id>/edit/", editing.edit, name="content-edit"),
    path("<int:content_id>/revisions/<int:number>/", preview.revision, name="content-revision"),
    path("<int:content_id>/revisions/<int:number>/html/", preview.html, name="content-html"),
    path(
        "<int:content_id>/revisions/<int:number>/files/<int:place>/",
        pages.file,
        name="content-file",
    ),
]
