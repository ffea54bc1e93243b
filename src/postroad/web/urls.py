"""Three URL spaces: the public one for recipients, probes for machines, the console."""

from django.urls import include, path

urlpatterns = [
    path("p/", include("postroad.web.public.urls")),
    path("", include("postroad.web.probe.urls")),
    path("", include("postroad.web.console.urls")),
]

handler400 = "postroad.web.console.shell.errors.bad_request"
handler403 = "postroad.web.console.shell.errors.forbidden"
handler404 = "postroad.web.console.shell.errors.not_found"
handler500 = "postroad.web.console.shell.errors.crashed"
