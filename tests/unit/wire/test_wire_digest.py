"""Digest: the words of a challenge, what an Authorization header says, and the response of RFC 7616."""

from __future__ import annotations

import pytest

from deskphone.wire.digest import Credentials, challenge, credentials, digest_response, expected
from deskphone.wire.errors import WireError

GOOD = (
    'Digest username="1502", realm="site", nonce="n,1", uri="sip:1502@10.1.1.20", response="{hex}", algorithm=MD5,'
    ' cnonce="c", qop=auth, nc=00000001'
)
HEX = "0123456789abcdef" * 2


def test_digest_response_is_that_of_rfc_7616() -> None:
    # RFC 7616 section 3.9.1, both algorithms.
    common = {
        "user": "Mufasa", "realm": "http-auth@example.org", "password": "Circle of Life", "method": "GET",
        "uri": "/dir/index.html", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    }  # fmt: skip
    assert digest_response(algorithm="MD5", **common) == "8ca523f5e9506fed4657c9700eebdbec"
    assert (
        digest_response(algorithm="SHA-256", **common)
        == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    )


def test_a_challenge_names_realm_nonce_algorithm_and_says_stale_only_then() -> None:
    assert challenge("site", "n", "MD5") == 'Digest realm="site", nonce="n", qop="auth", algorithm=MD5'
    assert challenge("site", "n", "SHA-256", True).endswith("algorithm=SHA-256, stale=true")
    assert challenge('si"te\r\nX: y\\', "n", "MD5").startswith('Digest realm="siteX: y", ')


def test_an_answer_is_read_with_commas_in_quotes_and_words_in_any_case() -> None:
    read = credentials(GOOD.format(hex=HEX))
    assert read == Credentials("1502", "site", "MD5", "n,1", "sip:1502@10.1.1.20", 1, "c", HEX)
    loud = GOOD.replace("Digest", "DIGEST").replace("qop=auth", 'QOP="AUTH"').replace("MD5", "md5")
    assert credentials(loud.format(hex=HEX.upper())) == read
    assert credentials(GOOD.replace(" algorithm=MD5,", "").format(hex=HEX)) == read, "MD5 where none is named"


def test_the_expected_response_counts_what_was_said() -> None:
    read = credentials(GOOD.format(hex=HEX))
    said = {"algorithm": "MD5", "user": "1502", "realm": "site", "uri": "sip:1502@10.1.1.20", "nonce": "n,1"}
    right = digest_response(**said, password="secret", method="NOTIFY", nc="00000001", cnonce="c")
    assert expected(read, "NOTIFY", "secret") == right
    assert expected(read, "NOTIFY", "Secret") != right
    assert expected(read, "INVITE", "secret") != right


BAD = {
    "another scheme": ("Digest", "Basic"),
    "nothing": (GOOD, ""),
    "no user": ('username="1502", ', ""),
    "an empty nonce": ('"n,1"', '""'),
    "no realm": ('realm="site", ', ""),
    "no cnonce": (' cnonce="c",', ""),
    "no qop, as of RFC 2069": (", qop=auth", ""),
    "qop of the body": ("qop=auth", "qop=auth-int"),
    "an algorithm nobody asked for": ("MD5", "MD5-sess"),
    "nc of seven digits": ("00000001", "0000001"),
    "nc that is a number for Python only": ("00000001", "0000_001"),
    "a response too short": ("{hex}", HEX[:31]),
    "a response of other letters": ("{hex}", "g" * 32),
    "a quote that does not end": ('"c"', '"c'),
    "an overlong user": ('"1502"', f'"{"1" * 300}"'),
}


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_answer_is_refused_without_quoting_it(bad: str) -> None:
    old, new = BAD[bad]
    with pytest.raises(WireError) as refused:
        credentials(GOOD.replace(old, new).format(hex=HEX))
    assert "1502" not in str(refused.value)
    assert HEX not in str(refused.value)
