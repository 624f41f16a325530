/* embed.c - turns Lua files into one C file: { name, data, stored, size } for each (see host/embed.h).
 *   embed MODULE=FILE ...  > out.c
 * Runs on the build machine. Built with -DPACK and zlib it packs each text, for small static builds. */
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
static void pack(struct text *t)
{
    uLongf n = compressBound(t->size);
    unsigned char *packed = allocate(n);
    if (compress2(packed, &n, t->data, t->size, Z_BEST_COMPRESSION) == Z_OK && n < t->size) {
        free(t->data);
        t->data = packed;
        t->stored = n;
    } else {
        free(packed);
    }
}
#endif

static struct text embed_file(const char *path, int index)
{
    struct text t = read_text(path);
#ifdef PACK
    pack(&t);
#endif
    printf("static const unsigned char text_%d[] = {", index);
    for (size_t i = 0; i < t.stored; i++)
        printf("%s%d,", i % 24 ? "" : "\n", t.data[i]);
    printf("0};\n");
    free(t.data);
    return t;
}

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
        texts[i] = embed_file(eq + 1, i);
    }
    puts("const struct lunq_embedded lunq_embedded[] = {");
    for (int i = 1; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        printf("    {\"%.*s\", text_%d, %zu, %zu},\n", (int)(eq - argv[i]), argv[i], i,
               texts[i].stored, texts[i].size);
    }
    puts("    {0, 0, 0, 0}};");
    free(texts);
    return 0;
}
