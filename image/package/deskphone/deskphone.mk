################################################################################
#
# deskphone
#
################################################################################

# The program of the phone, its units, and the files of the board it runs on.

DESKPHONE_VERSION = 0.1.0
DESKPHONE_SITE = $(BR2_EXTERNAL_DESKPHONE_PATH)/../firmware
DESKPHONE_SITE_METHOD = local
DESKPHONE_LICENSE = GPL-2.0+
DESKPHONE_LICENSE_FILES = LICENSE
DESKPHONE_SETUP_TYPE = setuptools
# pyproject.toml pins the laptop's setuptools; Buildroot brings its own.
DESKPHONE_BUILD_OPTS = --skip-dependency-check
DESKPHONE_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = \
	--exclude '*.egg-info' --exclude __pycache__ --exclude '.*_cache' \
	--exclude build --exclude native --exclude sounds/synthesise.py

DESKPHONE_BOARDS = $(BR2_EXTERNAL_DESKPHONE_PATH)/../board
DESKPHONE_BOARD = $(call qstrip,$(BR2_PACKAGE_DESKPHONE_BOARD))
DESKPHONE_HANDSET = $(call qstrip,$(BR2_PACKAGE_DESKPHONE_HANDSET))

define DESKPHONE_COPY_LICENSE
	$(INSTALL) -m 0644 $(DESKPHONE_SITE)/../LICENSE $(@D)/LICENSE
endef
DESKPHONE_POST_RSYNC_HOOKS += DESKPHONE_COPY_LICENSE

define DESKPHONE_INSTALL_BOARD
	$(INSTALL) -D -m 0644 $(DESKPHONE_BOARDS)/$(DESKPHONE_HANDSET).toml $(TARGET_DIR)/etc/deskphone/handset.toml
	$(INSTALL) -D -m 0644 $(DESKPHONE_BOARDS)/asound.conf $(TARGET_DIR)/etc/asound.conf
	$(if $(BR2_PACKAGE_RPI_FIRMWARE),test -f \
		$(DESKPHONE_BOARDS)/$(DESKPHONE_BOARD)/70-deskphone-sound.rules)
	$(foreach rules,$(wildcard $(DESKPHONE_BOARDS)/$(DESKPHONE_BOARD)/*.rules), \
		$(INSTALL) -D -m 0644 $(rules) $(TARGET_DIR)/usr/lib/udev/rules.d/$(notdir $(rules))
	)
	$(foreach unit,$(wildcard $(DESKPHONE_BOARDS)/$(DESKPHONE_BOARD)/*.service), \
		$(INSTALL) -D -m 0644 $(unit) $(TARGET_DIR)/usr/lib/systemd/system/$(notdir $(unit))
	)
	$(foreach conf,$(wildcard $(DESKPHONE_BOARDS)/$(DESKPHONE_BOARD)/deskphone.service.d/*.conf), \
		$(INSTALL) -D -m 0644 $(conf) \
			$(TARGET_DIR)/usr/lib/systemd/system/deskphone.service.d/$(notdir $(conf))
	)
endef
DESKPHONE_POST_INSTALL_TARGET_HOOKS += DESKPHONE_INSTALL_BOARD

define DESKPHONE_INSTALL_INIT_SYSTEMD
	$(foreach unit,deskphone.service deskphone-manage.service deskphone-manage-https.socket deskphone-manage-http.socket \
		deskphone-ssh.socket deskphone-ssh@.service deskphone-telnet.socket deskphone-telnet@.service, \
		$(INSTALL) -D -m 0644 $(DESKPHONE_SITE)/systemd/$(unit) $(TARGET_DIR)/usr/lib/systemd/system/$(unit)
	)
	$(INSTALL) -D -m 0644 $(DESKPHONE_SITE)/systemd/deskphone.tmpfiles.conf \
		$(TARGET_DIR)/usr/lib/tmpfiles.d/deskphone.conf
	$(INSTALL) -D -m 0644 $(DESKPHONE_SITE)/systemd/deskphone.sysusers.conf \
		$(TARGET_DIR)/usr/lib/sysusers.d/deskphone.conf
endef

# The DHCP client's configuration and unit replace those of Buildroot's package,
# so they are put in place when all packages are there.
DESKPHONE_DHCP = $(DESKPHONE_SITE)/dhcp
define DESKPHONE_INSTALL_DHCP
	$(INSTALL) -D -m 0644 $(DESKPHONE_DHCP)/dhcpcd.conf $(TARGET_DIR)/etc/dhcpcd.conf
	$(INSTALL) -D -m 0644 $(DESKPHONE_DHCP)/dhcpcd-hooks/60-deskphone \
		$(TARGET_DIR)/usr/lib/dhcpcd/dhcpcd-hooks/60-deskphone
	$(INSTALL) -D -m 0755 $(DESKPHONE_DHCP)/deskphone-network \
		$(TARGET_DIR)/usr/lib/deskphone/deskphone-network
	$(foreach unit,dhcpcd.service deskphone-network.service deskphone-network.path deskphone-clock.service \
		deskphone-clock.path, \
		$(INSTALL) -D -m 0644 $(DESKPHONE_DHCP)/$(unit) $(TARGET_DIR)/usr/lib/systemd/system/$(unit)
	)
	$(foreach unit,deskphone-lan.service deskphone-8021x.service deskphone-lldp.service, \
		$(INSTALL) -D -m 0644 $(DESKPHONE_SITE)/lan/$(unit) $(TARGET_DIR)/usr/lib/systemd/system/$(unit)
	)
	$(foreach part,$(notdir $(wildcard $(DESKPHONE_SITE)/lan/*.py)), \
		$(INSTALL) -D -m 0644 $(DESKPHONE_SITE)/lan/$(part) $(TARGET_DIR)/usr/lib/deskphone/lan/$(part)
	)
	ln -sf ../run/resolv.conf $(TARGET_DIR)/etc/resolv.conf
endef
DESKPHONE_TARGET_FINALIZE_HOOKS += DESKPHONE_INSTALL_DHCP

# The root file system is read-only, so the users of deskphone.sysusers.conf are
# made here. Numbers are fixed: /data outlives the image that wrote it.
define DESKPHONE_USERS
	deskphone 980 deskphone 980 * - - audio,gpio,spi,i2c,hidraw,deskphone-manage Desk phone
	deskphone-manage 986 deskphone-manage 986 * - /bin/sh - Management of the desk phone
	deskphone-capture 988 deskphone-capture 988 * - - - Packet capture
	packet-filter 985 packet-filter 985 * - - - Packet filter
	_lldpd 987 _lldpd 987 * - - - LLDP
	- - gpio 981 * - - - Pins
	- - spi 982 * - - - Display on SPI
	- - i2c 983 * - - - Display on I2C
	- - hidraw 984 * - - - USB headset
endef

$(eval $(python-package))
