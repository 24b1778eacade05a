// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <memory>
#include <string>

#include "connection.h"
#include "internal/macros.h"
#include "sigpipe_guard.h"
#include "socket.h"
#include "tls.h"

namespace offsetstore::redis {
namespace {

struct TlsFree {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  void operator()(SSL* session) const noexcept { SSL_free(session); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsFree>;
using TlsSession = std::unique_ptr<SSL, TlsFree>;

/// The oldest thing that OpenSSL complains of; it empties the queue.
std::string Reason() {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return reason == nullptr ? "no reason given" : reason;
}

Result<TlsContext> MakeContext(const RedisOptions& options) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return MakeError(ErrorCode::kInternal, "OpenSSL makes no context: " + Reason());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const std::string ca = options.tls_ca.string();
  const int trusted = ca.empty()
                          ? SSL_CTX_set_default_verify_paths(context.get())
                          : SSL_CTX_load_verify_locations(context.get(), ca.c_str(), nullptr);
  if (trusted != 1) {
    return MakeError(ErrorCode::kConfigInvalid,
                     "tls-ca=" + Printable(ca) + " holds no certificates to trust: " + Reason());
  }
  return context;
}

/// hiredis checks the chain of a certificate and never whose it is.
bool Expect(SSL* session, std::string host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1) return true;
  // What `SSL_set_tlsext_host_name` is without its C cast.
  return SSL_set1_host(session, host.c_str()) == 1 &&
         SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) ==
             1;
}

Error HandshakeError(SSL* session, const std::string& endpoint) {
  const long verified = SSL_get_verify_result(session);
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return MakeError(ErrorCode::kPermissionDenied,
                     endpoint + ": the server's certificate is refused: " +
                         X509_verify_cert_error_string(verified) +
                         "; tls-ca= names the certificates to trust");
  }
  return MakeError(ErrorCode::kUnavailable, endpoint + ": TLS failed: " + Reason());
}

/// Ends the handshake here, so that what follows waits for replies alone.
Status Shake(SSL* session, int descriptor, const std::string& endpoint, Deadline deadline) {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(session);
    if (done == 1) return {};
    const int wants = SSL_get_error(session, done);
    if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) {
      return HandshakeError(session, endpoint);
    }
    const short events = wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!WaitFor(descriptor, events, deadline)) {
      return CutError(
          Cut::kDeadline, Risk::kNone, endpoint + " (TLS handshake; does the port speak TLS?)", {});
    }
  }
}

}  // namespace

Status CheckTls(const RedisOptions& /*options*/) {
  return {};
}

Status StartTls(redisContext& context, const RedisOptions& options, Deadline deadline) {
  if (!options.tls) return {};
  OS_ASSIGN_OR_RETURN(const TlsContext trust, MakeContext(options));
  TlsSession made(SSL_new(trust.get()));
  if (made == nullptr || !Expect(made.get(), options.host)) {
    return MakeError(ErrorCode::kInternal, "OpenSSL makes no session: " + Reason());
  }
  const SigpipeGuard guard;
  const std::string endpoint = EndpointOf(options);
  if (redisInitiateSSL(&context, made.get()) != REDIS_OK) {
    return HandshakeError(made.get(), endpoint);
  }
  SSL* session = made.release();  // hiredis frees it with its own context
  return Shake(session, static_cast<int>(context.fd), endpoint, deadline);
}

}  // namespace offsetstore::redis
