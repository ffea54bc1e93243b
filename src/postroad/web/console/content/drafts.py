"""What a posted form of a content comes to: texts, policies, and files that survive a fault."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from postroad.actions.examine_content import Examined, Variable
from postroad.content.source import LARGEST_SOURCE, NotText
from postroad.core.revision import MAX_FILES_SIZE, KeptFile, NewFile, NewRevision
from postroad.core.saved import Refused
from postroad.core.variables import Policy, VariablePolicy
from postroad.web.console.forms import put_faults
from postroad.web.console.request import Request

from .forms import ContentForm

POLICY: Final = "policy:"
DEFAULT: Final = "default:"
_NUMBER: Final = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Draft:
    """The form with everything beside it. `notes`: what is to be said of an upload."""

    form: ContentForm
    revision: NewRevision
    examined: Examined
    files: tuple[KeptFile, ...]
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return str(self.form.cleaned_data["name"])

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Of a letter with a fault, those whose policy was chosen before stay in the table."""
        found = {variable.name for variable in self.examined.variables}
        rest = [] if self.examined.is_sound else list(self.revision.policies)
        return self.examined.variables + tuple(
            Variable(name, "", 0, 0, is_known=True, policy=_policy(self.revision.policies[name]))
            for name in rest
            if name not in found
        )

    def to_command(self) -> NewRevision:
        """With the policies of variables that are used; *fail* is what holds without one."""
        used = {variable.name for variable in self.examined.variables}
        kept = {
            name: policy
            for name, policy in self.revision.policies.items()
            if name in used and policy["policy"] != Policy.FAIL
        }
        return NewRevision(
            self.revision.subject,
            self.revision.format,
            self.revision.source,
            self.revision.text_source,
            kept,
            self.files,
        )


def draft_from(request: Request, name: str, kept: NewRevision) -> Draft:
    """A form that begins with a saved revision."""
    form = ContentForm(
        initial={
            "name": name,
            "format": kept.format,
            "subject": kept.subject,
            "source": kept.source,
            "text_source": kept.text_source,
        }
    )
    files = tuple(file for file in kept.files if isinstance(file, KeptFile))
    return Draft(form, kept, request.app.drafts.examine(kept), files)


def posted_draft(request: Request) -> Draft:
    """Uploads are read at once: the letter into its box, the attachments into the store."""
    data = request.POST.copy()
    notes, faults = _read_letter(request, data)
    files = _read_files(request, data)
    if isinstance(files, Refused):
        faults |= files.faults
        files = _kept(request, data)
    form = ContentForm(data)
    put_on_form(form, faults)
    revision = NewRevision(
        subject=data.get("subject", ""),
        format=data.get("format", ""),
        source=_lines(data.get("source", "")),
        text_source=_lines(data.get("text_source", "")),
        policies=_policies(data),
        files=files,
    )
    examined = request.app.drafts.examine(revision)
    put_on_form(form, _placed(examined))
    return Draft(form, revision, examined, files, notes)


_FIELDS: Final = {"subject": "subject", "body": "source", "text": "text_source", "files": "files"}


def _placed(examined: Examined) -> dict[str, str]:
    """By field, where its first fault is; the faults themselves are listed above the form."""
    found: dict[str, str] = {}
    for fault in examined.faults:
        if fault.is_blocking:
            place = f"Line {fault.line}, column {fault.column}: m" if fault.line else "M"
            found.setdefault(_FIELDS[fault.part], f"{place}end what is listed above.")
    return found


def put_on_form(form: ContentForm, faults: Mapping[str, str]) -> None:
    """`files` is a word of forms, so the field has another."""
    put_faults(form, {"attachments" if name == "files" else name: faults[name] for name in faults})


def _read_letter(request: Request, data: QueryDict) -> tuple[tuple[str, ...], dict[str, str]]:
    upload = request.FILES.get("upload")
    if not isinstance(upload, UploadedFile) or not upload.name:
        return (), {}
    # One octet more than fits tells that it does not fit.
    read = request.app.contents.read_source(upload.name, upload.read(LARGEST_SOURCE + 1))
    if isinstance(read, NotText):
        return (), {"upload": read.reason}
    data["source"], data["format"] = read.text, read.format
    if not data.get("name", "").strip():
        data["name"] = PurePath(upload.name).stem
    return (f"{upload.name} is in the box below.", *read.notes), {}


def _read_files(request: Request, data: QueryDict) -> tuple[KeptFile, ...] | Refused:
    uploads: list[UploadedFile[bytes]] = [*request.FILES.getlist("attachments")]
    total = sum(file.size or 0 for file in uploads)
    if total > MAX_FILES_SIZE:
        text = f"These files are {total / 1024 / 1024:.1f} MB together, at most 25 MB go out."
        return Refused({"files": f"{text} Attach smaller ones, or link to them."})
    new = [
        NewFile(file.name or "", file.content_type or "application/octet-stream", file.read())
        for file in uploads
    ]
    return request.app.contents.keep_files(_kept(request, data), new)


def _kept(request: Request, data: QueryDict) -> tuple[KeptFile, ...]:
    """Files that are attached already, less those whose box *Remove* is ticked."""
    dropped = set(data.getlist("drop"))
    wanted = []
    for place, text in enumerate(data.getlist("kept")):
        number, _, rest = text.partition(" ")
        media_type, _, name = rest.partition(" ")
        if str(place) not in dropped and _NUMBER.fullmatch(number):
            wanted.append((int(number), name, media_type))
    return request.app.contents.kept_files(wanted)


def _policies(data: QueryDict) -> dict[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for field in data:
        if field.startswith(POLICY):
            name = field.removeprefix(POLICY)
            word = str(data[field])
            policy = word if word in list(Policy) else Policy.FAIL.value
            found[name] = {"policy": policy, "default": str(data.get(DEFAULT + name, ""))}
    return found


def _policy(entered: Mapping[str, str]) -> VariablePolicy:
    return VariablePolicy(Policy(entered["policy"]), entered["default"])


def _lines(text: str) -> str:
    """Browsers send CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
