# Buildroot reads this last: the recipes of our own packages, one folder each.
include $(sort $(wildcard $(BR2_EXTERNAL_DESKPHONE_PATH)/package/*/*.mk))

# Buildroot builds lldpd as one process of root's. Its parser reads what any neighbour sends: as Debian has it, that runs
# as a user of its own in an empty root directory.
LLDPD_CONF_OPTS += --enable-privsep --with-privsep-user=_lldpd --with-privsep-group=_lldpd \
	--with-privsep-chroot=/run/lldpd

# Its echo canceller says so on the standard error at each frame that was missed, fifty times a second: the journal's.
SPEEXDSP_CONF_ENV += CFLAGS="$(TARGET_CFLAGS) -DDISABLE_WARNINGS"
