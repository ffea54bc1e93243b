from django.urls import path

from . import acts, editing, pages, sending, single

urlpatterns = [
    path("", pages.campaigns, name="campaign-list"),
    path("new/", editing.new, name="campaign-new"),
    path("<int:campaign_id>/", pages.detail, name="campaign"),
    path("<int:campaign_id>/edit/", editing.edit, name="campaign-edit"),
    path("<int:campaign_id>/sending/", sending.sending, name="campaign-sending"),
    path("<int:campaign_id>/archive/", acts.archive, name="campaign-archive"),
    path("<int:campaign_id>/restore/", acts.restore, name="campaign-restore"),
    path("<int:campaign_id>/copy/", acts.copy, name="campaign-copy"),
    path("<int:campaign_id>/single-mails/", single.mails, name="campaign-single-mails"),
    path("<int:campaign_id>/open/", single.open_it, name="campaign-open"),
    path("<int:campaign_id>/close/", single.close, name="campaign-close"),
]
