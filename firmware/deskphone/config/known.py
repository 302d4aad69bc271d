"""Names of the 420HD that this phone has no setting for, so that the reader does not call them unknown.

Law: data and a look-up, grouped by the beginning of the name; N is an index. A name that gets a behaviour moves to
`schema/`.
"""

from __future__ import annotations

import re

_NAMES = {
    "kernel/cfg": "enable_core_dump",
    "network/ipv4/tcp": "retries2",
    "network/lan": "port_mode",
    "network/lan/_802_1x": "local_ca_url trust_ca_url",
    "network/lan/location": (
        "civicaddr/building civicaddr/city civicaddr/city_division civicaddr/country civicaddr/floor "
        "civicaddr/house_number civicaddr/house_number_suffix civicaddr/landmark "
        "civicaddr/leading_street_direction civicaddr/name civicaddr/national_subdivision "
        "civicaddr/neighborhood civicaddr/postal civicaddr/room_number civicaddr/street "
        "civicaddr/street_suffix civicaddr/trailing_street_suffix civicaddr/unit elin/address location_uri "
        "source"
    ),
    "network/lan/secondary_ip": "enable gateway ip netmask vlan_id",
    "network/lan/vlan": "pc_port_id pc_port_priority pc_port_tagging/enable vlan_switch/enable",
    "network/pc": "port_mode",
    "network/pc_port_mirroring": "enabled",
    "personal_settings": (
        "blf_lcd_contrast disablesfbpowersavemode enhanced_lcd_contrast lcd_active_mode_brightness "
        "lcd_active_mode_brightness_high lcd_active_mode_brightness_low lcd_active_mode_brightness_medium "
        "lcd_active_mode_timeout lcd_dimmer_mode_brightness lcd_dimmer_mode_brightness_high "
        "lcd_dimmer_mode_brightness_low lcd_dimmer_mode_brightness_medium lcd_dimmer_mode_timeout "
        "lcd_night_mode_brightness lcd_night_mode_brightness_high lcd_night_mode_brightness_low "
        "lcd_night_mode_brightness_medium ui_theme x_sps_id"
    ),
    "personal_settings/functional_key/N": (
        "parking_lot_name parking_lot_number parking_lot_target shared_line_index speed_dial_extension"
    ),
    "personal_settings/lync_contacts_list": "display_mode",
    "personal_settings/menu/keys_configuration": "navigation_keys/enabled soft_keys/enabled speed_dial_keys/enabled",
    "personal_settings/menu/languages": (
        "chinese/enabled chinesetraditional/enabled czech/enabled danish/enabled english/enabled "
        "finnish/enabled french/enabled frenchcanadian/enabled german/enabled hebrew/enabled italian/enabled "
        "japanese/enabled korean/enabled latvian/enabled polish/enabled portuguese/enabled "
        "portuguesebrazilian/enabled slovak/enabled spanish/enabled turkish/enabled"
    ),
    "personal_settings/soft_keys/call_record": "signal_duration",
    "personal_settings/soft_keys/display_idle_screen_keys_when_dialing": "enabled",
    "personal_settings/soft_keys/rec": "N/signal_value",
    "provisioning/configuration": "dynamic_url",
    "provisioning/firmware": "dynamic_url",
    "provisioning/syncuserconfig": "enable syncid unreceivedrequest",
    "security": "ldaps_certificate_uri ldaps_private_key_uri",
    "security/web": "no_https",
    "system": "allowcallsinlockstate answerdelegateincomingcalls hw_type server_lock_error_code",
    "system/action_url": "lock lock_status lync_contacts_list unlock",
    "system/activation_keys": "amr_coder portuguese_language tr069",
    "system/aoc": "currency enabled ratio",
    "system/cfg": "version_id voip_stub",
    "system/current_cfg_update/N": "parameter",
    "system/current_user_presence_status": "enabled",
    "system/feature_key_synchronization/forward": "N/destination",
    "system/feature_key_synchronization/status": "N/fks_status",
    "system/filesystem": "mtd3_utilization_limit",
    "system/hot_desking": "enabled remindertimeout",
    "system/ldap": (
        "area_code base call_lookup country_code display_name enabled lookup_incoming_call max_hits "
        "minimal_name_search_length name_attrs name_filter network_timeout number_attrs number_filter "
        "operation_timeout password port predict_text search_timeout secured send_queries_while_typing "
        "server_address sorting_result support_referrals user_name"
    ),
    "system/ldap/ui": "use_right_arrow_active_search",
    "system/lldpd": "fast_start_count",
    "system/lock/N": "activated allow_incoming_calls enabled",
    "system/logs_server": "address device_id extaddress quiet_mode_uploading",
    "system/memory_monitor": "interval margin",
    "system/pin_lock": "last_server_configuration_enabled",
    "system/syslog": "sip_log_filter udp_log udp_log_accumulate",
    "system/syslog/component": (
        "btoe cert cgi control_center dsp extra ice_stack ieee802_1x infra kernel lcd_display lib "
        "sip_call_control sip_stack sipe voip_application watchdog web_server xsi"
    ),
    "system/syslog/meminfolog": "enabled",
    "system/trace": "max_file_size",
    "system/trace/console_printf": "enabled",
    "system/watchdog": (
        "IppAnalysisServerUrl admintftpserever coredump_handling_enabled hw_enabled hw_timeout max_core_dump_on_flash"
    ),
    "voip": "call_list_support_uri cwrr_enabled lhcwrr_enabled lhcwrr_wait_time",
    "voip/audio": "g722_overload_point",
    "voip/audio/AMR": "local_rate octet_aligned/enabled redundancy_level remote_rate",
    "voip/audio/comfort_noise": "mode threshold",
    "voip/audio/compressor": "enabled ratio threshold",
    "voip/audio/echo_canceler": "aggressive_nlp cng/enabled",
    "voip/audio/echo_cancellation": (
        "automatic_nlp enhanced_nlp_mode extended_nlp/enabled handset/hpf_mode handsfree/hpf_mode "
        "headset/hpf_mode nlp/handset/mode nlp/headset/mode nlp/max_delay nlp/mode nlp/speaker/mode "
        "preconvergenceattenuation"
    ),
    "voip/audio/equalizer": "enabled",
    "voip/audio/gain": (
        "automatic_gain_control/fast_adap_duration automatic_gain_control/fast_adap_gain_slope "
        "automatic_gain_control/nb/handset_direction automatic_gain_control/nb/handset_enabled "
        "automatic_gain_control/nb/handset_slow_adap_gain_slope "
        "automatic_gain_control/nb/handset_target_energy automatic_gain_control/nb/handsfree_direction "
        "automatic_gain_control/nb/handsfree_enabled automatic_gain_control/nb/handsfree_slow_adap_gain_slope "
        "automatic_gain_control/nb/handsfree_target_energy automatic_gain_control/nb/headset_direction "
        "automatic_gain_control/nb/headset_enabled automatic_gain_control/nb/headset_slow_adap_gain_slope "
        "automatic_gain_control/nb/headset_target_energy automatic_gain_control/wb/handset_direction "
        "automatic_gain_control/wb/handset_slow_adap_gain_slope automatic_gain_control/wb/handsfree_direction "
        "automatic_gain_control/wb/handsfree_slow_adap_gain_slope automatic_gain_control/wb/headset_direction "
        "automatic_gain_control/wb/headset_slow_adap_gain_slope handset_analog_sidetone_gain "
        "headset_analog_sidetone_gain nb/additional_speaker_gain nb/handset_analog_input_gain "
        "nb/handset_analog_output_gain nb/handset_digital_input_gain nb/handset_digital_output_gain "
        "nb/handsfree_analog_input_gain nb/handsfree_analog_output_gain nb/handsfree_digital_input_gain "
        "nb/handsfree_digital_output_gain nb/headset_analog_input_gain nb/headset_analog_output_gain "
        "nb/headset_digital_input_gain nb/headset_digital_output_gain nb/usb_headset_digital_input_gain "
        "nb/usb_speaker_digital_input_gain wb/additional_speaker_gain wb/handset_analog_input_gain "
        "wb/handset_analog_output_gain wb/handsfree_analog_input_gain wb/handsfree_analog_output_gain "
        "wb/headset_analog_input_gain wb/headset_analog_output_gain wb/usb_headset_digital_input_gain "
        "wb/usb_speaker_digital_input_gain"
    ),
    "voip/audio/noise_reduction": (
        "attenuation handset/enabled handsfree/enabled headset/enabled post_gain/enabled suppression/enabled "
        "suppression/gain threshold"
    ),
    "voip/codec": "force_linear g722_bitrate g723_bitrate",
    "voip/codec/ln16bit": "adpcmpayloadformat",
    "voip/codec/silk": "forwarderrorcorrection maxaveragebitrate maxptime overusefactor ptime",
    "voip/common_area": "enhanced_mode is_cap_device",
    "voip/dialing": "enable_remote_disconnect_warningTone new_call_after_disconnect_timeout",
    "voip/dialing/secondary_dial_tone": "add_prefix",
    "voip/ice": "enable ice2007 runinmtfthread",
    "voip/line/N": (
        "extension_display_from_server group ipphone_registered "
        "shared_call_appearance/call_info_expiration_timeout "
        "shared_call_appearance/call_info_subscription_failed_timeout "
        "shared_call_appearance/line_seize_expiration_timeout shared_call_appearance/speed_dial_delay "
        "shared_call_appearance/waiting_to_line_seize_tone"
    ),
    "voip/line_key/N": "key_event line",
    "voip/media": "prevent_cn_in_early_media",
    "voip/media/srtp": (
        "NegotiationMode RTP_auth_enabled RTP_encrypt_enabled aria_support_enabled second_crypto use_lifetime"
    ),
    "voip/packet_recording": "enabled remote_ip remote_port",
    "voip/packet_recording/cng_debug_recording": "enabled",
    "voip/packet_recording/ec_debug_recording": "enabled",
    "voip/packet_recording/force_coder_output_record": "enabled",
    "voip/packet_recording/network_recording": "enabled",
    "voip/packet_recording/noise_reduction_recording": "enabled",
    "voip/packet_recording/rtp_recording": "enabled",
    "voip/packet_recording/srtp_audit_events": "enabled",
    "voip/packet_recording/tdm_recording": "enabled",
    "voip/qoe": (
        "print_xml qoe_publish_enabled qoe_publish_expires qoe_publsh_protocol qoe_server_address "
        "qoe_server_port qoe_server_user qoe_service_enabled use_outbound_proxy"
    ),
    "voip/rtcp_xr/vq_statistics": "mode",
    "voip/services": "application_server_type park_prefix park_with_refer retrieve_prefix",
    "voip/services/SPOT": "response_title",
    "voip/services/busy_lamp_field": (
        "application_server/addr application_server/use_registrar color_settings enabled subscription_period uri"
    ),
    "voip/services/enhanced_ACD": "enabled",
    "voip/services/group_paging": (
        "allow_barge_in/enabled allow_make_paging/enabled codec enabled end_income_paging_timeout "
        "group/N/activated group/N/multicast_addr group/N/name group/N/port group/N/priority group/N/sfd"
    ),
    "voip/services/msg_waiting_ind": "always_send_port",
    "voip/services/pause_dialing": "digit_duration digit_gap enabled pause_duration",
    "voip/services/sk_private_hold": "enable",
    "voip/services/sla": "barging/enable lineseize/enable type",
    "voip/services/vm_skip_pin_code": "enabled",
    "voip/services/vocanom": "label number transport_mode",
    "voip/services/vocanom_server": "enabled ip_address port",
    "voip/signalling/sip": (
        "allow_unused_transport_ports discovered_outbound_proxy/addr discovered_outbound_proxy/port "
        "ext_error_codes forked_1xx_timer_timeout lync_type_number_rules redundant_outbound_proxy/address "
        "redundant_outbound_proxy/enabled redundant_outbound_proxy/keepalive_period "
        "redundant_outbound_proxy/port redundant_outbound_proxy/symmetric_mode tls_disable"
    ),
    "voip/signalling/sipe": "tls_cipher_list tls_disable tls_method",
    "voip/sla/group": "N/description N/enabled",
    "voip/usb/headset": "enabled hid/off_hook",
    "voip/voice_quality": "MaxTMMBRTransmissionRate smart_transcoding",
    "xsi": "host http_port http_security password update_time user_id",
    "xsi/callcenter": "update",
    "xsi/calllog": "enable",
    "xsi/contact": "enable number_of_results",
}

_INDEX = re.compile(r"/\d{1,3}(?=/|\Z)", re.ASCII)

# Compared without case, since files of the family write them in any; no two of them differ in case alone.
KNOWN: frozenset[str] = frozenset(f"{start}/{rest}" for start, rests in _NAMES.items() for rest in rests.split())


_FOLDED = frozenset(name.casefold() for name in KNOWN)


def is_known(name: str) -> bool:
    """Whether it is one of KNOWN, in any case and with any index of up to three digits in place of N."""
    folded = name.casefold()
    return folded in _FOLDED or _INDEX.sub("/n", folded) in _FOLDED
