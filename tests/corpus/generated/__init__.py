"""Files of every kind that the viewer shows, with what people have in them; all invented, the same each time."""
