/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The attributes of a tag that matter, copied out of libxml2's array. One thread at a time.
 */
#pragma once

#include <glib.h>

/** As written, or NULL each; at most PF_FEED_MAX_TEXT bytes. */
typedef struct {
    char *href;
    char *url;
    char *rel;
    char *type;
    char *length;
    char *base; /* xml:base */
} PfAttributes;

/**
 * Copies what matters; all of @attributes must be NULL.
 *
 * @values: as libxml2's startElementNs gets them: name, prefix, namespace, begin and end of the value
 * @count: how many attributes, of five pointers each
 */
void pf_attributes_keep(PfAttributes *attributes, const unsigned char **values, int count);
void pf_attributes_clear(PfAttributes *attributes);

/** How many bytes of a UTF-8 text fit into @room without cutting a character. */
gsize pf_text_cut(const char *text, gsize length, gsize room);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfAttributes, pf_attributes_clear)
