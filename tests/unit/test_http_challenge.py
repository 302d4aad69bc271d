"""Challenges as servers write them, answered as the RFCs print it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.http_challenge import MAX_PARAMS, Challenge, answer, best, read

OPAQUE = "5ccc069c403ebaf9f0171e9517f40e41"
OLD = f'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="{OPAQUE}"'
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
NEW = f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={{}}, nonce="{NONCE}", opaque="{OPAQUE}"'
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def digest(a1: str, middle: str, a2: str) -> str:
    """RFC 7616 section 3.4.1."""
    return md5(f"{md5(a1)}:{middle}:{md5(a2)}")


def chosen(*headers: str) -> Challenge:
    found = best(read(headers))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("header", "password", "cnonce", "response"),
    [
        (OLD, "Circle Of Life", "0a4f113b", "670fd8c2df070c60b045671b8b24ff02"),  # RFC 2069
        (OLD + ', qop="auth,auth-int"', "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1"),  # RFC 2617
        (NEW.format("MD5"), "Circle of Life", CNONCE, "8ca523f5e9506fed4657c9700eebdbec"),  # RFC 7616 section 3.9.1
        (NEW.format("SHA-256"), "Circle of Life", CNONCE,
         "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
    ids=["no qop", "2617", "md5", "sha256"],
)  # fmt: skip
def test_the_examples_of_the_rfcs(header: str, password: str, cnonce: str, response: str) -> None:
    said = answer(chosen(header), "Mufasa", password, "/dir/index.html", cnonce)
    assert f'response="{response}"' in said and 'opaque="' in said
    assert ("qop=auth, nc=00000001" in said) == ("qop" in header)


DOE = (
    'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, '
    'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", '
    "charset=UTF-8, userhash={}"
)


@pytest.mark.parametrize("userhash", ["true", "false"])
def test_sha_512_256_and_a_hashed_user_name(userhash: str) -> None:
    """The challenge of RFC 7616 section 3.9.2. Its printed answer is that of SHA-512 cut off; this one is by `openssl
    dgst -sha512-256`, which FIPS 180-4 begins with numbers of its own."""
    said = answer(chosen(DOE.format(userhash)), "Jäsøn Doe", "Secret, or not?", "/doe.json",
                  "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm")  # fmt: skip
    assert 'response="7a4e1192babbba02e91182d2895bfdbf7adafc6e48d4e517ca301974843d840c"' in said
    hashed = 'username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"'
    assert (hashed in said, "userhash=true" in said) == ((userhash == "true"),) * 2


def test_it_comes_before_the_others() -> None:
    every = [NEW.format(each) for each in ("MD5", "SHA-256", "SHA-512-256")]
    assert chosen('Basic realm="x"', *every).algorithm == chosen(*reversed(every)).algorithm == "SHA-512-256"


@pytest.mark.parametrize(
    "headers",
    [
        (NEW.format("MD5"), NEW.format("SHA-256")),
        (NEW.format("MD5"), NEW.format("SHA-512"), NEW.format("SHA-256")),
        (NEW.format("SHA-256"), NEW.format("MD5")),
        ('Basic realm="x"', NEW.format("SHA-256")),
        (f'Basic realm="a, b", {NEW.format("SHA-256")}, Bearer',),
        ("Negotiate", "NTLM TlRMTVNTUAAC==", NEW.format("SHA-256"), 'Digest realm="x", nonce="y", algorithm=SHA-512'),
        (f'Digest realm="x", nonce="n", qop="token", algorithm=SHA-256, {NEW.format("SHA-256")}',),
        (NEW.format('"SHA-256"'),),
        (NEW.format("sha-256").replace("Digest", "DIGEST").replace(", ", " ,  "),),
        (NEW.format("SHA256"),),
        (NEW.format("SHA-256").replace(", ", " "),),
        (NEW.format("SHA-256").replace(", ", "; "),),
        (NEW.format("SHA-256").replace(", ", ",, ") + ",",),
        ('Digest qop=auth,auth-int, realm="http-auth@example.org", nonce=n, algorithm=SHA-256',),
    ],
)  # fmt: skip
def test_the_best_of_several_in_any_order_and_form(headers: tuple[str, ...]) -> None:
    found = chosen(*headers)
    assert (found.algorithm, found.get("realm")) == ("SHA-256", "http-auth@example.org")


@pytest.mark.parametrize(
    "headers",
    [(), ("",), ("Negotiate",), ("Bearer realm=x",), ('Digest realm="x"',), ('Digest nonce="x", algorithm=SHA-512',),
     ("=,=,",)],
)  # fmt: skip
def test_where_none_can_be_answered_none_is(headers: tuple[str, ...]) -> None:
    assert best(read(headers)) is None


def test_quotes_in_names_are_escaped_and_those_of_the_server_are_read() -> None:
    found = chosen(r'Digest realm="the \"desk\" \\ phones", nonce="n"')
    assert found.get("realm") == r'the "desk" \ phones'
    assert r'username="a\"b", realm="the \"desk\" \\ phones"' in answer(found, 'a"b', "x", "/", "c")


def test_only_integrity_and_sessions_are_answered_too() -> None:
    said = answer(chosen('Digest realm="x", nonce="n", qop=auth-int, algorithm=MD5-sess'), "u", "p", "/", "c")
    assert "qop=auth-int" in said and "algorithm=MD5-sess" in said


def test_a_list_of_qualities_may_stand_without_its_quotes() -> None:
    found = chosen('Digest realm="x", qop=auth-int, auth, nonce="n", opaque=o')
    assert (found.quality, found.get("nonce"), found.get("opaque")) == ("auth", "n", "o")
    assert [each.scheme for each in read(["Digest realm=x, nonce=n, qop=auth, Negotiate"])] == ["digest", "negotiate"]


@pytest.mark.parametrize("offered", ["", ", userhash=true", ', algorithm=SHA-256-sess, qop="auth-int"'])
def test_a_realm_of_another_character_set_is_hashed_as_it_came(offered: str) -> None:
    realm = b"B\xfcro".decode("utf-8", "surrogateescape")
    said = answer(chosen(f'Digest realm="{realm}", nonce="n"{offered}'), "u", "p", "/", "c")
    assert said.isascii() and said.startswith("Digest username=")
    if not offered:
        a1 = hashlib.md5(b"u:B\xfcro:p").hexdigest()
        assert md5(f"{a1}:n:{md5('GET:/')}") in said


def test_stale_is_heard() -> None:
    assert chosen('Digest realm="x", nonce="n", stale=TRUE').stale and not chosen(OLD).stale


@given(st.lists(st.text(max_size=200) | st.text('Digest Basc=",\\ realmnonqp', max_size=200), max_size=20))
def test_no_header_breaks_it_and_no_answer_breaks_the_line(headers: list[str]) -> None:
    found = best(read(headers))
    if found is not None:
        said = answer(found, "u", "p", "/a", "c")
        assert said.startswith(("Basic ", "Digest ")) and not {"\r", "\n", "\0"} & set(said)


SESSION = md5(md5("u:r:p") + ":n:c")
OPENED = 'Digest username="u", realm="r", nonce="n", uri="/x?y", response='


@pytest.mark.parametrize(
    ("offered", "response", "rest"),
    [
        ("", digest("u:r:p", "n", "GET:/x?y"), ""),
        ('opaque="o\\"o", algorithm=md5, qop="auth"', digest("u:r:p", "n:00000001:c:auth", "GET:/x?y"),
         ', opaque="o\\"o", algorithm=md5, qop=auth, nc=00000001, cnonce="c"'),
        ('qop="auth-int"', digest("u:r:p", "n:00000001:c:auth-int", f"GET:/x?y:{md5('')}"),
         ', qop=auth-int, nc=00000001, cnonce="c"'),
        ("algorithm=MD5-sess, qop=auth", md5(f"{SESSION}:n:00000001:c:auth:{md5('GET:/x?y')}"),
         ', algorithm=MD5-sess, qop=auth, nc=00000001, cnonce="c"'),
        ("algorithm=MD5-sess", md5(f"{SESSION}:n:{md5('GET:/x?y')}"), ', algorithm=MD5-sess, cnonce="c"'),
    ],
    ids=["as in 2069", "opaque", "auth-int", "sess", "sess without qop"],
)  # fmt: skip
def test_the_answer_word_by_word(offered: str, response: str, rest: str) -> None:
    challenge = chosen(f'Digest realm="r", nonce="n", {offered}')
    assert answer(challenge, "u", "p", "/x?y", "c") == f'{OPENED}"{response}"{rest}'


def test_what_would_end_a_header_stays_out_of_it() -> None:
    said = answer(chosen('Digest realm="r", nonce="n"'), 'u\r\n"\\', "p", "/", "c")
    assert said.startswith('Digest username="u\\"\\\\", realm=')


def test_a_header_of_many_parameters_and_one_of_none() -> None:
    many = ", ".join(f"p{number}=x" for number in range(100))
    (found,) = read([f"Digest {many}"])
    assert len(found.params) == MAX_PARAMS
    assert read(["a=b"]) == (), "parameters of no scheme"
    assert [each.scheme for each in read(["Negotiate, Basic realm=x"])] == ["negotiate", "basic"]


def test_the_order_of_preference() -> None:
    headers = ['Digest realm="r", nonce="n", algorithm=SHA-256', 'Digest realm="r", nonce="n"', "Basic realm=r", "NTLM"]
    assert [each.rank for each in read(headers)] == [3, 2, 1, 0]
