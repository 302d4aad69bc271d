################################################################################
#
# deskphone-pjproject
#
################################################################################

# pjproject with pjsua2 for Python and our SIP event extension, from the same
# options, config_site.h and C files as on a laptop (firmware/native). Buildroot's
# own libpjsip is not used: it switches G.711, G.722 and resampling off.

# The commit of firmware/native/pjproject.toml, not the release: see there.
DESKPHONE_PJPROJECT_VERSION = b7317ffcaf1d20a38eb231cf15b7b65c4734dbb4
DESKPHONE_PJPROJECT_SOURCE = pjproject-$(DESKPHONE_PJPROJECT_VERSION).tar.gz
DESKPHONE_PJPROJECT_SITE = $(call github,pjsip,pjproject,$(DESKPHONE_PJPROJECT_VERSION))
DESKPHONE_PJPROJECT_LICENSE = GPL-2.0+
DESKPHONE_PJPROJECT_LICENSE_FILES = COPYING
DESKPHONE_PJPROJECT_CPE_ID_VENDOR = teluu
DESKPHONE_PJPROJECT_CPE_ID_PRODUCT = pjsip
# The release that the commit follows: what was mended since is still called open.
DESKPHONE_PJPROJECT_CPE_ID_VERSION = 2.17
DESKPHONE_PJPROJECT_DEPENDENCIES = \
	host-swig alsa-lib libgsm libsrtp openssl opus python3 speex speexdsp util-linux

DESKPHONE_PJPROJECT_NATIVE = $(BR2_EXTERNAL_DESKPHONE_PATH)/../firmware/native

# The flags of firmware/native/pjproject.toml, after the target's own.
DESKPHONE_PJPROJECT_CFLAGS = $(TARGET_CFLAGS) -O2 -g0 -fPIC
DESKPHONE_PJPROJECT_CONF_ENV = \
	LD="$(TARGET_CC)" \
	CFLAGS="$(DESKPHONE_PJPROJECT_CFLAGS)" \
	CXXFLAGS="$(TARGET_CXXFLAGS) -O2 -g0 -fPIC"

# The image's own: where the libraries are, and that pjproject's go into the
# binding (Buildroot asks for shared ones). All else is the common list.
DESKPHONE_PJPROJECT_CONF_OPTS = \
	$(shell grep -h ^-- $(DESKPHONE_PJPROJECT_NATIVE)/configure-options.txt) \
	--disable-shared \
	--with-ssl=$(STAGING_DIR)/usr \
	--with-opus=$(STAGING_DIR)/usr

# No tests, no applications.
DESKPHONE_PJPROJECT_MAKE_OPTS = lib

define DESKPHONE_PJPROJECT_SITE_CONFIG
	$(INSTALL) -m 0644 $(DESKPHONE_PJPROJECT_NATIVE)/config_site.h \
		$(@D)/pjlib/include/pj/config_site.h
endef
DESKPHONE_PJPROJECT_POST_PATCH_HOOKS += DESKPHONE_PJPROJECT_SITE_CONFIG

define DESKPHONE_PJPROJECT_BUILD_BINDING
	$(TARGET_MAKE_ENV) $(MAKE1) -C $(@D) -f $(DESKPHONE_PJPROJECT_PKGDIR)/binding.make \
		NATIVE=$(DESKPHONE_PJPROJECT_NATIVE) \
		PYTHON_INCLUDE=$(STAGING_DIR)/usr/include/python$(PYTHON3_VERSION_MAJOR) \
		SOURCE=$(DESKPHONE_PJPROJECT_VERSION) \
		SWIG=$(HOST_DIR)/bin/swig CC="$(TARGET_CC)" CXX="$(TARGET_CXX)"
endef
DESKPHONE_PJPROJECT_POST_BUILD_HOOKS += DESKPHONE_PJPROJECT_BUILD_BINDING

define DESKPHONE_PJPROJECT_INSTALL_TARGET_CMDS
	$(INSTALL) -d $(TARGET_DIR)/usr/lib/python$(PYTHON3_VERSION_MAJOR)/site-packages
	$(INSTALL) -m 0755 $(@D)/binding/_pjsua2.so $(@D)/binding/deskphone_sipext.so \
		$(TARGET_DIR)/usr/lib/python$(PYTHON3_VERSION_MAJOR)/site-packages
	$(INSTALL) -m 0644 $(@D)/binding/pjsua2.py \
		$(TARGET_DIR)/usr/lib/python$(PYTHON3_VERSION_MAJOR)/site-packages
endef

$(eval $(autotools-package))
