"""The least that a Flask redirect can be: what the redirector is compared with."""

from flask import Flask, redirect
from flask.typing import ResponseReturnValue

app = Flask(__name__, static_folder=None)


@app.get("/<path:path>")
def _redirect(path: str) -> ResponseReturnValue:
    return redirect("http://localhost:8002/documents/edocs/" + path.rsplit(".", 1)[0], 302)
