/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What media players on the session bus play (sources/mpris.h), as reports of episodes that were heard. A player that
 * names no file or address is believed by title and show, when one known item has both.
 */
#pragma once

#include "config/config.h"
#include "daemon/ingest.h"

typedef struct PfListening PfListening;

/** Makes one that does not listen yet; @ingest and @feeds must outlive it. */
PfListening *pf_listening_new(PfIngest *ingest, PfFeedStore *feeds);

/** Reports what is being heard until now, and frees it. @listening: NULL is allowed */
void pf_listening_free(PfListening *listening);

/** Begins or ends to listen, as a configuration says. */
void pf_listening_apply(PfListening *listening, const PfConfig *config);

/** Reports what is being heard until now, and ends. */
void pf_listening_stop(PfListening *listening);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfListening, pf_listening_free)
