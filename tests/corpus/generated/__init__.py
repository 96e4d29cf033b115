"""Files of every kind that the viewer shows, with what people have in them: invented, and always the same."""
