"""Sounds as files. Law: data only, made by firmware/sounds/synthesise.py; nothing is edited by hand."""
