/* embed.c - turns Lua files into one C file: { name, text, size } for each (see host/main.c).
 *   embed MODULE=FILE ...  > out.c
 * Runs on the build machine. Text is stored as it is; the host compiles it at load time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void embed_file(const char *path, int index)
{
    FILE *f = fopen(path, "rb");
    long n = 0;
    int c;
    if (!f) {
        perror(path);
        exit(1);
    }
    printf("static const unsigned char text_%d[] = {", index);
    while ((c = getc(f)) != EOF)
        printf("%s%d,", n++ % 24 ? "" : "\n", c);
    printf("0};\n");
    fclose(f);
}

int main(int argc, char **argv)
{
    puts("#include \"embed.h\"");
    for (int i = 1; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        if (!eq) {
            fprintf(stderr, "embed: %s is not MODULE=FILE\n", argv[i]);
            return 1;
        }
        embed_file(eq + 1, i);
    }
    puts("const struct lunq_embedded lunq_embedded[] = {");
    for (int i = 1; i < argc; i++) {
        char *eq = strchr(argv[i], '=');
        printf("    {\"%.*s\", (const char *)text_%d, sizeof text_%d - 1},\n", (int)(eq - argv[i]),
               argv[i], i, i);
    }
    puts("    {0, 0, 0}};");
    return 0;
}
