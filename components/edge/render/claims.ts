/**
 * What the edge says about the visitor and about the requested address: header → value in Nginx's variables.
 * The names are declared ones, so a visitor can't choose the Host that an application sees.
 * @param port that the outside world uses for HTTPS; a page's Origin has it unless it is 443
 */
function edgeHeaders(port: number): Record<string, string> {
  const host = port === 443 ? "$server_name" : `$server_name:${port}`;
  return {
    Host: host,
    "X-Real-IP": "$remote_addr",
    "X-Forwarded-For": "$remote_addr",
    "X-Forwarded-Proto": "$scheme",
    "X-Forwarded-Host": host,
    "X-Forwarded-Port": String(port),
  };
}

/**
 * Headers with which proxies, CDNs and sign-on services inform an application. Frameworks that are configured for a proxy
 * believe them, so the edge removes them from what visitors send. The switch removes any other X-Forwarded-…
 * (assets/switch/haproxy.cfg), and Nginx drops names with an underscore, which some servers take for a hyphen.
 */
const PROXY_HEADERS: readonly string[] = [
  // Where a request comes from and what it asked for (RFC 7239, and its predecessors).
  "Forwarded",
  "Forwarded-For",
  "X-Forwarded",
  "X-Forwarded-By",
  "X-Forwarded-Prefix",
  "X-Forwarded-Path",
  "X-Forwarded-Protocol",
  "X-Forwarded-Scheme",
  "X-Forwarded-Server",
  "X-Forwarded-Ssl",
  "X-Forwarded-Uri",
  "X-Forwarded-Method",
  "X-Forwarded-Proto-Version",
  "X-Original-For",
  "X-Original-Forwarded-For",
  "X-Original-Host",
  "X-Original-Method",
  "X-Original-Proto",
  "X-Original-URI",
  "X-Original-URL",
  "X-Rewrite-URL",
  "X-Script-Name",
  "X-Scheme",
  "X-Url-Scheme",
  "X-Host",
  "X-HTTP-Host-Override",
  "X-Server-Name",
  "X-Proxy-Host",
  "Front-End-Https",
  "X-Https",
  "X-ARR-SSL",
  "X-ARR-LOG-ID",
  // Addresses, under the names that CDNs and load balancers use.
  "CF-Connecting-IP",
  "CF-Connecting-IPv6",
  "CF-Pseudo-IPv4",
  "CF-Visitor",
  "CF-IPCountry",
  "CloudFront-Viewer-Address",
  "CloudFront-Forwarded-Proto",
  "Client-IP",
  "Fastly-Client-IP",
  "Fastly-SSL",
  "Fly-Client-IP",
  "Proxy-Client-IP",
  "True-Client-IP",
  "WL-Proxy-Client-IP",
  "WL-Proxy-SSL",
  "X-Appengine-User-IP",
  "X-Azure-ClientIP",
  "X-Azure-SocketIP",
  "X-Client-IP",
  "X-Cluster-Client-IP",
  "X-Coming-From",
  "X-Envoy-External-Address",
  "X-Envoy-Original-Path",
  "X-Forwarded-Client-IP",
  "X-Originating-IP",
  "X-ProxyUser-IP",
  "X-Real-Port",
  "X-Remote-Addr",
  "X-Remote-IP",
  "X-Remote-Host",
  "X-Sucuri-ClientIP",
  "X-True-IP",
  "X-Nf-Client-Connection-IP",
  // Who the visitor is, where a proxy has signed them on or has checked their certificate (RFC 9440).
  "Client-Cert",
  "Client-Cert-Chain",
  "Remote-User",
  "Remote-Groups",
  "Remote-Email",
  "Remote-Name",
  "SSL-Client-Cert",
  "SSL-Client-Verify",
  "SSL-Client-Subject-DN",
  "X-ARR-ClientCert",
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Groups",
  "X-Authenticated-User",
  "X-Authenticated-Userid",
  "X-Client-Cert",
  "X-Client-DN",
  "X-Client-Verify",
  "X-Forwarded-User",
  "X-Forwarded-Email",
  "X-Forwarded-Groups",
  "X-Forwarded-Preferred-Username",
  "X-Forwarded-Client-Cert",
  "X-Forwarded-Tls-Client-Cert",
  "X-Forwarded-Tls-Client-Cert-Info",
  "X-Remote-User",
  "X-Remote-Group",
  "X-SSL-Cert",
  "X-SSL-Client-Cert",
  "X-SSL-Client-DN",
  "X-SSL-Client-S-DN",
  "X-SSL-Client-Verify",
  "X-Verified-User",
  "X-WebAuth-User",
  // What servers use internally: CGI's HTTP_PROXY (httpoxy.org), Next.js' mark of its own requests
  // (CVE-2025-29927), and what concerns a single connection (RFC 9110, section 7.6.1).
  "Proxy",
  "X-Middleware-Subrequest",
  "Proxy-Authorization",
  "Proxy-Connection",
  "HTTP2-Settings",
  "Early-Data",
  "X-Accel-Internal",
  "X-Sendfile-Type",
  "X-Accel-Mapping",
];

/**
 * Request headers that the edge alone decides; an empty value removes a header.
 * @param directive that of the protocol to the application
 */
export function claims(
  port: number,
  directive: "proxy_set_header" | "grpc_set_header" = "proxy_set_header",
): string {
  const removed = Object.fromEntries(PROXY_HEADERS.map((name) => [name, '""']));
  return Object.entries({ ...removed, ...edgeHeaders(port) })
    .map(([name, value]) => `${directive} ${name} ${value};\n`)
    .join("");
}
