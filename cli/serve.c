/* SPDX-License-Identifier: BSD-2-Clause */
/* serve.c: reel serve: a folder of films over HTTP, by an nginx of its own. */
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef REEL_LIBDIR
#define REEL_LIBDIR "lib"
#endif
#define MODULE "ngx_http_reel_module.so"

enum { PORT = 8080, SEGMENT = 6000 };

/* The first of places, relative to the folder of the command itself, that has file in it. */
static bool find_beside(const char *const *places, size_t n, const char *file, char out[PATH_MAX])
{
    char self[PATH_MAX], path[2 * PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0)
        return false;
    self[len] = 0;
    *strrchr(self, '/') = 0;
    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", self, places[i], file);
        if (access(path, R_OK) == 0)
            return realpath(path, out) != NULL;
    }
    return false;
}

static int find_module(char out[PATH_MAX])
{
    static const char *const places[] = {"../nginx", "../" REEL_LIBDIR "/nginx/modules"};
    const char *said = getenv("REEL_NGINX_MODULE");
    if (said && realpath(said, out))
        return EXIT_FINE;
    if (find_beside(places, 2, MODULE, out))
        return EXIT_FINE;
    complain("serve", "%s is not there; it is built where nginx-dev is installed (make serve sees to both)", MODULE);
    return EXIT_INPUT;
}

static int find_page(const char *said, char out[PATH_MAX])
{
    static const char *const places[] = {"../../web", "../share/reel/web"};
    *out = 0;
    if (!said) {
        if (find_beside(places, 2, "index.html", out))
            *strrchr(out, '/') = 0;
        return EXIT_FINE;
    }
    if (realpath(said, out))
        return EXIT_FINE;
    complain(said, "%s", strerror(errno));
    return EXIT_INPUT;
}

static int find_films(const char *said, char out[PATH_MAX])
{
    struct stat st;
    if (!realpath(said, out) || stat(out, &st) < 0) {
        complain(said, "%s", strerror(errno));
        return EXIT_INPUT;
    }
    if (!S_ISDIR(st.st_mode)) {
        complain(said, "a folder with films is wanted; this is a file");
        return EXIT_INPUT;
    }
    if (access(out, R_OK | X_OK) < 0) {
        complain(said, "%s", strerror(errno));
        return EXIT_INPUT;
    }
    return EXIT_FINE;
}

static int put_address(const char *host, uint16_t port, struct sockaddr_storage *out, socklen_t *size)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)out;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        *size = sizeof *v4;
        return EXIT_FINE;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *size = sizeof *v6;
        return EXIT_FINE;
    }
    complain("serve", "--listen %s: an address such as 127.0.0.1, 0.0.0.0 or :: is wanted", host);
    return EXIT_CALL;
}

/* nginx would tell so too, but in five lines and after five tries. Port 0 becomes one that is free. */
static int check_port(const char *host, uint16_t *port)
{
    struct sockaddr_storage at;
    socklen_t size;
    int on = 1, status = put_address(host, *port, &at, &size);
    if (status != EXIT_FINE)
        return status;
    int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) < 0 || listen(fd, 1) < 0) {
        complain("serve", "port %u on %s: %s%s", (unsigned)*port, host, strerror(errno),
                 errno == EADDRINUSE ? "; --port takes another, 0 one that is free" : "");
        status = EXIT_INPUT;
    } else if (*port == 0 && getsockname(fd, (struct sockaddr *)&at, &size) == 0) {
        *port = ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
                                              : ((struct sockaddr_in6 *)&at)->sin6_port);
    }
    if (fd >= 0)
        close(fd);
    return status;
}

/* Workers of a server that root starts are who owns the films. */
static void find_user(const char *films, char *out, size_t size)
{
    struct stat st;
    *out = 0;
    if (geteuid() != 0 || stat(films, &st) < 0)
        return;
    const struct passwd *user = getpwuid(st.st_uid);
    const struct group *group = getgrgid(st.st_gid);
    if (user && group)
        snprintf(out, size, "%s %s", user->pw_name, group->gr_name);
    else
        snprintf(out, size, "root root");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    (void)remove(path);
    return 0;
}

