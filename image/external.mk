# Buildroot reads this last: the recipes of our own packages, one folder each.
include $(sort $(wildcard $(BR2_EXTERNAL_DESKPHONE_PATH)/package/*/*.mk))

# Buildroot builds lldpd as one process of root's. Its parser reads what any neighbour sends: as Debian has it, that runs
# as a user of its own in an empty root directory.
LLDPD_CONF_OPTS += --enable-privsep --with-privsep-user=_lldpd --with-privsep-group=_lldpd \
	--with-privsep-chroot=/run/lldpd
