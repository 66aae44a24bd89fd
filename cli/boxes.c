/* SPDX-License-Identifier: BSD-2-Clause */
/* boxes.c: reel boxes: the tree as it lies in the file. Needs no movie: it works on what cannot be opened too. */
#include "boxes.h"
#include "report.h"

static void put_marks(struct out *o, const reel_box *box)
{
    out_str(o, box->flags & REEL_BOX_TO_END ? "  to the end" : "");
    out_str(o, box->flags & REEL_BOX_INFLATED ? "  (inflated)" : "");
    if (box->flags & REEL_BOX_CUT) {
        out_style(o, RED);
        out_str(o, "  its size goes past its parent");
        out_style(o, PLAIN);
    }
}

static void put_uuid(struct out *o, const reel_box *box)
{
    out_str(o, " ");
    for (int i = 0; i < 16; i++)
        out_f(o, "%02x", box->uuid[i]);
}

static void box_text(struct printer *p, const reel_box *box, const reel_box_walk *walk)
{
    struct out *o = p->out;
    reel_box_info info = {.name = NULL};
    (void)reel_box_lookup(box->parent, box->type, &info);
    char type[17];
    (void)walk;
    out_u64_right(o, box->offset, 12);
    out_u64_right(o, box->size, 13);
    out_spaces(o, 2 + 2 * (size_t)box->depth);
    out_style(o, BOLD);
    out_str(o, reel_4cc_text(box->type, type));
    out_style(o, PLAIN);
    if (box->type == REEL_4CC('u', 'u', 'i', 'd'))
        put_uuid(o, box);
    if (box->flags & REEL_BOX_FULL)
        out_f(o, box->full_flags ? " v%u flags %06x" : " v%u", box->version, (unsigned)box->full_flags);
    out_style(o, DIM);
    out_f(o, "  %s", info.name ? info.name : box->flags & REEL_BOX_KNOWN ? "" : "(unknown)");
    out_style(o, PLAIN);
    put_marks(o, box);
    out_str(o, "\n");
    if (p->cli->set.fields)
        box_fields_text(p, box, 31 + 2 * box->depth);
}

static void box_members(struct printer *p, const reel_box *box)
{
    struct json *j = p->json;
    reel_box_info info = {.name = NULL};
    (void)reel_box_lookup(box->parent, box->type, &info);
    json_4cc(j, "type", box->type);
    json_u64(j, "offset", box->offset);
    json_u64(j, "size", box->size);
    json_u64(j, "header_size", box->header_size);
    if (box->flags & REEL_BOX_FULL) {
        json_u64(j, "version", box->version);
        json_u64(j, "flags", box->full_flags);
    }
    if (info.name)
        json_str(j, "name", info.name);
    if (box->type == REEL_4CC('u', 'u', 'i', 'd'))
        json_hex(j, "uuid", box->uuid, 16);
    if (!(box->flags & REEL_BOX_KNOWN))
        json_bool(j, "known", false);
    if (box->flags & REEL_BOX_TO_END)
        json_bool(j, "to_end", true);
    if (box->flags & REEL_BOX_CUT)
        json_bool(j, "cut", true);
    if (box->flags & REEL_BOX_INFLATED)
        json_bool(j, "inflated", true);
    if (p->cli->set.fields)
        box_fields_json(p, box);
}

static void box_line(struct printer *p, const reel_box *box, const reel_box_walk *walk)
{
    char path[256];
    reel_box_walk_path(walk, path, sizeof path);
    json_object(p->json, NULL);
    if (film_several(&p->cli->set))
        json_str(p->json, "file", p->name);
    json_str(p->json, "path", path);
    json_u64(p->json, "depth", box->depth);
    box_members(p, box);
    json_close(p->json, '}');
}

/* Ends the boxes that are open until only those above depth are. */
static void close_down_to(struct printer *p, uint32_t depth)
{
    for (; p->open > depth; p->open--) {
        json_close(p->json, ']');
        json_close(p->json, '}');
    }
}

static void box_nested(struct printer *p, const reel_box *box, const reel_box_walk *walk)
{
    (void)walk;
    /* With --path the matched box stands at the top. */
    if (p->open == 0)
        p->top = box->depth;
    uint32_t level = box->depth >= p->top ? box->depth - p->top : 0;
    close_down_to(p, level);
    if (level == 0)
        p->top = box->depth;
    json_object(p->json, NULL);
    box_members(p, box);
    json_array(p->json, "boxes");
    p->open = level + 1;
}