/* Nothing that nginx's configuration would read as syntax. */
static bool is_plain(const char *path)
{
    return strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-") == strlen(path);
}

static int make_scratch(char out[PATH_MAX])
{
    const char *tmp = getenv("TMPDIR");
    snprintf(out, PATH_MAX, "%s/reel-serve-XXXXXX", tmp && *tmp == '/' && is_plain(tmp) ? tmp : "/tmp");
    if (mkdtemp(out) && chmod(out, 0755) == 0)
        return EXIT_FINE;
    complain(out, "%s", strerror(errno));
    return EXIT_INPUT;
}

/* Names that people gave to folders are led to by links: the configuration has none of them in it. */
static int link_in(const char *scratch, const char *name, const char *target, char out[PATH_MAX])
{
    snprintf(out, PATH_MAX, "%.*s/%s", PATH_MAX - 32, scratch, name);
    if (symlink(target, out) == 0)
        return EXIT_FINE;
    complain(out, "%s", strerror(errno));
    return EXIT_INPUT;
}

static int write_config(const struct site *site)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s/nginx.conf", PATH_MAX - 32, site->scratch);
    struct out *o = malloc(sizeof *o);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    int error = fd < 0 ? errno : ENOMEM;
    if (fd >= 0 && o) {
        out_init(o, fd, COLOR_NEVER);
        serve_config(o, site);
        out_flush(o);
        error = o->error;
    }
    if (fd >= 0)
        close(fd);
    free(o);
    if (error)
        complain(path, "%s", strerror(error));
    return error ? EXIT_INPUT : EXIT_FINE;
}

struct places {
    char module[PATH_MAX], films[PATH_MAX], page[PATH_MAX], scratch[PATH_MAX];
    char links[3][PATH_MAX];
    char user[256], address[128];
};

static int link_all(struct places *p, struct site *site)
{
    int status = link_in(p->scratch, "module.so", p->module, p->links[0]);
    if (status == EXIT_FINE)
        status = link_in(p->scratch, "films", p->films, p->links[1]);
    if (status == EXIT_FINE && *p->page)
        status = link_in(p->scratch, "page", p->page, p->links[2]);
    site->scratch = p->scratch;
    site->module = p->links[0];
    site->films = p->links[1];
    site->page = *p->page ? p->links[2] : NULL;
    return status;
}

static int find_all(const struct settings *set, struct places *p)
{
    int status = find_films(set->arg_count ? set->args[0] : ".", p->films);
    if (status == EXIT_FINE)
        status = find_page(set->page, p->page);
    if (status == EXIT_FINE)
        status = find_module(p->module);
    return status;
}

