"""Settings of management: provisioning, certificates, web pages, TR-069, device manager, logs.

Law: only declarations. Sources: 420HD guide tables 3 and 4, docs/provisioning.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.option import choice, clock, flag, host, indexed, integer, secret, text, url
from deskphone.config.schema.words import (
    LogLevel,
    PeriodType,
    ProvisioningMethod,
    SyslogFormat,
    SyslogMode,
    SyslogTransport,
    TraceLevel,
    UpdateRestart,
    Weekday,
)
from deskphone.config.secret import Secret

_PROV = "provisioning"
_HTTP = "provisioning/configuration/http_auth"
_CWMP = "management/tr069"


@dataclass(frozen=True, slots=True)
class Provisioning:
    """Where configuration and firmware come from, and when."""

    method: ProvisioningMethod = choice(
        f"{_PROV}/method", ProvisioningMethod.DYNAMIC, "Off, by DHCP options, or from the URLs below", behaviour=True
    )
    configuration_url: str = url(
        f"{_PROV}/configuration/url", "Configuration of STATIC; <MAC>, <MODEL> are replaced", behaviour=True
    )
    firmware_url: str = url(f"{_PROV}/firmware/url", "Firmware of STATIC; <MAC>, <MODEL> are replaced", behaviour=True)
    dhcp_option: int = integer(
        f"{_PROV}/url_option_value", 160, 1, 254, "DHCP option that holds the URL", behaviour=True
    )
    user_name: str = text(f"{_HTTP}/user_name", "", "HTTP user of the download", behaviour=True)
    password: Secret = secret(f"{_HTTP}/password", "Its password", behaviour=True)
    ask_on_screen: bool = flag(
        f"{_HTTP}/ui_interaction_enabled", False, "Ask on the screen when a login is wanted", behaviour=True
    )
    mac_in_header: bool = flag(
        f"{_PROV}/configuration/mac_address_in_header", True, "Send the MAC in User-Agent", behaviour=True
    )
    user_agent: str = text(
        "deskphone/provisioning/user_agent",
        "",
        "How User-Agent of HTTP begins; empty = deskphone/VERSION. Behind it stands (MODEL; MAC)",
        64,
        r"[!-'*-~]*",
        "printable ASCII without blanks and brackets",
        behaviour=True,
    )
    random_wait: int = integer(
        f"{_PROV}/random_provisioning_time", 120, 0, 65535, "Longest random wait before a check", "s", behaviour=True
    )
    period: PeriodType = choice(
        f"{_PROV}/period/type", PeriodType.DAILY, "When to check again after power-up", behaviour=True
    )
    hours: int = integer(
        f"{_PROV}/period/hourly/hours_interval", 24, 1, 168, "Hours between checks (HOURLY)", "h", behaviour=True
    )
    daily_time: int = clock(f"{_PROV}/period/daily/time", 0, "Time of the check (DAILY)", behaviour=True)
    weekly_day: Weekday = choice(
        f"{_PROV}/period/weekly/day", Weekday.SUNDAY, "Day of the check (WEEKLY)", behaviour=True
    )
    weekly_time: int = clock(f"{_PROV}/period/weekly/time", 0, "Time of the check (WEEKLY)", behaviour=True)
    redirect_url: str = url(
        f"{_PROV}/redirect_server_url", "Server asked for a URL when DHCP gives none", behaviour=True
    )
    ring_tone_url: str = url(f"{_PROV}/ring_tone_uri", "Ring tone file")
    speed_dial_url: str = url(
        f"{_PROV}/speed_dial_uri", "Speed dial file: lines key,number,blf; keys 1 to 9", beside=True, behaviour=True
    )
    directory_url: str = url(
        f"{_PROV}/corporate_directory_uri",
        "Company directory file: lines of a name and its numbers",
        beside=True,
        behaviour=True,
    )
    verify_server: bool = flag(
        "security/provisioning/verify_server_certificate",
        True,
        "Check the provisioning server's certificate",
        behaviour=True,
    )
    certificate: str = url("security/autoupdate_certificate_uri", "Client certificate of the download", behaviour=True)
    private_key: str = url("security/autoupdate_private_key_uri", "Its private key", behaviour=True)
    multicast: bool = flag(
        "deskphone/provisioning/multicast",
        False,
        "Ask 224.0.1.75 by SIP for a URL (any host can answer)",
        behaviour=True,
    )
    multicast_vendor: str = text(
        "deskphone/provisioning/multicast_vendor",
        "AudioCodes",
        "The vendor that question names, for scripts of servers; empty = none, as the 420HD's manual has it",
        64,
        r"[ !#-\[\]-~]*",
        "printable ASCII without quotes and backslashes",
        behaviour=True,
        empty=True,
    )
    multicast_version: str = text(
        "deskphone/provisioning/multicast_version",
        "",
        "The version named in it; empty = this phone's own",
        64,
        r"[ !#-\[\]-~]*",
        "printable ASCII without quotes and backslashes",
        behaviour=True,
    )
    strict: bool = flag(
        "deskphone/provisioning/strict",
        False,
        "One bad line refuses the whole file, in place of that line only",
        behaviour=True,
    )
    plain_allowed: bool = flag(
        "deskphone/provisioning/plain_allowed",
        False,
        "HTTP, FTP and TFTP although the owner's authority lies on the card",
        behaviour=True,
    )
    whole_file: bool = flag(
        "deskphone/provisioning/whole_file",
        False,
        "What a file does not name is the default, not as it was before",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class Updates:
    """When an update that is installed counts: never in a call or under a typing hand."""

    restart: UpdateRestart = choice(
        "deskphone/update/restart",
        UpdateRestart.NIGHT,
        "Restart into an update: idle, or at night",
        behaviour=True,
    )
    night_time: int = clock(
        "deskphone/update/night_time", 2 * 60, "Begin of the two hours in which NIGHT restarts", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority the phone trusts besides its own list."""

    url: str = url("security/ca_certificate/N/uri", "CA certificate (PEM)", behaviour=True)


