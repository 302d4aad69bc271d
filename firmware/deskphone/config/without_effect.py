"""Why a setting that is read has no effect here: what the reference page says beside "read".

Law: data and a look-up. The first entry whose beginning fits counts; a setting that gets a behaviour needs none.
"""

from __future__ import annotations

from deskphone.config.kind import ON

_SIP = "voip/signalling/sip/"
_ME = "personal_settings/"
_MIXER = "levels belong to the board's sound card and its mixer; the person's volumes are deskphone/volume/*"
_STACK = "the SIP stack does it its own way and offers no switch"
_OWN_TONES = "the country's tones (regional_settings/selected_country) are used"
_SOFTKEYS = "a softkey has the phone's own word and no number behind it; a digit held down has one (functional_key)"
_ROOT = "the network is set up by the operating system's DHCP client before the program starts"
_OLDER_ACD = "the older agent method's messages are not public; BROADSOFT's are spoken to the SIP Server itself"
_CARD = "needs a device that this board does not have"

_FILE = "name the company's directory as a file (provisioning/corporate_directory_uri)"
MISSING = {
    "system/ldap/enabled": f"LDAP is not built: {_FILE}",
    "voip/services/electronic_hook_switch/enabled": "the board has no DHSG: a USB headset's own keys work without it",
    "voip/services/busy_lamp_field/enabled": "lamps of other phones are not built: the keys dial",
    "voip/services/group_paging/enabled": "paging by multicast is not built",
    "voip/services/enhanced_ACD/enabled": "the agent's states are those of voip/services/ACD, server_type BROADSOFT",
    "xsi/contact/enable": f"XSI is not built: {_FILE}",
}
"""What a file switches on and this phone has not, in words for who wrote the file."""

REASONS: tuple[tuple[str, str], ...] = (
    ("voip/line/N/line_mode", "shared lines are not built; line 0 is private"),
    ("network/quick_reregister", "always done: a new address is registered at once"),
    ("voip/distribute_multiple_line_registrations", "there is one line to register"),
    (f"{_SIP}tls_cipher_list", "OpenSSL's own list of TLS 1.2 and 1.3"),
    (f"{_SIP}sdp_", _STACK),
    (f"{_SIP}sendrecv_instead", "a hold is answered with recvonly (RFC 3264)"),
    (f"{_SIP}connect_media_on_180", "early media is heard as soon as its packets come, whatever the code"),
    ("voip/voice_quality", "RTCP is always sent"),
    ("voip/media/srtp/use_mki", _STACK),
    ("voip/media/srtp/mki_length", _STACK),
    ("voip/media/srtp/RTCP", "SRTCP is always encrypted"),
    ("voip/media/dtmf_via_sip_force_flag", "INFO is sent where the setting chooses it, listed by the far end or not"),
    ("voip/media/ignore_rfc_2833", "digits of the far end are never played"),
    ("voip/audio/microphone", "the speakerphone's microphone is on; hands_free_mode takes both away"),
    ("voip/audio/noise_reduction", "the echo canceller's noise suppression is always on"),
    ("voip/audio/comfort_noise", _STACK),
    ("voip/audio/jitter_buffer", "the stack's jitter buffer adapts by itself"),
    ("voip/codec/opus/jitter_buffer", "the stack's jitter buffer adapts by itself"),
    ("voip/audio/gain/automatic_gain_control", "automatic gain control is not built"),
    ("voip/audio/gain/dtmf_rtp_event", _STACK),
    ("voip/audio/gain/", _MIXER),
    ("voip/audio/volume/", _MIXER),
    ("voip/dialing/replace_number_sign", "# is always written %23 in an address (RFC 3261 section 25.1)"),
    ("voip/dialing/on_hook_dialing", "a digit on the idle phone opens the dial screen and no device"),
    ("voip/dialing/warning_tone_timeout", "the tone of a call that failed lasts as long as the words on the screen"),
    ("voip/dialing/offhook_tone_timeout", "the off-hook warning lasts until the handset is put down"),
    ("voip/dialing/alerting_tone_timeout", "ring-back lasts as long as it rings at the far end"),
    ("voip/dialing/phone_number_max_size", "a number or address may have 64 characters"),
    ("voip/dialing/allow_calling_self", "the server decides about a call to the own number"),
    ("voip/services/msg_waiting/stutter", "the country's stutter tone, whose length is part of it"),
    ("voip/dialing/secondary_dial_tone", "there is no second dial tone; number_rules can take a digit away"),
    ("voip/dialing/automatic_disconnect", "the phone is idle as soon as the far end hung up"),
    ("voip/dialing/automatic_redial_on_busy", "a busy number is dialled again by the Redial key"),
    ("voip/regional_settings/", _OWN_TONES),
    ("voip/services/out_of_service_behavior", "the screen says that the line is out of service; dial tone stays"),
    ("voip/services/msg_waiting_ind/", "voice mail is subscribed to at the SIP Server"),
    ("voip/services/ACD/", _OLDER_ACD),
    ("voip/services/greeting", "greetings are not built"),
    ("voip/services/supervisor_listen_in", _CARD),
    ("voip/services/electronic_hook_switch", _CARD),
    (f"{_ME}lcd_contrast", "an OLED has no contrast to set; it dims by lcd/backlight/timeout"),
    ("voip/extension_display/number_of_id", "the number is shown whole"),
    (f"{_ME}speed_dial_programming", "the person programs no keys"),
    ("system/enable_key_configuration", "the person programs no keys"),
    (f"{_ME}soft_key", _SOFTKEYS),
    (f"{_ME}new_call_screen", "while dialling CONTACTS and MENU open the directory and the call log"),
    (f"{_ME}menu/", "this phone's menu has no such row"),
    ("network/lan/dhcp", _ROOT),
    ("system/ntp/sync_time", "systemd-timesyncd asks as often as it needs to"),
    ("provisioning/ring_tone_uri", "ring tones are those on the card"),
    ("security/whitelist", "who may reach the pages is the packet filter's"),
    ("system/trace", "the journal is systemd's; deskphone run says how much it logs"),
    ("system/watchdog", "the watchdog is always on"),
    ("system/pin_lock", "there is no lock of keys by a PIN; voip/block_non_numeric_key locks menus"),
)


def reason(name: str) -> str:
    """Why the setting of this name has no effect here; "" where REASONS has no beginning of it."""
    return next((why for start, why in REASONS if name.startswith(start)), "")


def missing(name: str, value: str) -> str:
    """What is said of a line that switches on what this phone has not; "" for any other line."""
    if value.strip().upper() not in ON:
        return ""
    return next((words for each, words in MISSING.items() if each.casefold() == name.casefold()), "")
