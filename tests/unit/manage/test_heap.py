"""The management plane's heap: no words of a guest are kept. That it is given back: tests/manage/test_floods.py."""

from __future__ import annotations

import warnings

from aiohttp import multipart

from deskphone.manage.heap import bound


def test_a_forms_head_in_nobodys_words_is_not_kept() -> None:
    with warnings.catch_warnings():
        warnings.resetwarnings()
        bound()
        for each in range(3):
            multipart.parse_content_disposition(f"form-data; unheard of {each}")
    kept = getattr(multipart, "__warningregistry__", {})
    assert not [key for key in kept if "unheard" in str(key)]
