/* dfx_mgrd.c - stands in for dfx-mgr's daemon: dfx_mgrd SOCKET old|plain|new|mute LOG. Its packets and answers are those of
 * the sources of 2021 (old: the text behind three words, no answer to removing), 2022 (plain: the same, with one) and
 * 2025 (new: behind four words, another table); mute answers nothing. See host/device/linux/dfx_mgr.h. The package "none" does not load,
 * slot 9 can't be removed. Writes what it is asked to LOG. As the real one, it ends when somebody leaves before it has
 * answered. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER = 24, LOAD = 6, REMOVE = 7, LIST = 8 };

struct packet {
    uint32_t id, size;
    char rest[HEADER + 32 * 1024];
};

static const char *log_path;
static int text_at; /* in rest */
static int answers_removing, mute;
static const char *table;

static const char spaced[] = "         Accelerator          Accel_type      Base           "
                             "Base_type      #slots(PL+AIE)         "
                             "Active_slot\n\n"
                             "                 fan            XRT_FLAT       fan            "
                             "XRT_FLAT               (0+0)              "
                             "    0,\n"
                             "              AES128         SIHA_PL_DFX     shell              "
                             "PL_DFX               (2+0)              "
                             "    -1\n";
static const char numbered[] = "#  Accel_type  user_load_type user_load_region Base        Pid   "
                               "Base_type #slots(RPU+PL+AIE) slot->handle "
                               "Accelerator\n"
                               "-- ----------- -------------- ---------------- ----------- ----- "
                               "--------- ------------------ ------------ "
                               "---------\n"
                               " 1 XRT_FLAT    -              -                fan         id_ok "
                               "XRT_FLAT  (0+0+0)            0->0,        fan\n"
                               " 2 SIHA_PL_DFX -              -                shell       no_id "
                               "PL_DFX    (0+2+0)            -1           "
                               "AES128\n";

static void note(uint32_t id, const char *text)
{
    FILE *f = fopen(log_path, "a");
    fprintf(f, "%s %s\n", id == LOAD ? "load" : id == REMOVE ? "remove" : "other", text);
    fclose(f);
}

static void reply(int fd, const char *text)
{
    static struct packet p;
    memset(&p, 0, sizeof p);
    p.size = (uint32_t)strlen(text) + 1;
    strcpy(p.rest + text_at, text);
    if (write(fd, &p, HEADER + p.size) < 0) /* with SIGPIPE */
        perror("write");
}

static void serve(int fd)
{
    static struct packet p;
    while (memset(&p, 0, sizeof p), read(fd, &p, sizeof p) > 0 && !mute) {
        const char *text = p.rest + text_at;
        if (p.id == LIST) {
            reply(fd, table);
            continue;
        }
        note(p.id, text);
        usleep(20000); /* the board's logic takes its time */
        if (p.id == LOAD)
            reply(fd, strcmp(text, "none") ? "0" : "-1");
        else if (answers_removing)
            reply(fd, strcmp(text, "9") ? "0" : "-1");
    }
    close(fd);
}

int main(int argc, char **argv)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0), fd;
    if (argc < 4)
        return 2;
    strncpy(a.sun_path, argv[1], sizeof a.sun_path - 1);
    text_at = strcmp(argv[2], "new") ? 4 : 8;
    table = strcmp(argv[2], "new") ? spaced : numbered;
    answers_removing = strcmp(argv[2], "old") != 0;
    mute = !strcmp(argv[2], "mute");
    log_path = argv[3];
    if (bind(listener, (struct sockaddr *)&a, sizeof a) < 0 || listen(listener, 10) < 0) {
        perror(argv[1]);
        return 1;
    }
    while ((fd = accept(listener, NULL, NULL)) >= 0)
        serve(fd);
    return 1;
}