@dataclass(frozen=True, slots=True)
class Web:
    """The phone's web pages."""

    enabled: bool = flag("system/web/enabled", True, "Web pages", behaviour=True)
    port: int = integer("system/http_server_port", 80, 1024, 65535, "HTTP port; 0 = none", "", (0, 80), behaviour=True)
    tls_port: int = integer(
        "system/https_server_port", 443, 1024, 65535, "HTTPS port; 0 = none", "", (0, 443), behaviour=True
    )
    https_only: bool = flag("security/web/https_only", True, "HTTPS only", behaviour=True)
    session_timeout: int = integer(
        "system/web_session_timeout", 600, 60, 86400, "Seconds a session may be idle", "s", behaviour=True
    )
    admin_user: str = text("deskphone/web/admin_user_name", "admin", "Administrator of web and menu", behaviour=True)
    admin_password: Secret = secret(
        "deskphone/web/admin_password", "Its password; empty = the web pages let nobody in", behaviour=True
    )
    user: str = text("system/web_user_name", "user", "User with few rights", behaviour=True)
    user_password: Secret = secret("system/web_user_password", "Its password; empty = no such user", behaviour=True)
    user_pages: str = text(
        "system/web_user_access_list",
        "",
        "Pages that user may open besides the status, by their names here (tones) or the 420HD's (tones.htm)",
        512,
        behaviour=True,
    )
    certificate: str = url(
        "deskphone/web/certificate_uri",
        "Certificate of the pages (PEM, its chain behind it), fetched with the files; empty = the phone's own",
        behaviour=True,
    )
    private_key: str = url("deskphone/web/private_key_uri", "Its key; empty = in the same file", behaviour=True)
    allowed_hosts: str = text("security/whitelist/ip", "", "Addresses that may reach the pages; empty = all", 256)


@dataclass(frozen=True, slots=True)
class Hooks:
    """Webhooks: calls, the agent and registrations, posted as JSON to a program of the owner's."""

    url: str = url("deskphone/hooks/url", "Where they are posted; empty = nowhere", ("https", "http"), behaviour=True)
    secret: Secret = secret(
        "deskphone/hooks/secret", "Signs each (Standard Webhooks); whsec_ begins one in Base64", behaviour=True
    )
    events: str = text(
        "deskphone/hooks/events",
        "",
        "Which, by their names or the beginning (call. agent.); empty = all",
        behaviour=True,
    )
    hosts: str = text("system/action_url/hosts", "", "Hosts that may be posted to; empty = none", 256, behaviour=True)
    timeout: int = integer("system/action_url/send_timeout", 10, 0, 100, "Wait for an answer", "s", behaviour=True)
    verify: bool = flag("system/action_url/check_certificate", True, "Check the certificate of https", behaviour=True)


