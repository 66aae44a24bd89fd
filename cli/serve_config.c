/* SPDX-License-Identifier: BSD-2-Clause */
/* serve_config.c: nginx's configuration, for a server of our own and for people to start from. */
#include "serve.h"

#include <string.h>

/*
 * A path as one word of nginx's, however people name their folders. It has no escape for a $ where variables are
 * taken; who calls sees to these.
 */
static void put_path(struct out *o, const char *folder, const char *leaf)
{
    out_str(o, "\"");
    for (size_t n; *folder; folder += n) {
        n = strcspn(folder, "\"\\");
        out_bytes(o, folder, n);
        if (!folder[n])
            break;
        out_str(o, "\\");
        out_bytes(o, folder + n++, 1);
    }
    out_str(o, leaf);
    out_str(o, "\"");
}

static void put_path_of(struct out *o, const char *directive, const char *folder, const char *leaf)
{
    out_str(o, directive);
    put_path(o, folder, leaf);
    out_str(o, ";\n");
}

static void put_main(struct out *o, const struct site *s)
{
    if (!s->scratch)
        out_str(o, "# A configuration to start from: change the paths, and keep what you need.\n\n");
    if (s->user)
        out_f(o, "user %s;\n", s->user);
    if (s->workers)
        out_f(o, "worker_processes %u;\n", (unsigned)s->workers);
    else
        out_str(o, "worker_processes auto;\n");
    put_path_of(o, "load_module ", s->module, "");
    if (s->scratch) {
        put_path_of(o, "pid ", s->scratch, "/nginx.pid");
        out_str(o, "daemon off;\nerror_log stderr error;\n");
    } else {
        out_str(o, "error_log /var/log/nginx/error.log error;\npid /run/nginx.pid;\n"
                   "# A stop with SIGQUIT lets requests end, for this long at most.\nworker_shutdown_timeout 30s;\n");
    }
    out_str(o, "\nevents {\n    worker_connections 1024;\n}\n\nhttp {\n");
}

static void put_temp(struct out *o, const struct site *s)
{
    static const char *const names[][2] = {{"    client_body_temp_path ", "/client_body"},
                                           {"    proxy_temp_path ", "/proxy"},
                                           {"    fastcgi_temp_path ", "/fastcgi"},
                                           {"    uwsgi_temp_path ", "/uwsgi"},
                                           {"    scgi_temp_path ", "/scgi"}};
    if (!s->scratch) {
        out_str(o, "    access_log /var/log/nginx/access.log;\n");
        return;
    }
    out_str(o, "    access_log off;\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        put_path_of(o, names[i][0], s->scratch, names[i][1]);
}

static void put_types(struct out *o)
{
    out_str(o, "    default_type application/octet-stream;\n"
               "    types {\n"
               "        text/html html;\n"
               "        text/css css;\n"
               "        text/javascript js mjs;\n"
               "        image/svg+xml svg;\n"
               "        image/png png;\n"
               "        application/wasm wasm;\n"
               "    }\n\n");
}

static void put_sending(struct out *o)
{
    out_str(o, "    # Media goes from the page cache to the socket. What has to come from the disk first is read in a\n"
               "    # thread, and not in the event loop; the page is nginx's own business.\n"
               "    sendfile on;\n"
               "    sendfile_max_chunk 2m;\n"
               "    tcp_nopush on;\n\n"
               "    # Playlists shrink to a tenth; media would not.\n"
               "    gzip on;\n"
               "    gzip_min_length 256;\n"
               "    gzip_proxied any;\n"
               "    gzip_vary on;\n"
               "    gzip_types application/vnd.apple.mpegurl application/dash+xml application/json text/vtt text/plain\n"
               "               text/css text/javascript image/svg+xml;\n\n");
}

static void put_reel(struct out *o, const struct site *s)
{
    out_str(o, "    # Playlists, init segments, thumbnails and the counters of /metrics, for all workers together.\n"
               "    reel_zone reel:64m;\n"
               "    # Films that a worker keeps open; looked at again when they were not for so long.\n"
               "    reel_open_movies 256 valid=1s;\n"
               "    # Segments begin at the first key frame behind each multiple of this.\n");
    out_f(o, "    reel_segment %ums;\n", (unsigned)s->segment);
    out_str(o, "    # A film of fragments that has not grown for so long is no live stream any more.\n"
               "    reel_live_timeout 60s;\n"
               "    # Pictures of films as JPEG, two at a time in a worker; where reel was built with libavcodec.\n"
               "    reel_thumbs 2;\n"
               "    # Players on pages of other origins.\n"
               "    reel_cross_origin on;\n\n");
}

static void put_page(struct out *o, const struct site *s)
{
    if (s->page) {
        put_path_of(o, "        location = / {\n            root ", s->page, "");
        out_str(o, "            try_files /index.html =404;\n        }\n\n");
        put_path_of(o, "        location /web/ {\n            alias ", s->page, "/");
        out_str(o, "        }\n\n");
    } else if (s->scratch) {
        out_str(o, "        location = / {\n            return 302 /list/;\n        }\n\n");
    }
}

/* What a server for people has more than one of our own. */
static void put_public(struct out *o, const struct site *s)
{
    out_str(o, "        # Is it there? For load balancers and readiness probes; no film is opened.\n"
               "        location = /healthz {\n"
               "            access_log off;\n"
               "            return 200;\n"
               "        }\n\n"
               "        # Counters are for you alone.\n"
               "        location = /metrics {\n"
               "            allow 127.0.0.1;\n"
               "            deny all;\n"
               "            reel;\n"
               "        }\n\n"
               "        # Lists of what there is, /list/, go to everybody as it stands. Where titles are secret:\n"
               "        # location ^~ /list {\n"
               "        #     allow 127.0.0.1;\n"
               "        #     deny all;\n");
    put_path_of(o, "        #     root ", s->films, "");
    out_str(o, "        #     reel;\n"
               "        # }\n\n"
               "        # The answers of a URL are the same until the film is replaced: let caches keep them.\n"
               "        location ~ ^/(hls|dash|thumb)/.*\\.(m4s|mp4|vtt|jpg)$ {\n");
    put_path_of(o, "            root ", s->films, "");
    out_str(o, "            expires 1d;\n            reel;\n        }\n\n");
}

static void put_server(struct out *o, const struct site *s)
{
    out_f(o, "    server {\n        listen %s;\n\n", s->address);
    put_page(o, s);
    if (!s->scratch)
        put_public(o, s);
    put_path_of(o, "        location / {\n            root ", s->films, "");
    out_str(o, "            reel;\n        }\n    }\n}\n");
}

void serve_config(struct out *o, const struct site *site)
{
    put_main(o, site);
    put_temp(o, site);
    put_types(o);
    put_sending(o);
    put_reel(o, site);
    put_server(o, site);
}
