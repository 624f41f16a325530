/* run_folder.c - where a user who may not write below /run has locks. Argument: the folder that
 * XDG_RUNTIME_DIR names. Prints how it went. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "device/lockfile.h"

int main(int argc, char **argv)
{
    char path[512];
    bool shared, there;
    if (argc != 2 || (getuid() == 0 && setuid(65534) < 0))
        return 1;
    if (access("/run", W_OK) == 0 || access("/run/lunq/programs", W_OK) == 0)
        return puts("this user may write below /run") < 0;
    setenv("XDG_RUNTIME_DIR", argv[1], 1);
    there = lunq_run_folder("", path, &shared);
    printf("%d %d %s\n", there, shared, path);
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    there = lunq_run_folder("", path, &shared);
    printf("%d %d '%s'\n", there, shared, path);
    return 0;
}
