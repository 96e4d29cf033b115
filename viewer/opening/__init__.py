"""A document's way to a person: fetched, hashed, found or converted, recorded, handed out."""
