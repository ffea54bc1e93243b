"""Settings: what holds for the whole product, and where the rest is set."""

from typing import Final, assert_never

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from postroad.actions.save_preferences import PreferencesSaved
from postroad.core.saved import Refused
from postroad.web.console.forms import put_faults
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page, see_other

from .forms import PreferencesForm

_ACTOR: Final = "manager"


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: Request) -> HttpResponse:
    kept = request.app.set_for_all.get().as_json()
    form = PreferencesForm(
        posted(request), initial=kept | {"undo_seconds": f"{kept['undo_seconds']:g}"}
    )
    if not form.is_valid():
        return _form(request, form)
    outcome = request.app.set_for_all.save(form.to_command(), _ACTOR)
    match outcome:
        case PreferencesSaved(changed):
            said = "Settings saved" if changed else "Nothing was changed"
            return see_other(request, "web:setting-list", toast=said)
        case Refused(faults):
            put_faults(form, faults)
            return _form(request, form)
        case _:
            assert_never(outcome)


def _form(request: Request, form: PreferencesForm) -> HttpResponse:
    context = {
        "form": form,
        "zones": request.app.set_for_all.zones,
        "home": request.app.settings.home,
        "has_password": request.user.has_usable_password(),
    }
    return form_page(request, "setting/list.html", context)
