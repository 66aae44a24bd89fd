/* SPDX-License-Identifier: BSD-2-Clause */
/* serve_config.c: nginx's configuration, for a server of our own and for people to start from. */
#include "serve.h"

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
    out_f(o, "load_module %s;\n", s->module);
    if (s->scratch)
        out_f(o, "daemon off;\npid %s/nginx.pid;\nerror_log stderr error;\n", s->scratch);
    else
        out_str(o, "error_log /var/log/nginx/error.log error;\npid /run/nginx.pid;\n"
                   "# A stop with SIGQUIT lets requests end, for this long at most.\nworker_shutdown_timeout 30s;\n");
    out_str(o, "\nevents {\n    worker_connections 1024;\n}\n\nhttp {\n");
}

static void put_temp(struct out *o, const struct site *s)
{
    static const char *const names[] = {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"};
    if (!s->scratch) {
        out_str(o, "    access_log /var/log/nginx/access.log;\n");
        return;
    }
    out_str(o, "    access_log off;\n");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        out_f(o, "    %s_temp_path %s/%s;\n", names[i], s->scratch, names[i]);
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
    if (s->page)
        out_f(o, "        location = / {\n            root %s;\n            try_files /index.html =404;\n        }\n\n"
                 "        location /web/ {\n            alias %s/;\n        }\n\n", s->page, s->page);
    else if (s->scratch)
        out_str(o, "        location = / {\n            return 302 /list/;\n        }\n\n");
}

static void put_server(struct out *o, const struct site *s)
{
    out_f(o, "    server {\n        listen %s;\n\n", s->address);
    put_page(o, s);
    if (!s->scratch)
        out_str(o, "        # Counters are for you alone, and so are lists of what there is, where titles are secret.\n"
                   "        location = /metrics {\n"
                   "            allow 127.0.0.1;\n"
                   "            deny all;\n"
                   "            reel;\n"
                   "        }\n\n"
                   "        # The answers of a URL are the same until the film is replaced: let caches keep them.\n"
                   "        location ~ ^/(hls|dash|thumb)/.*\\.(m4s|mp4|vtt|jpg)$ {\n");
    if (!s->scratch)
        out_f(o, "            root %s;\n            expires 1d;\n            reel;\n        }\n\n", s->films);
    out_f(o, "        location / {\n            root %s;\n            reel;\n        }\n    }\n}\n", s->films);
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