static int serve(const struct settings *set, struct places *p, struct site *site)
{
    const char *host = set->listen ? set->listen : "127.0.0.1";
    uint16_t port = (uint16_t)set->port;
    int status = find_all(set, p);
    if (status == EXIT_FINE)
        status = check_port(host, &port);
    if (status == EXIT_FINE)
        status = make_scratch(p->scratch);
    if (status != EXIT_FINE)
        return status;
    find_user(p->films, p->user, sizeof p->user);
    snprintf(p->address, sizeof p->address, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
    site->user = *p->user ? p->user : NULL;
    site->address = p->address;
    status = link_all(p, site);
    if (status == EXIT_FINE)
        status = write_config(site);
    if (status == EXIT_FINE)
        status = serve_run(p->scratch, p->films, host, port);
    (void)nftw(p->scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return status;
}

/*
 * Quotes and blanks can be written so that nginx reads them; a $ in a root would be a variable. Lines and tabs could, but
 * terminals and editors would show something else.
 */
static bool is_printable(const char *path, bool variables)
{
    while (*path && (unsigned char)*path >= ' ' && *path != 0x7f && !(variables && *path == '$'))
        path++;
    return !*path;
}

/* Where a link was named that leads to such a folder, the link is what stands in the configuration. */
static int make_printable(const char *said, bool variables, char path[PATH_MAX])
{
    if (is_printable(path, variables))
        return EXIT_FINE;
    if (said && *said == '/' && is_printable(said, variables)) {
        snprintf(path, PATH_MAX, "%s", said);
        return EXIT_FINE;
    }
    complain(path, "a name with %scontrol characters cannot stand in a configuration of nginx; make a link to it, and give "
             "the link's whole path", variables ? "$ or " : "");
    return EXIT_CALL;
}

static int make_all_printable(const struct settings *set, struct places *p)
{
    int status = make_printable(set->arg_count ? set->args[0] : NULL, true, p->films);
    if (status == EXIT_FINE)
        status = make_printable(set->page, true, p->page);
    return status == EXIT_FINE ? make_printable(getenv("REEL_NGINX_MODULE"), false, p->module) : status;
}

static int print_config(struct cli *cli, struct site *site)
{
    static struct places p;
    snprintf(p.address, sizeof p.address, "%u", (unsigned)cli->set.port);
    int status = find_module(p.module);
    if (status == EXIT_FINE)
        status = find_page(cli->set.page, p.page);
    if (status == EXIT_FINE && cli->set.arg_count)
        status = find_films(cli->set.args[0], p.films);
    if (status == EXIT_FINE)
        status = make_all_printable(&cli->set, &p);
    if (status != EXIT_FINE)
        return status;
    site->module = p.module;
    site->films = *p.films ? p.films : "/srv/films";
    site->page = *p.page ? p.page : NULL;
    site->address = p.address;
    serve_config(&cli->out, site);
    return EXIT_FINE;
}

static int check_call(struct settings *set, uint64_t *segment)
{
    *segment = SEGMENT;
    if (set->segment.kind != WHEN_UNSET) {
        if (set->segment.kind != WHEN_TIME || set->segment.value < 1000000 || set->segment.value > INT64_C(3600000000000)) {
            complain("serve", "--segment: seconds between 0.001 and 3600 are wanted");
            return EXIT_CALL;
        }
        *segment = (uint64_t)set->segment.value / 1000000;
    }
    if (set->port == NO_ITEM)
        set->port = PORT;
    if (set->port > 65535 || set->workers > 1024) {
        complain("serve", set->port > 65535 ? "--port: 0 to 65535" : "--workers: 1024 at most");
        return EXIT_CALL;
    }
    if (set->arg_count > 1) {
        complain("serve", "one folder; mount others into it, or give each a server of its own");
        return EXIT_CALL;
    }
    return EXIT_FINE;
}

static int run(struct cli *cli)
{
    struct site site = {.workers = cli->set.workers};
    int status = check_call(&cli->set, &site.segment);
    if (status != EXIT_FINE)
        return status;
    if (cli->set.print_config)
        return print_config(cli, &site);
    struct places *p = calloc(1, sizeof *p);
    if (!p) {
        complain("serve", "%s", reel_code_text(REEL_E_NOMEM));
        return EXIT_INPUT;
    }
    status = serve(&cli->set, p, &site);
    free(p);
    return status;
}

static const struct option options[] = {
    OPTION("port", 'p', OPTION_NUMBER, "N", port, "the port (8080); 0: one that is free"),
    OPTION("listen", 0, OPTION_TEXT, "ADDR", listen, "the address (127.0.0.1); 0.0.0.0 for other machines too"),
    OPTION("workers", 0, OPTION_NUMBER, "N", workers, "processes of nginx (one a core)"),
    OPTION("segment", 0, OPTION_WHEN, "SECONDS", segment, "length of the segments (6)"),
    OPTION("page", 0, OPTION_TEXT, "DIR", page, "the page to show at / instead of reel's own"),
    OPTION("print-config", 0, OPTION_FLAG, NULL, print_config, "print a configuration of nginx to start from, and end"),
    OPTIONS_LAST};

const struct command command_serve = {
    "serve", "serve a folder of films: HLS, DASH, ranges, clips, a page", "serve [OPTION...] [DIR]",
    "Starts an nginx of its own with reel's module in it, tells the address when it listens, and ends with\n"
    "it on SIGINT and SIGTERM. What it serves, and how to run it in earnest: docs/origin.md.\n",
    options, run};
