"""The Content-Security-Policy of PDF.js's worker script, which decodes some pictures with WebAssembly."""

from flask import Flask, Response, request

from shared.headers import CONTENT_SECURITY_POLICY

_WORKER_SCRIPT = "pdf.worker"
_WORKER_POLICY = CONTENT_SECURITY_POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")


def allow_wasm_in_worker(app: Flask) -> None:
    """Allow WebAssembly in the policy of PDF.js's worker script, and in no other response."""

    @app.after_request
    def _worker(response: Response) -> Response:
        if request.endpoint == "static" and _WORKER_SCRIPT in request.path:
            response.headers["Content-Security-Policy"] = _WORKER_POLICY
        return response
