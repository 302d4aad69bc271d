"""The ring tones: 16 kHz, 16 bit, mono WAV. Law: one file for each name in `deskphone.view.ring_tones`."""
