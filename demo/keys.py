"""Makes the demo's service account: `python -m demo.keys FOLDER [TOKEN_URI]`.

Writes FOLDER/service-account.json in the form of Google's key files, when it is missing or names another
TOKEN_URI. The key is new on each machine and good for nothing but the demo's own stand-in.
"""

import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

TOKEN_URI = "http://localhost:8003/token"
FILE_NAME = "service-account.json"


def make(folder: Path, token_uri: str = TOKEN_URI) -> Path:
    """Return the key file's path; create the file where it is missing or asks for tokens elsewhere.

    Args:
        folder: made when missing.
        token_uri: where the holder asks for tokens, and the audience of what it signs.
    """
    path = folder / FILE_NAME
    if not path.exists() or json.loads(path.read_text())["token_uri"] != token_uri:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_service_account(token_uri), indent=2) + "\n")
        path.chmod(0o600)
    return path


def _service_account(token_uri: str) -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "demo",
        "private_key_id": "demo",
        "private_key": pem.decode(),
        "client_email": "document-viewer@demo.iam.test",
        "client_id": "100000000000000000001",
        "token_uri": token_uri,
    }


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), *sys.argv[2:3]))
