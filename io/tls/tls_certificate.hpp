// A certificate with its private key, read from files in PEM format. load() checks both, so that OpenSSL does not
// refuse them later. ServerTls uses this class. Immutable; any thread, several threads at once.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>

namespace resflow {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <class T, auto Free>
using OpensslPtr = std::unique_ptr<T, OpensslFree<Free>>;

class TlsCertificate {
 public:
  // Reads both files, which may be the same file. The certificate file contains the certificate, followed by the
  // intermediate certificates (those between the certificate and the root), if there are any. Throws std::runtime_error
  // with one line: the name of the file and what is wrong with it.
  static std::shared_ptr<const TlsCertificate> load(const std::string& cert_file, const std::string& key_file);

  TlsCertificate(const TlsCertificate&) = delete;
  TlsCertificate& operator=(const TlsCertificate&) = delete;
  ~TlsCertificate();

  // Makes one connection show this certificate to its client. When a client resumes a session, the server shows no
  // certificate. Therefore use() also prevents clients from resuming sessions that were made with another certificate.
  // Returns false if OpenSSL fails.
  bool use(SSL* ssl) const;

  bool expired() const;

 private:
  using Digest = std::array<unsigned char, SSL_MAX_SID_CTX_LENGTH>;

  TlsCertificate() = default;
  void read_certificates(const std::string& file);
  void read_key(const std::string& file);
  void try_out(const std::string& cert_file, const std::string& key_file) const;

  OpensslPtr<X509, X509_free> certificate_;
  OpensslPtr<EVP_PKEY, EVP_PKEY_free> key_;
  // The intermediate certificates: those between certificate_ and the root.
  STACK_OF(X509) * chain_ = nullptr;
  // SHA-256 of the certificate. OpenSSL stores it in each new TLS session, and lets a client resume a session only if
  // the digest is still the same.
  Digest digest_{};
};

}  // namespace resflow
