"""What there is of oddities for `fuzzed.py`: methods, paths, heads and bodies that a server may stumble over.

Law: constants.
"""

from __future__ import annotations

FORM, JSON, PLAIN = b"application/x-www-form-urlencoded", b"application/json", b"text/plain"
PARTS = b"multipart/form-data; boundary=x"


def part(name: bytes, text: bytes, more: bytes = b"") -> bytes:
    """A field of a form in parts (RFC 7578)."""
    return b"--x\r\nContent-Disposition: form-data; name=%b%b\r\n\r\n%b\r\n" % (name, more, text)


METHODS = (b"HEAD", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"PROPFIND", b"POST", b"GET")
NO_METHODS = (b"CONNECT", b"PRI", b"get", b"G\xc3\x89T", b"X" * 5000)
PATHS = (
    b"/../", b"/%2e%2e%2f", b"%00", b"%", b"%zz", b"%c0%af", b"%ff%fe", b"//", b"/;x", b"?", b"?a=%", b"/.well-known/",
    b"%0d%0aX:y", b"%u0041", b"a" * 3000, b"?" + b"a=1&" * 800, b"?after=99999999999999999999&most=-1", b"{name}",
    b"%252e", b"/." * 200,
)  # fmt: skip
NO_PATHS = (b"#x", b"\\", b"*", b"http://evil.example/", b"\xe2\x80\xae", b" x", b"a" * 9000)
HEADERS = (
    b"Cookie: session=a; session=b", b'Cookie: session="\\073\\"', b"Cookie: " + b"a=b; " * 400, b"Cookie: =;;=;,",
    b"Cookie: session=\xff\xfe", b"Origin: null", b"Accept-Encoding: gzip;q=nan, *;q=-1", b"Accept: " + b"*/*," * 900,
    b"Origin: http://evil.example", b"Origin: http://[::1", b"Sec-Fetch-Site: cross-site", b'If-None-Match: "\xff"',
    b"Authorization: Bearer", b"Authorization: Basic YWRtaW46MTIzNA==", b'Authorization: Digest username="a',
    b"Authorization: Bearer \xff\xfe", b"Expect: 100-continue", b"Range: bytes=0-,5-1,-9", b"If-Range: 1",
    b"Range: bytes=99999999999999999999-", b"If-Modified-Since: Thu, 99 Foo 0000 99:99:99 GMT", b"TE: trailers",
    b"X: " + b"A" * 8000, b"X-Forwarded-For: 127.0.0.1, \xf0\x9f\x98\x80", b"X-HTTP-Method-Override: DELETE",
    b"Accept-Language: \xfc", b"Range: bytes=1-0", b"Cookie: session=; Path=/; $Version=1", b"X: " + b"\t" * 900,
)  # fmt: skip
LOUD = (
    b"Content-Encoding: gzip", b"Content-Encoding: br, identity", b"Host: evil.example", b"Expect: nonsense",
    b"Expect: \xdd",
    b"Upgrade: websocket", b"Connection: upgrade", b"Connection: keep-alive, close, \x01", b"Content-Type: \xff",
    b"Content-Length: 3", b"Content-Length: 99999999999999999999", b"Content-Length: -1", b"X: a\rb", b"X:\x00",
    b"Transfer-Encoding: gzip, chunked", b" folded: x", b"no colon", b": no name", b"X: " + b"A" * 9000,
    b"Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\nConnection: upgrade",
)  # fmt: skip
"""Heads behind which a connection ends, or may."""
CHARSETS = (
    b"utf-16", b"utf-7", b"zlib", b"hex", b"idna", b"punycode", b"unicode_escape", b"rot13", b"undefined",
    b"\xff", b'"', b"utf-8; charset=latin-1", b"a" * 2000, b"../x", b"utf-32", b"base64", b"mbcs",
)  # fmt: skip
KINDS = (JSON, FORM, PLAIN, PARTS, b"multipart/form-data", b"multipart/form-data; boundary=",
    b"multipart/mixed; boundary=x",
    b'multipart/form-data; boundary="' + b"y" * 90 + b'"', b"multipart/form-data; boundary=--", b"", b"/", b"a/b/c",
    b"multipart/form-data; boundary=x; boundary=y", b"application/json; a", b"text/plain;;;=", b"\xff/\xfe",
)  # fmt: skip
JSONS = (
    b"[" * 5000, b"{" * 500, b'{"a":' * 2000, b"1e999999", b"NaN", b"-Infinity", b'"\\ud800"', b'{"value": 1e400}',
    b'{"value": null}', b'{"value": [1]}', b'{"value": {"a": 1}}', b'{"value": "\\u0000"}', b'{"value": true}',
    b'{"value": "' + b"9" * 9000 + b'"}', b'{"value": %b}' % (b"9" * 5000), b'{"value": 5, "value": "\\ud83d"}',
    b'{"seconds": -1}', b'{"seconds": 1e3}', b'{"seconds": "x"}', b"\xef\xbb\xbf{}", b"\xff\xfe{\0}\0", b"{}{}",
    b'{"value": "\xff"}', b'{"value": "a\\nb=c"}', b'{"value": -0.0}', b"null", b"0", b'""',
)  # fmt: skip
FIELDS = (
    part(b"a", b"b"), part(b'""', b""), part(b"csrf", b"x" * 9000), part(b"_charset_", b"zlib"), b"--x\r\n\r\n\r\n",
    part(b"_charset_", b"\xff" * 40), part(b"a", b"b", b'; filename="../../etc/passwd"'), b"--x\r\nX\r\n\r\n", b"--x",
    part(b"a", b"b", b"; filename*=utf-8''%ff%fe"), part(b"a", b"b", b"\r\nContent-Transfer-Encoding: base64"),
    part(b"a", b"=\xff=", b"\r\nContent-Transfer-Encoding: quoted-printable"), b"--x--\r\n", b"--x\n\n", b"--y\r\n",
    part(b"a", b"x", b"\r\nContent-Type: multipart/mixed; boundary=z") + b"--z\r\n\r\n--z--\r\n", b"--x\r\n" * 900,
    part(b"a", b"x", b"\r\nContent-Length: 99999"), part(b"a", b"x", b"\r\nContent-Encoding: deflate"),
    part(b"a" * 9000, b"b"), part(b"a", b"b", b"\r\nContent-Type: text/plain; charset=undefined"), b"\r\n--x\r\nA: b",
)  # fmt: skip
FORMS = (
    b"%", b"%zz=%", b"&" * 3000, b"a=b&" * 2000, b"csrf=%ff&csrf=%fe", b"=&=", b"\xff\xfe=\x00", b"user[]=a",
    b"user=" + b"%41" * 9000, b"user=admin&password=" + b"x" * 20000, b";a=b;", b"user=%u0041", b"+" * 900,
)  # fmt: skip
CHUNKS = (b"0%b", b"%b;x=y", b'%b ;a="\\"', b"%b\t", b"FFFFFFFFFFFFFFFFFF%b", b"-%b", b"0x%b", b"%b;" + b"a" * 9000)
TRAILERS = (
    b"0\r\n\r\n",
    b"0\r\nX: y\r\n\r\n",
    b"00000\r\n\r\n",
    b"0;a\r\n\r\n",
    b"0\r\n" + b"A: b\r\n" * 200 + b"\r\n",
)
PIECES = (
    b"\0", b"\r\n", b"\r\n\r\n", b"\n", b"%00", b"%2e%2e%2f", b"../", b"'\"<>", b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 9999999999\r\n", b"Expect: 100-continue\r\n", b"\xff\xfe", b"{" * 500, b"[" * 5000, b"1e999999",
    b"A" * 9000, b"Cookie: session=a; session=b\r\n", b"Upgrade: websocket\r\nConnection: upgrade\r\n", b"; charset=x",
    b"Content-Encoding: gzip\r\n", b"Host: evil.example\r\n", "\u202e\u0000é".encode(), b"-1", b"9" * 400,
)  # fmt: skip
