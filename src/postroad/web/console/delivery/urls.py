from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.detail, name="delivery"),
    path("_road/", pages.road, name="delivery-road"),
    path("preview/", pages.html, name="delivery-preview"),
    path("mail.eml", pages.download, name="delivery-source"),
    path("files/<int:place>/", pages.file, name="delivery-file"),
]
