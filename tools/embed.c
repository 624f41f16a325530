/* embed.c - turns Lua files into one C file: { name, data, stored, size } for each (see host/embed.h).
 *   embed MODULE=FILE ...  > out.c
 * Runs on the build machine. Built with -DPACK and zlib it packs each text, for small static builds: without
 * the comments that help() does not show, and with a dictionary of what many texts have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef PACK
#include <zlib.h>
#endif

struct text {
    unsigned char *data;
    size_t stored, size;
};

static void *allocate(size_t n)
{
    void *p = malloc(n);
    if (!p) {
        fputs("embed: out of memory\n", stderr);
        exit(1);
    }
    return p;
}

static struct text read_text(const char *path)
{
    struct text t = {0};
    FILE *f = fopen(path, "rb");
    long n = -1;
    if (f && fseek(f, 0, SEEK_END) == 0)
        n = ftell(f);
    if (n < 0 || fseek(f, 0, SEEK_SET) != 0) {
        perror(path);
        exit(1);
    }
    t.data = allocate((size_t)n + 1);
    t.stored = t.size = fread(t.data, 1, (size_t)n, f);
    fclose(f);
    return t;
}

#ifdef PACK
/* ---- comments ------------------------------------------------------------------------------- */

/* Length of a long bracket at s, "[[...]]" or "[==[...]==]"; 0: there is none. */
static size_t long_bracket(const char *s)
{
    size_t level = s[0] == '[' ? strspn(s + 1, "=") : 0;
    char end[64] = "]";
    const char *at;
    if (s[0] != '[' || s[level + 1] != '[' || level + 3 > sizeof end)
        return 0;
    memset(end + 1, '=', level);
    strcpy(end + level + 1, "]");
    at = strstr(s, end);
    return at ? (size_t)(at - s) + level + 2 : 0;
}

static size_t quoted(const char *s)
{
    size_t n = 1;
    while (s[n] && s[n] != s[0])
        n += s[n] == '\\' && s[n + 1] ? 2 : 1;
    return s[n] ? n + 1 : n;
}

/* What belongs together at s; at least a byte. */
static size_t token(const char *s)
{
    size_t n = 0;
    if (*s == '"' || *s == '\'')
        return quoted(s);
    if (*s == '[')
        n = long_bracket(s);
    else if (!strncmp(s, "--", 2) && !(n = long_bracket(s + 2)))
        n = strcspn(s, "\n");
    else if (n)
        n += 2;
    return n ? n : 1;
}

/* Leaves out comments, but for "---" and the lines that go on with it: help() and `lunq reference` read
 * those. Lines keep their numbers. */
static void strip(struct text *t)
{
    char *from = (char *)t->data, *to = from;
    int documents = 0;
    t->data[t->size] = 0;
    for (size_t n; *from; from += n) {
        int comment = !strncmp(from, "--", 2);
        n = token(from);
        if (comment && (documents || !strncmp(from, "---", 3)) && from[2] != '[')
            documents = 1;
        else if (!comment && !strchr(" \t\r\n", *from))
            documents = 0;
        if (!comment || documents) {
            memmove(to, from, n);
            to += n;
            continue;
        }
        for (size_t i = 0; i < n; i++)
            if (from[i] == '\n')
                *to++ = '\n';
    }
    t->stored = t->size = (size_t)(to - (char *)t->data);
}

/* ---- packing -------------------------------------------------------------------------------- */

enum {
    DICTIONARY = 32768,
    HEAD = 420
}; /* of zlib; bytes from the top of each text: they look alike */

static unsigned char dictionary[DICTIONARY];
static size_t dictionary_size;

static void add_to_dictionary(const struct text *t)
{
    size_t n = t->size < HEAD ? t->size : HEAD;
    if (dictionary_size + n > DICTIONARY)
        return;
    memcpy(dictionary + dictionary_size, t->data, n);
    dictionary_size += n;
}

static void pack(struct text *t, int with_dictionary)
{
    z_stream z = {0};
    uLong room;
    unsigned char *packed;
    if (deflateInit(&z, Z_BEST_COMPRESSION) != Z_OK ||
        (with_dictionary && deflateSetDictionary(&z, dictionary, (uInt)dictionary_size) != Z_OK)) {
        fputs("embed: zlib failed\n", stderr);
        exit(1);
    }
    room = deflateBound(&z, t->size);
    packed = allocate(room);
    z.next_in = t->data;
    z.avail_in = (uInt)t->size;
    z.next_out = packed;
    z.avail_out = (uInt)room;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out < t->size) {
        free(t->data);
        t->data = packed;
        t->stored = z.total_out;
    } else {
        free(packed);
    }
    deflateEnd(&z);
}
#endif

static void write_bytes(const char *name, const struct text *t)
{
    printf("%s[] = {", name);
    for (size_t i = 0; i < t->stored; i++)
        printf("%s%d,", i % 24 ? "" : "\n", t->data[i]);
    printf("0};\n");
}

#ifdef PACK
/* The texts without comments, and from them the dictionary, before anything is packed. */
static void prepare(struct text *texts, int n)
{
    struct text d = {dictionary, 0, 0};
    for (int i = 1; i < n; i++) {
        strip(&texts[i]);
        add_to_dictionary(&texts[i]);
    }
    for (int i = 1; i < n; i++)
        pack(&texts[i], 1);
    d.data = allocate(dictionary_size + 1);
    memcpy(d.data, dictionary, dictionary_size);
    d.stored = d.size = dictionary_size;
    pack(&d, 0);
    write_bytes("const unsigned char lunq_embedded_dictionary", &d);
    printf("const size_t lunq_embedded_dictionary_stored = %zu, lunq_embedded_dictionary_size = "
           "%zu;\n",
           d.stored, d.size);
    free(d.data);
}
#endif

int main(int argc, char **argv)
{
    struct text *texts = allocate((size_t)argc * sizeof *texts);
    puts("#include \"embed.h\"");
    for (int i = 1; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        if (!eq) {
            fprintf(stderr, "embed: %s is not MODULE=FILE\n", argv[i]);
            return 1;
        }
        texts[i] = read_text(eq + 1);
    }
#ifdef PACK
    prepare(texts, argc);
#endif
    for (int i = 1; i < argc; i++) {
        char name[64];
        snprintf(name, sizeof name, "static const unsigned char text_%d", i);
        write_bytes(name, &texts[i]);
        free(texts[i].data);
    }
    puts("const struct lunq_embedded lunq_embedded[] = {");
    for (int i = 1; i < argc; i++)
        printf("    {\"%.*s\", text_%d, %zu, %zu},\n", (int)strcspn(argv[i], "="), argv[i], i,
               texts[i].stored, texts[i].size);
    puts("    {0, 0, 0, 0}};");
    free(texts);
    return 0;
}
