from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.detail, name="account"),
    path("password/", pages.password, name="account-password"),
    path("login/", pages.login, name="account-login"),
    path("logout/", pages.logout, name="account-logout"),
    path("link/<str:secret>/", pages.link, name="account-link"),
]
