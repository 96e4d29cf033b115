"""A stand-in for the eDocs API that behaves like the real one: `gunicorn 'demo.edocs:create_app()'`.

`GET /documents/{id}` with a bearer key answers with the newest file `<id>.<ext>` of the folder, as an
attachment, in chunks, with a media type guessed from the extension alone; no length, no validators, no
ranges, no HEAD. Environment: EDOCS_FOLDER (read anew at each request), EDOCS_API_KEY.
"""

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, Response, request

from demo.control import Fault, Faults, RequestRecord, control_blueprint

_CHUNK = 64 * 1024
_MAX_ID = 2**31 - 1
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")
_MEDIA_TYPES = {
    ".csv": "application/octet-stream",
    ".doc": "application/msword",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".mp3": "audio/mpeg",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rtf": "application/rtf",
    ".tif": "image/tiff",
    ".txt": "text/plain",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/x-zip-compressed",
}
"""The media types that eDocs' web server knows; every other is application/octet-stream."""
_ERROR_BODY = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    "<Error><Message>An error has occurred.</Message>"
    "<ExceptionMessage>Login to the document server failed (on demand).</ExceptionMessage></Error>\n"
)


class ConnectionCut(Exception):
    """Ends a response before its end, as a failing server would."""


def create_app() -> Flask:
    """The stand-in; the environment holds the folder of its documents."""
    app = Flask(__name__, static_folder=None)
    folder = Path(os.environ["EDOCS_FOLDER"])
    key = os.environ["EDOCS_API_KEY"]
    faults, record = Faults(), RequestRecord()
    app.register_blueprint(control_blueprint(faults, record))

    @app.get("/documents/<int:document_id>")
    def _document(document_id: int) -> Response:
        response = _answer(folder, document_id, key, faults.apply(str(document_id)))
        record.add(str(document_id), response.status_code)
        return response

    return app


def _answer(folder: Path, document_id: int, key: str, fault: Fault) -> Response:
    if request.method == "HEAD":
        return Response(status=405, headers={"Allow": "GET"})
    if not secrets.compare_digest(request.headers.get("Authorization", ""), f"Bearer {key}"):
        return Response(status=401)
    if fault.status is not None:
        return Response(_ERROR_BODY, fault.status, content_type="application/xml; charset=utf-8")
    path = newest(folder, document_id)
    if path is None:
        return Response("The document was not found.", 404, content_type="text/plain; charset=utf-8")
    return Response(_chunks(path, fault.truncate), headers=_headers(path))


def newest(folder: Path, document_id: int) -> Path | None:
    """The newest file `<id>.<ext>`; None where there is none."""
    if document_id > _MAX_ID:
        return None
    files = [path for path in folder.glob(f"{document_id}.*") if _EXTENSION.fullmatch(path.suffix)]
    named = [path for path in files if path.stem == str(document_id) and path.is_file()]
    return max(named, key=lambda path: path.stat().st_mtime_ns, default=None)


def _headers(path: Path) -> dict[str, str]:
    extension = path.suffix.lower()
    return {
        "Content-Type": _MEDIA_TYPES.get(extension, "application/octet-stream"),
        "Content-Disposition": f"attachment; filename={path.stem}{extension}",
    }


def _chunks(path: Path, truncate: int | None) -> Iterator[bytes]:
    sent = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK if truncate is None else min(_CHUNK, max(truncate - sent, 0))):
            yield chunk
            sent += len(chunk)
    if truncate is not None and sent >= truncate:
        raise ConnectionCut
