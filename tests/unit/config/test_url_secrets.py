"""Secrets in URLs: tokens, keys and signatures in a query, users and passwords; nobody reads them, and nothing else is
hidden."""

from __future__ import annotations

import time

import pytest

from deskphone.config import url_secrets
from deskphone.config.diagnostic import Diagnostic, Place
from deskphone.config.layers import Layer, Layers
from deskphone.config.reader import read
from deskphone.config.settings import Settings
from deskphone.config.writer import dump
from deskphone.drivers.syslog import secrets
from deskphone.provision.problem import Outcome, Problem, without_login

URL = "provisioning/configuration/url"
TOKEN = "https://p.example/phones/<MAC>.cfg?token=hunter2-hunter2"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (TOKEN, "https://p.example/phones/<MAC>.cfg?token=***"),
        (
            "https://p.example/a.cfg?sv=1&sv2=2026&sig=aB%2Fc%3D&mac=<MAC>",
            "https://p.example/a.cfg?sv=1&sv2=***&sig=***&mac=<MAC>",
        ),
        ("https://p.example/get.php?mac=00908F000001&v=2.1", "https://p.example/get.php?mac=00908F000001&v=2.1"),
        ("https://p.example/?aGVsbG8gd29ybGQ", "https://p.example/?***"),
        ("https://p.example/?<MAC>.cfg", "https://p.example/?<MAC>.cfg"),
        ("https://p.example/a.cfg?key=a=b==", "https://p.example/a.cfg?key=***"),
        ("https://p.example/a.cfg?a=1;Key=s3cret#auth=s3cret", "https://p.example/a.cfg?a=1;Key=***#auth=***"),
        ("http://h/fw.img;phone.cfg?k=s3cret.", "http://h/fw.img;phone.cfg?k=***"),
        ("ftp://me:p@ss/word@h/a.cfg", "ftp://***@h/a.cfg"),
        ("https://me:pw@h/a.cfg?t=s3cret", "https://***@h/a.cfg?t=***"),
        ("https://h/a.cfg", "https://h/a.cfg"),
        ("https://h/a.cfg?", "https://h/a.cfg?"),
        ("HTTPS://H/A?x-amz-signature=0123456789abcdef", "HTTPS://H/A?x-amz-signature=***"),
    ],
)
def test_what_a_query_may_hold_is_hidden_and_the_mask_is_known_for_one(url: str, shown: str) -> None:
    assert url_secrets.masked(url) == shown == url_secrets.masked(shown)
    assert url_secrets.is_masked(shown) is ("***" in shown) and url_secrets.holds_one(url) is (shown != url)
    assert not url_secrets.is_masked(url)


def test_a_sentence_about_a_url_keeps_its_other_words() -> None:
    for text, shown in (
        (f"asking {TOKEN}: expected a file", "asking https://p.example/phones/<MAC>.cfg?token=***: expected a file"),
        ("no '?' in http://h/a, but a=b?c=d", "no '?' in http://h/a, but a=b?c=d"),
        (
            "(see https://h/x?key=s3cret) and 'ftp://h/y?key=s3cret'",
            "(see https://h/x?key=***) and 'ftp://h/y?key=***'",
        ),
    ):
        assert without_login(text) == shown == without_login(shown)
    place = Diagnostic(Place(TOKEN, 12), "include", "expected a file")
    assert str(place) == "https://p.example/phones/<MAC>.cfg?token=***:12: include: expected a file"
    assert without_login(str(place)) == str(place)
    assert "hunter2" not in str(Problem(Outcome.NOT_FOUND, TOKEN, "a file", "404"))


def test_no_answer_and_no_file_shows_it_and_the_way_back_leaves_it_as_it_is() -> None:
    layers = read(f"{URL}={TOKEN}\n".encode()).layers
    assert layers is not None
    text = dump(layers.settings, secrets=False)
    assert "hunter2" not in text and f"{URL}=https://p.example/phones/<MAC>.cfg?token=***" in text
    again = read(text.encode(), base=layers)
    assert again.settings is not None and again.settings.provisioning.configuration_url == TOKEN
    assert f"{URL}: *** stands for a secret that was not shown" in again.report()
    by_hand, _ = Layers().set(Layer.ADMINISTRATOR, URL, TOKEN)
    assert "hunter2" not in by_hand.dump(Layer.ADMINISTRATOR, secrets=False)
    assert "hunter2" in by_hand.dump(Layer.ADMINISTRATOR), "the store has it"


def test_no_line_of_the_log_holds_it_and_a_number_is_no_secret() -> None:
    result = read(f"{URL}={TOKEN}&ext=4101\n".encode())
    assert isinstance(result.settings, Settings)
    assert "hunter2-hunter2" in secrets(result.settings) and "4101" not in secrets(result.settings)


def test_a_line_that_is_refused_does_not_show_it() -> None:
    for line in (f"{URL}=gopher://h/a?token=hunter2", f"{URL}=https://h:x/a?token=hunter2",
                 f"{URL}=h/a?token=hunter2", f"{URL}=me:hunter2@", "include https://h/a?token=hunter2"):  # fmt: skip
        result = read(f"{line}\nvoip/line/0/id=1\n".encode())
        assert result.errors and "hunter2" not in "".join(str(each) for each in result.errors), result.report()


def test_texts_without_an_end_are_read_in_no_time() -> None:
    began = time.process_time()
    for text in ("://" * 100_000, "://a?" * 50_000, "://" + "<a>" * 100_000, "://h?" + "&a=" * 100_000, "?" * 200_000):
        without_login(text)
        url_secrets.masked(text)
    assert time.process_time() - began < 20
