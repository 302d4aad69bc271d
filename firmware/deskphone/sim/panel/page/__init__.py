"""The page's files (HTML, CSS, ES modules), served as they are: no build step, nothing from elsewhere.

Law: no Python lives here; this file only makes the folder travel with the package.
"""
