################################################################################
#
# deskphone-splash
#
################################################################################

# The first word on the display, long before Python has started.

DESKPHONE_SPLASH_VERSION = 1
DESKPHONE_SPLASH_SITE = $(BR2_EXTERNAL_DESKPHONE_PATH)/package/deskphone-splash/src
DESKPHONE_SPLASH_SITE_METHOD = local
DESKPHONE_SPLASH_LICENSE = GPL-2.0+
DESKPHONE_SPLASH_LICENSE_FILES = LICENSE
DESKPHONE_SPLASH_DEPENDENCIES = host-python3

define DESKPHONE_SPLASH_COPY_LICENSE
	$(INSTALL) -m 0644 $(BR2_EXTERNAL_DESKPHONE_PATH)/../LICENSE $(@D)/LICENSE
endef
DESKPHONE_SPLASH_POST_RSYNC_HOOKS += DESKPHONE_SPLASH_COPY_LICENSE

define DESKPHONE_SPLASH_BUILD_CMDS
	$(TARGET_CC) $(TARGET_CFLAGS) $(TARGET_LDFLAGS) -std=gnu11 -Wall -Wextra \
		-o $(@D)/deskphone-splash $(@D)/splash.c
endef

# Which display, on which wires: from the board file, as the program itself.
define DESKPHONE_SPLASH_INSTALL_TARGET_CMDS
	$(INSTALL) -D -m 0755 $(@D)/deskphone-splash $(TARGET_DIR)/usr/lib/deskphone/splash
	$(HOST_DIR)/bin/python3 $(BR2_EXTERNAL_DESKPHONE_PATH)/scripts/splash_conf.py \
		$(BR2_EXTERNAL_DESKPHONE_PATH)/../board/$(DESKPHONE_HANDSET).toml \
		> $(TARGET_DIR)/usr/lib/deskphone/splash.conf
endef

$(eval $(generic-package))
