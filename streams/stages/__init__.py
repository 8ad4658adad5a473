"""The stages behind their topics: what they apply, emit and keep. They know no broker."""
