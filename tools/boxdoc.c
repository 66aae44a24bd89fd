/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes what the registry knows: `boxdoc md` is docs/boxes.md, `boxdoc dict` is fuzz/mp4.dict. tools/boxes.sh runs
 * both, or tells with --check whether they are out of date.
 */
#include <stdio.h>
#include <string.h>

#include <reel/reel.h>

enum { ROWS = 2048 };

static size_t rows_of_all(reel_box_info *rows)
{
    size_t n = 0;
    while (n < ROWS && reel_box_row(n, &rows[n]) == REEL_OK)
        n++;
    return n;
}

/* In a cell of a table a bar would end the cell. */
static void put_cell(const char *text)
{
    for (; *text; text++)
        printf(*text == '|' ? "\\|" : "%c", *text);
}

static void put_type(uint32_t type)
{
    char name[17];
    if (type == REEL_4CC('*', '*', '*', '*'))
        printf("*any*");
    else
        printf("`%s`", reel_4cc_text(type, name));
}

static void put_row(const reel_box_info *row)
{
    printf("| ");
    put_type(row->type);
    printf(" | %s | %s | ", row->name, row->clause);
    if (row->max_version >= 0)
        printf("%d", row->max_version);
    printf(" | ");
    if (*row->holds)
        printf("%s", row->holds);
    printf(" | ");
    if (*row->fields) {
        printf("`");
        put_cell(row->fields);
        printf("`");
    }
    printf(" |\n");
}

static void put_heading(const char *parents)
{
    if (strcmp(parents, "-") == 0)
        printf("\n## The top of the file\n\n");
    else if (strcmp(parents, "*") == 0)
        printf("\n## Everywhere\n\n");
    else
        printf("\n## In %s\n\n", parents);
    printf("| Type | Name | Clause | Version | Holds | Fields |\n|---|---|---|---|---|---|\n");
}

static int put_document(const reel_box_info *rows, size_t n)
{
    printf("# Boxes\n\n"
           "Every box that reel knows, from its registry (`src/box/registry_*.c`). `tools/boxes.sh` writes this file.\n\n"
           "Version is the highest that is known; nothing there means that the box has no version and flags. Holds\n"
           "names the section of the boxes inside. Fields is the body behind version and flags, in the language of\n"
           "`src/box/registry.h`: `32:name` is an unsigned number of 32 bits, `i` signed, `t` a date, `v` 32 bits in\n"
           "version 0 and 64 above, `z` text, `[n ...]` a table of n rows, `?F:` only with these flags, `@N:` only\n"
           "from that version on, `<a=N:` only when field a is N.\n");
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || strcmp(rows[i].parents, rows[i - 1].parents) != 0)
            put_heading(rows[i].parents);
        put_row(&rows[i]);
    }
    return 0;
}

static void put_quoted(uint32_t type)
{
    printf("\"");
    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned c = type >> shift & 255;
        if (c >= 32 && c < 127 && c != '"' && c != '\\')
            printf("%c", (int)c);
        else
            printf("\\x%02X", c);
    }
    printf("\"\n");
}

static bool seen_before(const reel_box_info *rows, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (rows[k].type == rows[i].type)
            return true;
    return false;
}

static int put_dictionary(const reel_box_info *rows, size_t n)
{
    static const uint32_t values[] = {
        REEL_4CC('i', 's', 'o', 'm'), REEL_4CC('q', 't', ' ', ' '), REEL_4CC('v', 'i', 'd', 'e'),
        REEL_4CC('s', 'o', 'u', 'n'), REEL_4CC('s', 'u', 'b', 't'), REEL_4CC('p', 'i', 'c', 't'),
        REEL_4CC('m', 'd', 'i', 'r'), REEL_4CC('m', 'd', 't', 'a'), REEL_4CC('z', 'l', 'i', 'b'),
        REEL_4CC('n', 'c', 'l', 'x'), REEL_4CC('p', 'r', 'o', 'f'), REEL_4CC('c', 'e', 'n', 'c'),
        REEL_4CC('c', 'b', 'c', 's'), REEL_4CC('s', 'e', 'i', 'g'), REEL_4CC('r', 'o', 'l', 'l'),
        REEL_4CC('E', 'x', 'i', 'f'), REEL_4CC('g', 'r', 'i', 'd'), REEL_4CC('d', 'i', 'm', 'g'),
        REEL_4CC('a', 'v', 'i', 'f'), REEL_4CC('h', 'e', 'i', 'c'),
    };
    printf("# Every fourcc of the registry, and numbers that matter. `tools/boxes.sh` writes this file.\n");
    for (size_t i = 0; i < n; i++)
        if (rows[i].type && rows[i].type != REEL_4CC('*', '*', '*', '*') && !seen_before(rows, i))
            put_quoted(rows[i].type);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        put_quoted(values[i]);
    printf("\"\\x00\\x00\\x00\\x00\"\n\"\\x00\\x00\\x00\\x01\"\n\"\\x00\\x00\\x00\\x08\"\n"
           "\"\\x7F\\xFF\\xFF\\xFF\"\n\"\\x80\\x00\\x00\\x00\"\n\"\\xFF\\xFF\\xFF\\xFF\"\n"
           "\"\\x80\\x00\\x00\\x00\\x00\\x00\\x00\\x00\"\n\"\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\\xFF\"\n");
    return 0;
}

int main(int argc, char **argv)
{
    static reel_box_info rows[ROWS];
    size_t n = rows_of_all(rows);
    if (argc == 2 && strcmp(argv[1], "md") == 0)
        return put_document(rows, n);
    if (argc == 2 && strcmp(argv[1], "dict") == 0)
        return put_dictionary(rows, n);
    fprintf(stderr, "usage: boxdoc md|dict\n");
    return 2;
}
