from django.urls import path

from . import pages

urlpatterns = [path("", pages.settings, name="setting-list")]
