# What Buildroot takes instead of its own archives where only Debian's archive and PyPI can be reached. Read first, by
# BR2_PACKAGE_OVERRIDE_FILE; `override` because Buildroot's own recipes are read after it. README.md says why.
# Hash checks and Buildroot's patches stay in force: archives change name or version, not the way they are built.

DESKPHONE_SUBSTITUTES ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/deskphone/substitutes
ifeq ($(wildcard $(DESKPHONE_SUBSTITUTES)/toolchain),)
$(error DESKPHONE_SUBSTITUTES: expected the folder that image/substitutes/prepare.sh filled)
endif

# The same version in another archive.
override EXPAT_SOURCE = expat_2.8.2.orig.tar.gz
EXPAT_SUBDIR = expat
EXPAT_AUTORECONF = YES
HOST_EXPAT_AUTORECONF = YES
override FREETYPE_SOURCE = freetype_2.14.3+dfsg.orig.tar.xz
override KMOD_SOURCE = kmod_34.2.orig.tar.xz
override LIBFFI_SOURCE = libffi_3.4.8.orig.tar.gz
LIBFFI_AUTORECONF = YES
override LIBZLIB_SOURCE = zlib_1.3.dfsg+really1.3.2.orig.tar.gz
override E2FSPROGS_SOURCE = e2fsprogs_1.47.4.orig.tar.gz
override OPUS_SOURCE = opus_1.6.1.orig.tar.xz
override TZDATA_SOURCE = tzdata_2026b.orig.tar.gz
override TCPDUMP_SOURCE = tcpdump_4.99.6.orig.tar.xz
override PYTHON_SYSTEMD_SOURCE = python-systemd_235.orig.tar.gz
override PYTHON_PAHO_MQTT_SOURCE = paho_mqtt-2.1.0.tar.gz
override DHCPCD_SOURCE = dhcpcd-git-10.2.4.tar.gz
override IPROUTE2_SOURCE = iproute2-git-7.0.0.tar.gz
override PATCHELF_SOURCE = patchelf-git-0.13.tar.gz
HOST_PATCHELF_AUTORECONF = YES
override PKGCONF_SOURCE = pkgconf-git-2.3.0.tar.gz
PKGCONF_AUTORECONF = YES
HOST_PKGCONF_AUTORECONF = YES

# Another version.
override ALSA_LIB_VERSION = 1.2.14
override ALSA_LIB_SOURCE = alsa-lib_1.2.14.orig.tar.bz2
override C_ARES_VERSION = 1.34.8
override C_ARES_SOURCE = c-ares_1.34.8.orig.tar.gz
override CA_CERTIFICATES_VERSION = 20250419
override AUTOCONF_ARCHIVE_VERSION = 20241016
override AUTOCONF_ARCHIVE_SOURCE = autoconf-archive_20241016.orig.tar.xz
override LIBGLIB2_VERSION = 2.84.4
override LIBGLIB2_SOURCE = glib2.0_2.84.4.orig.tar.xz
override LIBGSM_VERSION = 1.0.22
override LIBGSM_SOURCE = libgsm_1.0.22.orig.tar.gz
override LIBNL_VERSION = 3.7.0
override LIBNL_SOURCE = libnl3_3.7.0.orig.tar.gz
override LIBPCAP_VERSION = 1.10.5
override LIBPCAP_SOURCE = libpcap_1.10.5.orig.tar.xz
override LLDPD_VERSION = 1.0.18
override LLDPD_SOURCE = lldpd_1.0.18.orig.tar.gz
override LIBTOOL_VERSION = 2.4.7
override LIBTOOL_SOURCE = libtool_2.4.7.orig.tar.xz
override LIBXCRYPT_VERSION = 4.4.38
override LIBXCRYPT_SOURCE = libxcrypt_4.4.38.orig.tar.xz
LIBXCRYPT_AUTORECONF = YES
HOST_LIBXCRYPT_AUTORECONF = YES
override LINUX_SOURCE = linux_6.12.107.orig.tar.xz
override PCRE2_VERSION = 10.46
override PCRE2_SOURCE = pcre2_10.46.orig.tar.gz
# With the patches an older Buildroot had for it: prepare.sh puts them into the tree at package/python3/3.13.5.
override PYTHON3_VERSION_MAJOR = 3.13
override PYTHON3_VERSION = 3.13.5
override PYTHON3_SOURCE = python3.13_3.13.5.orig.tar.xz
override WPA_SUPPLICANT_VERSION = 2.10
override WPA_SUPPLICANT_SOURCE = wpa_2.10.orig.tar.xz
# systemd 257 does not know two options that Buildroot's recipe for 258 sets.
override SYSTEMD_VERSION = 257.13
override SYSTEMD_SOURCE = systemd_257.13.orig.tar.gz
define DESKPHONE_SUBSTITUTE_SYSTEMD_OPTIONS
	printf "option('%s', type : 'feature', value : 'auto')\n" nspawn libmount >> $(@D)/meson_options.txt
endef
SYSTEMD_POST_PATCH_HOOKS += DESKPHONE_SUBSTITUTE_SYSTEMD_OPTIONS

# Their licence texts read differently in other versions, and Buildroot knows the hashes of the pinned ones only.
$(foreach package,EXPAT LIBGLIB2 LIBXCRYPT LLDPD PCRE2 PYTHON3 SYSTEMD WPA_SUPPLICANT,$(eval override $(package)_LICENSE_FILES =))

# The building machine's own tool instead of one Buildroot builds: its name for make, then the programs.
deskphone_link = mkdir -p $(HOST_DIR)/bin $(HOST_DIR)/sbin $(foreach program,$(1),&& \
	ln -sf $$(PATH=/usr/bin:/usr/sbin command -v $(notdir $(program))) $(HOST_DIR)/$(program))
