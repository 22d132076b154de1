/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library's messages in the user's language. They are in podflattr's catalogue, of which the library is a part.
 * They stay English in a program that has not called setlocale(), and where podflattr's catalogues are not installed.
 */
#pragma once

#include <inttypes.h>

/* Marks a text in a table of constants, which is translated where it is used. */
#define N_(text) text

#ifdef ENABLE_NLS
#include <libintl.h>
#define _(text) dgettext("podflattr", text)
#else
#define _(text) (text)
#endif