@dataclass(frozen=True, slots=True)
class Mqtt:
    """The phone at an MQTT broker of the owner's: its state, and what happens."""

    url: str = url("deskphone/mqtt/url", "The broker; empty = none", ("mqtts", "mqtt"), behaviour=True)
    user_name: str = text("deskphone/mqtt/user_name", "", "User there", behaviour=True)
    password: Secret = secret("deskphone/mqtt/password", "Its password", behaviour=True)
    topic: str = text(
        "deskphone/mqtt/topic",
        "deskphone",
        "Topics begin with it and the MAC address: TOPIC/<mac>/state",
        64,
        r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*",
        "letters, digits, _ . - and / between them",
        behaviour=True,
    )
    events: str = text(
        "deskphone/mqtt/events",
        "",
        "Which events, by their names or the beginning (call. agent.); empty = all",
        behaviour=True,
    )
    commands: bool = flag(
        "deskphone/mqtt/commands",
        False,
        "Obey TOPIC/<mac>/command: dial, answer, hold, retrieve, hang_up",
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class Telnet:
    """The command line over Telnet, in clear."""

    enabled: bool = flag(
        "management/telnet/enabled", False, "Telnet at port 23, with the administrator's password", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Ssh:
    """The command line over SSH."""

    enabled: bool = flag("deskphone/ssh/enabled", False, "SSH, for the keys below and no password", behaviour=True)
    port: int = integer("deskphone/ssh/port", 22, 1024, 65535, "Its port", "", (22,), behaviour=True)
    keys: str = text(
        "deskphone/ssh/keys", "", "Public keys that may log in (`ssh-ed25519 AAAA... name`), a comma between two", 4000,
        behaviour=True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tr069:
    """CPE WAN management: an auto-configuration server (ACS) reads and sets what this phone is."""

    enabled: bool = flag(f"{_CWMP}/enabled", False, "TR-069 client", behaviour=True)
    acs_url: str = url(f"{_CWMP}/acs_url", "Auto-configuration server", ("https", "http"), behaviour=True)
    user_name: str = text(f"{_CWMP}/user_name", "", "User at it", 256, behaviour=True)
    password: Secret = secret(f"{_CWMP}/password", "Password at it", behaviour=True)
    inform: bool = flag(f"{_CWMP}/inform/enabled", True, "Periodic Inform", behaviour=True)
    inform_interval: int = integer(
        f"{_CWMP}/inform/interval", 3600, 10, 86400, "Its interval; 0 = none", "s", (0,), behaviour=True
    )
    request_user: str = text(
        f"{_CWMP}/connection_request/user_name", "", "User of a connection request", 256, behaviour=True
    )
    request_password: Secret = secret(f"{_CWMP}/connection_request/password", "Its password", behaviour=True)
    request_port: int = integer(
        "deskphone/tr069/connection_request/port",
        0,
        1024,
        65535,
        "Port where a connection request is taken, if it has user and password; 0 = none",
        "",
        (0,),
        behaviour=True,
    )


@dataclass(frozen=True, slots=True)
class DeviceManager:
    """The status report, which the 420HD sends to its vendor's element manager."""

    url: str = url("ems_server/provisioning/url", "Where status is reported", ("https", "http"), behaviour=True)
    user_name: str = text("ems_server/user_name", "", "User there", behaviour=True)
    password: Secret = secret("ems_server/user_password", "Password there", 128, behaviour=True)
    period: int = integer(
        "ems_server/keep_alive_period", 60, 0, 300, "Minutes between reports; 0 = none", "min", behaviour=True
    )


@dataclass(frozen=True, slots=True)
class Syslog:
    """Log lines. The journal on the phone has them whatever is set here."""

    mode: SyslogMode = choice(
        "system/syslog/mode",
        SyslogMode.LOCAL,
        "Where log lines go besides the journal: NETWORK and ALL send them to the server",
        {"4": SyslogMode.LOCAL, "1": SyslogMode.NETWORK, "2": SyslogMode.SERIAL, "3": SyslogMode.ALL},
        behaviour=True,
        only=(SyslogMode.DISABLE, SyslogMode.LOCAL, SyslogMode.NETWORK, SyslogMode.ALL),
    )
    server: str = host("system/syslog/server_address", "Syslog server", behaviour=True)
    port: int = integer("system/syslog/server_port", 514, 1, 65535, "Its port", behaviour=True)
    transport: SyslogTransport = choice(
        "deskphone/syslog/transport", SyslogTransport.UDP, "UDP (RFC 5426) or TCP (RFC 6587)", behaviour=True
    )
    format: SyslogFormat = choice(
        "deskphone/syslog/format", SyslogFormat.RFC5424, "How a line is written", behaviour=True
    )
    level: LogLevel = choice(
        "system/syslog/log_level",
        LogLevel.BASIC,
        "What is sent: nothing, notices and what is worse, or details as well",
        {"-1": LogLevel.NONE, "1": LogLevel.BASIC, "3": LogLevel.DETAILED},
        behaviour=True,
    )
    trace: TraceLevel = choice(
        "system/trace/level",
        TraceLevel.NONE,
        "Severity of the local trace",
        {"-1": TraceLevel.NONE, "3": TraceLevel.ERROR},
    )


@dataclass(frozen=True, slots=True)
class System:
    """The device."""

    model: str = text(
        "system/type",
        "420HD",
        "Model shown on the status page; a file for another model gets a warning, and from provisioning it is refused",
        32,
        behaviour=True,
    )
    watchdog: bool = flag("system/watchdog/enabled", True, "Restart a program that hangs", restart=True)
    pin_lock: bool = flag("system/pin_lock/enabled", False, "Lock the phone with a PIN")


@dataclass(frozen=True, slots=True)
class Security:
    """Trust."""

    authority: tuple[Authority, ...] = indexed(Authority, 5)
