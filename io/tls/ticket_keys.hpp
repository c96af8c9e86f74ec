// The keys that encrypt the session tickets of TLS (RFC 5077, RFC 8446 4.6.1). A ticket contains what is needed to
// resume a session. So an attacker who gets hold of its key can read recorded sessions of TLS 1.2. Therefore keys are
// made here, never leave memory, and are replaced: a key is dropped at the first use after two periods. The newest key
// encrypts new tickets, and its predecessor is accepted for one period more. A session, which lives for one period, can
// thus be resumed after the change.
//
// One object serves all lanes, so a session can be resumed on any lane that the kernel gives its next connection to.
// Any thread.
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

  // How long a key is the newest one.
  static constexpr std::chrono::hours kPeriod{2};

  explicit TicketKeys(Clock clock = std::chrono::steady_clock::now);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // These two do what OpenSSL's callback for ticket keys must do, and return its result
  // (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)). encrypt() prepares for a new ticket, decrypt() for a ticket that a
  // client has sent. `name` is the name of the key, which is part of the ticket.
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
  std::mutex mutex_;  // guards everything below
  std::chrono::steady_clock::time_point made_at_;
  // False: there is no key, because none was needed yet or the system gave no random numbers. The next use tries again.
  bool made_ = false;
  Key current_;
  Key previous_;  // random if there was no key before, so that no ticket matches its name
};

}  // namespace resflow
