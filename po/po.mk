# SPDX-License-Identifier: GPL-2.0-or-later
# what people read, in other languages; 'make po' brings the catalogues up to date with the sources
EXTRA_DIST += po/LINGUAS po/de.po po/pages.py po/update.sh
de_pages = doc/de/podflattr.1 doc/de/podflattr-init.1 doc/de/podflattr-queue.1 doc/de/podflattr-report.1 \
	doc/de/podflattr-settle.1 doc/de/podflattr-status.1
EXTRA_DIST += $(de_pages)
if NLS
catalogues = po/de/LC_MESSAGES/podflattr.mo
de_modir = $(localedir)/de/LC_MESSAGES
nodist_de_mo_DATA = po/de/LC_MESSAGES/podflattr.mo
de_mandir = $(mandir)/de/man1
de_man_DATA = $(de_pages)
CLEANFILES += $(catalogues)
endif

# They lie as where they are installed, so that the programs find them where they are built.
po/%/LC_MESSAGES/podflattr.mo: po/%.po
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MSGFMT) -c -o $@ $<

po:
	@$(srcdir)/po/update.sh

.PHONY: po
