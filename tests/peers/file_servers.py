"""File servers as Debian packages them: nginx, lighttpd, vsftpd and tftpd-hpa, on loopback, each with one folder.

Law: everything a server reads or writes is below the folder it is given; it ends with its `with`.
"""

from __future__ import annotations

import os
import pwd
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.needs import needs
from tests.peers.child import LOOPBACK, Child, free_port, wait_until

USER, PASSWORD = "desk", "geheim"


@dataclass(frozen=True)
class Server:
    """A server that listens. files: what it serves; log: what it wrote of its requests."""

    port: int
    files: Path
    log: Path

    def url(self, scheme: str, path: str = "", login: str = "") -> str:
        return f"{scheme}://{login}{LOOPBACK}:{self.port}/{path}"

    def put(self, name: str, data: bytes) -> None:
        """A file that everybody may read."""
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        for each in (path, *path.parents):
            if self.files in (each, *each.parents):
                each.chmod(0o644 if each == path else 0o755)

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace") if self.log.exists() else ""


@contextmanager
def _running(command: list[str], server: Server) -> Iterator[Server]:
    child = Child(command, server.files.parent / f"{server.files.name}.out")
    try:
        wait_until(f"{command[0]} to listen", lambda: _listens(server.port) or not child.alive)
        assert child.alive, child.said()
        yield server
    finally:
        child.stop()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _folder(folder: Path, name: str) -> Server:
    files = folder / name
    files.mkdir(parents=True)
    for each in (folder.parent, folder, files):
        each.chmod(stat.S_IMODE(each.stat().st_mode) | 0o055)  # a server's own user reads it; nothing is taken away
    return Server(free_port(), files, folder / f"{name}.log")


@contextmanager
def nginx(folder: Path, tls: tuple[Path, Path] | None = None, client: Path | None = None) -> Iterator[Server]:
    """nginx. `/private/` wants USER by Basic, `/zipped/` has files by gzip only, `/moved/CODE/x` leads to `/x`,
    `/round/` leads to itself, `/busy/` is 503. tls: certificate and key; client: whose clients it wants to see."""
    needs("nginx", "openssl")
    server = _folder(folder, "nginx")
    made = subprocess.run(["openssl", "passwd", "-apr1", PASSWORD], capture_output=True, text=True, check=True)
    (folder / "users").write_text(f"{USER}:{made.stdout}")
    (folder / "users").chmod(0o644)
    secure = ""
    if tls is not None:
        secure = f"ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]};"
    if client is not None:
        secure += f"ssl_verify_client on; ssl_client_certificate {client};"
    moved = "".join(f"location ~ ^/moved/{code}/(.*)$ {{ return {code} /$1; }}\n" for code in (301, 302, 303, 307, 308))
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err;\n"
        f"{f'user {pwd.getpwuid(os.geteuid()).pw_name};' if os.geteuid() == 0 else ''}\n"
        "events { worker_connections 64; }\nhttp {\n"
        f"{temporary}log_format told '$request $status \"$http_user_agent\" $sent_http_content_encoding';\n"
        f"access_log {server.log} told; default_type text/plain;\n"
        f"server {{ listen {LOOPBACK}:{server.port}{' ssl' if tls else ''}; {secure} root {server.files};\n"
        f"location /private/ {{ auth_basic phones; auth_basic_user_file {folder}/users; }}\n"
        "location /zipped/ { gzip_static always; }\n"
        "location /round/ { return 302 $request_uri; }\nlocation /busy/ { return 503; }\n"
        f"{moved}}} }}\n"
    )
    with _running(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], server):
        yield server


@contextmanager
def lighttpd(folder: Path, algorithm: str) -> Iterator[Server]:
    """lighttpd, which wants USER by Digest (RFC 7616). algorithm: MD5 or SHA-256."""
    needs("lighttpd")
    server = _folder(folder, f"lighttpd-{algorithm}")
    digest = subprocess.run(
        ["openssl", "dgst", "-r", f"-{algorithm.replace('-', '').lower()}"],
        input=f"{USER}:phones:{PASSWORD}".encode(), capture_output=True, check=True,
    ).stdout.split()[0].decode()  # fmt: skip
    (folder / f"{algorithm}.users").write_text(f"{USER}:phones:{digest}\n")
    configuration = folder / f"{algorithm}.conf"
    configuration.write_text(
        f'server.document-root = "{server.files}"\nserver.port = {server.port}\nserver.bind = "{LOOPBACK}"\n'
        'server.modules = ("mod_auth", "mod_authn_file", "mod_accesslog")\n'
        f'accesslog.filename = "{server.log}"\nauth.backend = "htdigest"\n'
        f'auth.backend.htdigest.userfile = "{folder / f"{algorithm}.users"}"\n'
        'auth.require = ("" => ("method" => "digest", "realm" => "phones", "require" => "valid-user", '
        f'"algorithm" => "{algorithm}"))\n'
    )
    with _running(["lighttpd", "-D", "-f", str(configuration)], server):
        yield server


@contextmanager
def vsftpd(folder: Path, anonymous: bool) -> Iterator[Server]:
    """vsftpd: anonymous, or USER by PAM, who is in the /etc/shadow of a mount namespace of its own. Needs root."""
    needs("vsftpd", "unshare", "openssl")
    server = _folder(folder, f"vsftpd-{anonymous}")
    (folder / "empty").mkdir(exist_ok=True)
    hashed = subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True, text=True, check=True).stdout
    etc = {
        "passwd": f"{Path('/etc/passwd').read_text()}{USER}:x:65533:65533::/:/bin/sh\n",
        "shadow": f"{USER}:{hashed.strip()}:20000::::::\n",
        "phones": "auth required pam_unix.so nodelay\naccount required pam_unix.so\n",
    }
    for name, text in etc.items():
        (folder / name).write_text(text)
    who = (
        f"anonymous_enable=YES\nno_anon_password=YES\nanon_root={server.files}\nftp_username=ftp\nlocal_enable=NO\n"
        if anonymous
        else f"anonymous_enable=NO\nlocal_enable=YES\nlocal_root={server.files}\npam_service_name=phones\n"
    )
    (folder / "vsftpd.conf").write_text(
        f"listen=YES\nlisten_address={LOOPBACK}\nlisten_port={server.port}\nbackground=NO\n{who}"
        f"secure_chroot_dir={folder}/empty\nnopriv_user=nobody\nseccomp_sandbox=NO\nxferlog_enable=YES\n"
        f"vsftpd_log_file={server.log}\nlog_ftp_protocol=YES\nxferlog_std_format=NO\npasv_address={LOOPBACK}\n"
        "chroot_local_user=YES\ndelay_failed_login=0\n"
    )
    script = (
        f"mount -t tmpfs none /etc/pam.d && cp {folder}/phones /etc/pam.d && mount --bind {folder}/passwd /etc/passwd"
        f" && mount --bind {folder}/shadow /etc/shadow && exec vsftpd {folder}/vsftpd.conf"
    )
    with _running(["unshare", "--mount", "sh", "-c", script], server):
        yield server


@contextmanager
def tftpd(folder: Path, *options: str) -> Iterator[Server]:
    """tftpd-hpa, in a root of its own, given its port as inetd would. options: of its command line. Needs root."""
    needs("in.tftpd")
    server = _folder(folder, f"tftpd{len(options)}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((LOOPBACK, server.port))
        command = ["in.tftpd", "-u", "nobody", "-s", *options, str(server.files)]
        child = Child(command, folder / "tftpd.out", door.fileno())
        try:
            yield server
        finally:
            child.stop()
