#include "lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "../core/text.h"
#include "files.h"

enum { HOLDERS = 3 }; /* as many are named */

/* An open file of this program; two descriptors of one file would lock each other out. */
struct file {
    char path[LX_PATH];
    int fd;
    bool exclusive; /* as it is locked now */
    unsigned users, exclusive_users;
    struct file *next;
};

struct lunq_lockfile {
    struct file *file;
    bool exclusive;
};

static struct file *files; /* everything here runs on the loop's thread */

/* ---- who holds it --------------------------------------------------------------------------- */

/* The program's name and the words behind it: "lunq bench.lua". */
static void add_program(struct lunq_text *t, long pid)
{
    char path[64], words[160];
    long n;
    snprintf(path, sizeof path, "/proc/%ld/cmdline", pid);
    n = lx_read_bytes(path, words, sizeof words - 1);
    if (n <= 0)
        return;
    for (long i = 0; i < n; i++)
        if ((unsigned char)words[i] < ' ')
            words[i] = ' ';
    while (n > 0 && words[n - 1] == ' ')
        n--;
    words[n] = 0;
    lunq_text_add(t, " (%s)", words);
}

static void add_user(struct lunq_text *t, long pid)
{
    char path[64];
    struct stat st;
    struct passwd *who;
    snprintf(path, sizeof path, "/proc/%ld", pid);
    if (stat(path, &st) < 0)
        return;
    who = getpwuid(st.st_uid);
    if (who)
        lunq_text_add(t, ", user %s", who->pw_name);
    else
        lunq_text_add(t, ", user %ld", (long)st.st_uid);
}

/* The last line "PID SECONDS" of this pid in the file. */
static void add_since(struct lunq_text *t, const struct file *f, long pid)
{
    char notes[8192];
    long found = 0;
    ssize_t n = pread(f->fd, notes, sizeof notes - 1, 0);
    time_t when;
    struct tm tm;
    char clock[32];
    if (n <= 0)
        return;
    notes[n] = 0;
    for (char *line = notes; line && *line;
         line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
        long of, since;
        if (sscanf(line, "%ld %ld", &of, &since) == 2 && of == pid)
            found = since;
    }
    when = (time_t)found;
    if (found > 0 && localtime_r(&when, &tm) && strftime(clock, sizeof clock, "%F %T", &tm))
        lunq_text_add(t, ", since %s", clock);
}

static void add_holder(struct lunq_text *t, const struct file *f, long pid, unsigned number)
{
    lunq_text_add(t, "%spid %ld", number ? "; " : "", pid);
    add_program(t, pid);
    add_user(t, pid);
    add_since(t, f, pid);
}

/* "1: FLOCK  ADVISORY  WRITE 1234 fe:00:5309016 0 EOF". A file system may count its devices otherwise than
 * stat: then the number of the file alone has to do. */
static unsigned list_holders(struct lunq_text *t, const struct file *f, bool exactly)
{
    struct stat st;
    FILE *locks = fstat(f->fd, &st) == 0 ? fopen("/proc/locks", "re") : NULL;
    char line[256];
    unsigned n = 0;
    while (locks && n < HOLDERS && fgets(line, sizeof line, locks)) {
        long pid;
        unsigned major, minor;
        uint64_t inode;
        if (sscanf(line, "%*d: FLOCK %*s %*s %ld %x:%x:%" SCNu64, &pid, &major, &minor, &inode) !=
            4)
            continue;
        if (inode != st.st_ino || pid == getpid() ||
            (exactly && (major != major(st.st_dev) || minor != minor(st.st_dev))))
            continue;
        add_holder(t, f, pid, n++);
    }
    if (locks)
        fclose(locks);
    return n;
}

static int held(const struct file *f, const char *what, struct lunq_error *err)
{
    char holders[1024] = "";
    struct lunq_text t = {holders, sizeof holders};
    if (!list_holders(&t, f, true) && !list_holders(&t, f, false))
        lunq_text_add(&t, "another program");
    return lunq_fail(err, LUNQ_DEVICE, "%s is held by %s.", what, holders);
}

/* ---- locking -------------------------------------------------------------------------------- */

/* Notes when this program took it. Whoever is alone with the file begins it anew. */
static void note(const struct file *f, bool alone)
{
    char line[64];
    int n = snprintf(line, sizeof line, "%ld %ld\n", (long)getpid(), (long)time(NULL));
    if (alone && ftruncate(f->fd, 0) < 0)
        return;
    if (write(f->fd, line, (size_t)n) < 0) /* another user's file: then nobody knows since when */
        return;
}