define deskphone_machines_tool
HOST_$(1)_OVERRIDE_SRCDIR = $$(DESKPHONE_SUBSTITUTES)/nothing
override HOST_$(1)_LICENSE_FILES =
override HOST_$(1)_DEPENDENCIES =
override HOST_$(1)_AUTORECONF = NO
override HOST_$(1)_POST_PATCH_HOOKS =
override HOST_$(1)_POST_INSTALL_HOOKS =
override HOST_$(1)_CONFIGURE_CMDS = true
override HOST_$(1)_BUILD_CMDS = true
override HOST_$(1)_INSTALL_CMDS = $$(call deskphone_link,$(2))
endef
$(eval $(call deskphone_machines_tool,BISON,bin/bison))
$(eval $(call deskphone_machines_tool,BMAP_TOOLS,bin/bmaptool))
$(eval $(call deskphone_machines_tool,CCACHE,bin/ccache))
$(eval $(call deskphone_machines_tool,DOSFSTOOLS,sbin/mkfs.vfat sbin/mkdosfs))
$(eval $(call deskphone_machines_tool,E2FSPROGS,sbin/mke2fs sbin/mkfs.ext4 sbin/e2fsck sbin/tune2fs))
$(eval $(call deskphone_machines_tool,FAKEROOT,bin/fakeroot bin/faked))
$(eval $(call deskphone_machines_tool,FLEX,bin/flex))
$(eval $(call deskphone_machines_tool,GENIMAGE,bin/genimage))
$(eval $(call deskphone_machines_tool,GETTEXT_TINY,bin/msgfmt bin/msgmerge bin/xgettext bin/autopoint bin/gettextize))
$(eval $(call deskphone_machines_tool,GPERF,bin/gperf))
$(eval $(call deskphone_machines_tool,LIBGLIB2,bin/gdbus-codegen bin/glib-compile-resources bin/glib-compile-schemas bin/glib-genmarshal bin/glib-mkenums))
$(eval $(call deskphone_machines_tool,LIBOPENSSL,bin/openssl bin/c_rehash))
$(eval $(call deskphone_machines_tool,LZIP,))
$(eval $(call deskphone_machines_tool,M4,bin/m4))
$(eval $(call deskphone_machines_tool,MTOOLS,bin/mtools bin/mcopy bin/mmd))
$(eval $(call deskphone_machines_tool,RAUC,bin/rauc))
$(eval $(call deskphone_machines_tool,SQUASHFS,bin/mksquashfs))
$(eval $(call deskphone_machines_tool,SWIG,bin/swig))
$(eval $(call deskphone_machines_tool,SYSTEMD,bin/systemctl bin/journalctl))
override HOST_SYSTEMD_INSTALL_CMDS = $(call deskphone_link,bin/systemctl bin/journalctl) && \
	install -m 0755 $(BR2_EXTERNAL_DESKPHONE_PATH)/substitutes/systemd-tmpfiles $(HOST_DIR)/bin/systemd-tmpfiles
$(eval $(call deskphone_machines_tool,TAR,bin/tar))
$(eval $(call deskphone_machines_tool,UTIL_LINUX,))
$(eval $(call deskphone_machines_tool,ZIC,sbin/zic))
# Cython translates three small packages: it need not be compiled itself for that.
HOST_PYTHON_CYTHON_ENV = NO_CYTHON_COMPILE=true
# Buildroot's ccache looks for its folder in a variable of its own; the wrapper tells the machine's where that is.
override HOST_CCACHE_INSTALL_CMDS = mkdir -p $(HOST_DIR)/bin && \
	install -m 0755 $(DESKPHONE_SUBSTITUTES)/ccache $(HOST_DIR)/bin/ccache

# Programs for the phone that Debian has only as binaries here (no source archive can be fetched). DL_VERSION is what the
# licence list and the bill of materials say: Debian's version, not the pinned one.
define deskphone_binary
override $(1)_DL_VERSION = $(3)
$(1)_OVERRIDE_SRCDIR = $$(DESKPHONE_SUBSTITUTES)/nothing
override $(1)_LICENSE_FILES =
override $(1)_INSTALL_STAGING = NO
override $(1)_AUTORECONF = NO
override $(1)_DEPENDENCIES =
override $(1)_CONFIGURE_CMDS = true
override $(1)_BUILD_CMDS = true
override $(1)_INSTALL_TARGET_CMDS = cp -a $$(DESKPHONE_SUBSTITUTES)/$(2)/. $$(TARGET_DIR)/usr/
endef
$(eval $(call deskphone_binary,LIBMNL,nothing/bin,1.0.4))
$(eval $(call deskphone_binary,LIBNFTNL,nothing/bin,1.2.4))
$(eval $(call deskphone_binary,NFTABLES,nftables,1.0.6))

# What is no program, as Debian has it: the GPU's firmware without overlays, that of the Wi-Fi chips, the radio's rules.
define deskphone_files
override $(1)_DL_VERSION = $(3)
$(1)_OVERRIDE_SRCDIR = $$(DESKPHONE_SUBSTITUTES)/$(2)
override $(1)_LICENSE_FILES =
endef
$(eval $(call deskphone_files,RPI_FIRMWARE,rpi-firmware,1.20240424))
$(eval $(call deskphone_files,BRCMFMAC_SDIO_FIRMWARE_RPI,wifi-firmware,20230210))
$(eval $(call deskphone_files,WIRELESS_REGDB,wireless-regdb,2026.05.30))
