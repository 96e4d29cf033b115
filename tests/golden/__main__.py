"""`make golden`: what the converter makes now is what is expected from now on. Look at the pictures first."""

from tests.conversion.offices import guarded
from tests.golden import looks
from tests.golden.documents import FOLDER
from tests.golden.rendering import render

if __name__ == "__main__":
    with guarded() as guard:
        guard.wait_ready()
        for path in sorted(FOLDER.iterdir()):
            looks.keep(path.name, looks.pages_of(render(guard, path)))
    (looks.EXPECTED / "versions.txt").write_text(looks.versions())
    print(f"Kept in {looks.EXPECTED}; `git diff --stat` says what changed.")
