/*
 * Passes over informational answers of an upstream, such as 103 Early Hints and 102 Processing, and waits for the one
 * that counts (RFC 9110, section 15.2). Nginx does so itself from 1.29.0 on; before, it takes the first one for the
 * whole answer. It works for every `upstream` block and has no directive.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

/* More of them is a mistake of the upstream. */
#define MOST 64

typedef struct {
    ngx_http_upstream_init_peer_pt  original_init_peer;
} ngx_http_informational_srv_conf_t;

typedef struct {
    /* What reads the next part of the header, as the proxy module has left it. */
    ngx_int_t                     (*process_header)(ngx_http_request_t *r);
    ngx_int_t                     (*reinit_request)(ngx_http_request_t *r);
    ngx_uint_t                      passed;
} ngx_http_informational_ctx_t;

static ngx_int_t ngx_http_informational_init(ngx_conf_t *cf);
static void *ngx_http_informational_create_srv_conf(ngx_conf_t *cf);
static ngx_int_t ngx_http_informational_init_peer(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us);
static ngx_int_t ngx_http_informational_process_header(ngx_http_request_t *r);
static ngx_int_t ngx_http_informational_reinit_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_informational_forget(ngx_http_request_t *r);

static ngx_http_module_t  ngx_http_informational_module_ctx = {
    NULL,                                    /* preconfiguration */
    ngx_http_informational_init,             /* postconfiguration */
    NULL,                                    /* create main configuration */
    NULL,                                    /* init main configuration */
    ngx_http_informational_create_srv_conf,  /* create server configuration */
    NULL,                                    /* merge server configuration */
    NULL,                                    /* create location configuration */
    NULL                                     /* merge location configuration */
};

ngx_module_t  ngx_http_informational_module = {
    NGX_MODULE_V1,
    &ngx_http_informational_module_ctx,
    NULL,                                    /* module directives */
    NGX_HTTP_MODULE,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL,
    NGX_MODULE_V1_PADDING
};

static void *
ngx_http_informational_create_srv_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_informational_srv_conf_t));
}

/* The upstreams have been read and have their own way to choose a peer: it is called first. */
static ngx_int_t
ngx_http_informational_init(ngx_conf_t *cf)
{
    ngx_uint_t                          i;
    ngx_http_upstream_srv_conf_t      **us;
    ngx_http_upstream_main_conf_t      *umcf;
    ngx_http_informational_srv_conf_t  *conf;

    umcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_upstream_module);
    us = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        /* Without a block of its own it has no place for us. */
        if (us[i]->srv_conf == NULL) {
            continue;
        }

        conf = ngx_http_conf_upstream_srv_conf(us[i], ngx_http_informational_module);
        conf->original_init_peer = us[i]->peer.init;
        us[i]->peer.init = ngx_http_informational_init_peer;
    }

    return NGX_OK;
}

static ngx_int_t
ngx_http_informational_init_peer(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us)
{
    ngx_http_upstream_t                *u;
    ngx_http_informational_ctx_t       *ctx;
    ngx_http_informational_srv_conf_t  *conf;

    conf = ngx_http_conf_upstream_srv_conf(us, ngx_http_informational_module);
    u = r->upstream;

    /* Only HTTP has them. */
    if (u->conf->module.len == 5 && ngx_strncmp(u->conf->module.data, "proxy", 5) == 0) {
        ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_informational_ctx_t));
        if (ctx == NULL) {
            return NGX_ERROR;
        }

        ctx->process_header = u->process_header;
        ctx->reinit_request = u->reinit_request;
        ngx_http_set_ctx(r, ctx, ngx_http_informational_module);
        u->process_header = ngx_http_informational_process_header;
        u->reinit_request = ngx_http_informational_reinit_request;
    }

    return conf->original_init_peer(r, us);
}

/* Another try with another peer begins anew. */
static ngx_int_t
ngx_http_informational_reinit_request(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_informational_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_informational_module);
    rc = ctx->reinit_request(r);

    ctx->process_header = r->upstream->process_header;
    r->upstream->process_header = ngx_http_informational_process_header;

    return rc;
}

static ngx_int_t
ngx_http_informational_process_header(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_uint_t                     status;
    ngx_http_upstream_t           *u;
    ngx_http_informational_ctx_t  *ctx;

    u = r->upstream;
    ctx = ngx_http_get_module_ctx(r, ngx_http_informational_module);

    for ( ;; ) {
        u->process_header = ctx->process_header;
        rc = u->process_header(r);
        ctx->process_header = u->process_header;
        u->process_header = ngx_http_informational_process_header;

        status = u->headers_in.status_n;

        if (rc != NGX_OK || status < 100 || status > 199 || status == NGX_HTTP_SWITCHING_PROTOCOLS) {
            return rc;
        }

        if (++ctx->passed > MOST) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "upstream sent more than %d informational responses", MOST);
            return NGX_HTTP_UPSTREAM_INVALID_HEADER;
        }

        if (ngx_http_informational_forget(r) != NGX_OK) {
            return NGX_ERROR;
        }

        if (u->buffer.pos == u->buffer.last) {
            return NGX_AGAIN;
        }
    }
}

/* As if nothing had been read yet (ngx_http_upstream_reinit); what follows in the buffer is moved to its beginning, so
 * that a cache keeps the answer alone. */
static ngx_int_t
ngx_http_informational_forget(ngx_http_request_t *r)
{
    size_t                left;
    u_char               *begin;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u->reinit_request(r) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&u->headers_in, sizeof(ngx_http_upstream_headers_in_t));
    u->headers_in.content_length_n = -1;
    u->headers_in.last_modified_time = -1;

    if (ngx_list_init(&u->headers_in.headers, r->pool, 8, sizeof(ngx_table_elt_t)) != NGX_OK
        || ngx_list_init(&u->headers_in.trailers, r->pool, 2, sizeof(ngx_table_elt_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    u->keepalive = 0;

    if (u->state) {
        u->state->status = 0;
    }

    begin = u->buffer.start;

#if (NGX_HTTP_CACHE)
    if (r->cache) {
        begin += r->cache->header_start;
    }
#endif

    left = u->buffer.last - u->buffer.pos;
    ngx_memmove(begin, u->buffer.pos, left);
    u->buffer.pos = begin;
    u->buffer.last = begin + left;

    return NGX_OK;
}
