################################################################################
#
# python-luma-oled
#
################################################################################

PYTHON_LUMA_OLED_VERSION = 3.16.0
PYTHON_LUMA_OLED_SOURCE = luma_oled-$(PYTHON_LUMA_OLED_VERSION).tar.gz
PYTHON_LUMA_OLED_SITE = https://files.pythonhosted.org/packages/bb/3d/5f834b9c9f977687b96835110eb9295affd29519249f9c7acc13f71968f2
PYTHON_LUMA_OLED_SETUP_TYPE = setuptools
PYTHON_LUMA_OLED_LICENSE = MIT
PYTHON_LUMA_OLED_LICENSE_FILES = LICENSE.rst

$(eval $(python-package))
