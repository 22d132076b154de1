/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who we are, to people and to servers. PF_VERSION comes from the build system.
 */
#pragma once

#define PF_USER_AGENT "podflattr/" PF_VERSION
