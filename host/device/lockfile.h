/* lockfile.h - locks between programs: a file below /run/lunq/programs that is locked (flock) as long as its holder has
 * it. The kernel lets go of it when the holder ends, in whatever way: there are no stale locks, and a file that
 * is left behind means nothing. */
#ifndef LUNQ_LOCKFILE_H
#define LUNQ_LOCKFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/error.h"
#include "files.h"

struct lunq_lockfile;

/* Takes the lock `name` (slashes allowed) in a folder: exclusive, or shared with others who take it shared.
 * Those of one program never stand in each other's way. Doesn't wait. LUNQ_DEVICE: "WHAT is held by ...", with pid,
 * program, user and since when, as far as the kernel tells; LUNQ_PERMISSION, LUNQ_IO. */
int lunq_lockfile_take(struct lunq_lockfile **out, const char *folder, const char *name,
                       const char *what, bool exclusive, struct lunq_error *err);
void lunq_lockfile_release(struct lunq_lockfile *l); /* NULL is allowed */

/* The folder of locks and of what is loaded, made if it can be: root/run/lunq/programs, which all users'
 * programs share (mode 2775 of the group lunq where there is one); else, where root is "", a folder of this user's own below
 * XDG_RUNTIME_DIR, and *shared is false. False: there is neither. */
bool lunq_run_folder(const char *root, char path[LX_PATH], bool *shared);

#endif
