// The TLS part of a server: its TLS settings, its certificate, and the keys of its session tickets. One object serves
// all lanes (the threads of the gateway). The certificate can be replaced while the lanes run: each handshake that
// begins afterwards uses the new certificate, and open connections stay as they are. Any thread.
//
// Each lane has its own OpenSSL context (SSL_CTX). The certificate is not stored in these contexts, for two reasons. A
// context must not be changed while its lane uses it. And a context that gets a certificate with another kind of key
// (RSA, ECDSA) also keeps the old certificate. Instead, this class gives the current certificate to each connection,
// when the first handshake message of the client has come.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>

#include "io/tls/ticket_keys.hpp"
#include "io/tls/tls_certificate.hpp"

namespace resflow {

class ServerTls {
 public:
  // Reads the certificate and its key from these files. Throws std::runtime_error with the name of the file and what is
  // wrong with it.
  ServerTls(std::string cert_file, std::string key_file, TicketKeys::Clock clock = std::chrono::steady_clock::now);
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  // Reads the files again, and replaces the certificate. Throws like the constructor; then the old certificate stays in
  // use.
  void reload();

  // Returns true if the certificate has expired, so that clients will refuse it.
  bool expired() const { return current()->expired(); }

  // Prepares a lane's OpenSSL context for connections from clients. This object must outlive the context. Returns false
  // if OpenSSL fails.
  bool set_up(SSL_CTX* context);

 private:
  using Certificate = std::shared_ptr<const TlsCertificate>;

  static int on_client_hello(SSL* ssl, int* alert, void* self);
  static int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                       int encrypts);
  Certificate current() const;

  const std::string cert_file_;
  const std::string key_file_;
  mutable std::mutex mutex_;
  Certificate certificate_;  // guarded by mutex_
  TicketKeys ticket_keys_;
};

}  // namespace resflow
