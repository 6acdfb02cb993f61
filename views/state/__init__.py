"""State of the pages: what is selected and shown. No Panel here."""
