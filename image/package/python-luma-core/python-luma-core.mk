################################################################################
#
# python-luma-core
#
################################################################################

PYTHON_LUMA_CORE_VERSION = 2.6.0
PYTHON_LUMA_CORE_SOURCE = luma_core-$(PYTHON_LUMA_CORE_VERSION).tar.gz
PYTHON_LUMA_CORE_SITE = https://files.pythonhosted.org/packages/06/ad/995c228696fa9ce36837df8705178d2b7c5de653117a2c6c36a8fb49db85
PYTHON_LUMA_CORE_SETUP_TYPE = setuptools
PYTHON_LUMA_CORE_LICENSE = MIT
PYTHON_LUMA_CORE_LICENSE_FILES = LICENSE.rst

$(eval $(python-package))
