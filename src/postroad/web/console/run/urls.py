from django.urls import path

from . import acts, launch, pace, pages, people, report

urlpatterns = [
    path("verify/<int:campaign_id>/", acts.verify, name="run-verify"),
    path("<int:run_id>/", pages.detail, name="run"),
    path("<int:run_id>/_progress/", pages.progress, name="run-progress"),
    path("<int:run_id>/_head/", pages.head, name="run-head"),
    path("<int:run_id>/pace/", pace.pace, name="run-pace"),
    path("<int:run_id>/pace/_curve/", pace.curve, name="run-pace-curve"),
    path("<int:run_id>/launch/", launch.launch, name="run-launch"),
    path("<int:run_id>/undo/", acts.undo, name="run-undo"),
    path("<int:run_id>/pause/", acts.pause, name="run-pause"),
    path("<int:run_id>/resume/", acts.resume, name="run-resume"),
    path("<int:run_id>/again/", acts.again, name="run-again"),
    path("<int:run_id>/stop/", acts.stop, name="run-stop"),
    path("<int:run_id>/stop/_figures/", acts.stop_figures, name="run-stop-figures"),
    path("<int:run_id>/report/", report.report, name="run-report"),
    path("<int:run_id>/greetings/", report.greetings, name="run-greetings"),
    path("<int:run_id>/mails/<int:n>/", report.mail, name="run-mail"),
    path("<int:run_id>/mails/<int:n>/html/", report.mail_html, name="run-mail-html"),
    path("<int:run_id>/mails/<int:n>/source/", report.mail_source, name="run-mail-source"),
    path("<int:run_id>/recipients/", people.recipients, name="run-recipients"),
    path("<int:run_id>/omissions/", people.omissions, name="run-omissions"),
]
