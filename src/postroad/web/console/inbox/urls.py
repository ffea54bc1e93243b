from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.mails, name="inbox-list"),
    path("<int:number>/", pages.mail, name="inbox-mail"),
    path("<int:number>/preview/", pages.html, name="inbox-preview"),
    path("<int:number>/mail.eml", pages.download, name="inbox-source"),
    path("<int:number>/files/<int:place>/", pages.file, name="inbox-file"),
]