static int walk_boxes(struct printer *p, const char *name)
{
    static void (*const print[])(struct printer *, const reel_box *, const reel_box_walk *) = {box_text, box_nested,
                                                                                                 box_line};
    const struct settings *set = &p->cli->set;
    reel_error err = {0};
    reel_box_walk walk;
    reel_box box;
    char line[512];
    bool any = false;
    int result = reel_box_walk_init(&walk, p->source);
    while (result == REEL_OK && (result = reel_box_walk_next(&walk, &box, &err)) == REEL_OK) {
        if (pattern_matches(&p->pattern, &box)) {
            print[set->format](p, &box, &walk);
            any = true;
        }
        if (box.depth + 1 >= set->depth)
            reel_box_walk_skip(&walk);
    }
    close_down_to(p, 0);
    if (result == REEL_END && (any || !set->path))
        return EXIT_FINE;
    out_flush(p->out);
    if (result == REEL_END) {
        complain(name, "there is no box %s", set->path);
        return EXIT_INPUT;
    }
    if (!p->cli->quiet && reel_error_format(&err, line, sizeof line) > 0)
        complain(name, "%s", line);
    return EXIT_INPUT;
}

static int run_source(struct printer *p, const char *name)
{
    const struct settings *set = &p->cli->set;
    if (set->format == FORMAT_TEXT && set->arg_count > 1) {
        out_name(p->out, name);
        out_str(p->out, "\n");
    }
    if (set->format == FORMAT_TEXT)
        out_str(p->out, "      offset         size  box\n");
    if (set->format == FORMAT_JSON) {
        json_object(p->json, NULL);
        json_str(p->json, "file", name);
        json_u64(p->json, "size", reel_source_size(p->source));
        json_array(p->json, "boxes");
    }
    p->name = name;
    int status = walk_boxes(p, name);
    if (set->format == FORMAT_JSON) {
        json_close(p->json, ']');
        json_close(p->json, '}');
    }
    return status;
}

static int run_file(struct printer *p, const char *name)
{
    int status = film_open_source(&p->cli->set, name, &p->source, NULL);
    if (status != EXIT_FINE)
        return status;
    status = run_source(p, name);
    reel_source_unref(&p->source);
    return status;
}

int boxes_film(struct cli *cli, struct film *film)
{
    struct printer p = {.cli = cli, .out = &cli->out, .json = &cli->json, .source = film->source};
    (void)pattern_parse(&p.pattern, NULL);
    return run_source(&p, film->name);
}

static int run(struct cli *cli)
{
    struct printer p = {.cli = cli, .out = &cli->out, .json = &cli->json};
    const struct settings *set = &cli->set;
    int worst = EXIT_FINE;
    bool array = set->format == FORMAT_JSON && film_several(set);
    if (set->depth == 0) {
        complain("boxes", "--depth 0: this would show nothing; 1 is the top level");
        return EXIT_CALL;
    }
    p.rows = set->rows < UINT32_MAX ? (uint32_t)set->rows : 0;
    if (!pattern_parse(&p.pattern, set->path)) {
        complain("boxes", "--path %s: a path such as moov/trak[2]/mdia is wanted", set->path);
        return EXIT_CALL;
    }
    if (array)
        json_array(p.json, NULL);
    for (size_t i = 0; i < set->arg_count; i++) {
        (void)pattern_parse(&p.pattern, set->path); /* anew: it remembers the boxes of the file before */
        int status = run_file(&p, set->args[i]);
        worst = status > worst ? status : worst;
    }
    if (array)
        json_close(p.json, ']');
    return worst;
}

static const struct option options[] = {
    OPTION_FORMAT,
    OPTION("depth", 'd', OPTION_NUMBER, "N", depth, "go no deeper than N levels"),
    OPTION("fields", 'F', OPTION_FLAG, NULL, fields, "show what is in the boxes"),
    OPTION("rows", 0, OPTION_NUMBER, "N", rows, "rows of a table to show with --fields (8; 0: all)"),
    OPTION("path", 'p', OPTION_TEXT, "PATTERN", path, "only these boxes and what is in them"),
    OPTION("no-map", 0, OPTION_FLAG, NULL, no_map, "read the file, do not map it"),
    OPTIONS_LAST};

const struct command command_boxes = {
    "boxes", "show the tree of boxes, with offsets and fields", "boxes [OPTION...] FILE...",
    "PATTERN is a path from the top: moov/trak[2]/mdia. Without a number all boxes of that type are\n"
    "meant, * stands for any box and ** for any number of them: **/stsd.\n",
    options, run};
