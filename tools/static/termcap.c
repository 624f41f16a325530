/* termcap.c - the termcap functions libedit calls, for terminals that follow ANSI X3.64 (all in use today).
 * Static programs have this instead of libtinfo: 90 KB less, and editing works on a board that has no
 * terminfo database (an initramfs). Sequences: ECMA-48, and xterm's ctlseqs for the modes. */
#include <string.h>

static const struct {
    char name[3];
    const char *value;
} strings[] = {
    {"al", "\033[L"},     {"bl", "\007"},          {"cd", "\033[J"},   {"ce", "\033[K"},
    {"ch", "\033[%i%dG"}, {"cl", "\033[H\033[2J"}, {"dc", "\033[P"},   {"dl", "\033[M"},
    {"ei", "\033[4l"},    {"ho", "\033[H"},        {"im", "\033[4h"},  {"kd", "\033[B"},
    {"kl", "\033[D"},     {"kr", "\033[C"},        {"ku", "\033[A"},   {"md", "\033[1m"},
    {"me", "\033[m"},     {"nd", "\033[C"},        {"se", "\033[27m"}, {"so", "\033[7m"},
    {"up", "\033[A"},     {"us", "\033[4m"},       {"ue", "\033[24m"}, {"DC", "\033[%dP"},
    {"DO", "\033[%dB"},   {"IC", "\033[%d@"},      {"LE", "\033[%dD"}, {"RI", "\033[%dC"},
    {"UP", "\033[%dA"},   {"kh", "\033[H"},        {"@7", "\033[F"},   {"kD", "\033[3~"},
};
static const char *const flags = "am xn ";

/* Names of terminals begin with one of these. */
static const char *const families[] = {"xterm",  "vt1",       "vt2",   "vt3",    "linux",
                                       "screen", "tmux",      "rxvt",  "ansi",   "putty",
                                       "foot",   "alacritty", "kitty", "konsole"};

/* 1: such a terminal, 0: unknown; the caller then does without cursor movement. */
int tgetent(char *buffer, const char *terminal)
{
    (void)buffer;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (!strncmp(terminal, families[i], strlen(families[i])))
            return 1;
    return 0;
}

int tgetflag(const char *name)
{
    return strstr(flags, name) != NULL;
}

/* The size when the terminal does not say its own. */
int tgetnum(const char *name)
{
    return !strcmp(name, "co") ? 80 : !strcmp(name, "li") ? 24 : -1;
}

char *tgetstr(const char *name, char **area)
{
    (void)area;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        if (!strcmp(name, strings[i].name))
            return (char *)strings[i].value;
    return NULL;
}

static char *put_number(char *to, unsigned n)
{
    char digits[10];
    int k = 0;
    do {
        digits[k++] = (char)('0' + n % 10);
    } while ((n /= 10));
    while (k)
        *to++ = digits[--k];
    return to;
}

/* One parameter is all these sequences have: the row. %i makes it count from 1. */
char *tgoto(const char *sequence, int column, int row)
{
    static char out[32];
    char *to = out;
    (void)column;
    if (!sequence)
        return NULL;
    for (const char *p = sequence; *p && to < out + sizeof out - 12; p++) {
        if (p[0] == '%' && p[1] == 'i') {
            row++;
            p++;
        } else if (p[0] == '%' && p[1] == 'd') {
            to = put_number(to, row < 0 ? 0 : (unsigned)row);
            p++;
        } else {
            *to++ = *p;
        }
    }
    *to = 0;
    return out;
}

/* These terminals need no padding. */
int tputs(const char *s, int lines, int (*put)(int))
{
    (void)lines;
    for (; s && *s; s++)
        put((unsigned char)*s);
    return 0;
}
