# SPDX-License-Identifier: GPL-2.0-or-later
# what people read, in other languages; 'make po' brings the catalogues up to date with the sources
EXTRA_DIST += po/LINGUAS po/de.po po/pages.py po/update.sh
de_made_pages = doc/de/podflattr.conf.5
de_man1_pages = doc/de/podflattr.1 $(command_pages:%=doc/de/podflattr-%.1)
de_man7_pages = doc/de/podflattr-hook.7 doc/de/podflattr-matching.7
EXTRA_DIST += doc/de/podflattr.conf.5.in $(de_made_pages) $(de_man1_pages) $(de_man7_pages)
made_pages += $(de_made_pages)
if NLS
catalogues = po/de/LC_MESSAGES/podflattr.mo
de_modir = $(localedir)/de/LC_MESSAGES
nodist_de_mo_DATA = po/de/LC_MESSAGES/podflattr.mo
de_man1dir = $(mandir)/de/man1
de_man5dir = $(mandir)/de/man5
de_man7dir = $(mandir)/de/man7
de_man1_DATA = $(de_man1_pages)
de_man5_DATA = $(de_made_pages)
de_man7_DATA = $(de_man7_pages)
CLEANFILES += $(catalogues)
endif

# What the settings do is said by the same messages as in the program.
doc/de/podflattr.conf.5: doc/podflattr.conf.5.awk config/podflattr.conf po/de.po doc/de/podflattr.conf.5.in

# They lie as where they are installed, so that the programs find them where they are built.
po/%/LC_MESSAGES/podflattr.mo: po/%.po
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(MSGFMT) -c -o $@ $<

po:
	@$(srcdir)/po/update.sh

.PHONY: po
