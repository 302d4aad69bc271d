"""The panel in a real browser and the phone in a real terminal."""
