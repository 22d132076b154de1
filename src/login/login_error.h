/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can go wrong in a login. Settings that are wrong are PF_CONFIG_ERRORs, a server that cannot be reached is a
 * FLATTR_ERROR. No message holds a token, a code or a secret.
 */
#pragma once

#include <glib.h>

#define PF_LOGIN_ERROR (pf_login_error_quark())
GQuark pf_login_error_quark(void);

typedef enum {
    PF_LOGIN_ERROR_REFUSED, /* the person or the server said no */
    PF_LOGIN_ERROR_FOREIGN, /* an answer is none, or one to another login */
    PF_LOGIN_ERROR_TIMEOUT, /* nobody answered in time */
    PF_LOGIN_ERROR_LISTEN,  /* the answer cannot be listened for */
} PfLoginError;
