"""Contents: the list, and the files of a revision."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from postroad.core.ids import ContentId
from postroad.web.console.request import Request
from postroad.web.console.respond import attachment, page

from .forms import FORMATS


@require_GET
def contents(request: Request) -> HttpResponse:
    context = {"rows": request.app.contents.all(), "formats": dict(FORMATS)}
    return page(request, "content/list.html", context)


@require_GET
def file(request: Request, content_id: int, number: int, place: int) -> HttpResponse:
    """One attachment, as everybody gets it. `place` counts from 1."""
    revision = request.app.contents.numbered(ContentId(content_id), number)
    if revision is None or not 0 < place <= len(revision.files):
        raise Http404
    kept = revision.files[place - 1]
    data = request.app.contents.file_data(kept.attachment_id)
    return attachment(data or b"", kept.name, "application/octet-stream")
