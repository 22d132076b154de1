/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

gboolean
pf_folder_flush(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0)
        return FALSE;
    int fault = fsync(folder) == 0 ? 0 : errno;
    close(folder);
    errno = fault;
    return fault == 0 || fault == EINVAL || fault == ENOTSUP || fault == ENOSYS;
}
