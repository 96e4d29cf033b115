"""The API for the council's programs: a document's metadata and PDF. docs/api.md is for its callers.

Each request has a bearer token, passes the same access rules as the pages, and is recorded before it is
answered. `openapi.json` beside this file describes the responses, and tests compare the two.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from viewer.audit import Outcome
from viewer.documents import DocumentRef, Show
from viewer.errors import DocumentProblem
from viewer.opening.pipeline import Opened, Pipeline
from viewer.opening.renditions import digest
from viewer.web.request import actor, requested_document

_RETRY_SECONDS = "5"
_PREFIX = "/api/v1"
_DOCUMENTS = f"{_PREFIX}/documents"


@dataclass(frozen=True, slots=True)
class _Api:
    """The views and what they use; built once by `api_blueprint`."""

    pipeline: Pipeline
    public_url: str
    description: str

    def openapi(self) -> Response:
        """The description of the API, as OpenAPI 3.1."""
        return Response(self.description, content_type="application/json")

    def document(self, **_: str) -> ResponseReturnValue:
        """The newest version's metadata, and the state of its rendition."""
        ref = requested_document(strict=True)
        try:
            opened = self.pipeline.open(ref, actor(), outcome=Outcome.DESCRIBED)
        except DocumentProblem as error:  # the metadata says that the document is refused
            return jsonify(self._metadata(ref, "refused", reason=_reason(error)))
        if opened.rendition is None:
            return jsonify(self._metadata(ref, "converting", **_fetched(opened)))
        rendition = opened.rendition
        is_pdf = rendition.show is Show.PDF
        return jsonify(
            self._metadata(
                ref,
                "ready",
                is_pdf=is_pdf,
                kind=rendition.kind,
                label=rendition.label,
                media_type=rendition.media_type,
                size=rendition.size,
                notes=list(rendition.notes),
                **_fetched(opened),
            )
        )

    def pdf(self, **_: str) -> ResponseReturnValue:
        """The newest version as PDF; 202 while it is being made."""
        ref = requested_document(strict=True)
        opened = self.pipeline.open(ref, actor(), outcome=Outcome.DOWNLOADED, only=Show.PDF)
        if opened.rendition is None:
            answer = jsonify(self._metadata(ref, "converting", **_fetched(opened)))
            answer.headers["Retry-After"] = _RETRY_SECONDS
            return answer, 202
        content = self.pipeline.content(ref, opened.key, actor())
        response = Response(content.whole(), content_type=content.rendition.media_type)
        response.call_on_close(content.close)
        response.headers["Content-Length"] = str(content.rendition.size)
        response.headers["Content-Disposition"] = f'attachment; filename="{ref.source}-{ref.id}.pdf"'
        return response

    def _metadata(self, ref: DocumentRef, state: str, *, is_pdf: bool = True, **known: Any) -> dict[str, Any]:
        """The metadata of a document, with every member present; unknown ones are null."""
        unknown = dict.fromkeys(
            ("kind", "label", "media_type", "size", "sha256", "fetched_at", "file_name", "reason")
        )
        named = {"person": ref.person, "part": ref.part}
        links = {
            "self": self.public_url + ref.path(_DOCUMENTS),
            "page": self.public_url + ref.viewer_path(),
            "pdf": self.public_url + ref.path(_DOCUMENTS, "/pdf") if is_pdf and state != "refused" else None,
        }
        names = {"source": ref.source, "id": ref.id, **named, "state": state}
        return {**unknown, "notes": [], **names, **known, "links": links}


def api_blueprint(pipeline: Pipeline, public_url: str) -> Blueprint:
    """The routes below `/api/v1`."""
    description = json.dumps(json.loads((Path(__file__).parent / "openapi.json").read_text()))
    api = _Api(pipeline, public_url, description)
    blueprint = Blueprint("api", __name__, url_prefix=_PREFIX)
    blueprint.add_url_rule("/openapi.json", "openapi", api.openapi)
    blueprint.add_url_rule("/documents/<source>/<document_id>", "document", api.document)
    blueprint.add_url_rule("/documents/<source>/<document_id>/pdf", "pdf", api.pdf)
    return blueprint


def _fetched(opened: Opened) -> dict[str, Any]:
    return {
        "sha256": digest(opened.key),
        "fetched_at": opened.fetched_at.isoformat(timespec="seconds"),
        "file_name": opened.name,
    }


def _reason(error: DocumentProblem) -> dict[str, str]:
    return {"code": error.code, "title": error.title}
