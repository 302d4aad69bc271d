"""The agent desktop's page (HTML, CSS, ES module), served as it is by `control`: no build step.

Law: no Python lives here; this file only makes the folder travel with the package.
"""
