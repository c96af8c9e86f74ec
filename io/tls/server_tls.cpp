#include "io/tls/server_tls.hpp"

#include <stdexcept>
#include <utility>

namespace resflow {
namespace {

// The ciphers that the server accepts in TLS 1.2: those with forward secrecy and authenticated encryption. TLS 1.3
// needs no such list, because all ciphers in OpenSSL's default list have both.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

std::shared_ptr<const TlsCertificate> load(const std::string& cert_file, const std::string& key_file) {
  if (cert_file.empty()) throw std::runtime_error("missing TLS certificate file");
  if (key_file.empty()) throw std::runtime_error("missing TLS key file");
  try {
    return TlsCertificate::load(cert_file, key_file);
  } catch (const std::runtime_error& e) {
    throw std::runtime_error(std::string("TLS certificate ") + e.what());
  }
}

// OpenSSL lets an application store pointers in an SSL_CTX, each under an index. Returns the index of the pointer to
// the ServerTls. set_up() stores this pointer, and on_ticket() reads it.
int own_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

ServerTls::ServerTls(std::string cert_file, std::string key_file, TicketKeys::Clock clock)
    : cert_file_(std::move(cert_file)),
      key_file_(std::move(key_file)),
      certificate_(load(cert_file_, key_file_)),
      ticket_keys_(std::move(clock)) {}

void ServerTls::reload() {
  Certificate loaded = load(cert_file_, key_file_);
  const std::lock_guard lock(mutex_);
  certificate_ = std::move(loaded);
}

ServerTls::Certificate ServerTls::current() const {
  const std::lock_guard lock(mutex_);
  return certificate_;
}

// Sets the TLS versions, the ciphers, and the callbacks for the certificate and for session tickets. A client stores a
// session ticket, and can resume its TLS session with it for TicketKeys::kPeriod. Because the client stores the ticket,
// tickets cost the server no memory.
bool ServerTls::set_up(SSL_CTX* context) {
  if (SSL_CTX_set_ex_data(context, own_index(), this) != 1) return false;
  SSL_CTX_set_client_hello_cb(context, on_client_hello, this);
  // Accepts every server name (SNI) that a client asks for. If the certificate does not have this name, the client can
  // refuse the certificate.
  SSL_CTX_set_tlsext_servername_callback(context, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, std::chrono::seconds(TicketKeys::kPeriod).count());
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_PRIORITIZE_CHACHA);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 && SSL_CTX_set_cipher_list(context, kCiphers) == 1;
}

int ServerTls::on_client_hello(SSL* ssl, int* alert, void* self) {
  if (static_cast<const ServerTls*>(self)->current()->use(ssl)) return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_INTERNAL_ERROR;
  return SSL_CLIENT_HELLO_ERROR;
}

int ServerTls::on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                         int encrypts) {
  TicketKeys& keys = static_cast<ServerTls*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), own_index()))->ticket_keys_;
  return encrypts != 0 ? keys.encrypt(name, iv, cipher, mac) : keys.decrypt(name, iv, cipher, mac);
}

}  // namespace resflow