static bool try_lock(struct file *f, bool exclusive)
{
    bool alone = flock(f->fd, LOCK_EX | LOCK_NB) == 0;
    if (exclusive && !alone) {
        if (f->users) /* a lock that can't be turned into another one is lost */
            flock(f->fd, LOCK_SH | LOCK_NB);
        return false;
    }
    if (!exclusive && flock(f->fd, LOCK_SH | LOCK_NB) < 0)
        return false;
    if (!f->users)
        note(f, alone);
    f->exclusive = exclusive;
    return true;
}

/* Whoever takes it shared has it exclusive for a moment. */
static bool lock(struct file *f, bool exclusive)
{
    for (int i = 0; i < 5; i++) {
        if (try_lock(f, exclusive))
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return false;
}

static struct file *find(const char *path)
{
    struct file *f = files;
    while (f && strcmp(f->path, path))
        f = f->next;
    return f;
}

/* Those of other users are opened for reading, which is enough to lock them. */
static int open_file(const char *path)
{
    int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_APPEND, fd;
    mode_t before = umask(0);
    fd = open(path, O_RDWR | O_CREAT | flags, 0664);
    umask(before);
    return fd < 0 && errno == EACCES ? open(path, O_RDONLY | flags) : fd;
}

static int add_file(struct file **out, const char *path, struct lunq_error *err)
{
    struct file *f = calloc(1, sizeof *f);
    if (!f)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    snprintf(f->path, sizeof f->path, "%s", path);
    f->fd = open_file(path);
    if (f->fd < 0) {
        int why = errno;
        free(f);
        return lunq_fail(err, lx_errno_kind(why), "The lock %s can't be opened: %s.", path,
                         strerror(why));
    }
    f->next = files;
    files = f;
    *out = f;
    return 0;
}

static void drop(struct file *f)
{
    struct file **at = &files;
    if (f->users)
        return;
    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    close(f->fd);
    free(f);
}

int lunq_lockfile_take(struct lunq_lockfile **out, const char *folder, const char *name,
                       const char *what, bool exclusive, struct lunq_error *err)
{
    struct lunq_lockfile *l = calloc(1, sizeof *l);
    char path[LX_PATH];
    struct file *f;
    int r = 0;
    if (!l)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (!lx_path(path, folder, "/%s.lock", name))
        r = lunq_fail(err, LUNQ_VALUE, "The name of the lock %.200s is too long.", name);
    for (char *c = path + strlen(folder) + 1; r == 0 && *c; c++)
        if (*c == '/')
            *c = '.';
    f = r == 0 ? find(path) : NULL;
    if (r == 0 && !f)
        r = add_file(&f, path, err);
    if (r == 0 && (!f->users || (exclusive && !f->exclusive)) && !lock(f, exclusive)) {
        r = held(f, what, err);
        drop(f);
    }
    if (r < 0) {
        free(l);
        return r;
    }
    f->users++;
    f->exclusive_users += exclusive;
    *l = (struct lunq_lockfile){f, exclusive};
    *out = l;
    return 0;
}

void lunq_lockfile_release(struct lunq_lockfile *l)
{
    struct file *f = l ? l->file : NULL;
    if (!f)
        return;
    f->users--;
    f->exclusive_users -= l->exclusive;
    if (f->users && f->exclusive && !f->exclusive_users && flock(f->fd, LOCK_SH | LOCK_NB) == 0)
        f->exclusive = false;
    drop(f);
    free(l);
}

/* ---- where ---------------------------------------------------------------------------------- */

static bool usable(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && access(path, R_OK | W_OK | X_OK) == 0;
}

/* The group shares it: its members can do all that this protects from anyhow. */
static void make_shared(const char *path)
{
    struct group *group;
    if (mkdir(path, 0755) < 0)
        return;
    group = getgrnam("lunq");
    if (group && chown(path, (uid_t)-1, group->gr_gid) == 0)
        (void)!chmod(path, 02775);
}

/* The folders above it are there on most systems; the one below them is no place for the group's files: the
 * socket of lunq-helper is in it, which only root may put there. */
static bool find_shared(const char *root, char path[LX_PATH])
{
    static const char *const above[] = {"/run", "/run/lunq"};
    for (size_t i = 0; i < sizeof above / sizeof *above; i++)
        if (lx_path(path, root, "%s", above[i]))
            mkdir(path, 0755);
    if (!lx_path(path, root, "/run/lunq/programs"))
        return false;
    make_shared(path);
    return usable(path);
}

static bool find_own(char path[LX_PATH])
{
    const char *own = getenv("XDG_RUNTIME_DIR");
    if (!own || *own != '/' || !lx_path(path, own, "/lunq"))
        return false;
    mkdir(path, 0700);
    return usable(path);
}

bool lunq_run_folder(const char *root, char path[LX_PATH], bool *shared)
{
    *shared = find_shared(root, path);
    if (*shared || (!*root && find_own(path)))
        return true;
    *path = 0;
    return false;
}
