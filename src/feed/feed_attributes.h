/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attributes of a tag, in libxml2's array. Pure; any thread.
 */
#pragma once

#include <glib.h>

#define PF_ATTRIBUTES_XML "http://www.w3.org/XML/1998/namespace"
#define PF_ATTRIBUTES_RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define PF_ATTRIBUTES_ENC "http://purl.oclc.org/net/rss_2.0/enc#"

/** Lent, for as long as libxml2 handles the tag. */
typedef struct {
    const unsigned char **values; /* as startElementNs gets them: name, prefix, namespace, begin and end of the value */
    int count;                    /* how many attributes, of five pointers each */
} PfAttributes;

/**
 * Copies an attribute's value.
 *
 * @uri: its namespace, or NULL for none
 * @name: its name without prefix
 *
 * Returns: (transfer full): as written, at most PF_FEED_MAX_TEXT bytes; NULL when the tag does not have it.
 */
char *pf_attributes_dup(const PfAttributes *attributes, const char *uri, const char *name);

/** The same for one without namespace, trimmed; NULL also when it is empty. */
char *pf_attributes_dup_word(const PfAttributes *attributes, const char *name);

/** Whether the tag has an attribute without namespace. */
gboolean pf_attributes_has(const PfAttributes *attributes, const char *name);

/** How many bytes of a UTF-8 text fit into @room without cutting a character. */
gsize pf_text_cut(const char *text, gsize length, gsize room);
