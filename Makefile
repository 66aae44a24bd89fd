# SPDX-License-Identifier: BSD-2-Clause
# Thin: meson builds, tools/check.py tests. `make demo` and `make test` need nothing but a bare Debian 12.
#
#   make demo [FILE=film.mp4]               build, and walk through a film
#   make serve [MEDIA=folder] [PORT=8080] a folder of films in the browser; with a film of its own where none is given
#   make test                               all that CI runs (about twenty minutes on two cores)
#   make check                              one build and its tests
#   make bench [TOPIC=open] [FORMAT=jsonl]  beside libavformat
#   make soak [SECONDS=60]                  the origin under load: slow, rude and many clients, films that change
#   make fuzz [MINUTES=30]                  every fuzzer for so long, all at once
#   make install [PREFIX=/usr/local] [DESTDIR=]
#   make clean
PREFIX ?= /usr/local
MINUTES ?= 30
SECONDS ?= 60
FORMAT ?= text

all: build/build.ninja
	@ninja -C build

demo:
	@tools/setup.sh demo
	@tools/demo.sh $(if $(FILE),"$(FILE)")

serve:
	@tools/setup.sh serve
	@tools/serve.sh $(if $(PORT),"$(PORT)",8080) $(if $(MEDIA),"$(MEDIA)")

test:
	@tools/setup.sh test
	@tools/check.py

check:
	@tools/setup.sh test
	@tools/check.py --quick

bench:
	@tools/setup.sh bench >&2
	@tools/bench.sh $(if $(TOPIC),--topic $(TOPIC)) --format $(FORMAT)

soak:
	@tools/setup.sh test
	@tools/build.sh build-release --buildtype=release -Dtests=disabled -Dnginx=enabled
	@tests/soak.py --reel build-release/cli/reel --seconds $(SECONDS)

fuzz:
	@tools/setup.sh test
	@tools/check.py --only fuzz --fuzz-jobs 15 --fuzz-seconds $$(($(MINUTES) * 60))

install:
	@tools/setup.sh install
	@tools/web.sh || echo "make install: without hls.js the page plays films as files; tools/setup.sh web brings it"
	@tools/build.sh build-release --buildtype=release -Dtests=disabled --prefix=$(PREFIX)
	meson install -C build-release --no-rebuild $(if $(DESTDIR),--destdir $(DESTDIR))
	@[ -n "$(DESTDIR)" ] || [ "$$(pkg-config --variable=prefix reel 2>/dev/null)" = "$(PREFIX)" ] || \
	    echo "make install: for pkg-config: export" \
	        "PKG_CONFIG_PATH=$$(dirname "$$(find $(PREFIX) -name reel.pc -print -quit)")"
	@[ -n "$(DESTDIR)" ] || $(PREFIX)/bin/reel --version >/dev/null 2>&1 || \
	    echo "make install: the loader does not find libreel yet: run ldconfig, or export" \
	        "LD_LIBRARY_PATH=$$(dirname "$$(find $(PREFIX) -name libreel.so -print -quit)")"

build/build.ninja:
	@tools/setup.sh install
	@CC=gcc meson setup build

clean:
	rm -rf build build-*

.PHONY: all demo serve test check bench soak fuzz install clean
