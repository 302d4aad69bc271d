# The pjsua2 binding and our SIP event extension, inside a built pjproject tree (run with -C TREE -f this file).
# The commands are those of firmware/native/build.py; build.mak brings pjproject's own words.
# Needs: NATIVE (firmware/native), PYTHON_INCLUDE, SOURCE (the commit), SWIG, CC, CXX.

include version.mak
include build.mak

PARTS := pjlib pjlib-util pjmedia pjsip pjnath
SOURCES := $(sort $(wildcard $(NATIVE)/*.c))
HEADERS := $(sort $(wildcard $(NATIVE)/*.h))
BINDING_FLAGS := -O1 -g0 -fPIC -w -I$(PYTHON_INCLUDE)
EXTENSION_FLAGS := -O2 -g -fPIC -std=gnu11 -Wall -Wextra -Werror=implicit-function-declaration -I$(PYTHON_INCLUDE)

# What both halves must have in common; the extension refuses to load beside another.
RECIPE := $(addprefix $(NATIVE)/,pjproject.toml config_site.h configure-options.txt)
BUILD_ID := $(shell { cat $(RECIPE); $(CC) -dumpmachine; $(CC) -dumpfullversion; } | sha256sum | cut -c1-16)

.PHONY: all
all: binding/_pjsua2.so binding/deskphone_sipext.so

binding/wrap.cpp:
	mkdir -p binding
	$(SWIG) -c++ -python -threads -w312 $(PARTS:%=-I%/include) -o $@ -outdir binding pjsip-apps/src/swig/pjsua2.i

binding/build_id.c: binding/wrap.cpp
	echo 'const char *deskphone_pj_build_id(void) { return "$(BUILD_ID)"; }' > $@

binding/wrap.o: binding/wrap.cpp
	$(CXX) $(PJ_CXXFLAGS) $(BINDING_FLAGS) -c $< -o $@

binding/build_id.o: binding/build_id.c
	$(CC) $(BINDING_FLAGS) -c $< -o $@

binding/_pjsua2.so: binding/wrap.o binding/build_id.o
	$(CXX) -shared $^ -o $@ $(PJ_LDXXFLAGS) $(PJ_LDXXLIBS)

binding/deskphone_sipext.so: $(SOURCES) $(HEADERS) binding/_pjsua2.so
	$(CC) -shared $(PJ_CFLAGS) $(EXTENSION_FLAGS) -DDESKPHONE_BUILD_ID='"$(BUILD_ID)"' \
		-DDESKPHONE_PJ_VERSION='"$(PJ_VERSION)"' \
		-DDESKPHONE_PJ_SOURCE='"$(shell echo $(SOURCE) | cut -c1-12)"' -o $@ $(SOURCES) -Lbinding -l:_pjsua2.so '-Wl,-rpath,$$ORIGIN'
