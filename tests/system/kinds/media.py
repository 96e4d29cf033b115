"""Sound and film."""

from pathlib import Path

from demo import samples as demo_samples
from tests.system.kinds import recordings
from tests.system.kinds.row import Maker, Row, made, recording
from tests.viewer import samples

_MADE = Path(demo_samples.__file__).parent / "made"
_SECONDS = 2.0


def _film(name: str, brand: bytes = b"") -> Maker:
    film = (_MADE / name).read_bytes()
    return made(recordings.branded(film, brand) if brand else film)


_SOUND, _FILM = recording("audio", _SECONDS), recording("video", _SECONDS)
MEDIA = [
    Row("wav", made(samples.sound(_SECONDS)), _SOUND),
    Row("mp3", made(recordings.mp3(_SECONDS)), _SOUND),
    Row("m4a", made(recordings.m4a(_SECONDS)), _SOUND),
    Row("aac", made(recordings.aac(_SECONDS)), _SOUND),
    Row("ogg", made(recordings.ogg(_SECONDS)), _SOUND),
    Row("flac", made(recordings.flac(_SECONDS)), _SOUND),
    Row("mp4", _film("film.mp4"), _FILM),
    Row("mov", _film("film.mp4", b"qt  "), _FILM),
    Row("3gp", _film("film.mp4", b"3gp4"), _FILM),
    Row("webm", _film("film.webm"), _FILM),
]
