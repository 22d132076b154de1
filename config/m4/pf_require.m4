# SPDX-License-Identifier: GPL-2.0-or-later

# PF_MISSING(NAME, WHAT)
# Notes that the library of this NAME in config/dependencies.txt is missing; PF_REPORT_MISSING tells of all of them at once.
AC_DEFUN([PF_MISSING], [
  pf_line=`awk -v name="$1" '$[]2 == name { printf "Debian: %s, Fedora: %s, Arch: %s, Alpine: %s, openSUSE: %s", $[]3, $[]4, $[]5, $[]6, $[]7 }' "$srcdir/config/dependencies.txt"`
  pf_missing="$pf_missing
  $2 ($pf_line)"
])

# PF_REQUIRE(VARIABLE, NAME, MODULES)
# Sets VARIABLE_CFLAGS and VARIABLE_LIBS from pkg-config's MODULES, or notes the library as missing.
AC_DEFUN([PF_REQUIRE], [
  PKG_CHECK_MODULES([$1], [$3], [], [PF_MISSING([$2], [$3])])
])

# PF_REPORT_MISSING
AC_DEFUN([PF_REPORT_MISSING], [
  AS_IF([test -n "$pf_missing"],
    [AC_MSG_ERROR([these libraries are missing or too old, with the package that holds each:$pf_missing

'./autogen.sh --deps' installs them.])])
])
