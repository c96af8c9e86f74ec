// How a server speaks TLS, the certificate it shows, and the keys of its session tickets. One for all lanes: the
// certificate can be replaced while they run, and each handshake that begins afterwards shows the new one; connections
// that are open stay as they are. Any thread.
//
// So the certificate is not part of OpenSSL's context of a lane, which must not be changed under the lane's hands, and
// would keep the old certificate beside a new one of another kind (RSA, ECDSA); it is given to each connection when its
// client has said hello.
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
  // Reads the files. Throws std::runtime_error, which names the file and what is wrong with it.
  ServerTls(std::string cert_file, std::string key_file, TicketKeys::Clock clock = std::chrono::steady_clock::now);
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  // Reads the files again. Throws as the constructor does; then the certificate stays what it was.
  void reload();

  // Of the certificate: clients will refuse it.
  bool expired() const { return current()->expired(); }

  // Makes a context of a lane a server's. This object must outlive it. False if OpenSSL cannot.
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
  Certificate certificate_;  // by mutex_
  TicketKeys ticket_keys_;
};

}  // namespace resflow
