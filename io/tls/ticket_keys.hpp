// The keys that encrypt the session tickets of TLS (RFC 5077, RFC 8446 4.6.1). A ticket contains what the server needs
// to resume a session, including the secret of the session. So an attacker who gets the key of a ticket can read
// recorded sessions of TLS 1.2. Therefore this class makes the keys itself, keeps them only in memory, and replaces
// them regularly.
//
// There are two keys. The current key encrypts new tickets. The previous key only decrypts older tickets. When a key
// has been the current key for a period (kPeriod), the next call of encrypt() or decrypt() makes it the previous key,
// and makes a new current key. If that call comes only after two periods or more, both keys are made anew. A session
// can be resumed for one period. In this time the current key changes at most once, so the server can still decrypt the
// session's ticket.
//
// One object serves all lanes (the threads of the gateway). So a client can resume its session on any lane. Any thread.
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

  // The period: how long a key stays the current key, at least. The first call of encrypt() or decrypt() after that
  // time replaces the key.
  static constexpr std::chrono::hours kPeriod{2};

  explicit TicketKeys(Clock clock = std::chrono::steady_clock::now);
  ~TicketKeys();
  TicketKeys(const TicketKeys&) = delete;
  TicketKeys& operator=(const TicketKeys&) = delete;

  // encrypt(): prepares OpenSSL to encrypt a new ticket. decrypt(): prepares OpenSSL to decrypt a ticket that a client
  // has sent. Both return what OpenSSL's callback for ticket keys must return
  // (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)). `name` is the name of the key, which is a part of the ticket.
  int encrypt(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);
  int decrypt(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);

 private:
  struct Key {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher{};  // key for AES-256-CBC
    std::array<unsigned char, 32> mac{};     // key for HMAC with SHA-256
  };

  static bool make(Key& key);
  static bool prepare_mac(const Key& key, EVP_MAC_CTX* mac);
  bool rotate();

  const Clock clock_;
  std::mutex mutex_;  // guards everything below
  std::chrono::steady_clock::time_point made_at_;
  // False: there are no keys. Either encrypt() and decrypt() were not called yet, or OpenSSL could not make random
  // numbers. The next call of encrypt() or decrypt() tries to make keys.
  bool made_ = false;
  Key current_;
  Key previous_;  // if there is no previous key: a random key, with which no ticket was encrypted
};

}  // namespace resflow
