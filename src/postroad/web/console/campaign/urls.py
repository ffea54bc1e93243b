from django.urls import path

from . import acts, editing, pages

urlpatterns = [
    path("", pages.campaigns, name="campaign-list"),
    path("new/", editing.new, name="campaign-new"),
    path("<int:campaign_id>/", pages.detail, name="campaign"),
    path("<int:campaign_id>/edit/", editing.edit, name="campaign-edit"),
    path("<int:campaign_id>/archive/", acts.archive, name="campaign-archive"),
    path("<int:campaign_id>/restore/", acts.restore, name="campaign-restore"),
    path("<int:campaign_id>/copy/", acts.copy, name="campaign-copy"),
]
