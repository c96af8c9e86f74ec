// A certificate with its private key, from files in PEM format, checked for everything that could make OpenSSL refuse
// them later. Immutable; any thread, several at once.
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
  // The certificate file holds the certificate and then, if there are any, those between it and the root. The files may
  // be one and the same. Throws std::runtime_error: one line with the file and what is wrong with it.
  static std::shared_ptr<const TlsCertificate> load(const std::string& cert_file, const std::string& key_file);

  TlsCertificate(const TlsCertificate&) = delete;
  TlsCertificate& operator=(const TlsCertificate&) = delete;
  ~TlsCertificate();

  // That one connection shows it. A session that was made with another certificate is not resumed on it: who resumes is
  // shown none. False if OpenSSL cannot.
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
  STACK_OF(X509) * chain_ = nullptr;
  Digest digest_{};
};

}  // namespace resflow
