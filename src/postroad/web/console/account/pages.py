"""Sign in by link or password, sign out, name and password."""

from typing import Any, Final

from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth import login as sign_in
from django.contrib.auth import logout as sign_out
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from postroad.web.console.links import is_of_ours
from postroad.web.console.request import Request, is_fragment, is_signed_in, posted
from postroad.web.console.respond import form_page, page, see_other

from .forms import LoginForm, NameForm, PasswordForm

_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
_BY: Final = "signed_in_by"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def link(request: Request, secret: str) -> HttpResponse:
    """GET shows one button, so that a scanner that opens links does not use this one up."""
    now = request.app.clock.now()
    if request.method != "POST":
        is_open = request.app.account.is_link_open(secret, now)
        return page(
            request, "account/link.html", {"is_open": is_open}, status=200 if is_open else 410
        )
    user = request.app.account.use_link(secret, now)
    if user is None:
        return page(request, "account/link.html", {"is_open": False}, status=410)
    _enter(request, user, "link")
    return see_other(request, "web:home")


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: Request) -> HttpResponse:
    if is_signed_in(request):
        return see_other(request, _next(request))
    if is_fragment(request):
        # A live region of a page whose session ended: the page loads itself again.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    form = LoginForm(posted(request))
    context = {"form": form, "has_password": request.app.account.has_password()}
    if request.method != "POST":
        return page(request, "account/login.html", context)
    user = _known(request, form)
    if user is None:
        form.add_error("password", "This is not the password. Type it again, or ask for a link.")
        return page(request, "account/login.html", context, status=422)
    _enter(request, user, "password")
    return see_other(request, _next(request))


def _known(request: Request, form: LoginForm) -> User | None:
    """The manager, when the password is right. Throttled by address (axes)."""
    if not form.is_valid():
        return None
    user = authenticate(request, **form.cleaned_data)
    return user if isinstance(user, User) else None


def _enter(request: Request, user: User, by: str) -> None:
    """The session's key changes, so that one known before is worth nothing."""
    sign_in(request, user, backend=_BACKEND)
    request.session[_BY] = by


def _next(request: Request) -> str:
    """Where the visitor wanted to go, when that is a page of ours."""
    wanted = request.GET.get("next", "")
    return wanted if is_of_ours(wanted) else resolve_url("web:home")


@login_not_required
def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """What axes answers after too many wrong passwords."""
    from postroad.web.console.shell.errors import locked

    return locked(request)


@require_POST
def logout(request: Request) -> HttpResponse:
    sign_out(request)
    return see_other(request, "web:account-login")


@require_http_methods(["GET", "POST"])
def detail(request: Request) -> HttpResponse:
    form = NameForm(posted(request), initial={"name": request.user.first_name})
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "account/detail.html", _account(request, form))
    request.app.account.rename(form.to_command())
    return see_other(request, "web:account", toast="Name saved")


@require_http_methods(["GET", "POST"])
def password(request: Request) -> HttpResponse:
    by_password = request.session.get(_BY) == "password"
    form = PasswordForm(posted(request), request.user, asks_current=by_password)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "account/password.html", {"form": form})
    user = request.app.account.set_password(form.to_command())
    update_session_auth_hash(request, user)
    return see_other(request, "web:account", toast="Password set. Other sessions have ended")


def _account(request: Request, form: NameForm) -> dict[str, object]:
    return {
        "form": form,
        "has_password": request.user.has_usable_password(),
        "by_link": request.session.get(_BY) == "link",
        "since": request.user.last_login,
    }
