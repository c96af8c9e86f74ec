// A TLS client for tests. It trusts one authority and shows the certificate of the server.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <string>

#include "io/tls/tls_certificate.hpp"
#include "tests/io/websocket_client.hpp"

namespace resflow::test {

class Trust {
 public:
  explicit Trust(const std::string& ca) : context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_load_verify_locations(get(), ca.c_str(), nullptr);
    SSL_CTX_set_verify(get(), SSL_VERIFY_PEER, nullptr);
  }

  SSL_CTX* get() const { return context_.get(); }

 private:
  OpensslPtr<SSL_CTX, SSL_CTX_free> context_;
};

class TlsClient : public Client {
 public:
  TlsClient(std::uint16_t port, const Trust& trust, int receive_buffer = 0, SSL_SESSION* session = nullptr)
      : Client(port, receive_buffer) {
    REQUIRE(start_tls(trust.get(), session));
  }

  // Returns the name in the server's certificate.
  std::string server_name() {
    const OpensslPtr<X509, X509_free> certificate(SSL_get1_peer_certificate(ssl()));
    std::array<char, 64> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name.data(), name.size());
    return name.data();
  }

  // Call it at the end of the stream. Returns true if the server has announced the end (close_notify).
  bool ended_well() { return (SSL_get_shutdown(ssl()) & SSL_RECEIVED_SHUTDOWN) != 0; }
};

}  // namespace resflow::test
