"""Sound and film that browsers play. Others (wma, wmv, avi, amr) they do not, and nothing here converts."""

from viewer.formats.document import Document, Kind, Read

_SOUND, _FILM = "Sound recording", "Film"

MEDIA = {
    "audio/mpeg": Kind("mp3", _SOUND, media_type="audio/mpeg"),
    "audio/x-wav": Kind("wav", _SOUND, media_type="audio/wav"),
    "audio/vnd.wave": Kind("wav", _SOUND, media_type="audio/wav"),
    "audio/ogg": Kind("ogg", _SOUND, media_type="audio/ogg"),
    "audio/flac": Kind("flac", _SOUND, media_type="audio/flac"),
    "audio/x-flac": Kind("flac", _SOUND, media_type="audio/flac"),
    "audio/x-hx-aac-adts": Kind("aac", _SOUND, media_type="audio/aac"),
    "audio/x-m4a": Kind("m4a", _SOUND, media_type="audio/mp4"),
    "audio/mp4": Kind("m4a", _SOUND, media_type="audio/mp4"),
    "video/mp4": Kind("mp4", _FILM, media_type="video/mp4"),
    "video/x-m4v": Kind("mp4", _FILM, media_type="video/mp4"),
    "video/3gpp": Kind("3gp", _FILM, media_type="video/mp4"),
    "video/3gpp2": Kind("3gp", _FILM, media_type="video/mp4"),
    "video/webm": Kind("webm", _FILM, media_type="video/webm"),
    "video/ogg": Kind("ogv", _FILM, media_type="video/ogg"),
    "video/quicktime": Kind("mov", _FILM, media_type="video/mp4"),
}
"""By libmagic's name; .mov and .3gp are played as the .mp4 that they mostly are."""


def read(document: Document) -> Read:
    """A recording, which the browser plays as it is; nothing but its beginning is looked at."""
    return document.shown(str(document.kind.media_type)), None
