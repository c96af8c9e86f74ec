#include "io/tls/tls_certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <stdexcept>

#include "io/file.hpp"

namespace resflow {
namespace {

using Bio = OpensslPtr<BIO, BIO_free>;
using Certificate = OpensslPtr<X509, X509_free>;

// Returns the text of OpenSSL's oldest error, which is the most specific, and clears all errors.
std::string openssl_error() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  const std::string text = reason == nullptr ? "it is not valid" : reason;
  ERR_clear_error();
  return text;
}

[[noreturn]] void refuse(const std::string& file, const std::string& reason) {
  throw std::runtime_error(file + ": " + reason);
}

// Returns true if OpenSSL has read all certificates in a file: OpenSSL's last error is then PEM_R_NO_START_LINE, that
// is, no further certificate begins. In this case, clears all errors of OpenSSL. Otherwise leaves them, so that the
// caller can report them.
bool at_end() {
  const unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) return false;
  ERR_clear_error();
  return true;
}

Bio open(const std::string& content) {
  return Bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

// Callback that OpenSSL calls when a private key is encrypted. Gives OpenSSL no passphrase, and sets `asked` to true.
// Without this callback, OpenSSL would ask for a passphrase at the terminal, where nobody answers.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

}  // namespace

std::shared_ptr<const TlsCertificate> TlsCertificate::load(const std::string& cert_file, const std::string& key_file) {
  ERR_clear_error();
  const std::shared_ptr<TlsCertificate> loaded(new TlsCertificate);
  loaded->read_certificates(cert_file);
  loaded->read_key(key_file);
  loaded->try_out(cert_file, key_file);
  X509_digest(loaded->certificate_.get(), EVP_sha256(), loaded->digest_.data(), nullptr);
  return loaded;
}

TlsCertificate::~TlsCertificate() {
  sk_X509_pop_free(chain_, X509_free);
}

bool TlsCertificate::use(SSL* ssl) const {
  const auto size = static_cast<unsigned>(digest_.size());
  return SSL_use_cert_and_key(ssl, certificate_.get(), key_.get(), chain_, 1) == 1 &&
         SSL_set_session_id_context(ssl, digest_.data(), size) == 1;
}

bool TlsCertificate::expired() const {
  return X509_cmp_current_time(X509_get0_notAfter(certificate_.get())) < 0;
}

void TlsCertificate::read_certificates(const std::string& file) {
  const std::string content = read_file(file);
  const Bio bio = open(content);
  certificate_.reset(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
  if (certificate_ == nullptr) refuse(file, at_end() ? "there is no certificate in PEM format in it" : openssl_error());
  chain_ = sk_X509_new_null();
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    sk_X509_push(chain_, next.release());
  }
  if (!at_end()) refuse(file, openssl_error());
}

void TlsCertificate::read_key(const std::string& file) {
  const std::string content = read_file(file);
  bool asked = false;
  key_.reset(PEM_read_bio_PrivateKey(open(content).get(), nullptr, no_passphrase, &asked));
  if (key_ != nullptr) return;
  ERR_clear_error();  // clears OpenSSL's errors, which say only what key formats it has tried
  refuse(file, asked ? "the private key is encrypted, one without a passphrase is needed"
                     : "there is no private key in PEM format in it");
}

// Checks that OpenSSL accepts the certificate with the key. Throws if the key does not belong to the certificate, or if
// OpenSSL finds the key or a certificate too weak.
void TlsCertificate::try_out(const std::string& cert_file, const std::string& key_file) const {
  if (X509_check_private_key(certificate_.get(), key_.get()) != 1) {
    ERR_clear_error();
    refuse(key_file, "the private key is not that of the certificate in " + cert_file);
  }
  const OpensslPtr<SSL_CTX, SSL_CTX_free> context(SSL_CTX_new(TLS_method()));
  if (SSL_CTX_use_cert_and_key(context.get(), certificate_.get(), key_.get(), chain_, 1) != 1) {
    refuse(cert_file, openssl_error());
  }
}

}  // namespace resflow
