################################################################################
#
# python-sipmessage
#
################################################################################

PYTHON_SIPMESSAGE_VERSION = 0.7.1
PYTHON_SIPMESSAGE_SOURCE = sipmessage-$(PYTHON_SIPMESSAGE_VERSION).tar.gz
PYTHON_SIPMESSAGE_SITE = https://files.pythonhosted.org/packages/b0/22/0a5f2b1acd59bc8291237aa04471ce7c7e078bf8c65f4c0042b3348e63b9
PYTHON_SIPMESSAGE_SETUP_TYPE = setuptools
PYTHON_SIPMESSAGE_LICENSE = BSD-2-Clause
PYTHON_SIPMESSAGE_LICENSE_FILES = LICENSE

$(eval $(python-package))
