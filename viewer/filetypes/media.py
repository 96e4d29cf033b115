"""Sound and film that browsers play."""

from viewer.documents import Kind

MEDIA = {
    "audio/mpeg": Kind("mp3", "Sound recording", media_type="audio/mpeg"),
    "audio/x-wav": Kind("wav", "Sound recording", media_type="audio/wav"),
    "audio/ogg": Kind("ogg", "Sound recording", media_type="audio/ogg"),
    "audio/x-m4a": Kind("m4a", "Sound recording", media_type="audio/mp4"),
    "audio/mp4": Kind("m4a", "Sound recording", media_type="audio/mp4"),
    "video/mp4": Kind("mp4", "Film", media_type="video/mp4"),
    "video/webm": Kind("webm", "Film", media_type="video/webm"),
    "video/quicktime": Kind("mov", "Film", media_type="video/mp4"),
}
"""By libmagic's name; a .mov is played as the .mp4 that it mostly is."""
