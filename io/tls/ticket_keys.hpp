// The keys that session tickets of TLS are encrypted with (RFC 5077, RFC 8446 4.6.1). A ticket holds what is needed to
// resume a session, so whoever gets hold of its key can read sessions of TLS 1.2 that he has recorded; therefore keys
// are made here, never leave memory, and go after two periods. Tickets are made with the newest key, and accepted for
// one period more: a session, which lives as long as a period, can be resumed across the change.
//
// One for all lanes, so that a session resumes on whichever lane the kernel gives its next connection to. Any thread.
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <functional>
#include <mutex>

namespace resflow {

class TicketKeys {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  static constexpr std::chrono::hours kPeriod{2};

  explicit TicketKeys(Clock clock = std::chrono::steady_clock::now);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // As OpenSSL's callback for ticket keys asks for it (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)): prepares to encrypt a
  // new ticket, or to decrypt one that a client has brought. `name` is the key's, in the ticket.
  int encrypt(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);
  int decrypt(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);

 private:
  struct Key {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher{};  // AES-256-CBC
    std::array<unsigned char, 32> mac{};     // HMAC with SHA-256
  };

  static bool make(Key& key);
  static bool prepare_mac(const Key& key, EVP_MAC_CTX* mac);
  bool rotate();

  const Clock clock_;
  std::mutex mutex_;  // for all below
  std::chrono::steady_clock::time_point made_at_;
  bool made_ = false;  // false: there is no key, because the system gave no random numbers; it is asked again
  Key current_;
  Key previous_;  // its name is random, too, when there was none before: no ticket has it
};

}  // namespace resflow
