#include "io/tls/ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

namespace resflow {

namespace {

// The values that a callback for ticket keys can return to OpenSSL (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)).
constexpr int kError = -1;
constexpr int kUnknown = 0;  // the ticket names no key that we have; OpenSSL makes a full handshake
constexpr int kReady = 1;
constexpr int kReadyAndRenew = 2;  // the ticket names the previous key; OpenSSL also sends the client a new ticket

}  // namespace

TicketKeys::TicketKeys(Clock clock) : clock_(std::move(clock)) {}

TicketKeys::~TicketKeys() {
  OPENSSL_cleanse(&current_, sizeof current_);
  OPENSSL_cleanse(&previous_, sizeof previous_);
}

bool TicketKeys::make(Key& key) {
  const auto fill = [](auto& bytes) { return RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1; };
  return fill(key.name) && fill(key.cipher) && fill(key.mac);
}

// Makes both keys at the first call. Later, replaces the current key if it is at least one period (kPeriod) old: it
// becomes the previous key, and a new current key is made. If the current key is at least two periods old, makes both
// keys anew. encrypt() and decrypt() call this function first, so no timer is needed. Returns false if OpenSSL cannot
// make random numbers.
bool TicketKeys::rotate() {
  const auto now = clock_();
  const bool first = !made_;
  if (!first && now - made_at_ < kPeriod) return true;
  const bool both = first || now - made_at_ >= 2 * kPeriod;
  made_ = false;
  previous_ = current_;
  if (both && !make(previous_)) return false;
  if (!make(current_)) return false;
  made_at_ = now;
  return made_ = true;
}

bool TicketKeys::prepare_mac(const Key& key, EVP_MAC_CTX* mac) {
  const std::array<OSSL_PARAM, 2> digest{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>("SHA256"), 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_init(mac, key.mac.data(), key.mac.size(), digest.data()) == 1;
}

int TicketKeys::encrypt(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  const std::lock_guard lock(mutex_);
  if (!rotate() || RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return kError;
  std::copy(current_.name.begin(), current_.name.end(), name);
  const bool ready = EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, current_.cipher.data(), iv) == 1;
  return ready && prepare_mac(current_, mac) ? kReady : kError;
}

int TicketKeys::decrypt(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
  const std::lock_guard lock(mutex_);
  if (!rotate()) return kError;
  const auto is = [&](const Key& key) { return std::equal(key.name.begin(), key.name.end(), name); };
  const bool is_current = is(current_);
  if (!is_current && !is(previous_)) return kUnknown;
  const Key& key = is_current ? current_ : previous_;
  const bool ready = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv) == 1;
  if (!ready || !prepare_mac(key, mac)) return kError;
  return is_current ? kReady : kReadyAndRenew;
}

}  // namespace resflow
