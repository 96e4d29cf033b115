"""The API for the council's programs: a document's metadata, and its PDF. docs/api.md is for its callers.

Each request brings a bearer token, passes the same access rules as the pages, and is on record before it is
answered. `openapi.json` beside this file says what the answers look like; tests hold the two together.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from shared.document_ref import PART, PERSON_ID
from shared.request_logging import request_id
from viewer.audit import Outcome
from viewer.documents import DocumentRef, Show, Store
from viewer.errors import (
    BadParameter,
    ConversionTimeout,
    Corrupt,
    Empty,
    LinkMalformed,
    PasswordProtected,
    Quarantined,
    TooLarge,
    UnsupportedType,
    ViewerError,
)
from viewer.opening.pipeline import Opened, Pipeline, Visitor

_RETRY_SECONDS = "5"
_ABOUT_THE_DOCUMENT = (
    *(UnsupportedType, PasswordProtected, Corrupt, Empty, TooLarge),
    *(Quarantined, ConversionTimeout),
)
"""Failures that say something of the document: its state, not a failure of the request for its metadata."""


@dataclass(frozen=True, slots=True)
class _Api:
    """The views' tools; built once by `api_blueprint`."""

    pipeline: Pipeline
    store: Store
    public_url: str
    description: str

    def openapi(self) -> Response:
        """What the API looks like, as OpenAPI 3.1."""
        return Response(self.description, content_type="application/json")

    def document(self, source: str, document_id: str) -> ResponseReturnValue:
        """The newest version's metadata, and how far its rendition is."""
        ref = _ref(source, document_id)
        try:
            opened = self.pipeline.open(ref, _visitor(), outcome=Outcome.DESCRIBED)
        except _ABOUT_THE_DOCUMENT as error:
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

    def pdf(self, source: str, document_id: str) -> ResponseReturnValue:
        """The newest version as PDF; 202 while it is being made."""
        ref = _ref(source, document_id)
        opened = self.pipeline.open(ref, _visitor(), outcome=Outcome.DOWNLOADED, only=Show.PDF)
        if opened.rendition is None:
            answer = jsonify(self._metadata(ref, "converting", **_fetched(opened)))
            answer.headers["Retry-After"] = _RETRY_SECONDS
            return answer, 202
        size = opened.rendition.size
        body = self.store.read(opened.rendition.key, 0, size)
        response = Response(body, content_type=opened.rendition.media_type)
        response.headers["Content-Length"] = str(size)
        response.headers["Content-Disposition"] = f'attachment; filename="{ref.source}-{ref.id}.pdf"'
        return response

    def _metadata(self, ref: DocumentRef, state: str, *, is_pdf: bool = True, **known: Any) -> dict[str, Any]:
        """Every member is there always; null where it is not known."""
        unknown = dict.fromkeys(
            ("kind", "label", "media_type", "size", "sha256", "fetched_at", "file_name", "reason")
        )
        named = {"person": ref.person, "part": ref.part}
        query = urlencode({name: value for name, value in named.items() if value})
        query = f"?{query}" if query else ""
        own = f"{self.public_url}/api/v1/documents/{ref.source}/{ref.id}"
        links = {
            "self": own + query,
            "page": self.public_url + ref.viewer_path(),
            "pdf": f"{own}/pdf{query}" if is_pdf and state != "refused" else None,
        }
        names = {"source": ref.source, "id": ref.id, **named, "state": state}
        return {**unknown, "notes": [], **names, **known, "links": links}


def api_blueprint(pipeline: Pipeline, store: Store, public_url: str) -> Blueprint:
    """The routes below `/api/v1`."""
    description = json.dumps(json.loads((Path(__file__).parent / "openapi.json").read_text()))
    api = _Api(pipeline, store, public_url, description)
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    blueprint.add_url_rule("/openapi.json", "openapi", api.openapi)
    blueprint.add_url_rule("/documents/<source>/<document_id>", "document", api.document)
    blueprint.add_url_rule("/documents/<source>/<document_id>/pdf", "pdf", api.pdf)
    return blueprint


def _ref(source: str, document_id: str) -> DocumentRef:
    """The document that the request names. Programs are told where a parameter is wrong."""
    person, part = _parameter("person", PERSON_ID), _parameter("part", PART)
    try:
        return DocumentRef(source, document_id, person, part)
    except ValueError as error:
        raise LinkMalformed from error


def _parameter(name: str, form: re.Pattern[str]) -> str | None:
    values = request.args.getlist(name)
    if len(values) > 1 or not all(form.fullmatch(value) for value in values):
        raise BadParameter(name)
    return values[0] if values else None


def _visitor() -> Visitor:
    return Visitor(actor=g.actor, address=request.remote_addr or "", request_id=request_id())


def _fetched(opened: Opened) -> dict[str, Any]:
    return {
        "sha256": opened.key.split("-", maxsplit=1)[0],
        "fetched_at": opened.fetched_at.isoformat(timespec="seconds"),
        "file_name": opened.name,
    }


def _reason(error: ViewerError) -> dict[str, str]:
    return {"code": error.code, "title": error.title}
