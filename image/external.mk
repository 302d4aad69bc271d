# Buildroot reads this last: the recipes of our own packages, one folder each.
include $(sort $(wildcard $(BR2_EXTERNAL_DESKPHONE_PATH)/package/*/*.mk))
