// One WebSocket client on a non-blocking socket. What it is to send is gathered until flush(); what comes is handed to
// its owner. The connection is to last: when the gateway ends it, RunError is thrown from ready().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/address.hpp"
#include "tools/bench/frames.hpp"
#include "tools/bench/loop.hpp"

namespace resflow::bench {

// What was asked for and is not answered yet.
enum class RequestKind : std::uint8_t { version, subscribe, unsubscribe, get, call };
inline constexpr std::size_t kRequestKinds = 5;
struct Pending {
  std::uint64_t id = 0;
  std::int64_t due = 0;  // latency counts from here
  RequestKind kind = RequestKind::version;
};

// The request head that opens a WebSocket there.
std::string handshake_of(const WebSocketUrl& url);

class Client;

class ClientOwner {
 public:
  virtual void opened(Client& client) = 0;
  virtual void text(Client& client, std::string_view text, std::int64_t now) = 0;
  // The client has something to flush.
  virtual void has_output(Client& client) = 0;

 protected:
  ~ClientOwner() = default;
};

class Client final : public Pollable {
 public:
  // `scratch` is shared by all clients of a loop: what is read is taken from it before the next one reads.
  Client(std::size_t index, Loop& loop, ClientOwner& owner, std::span<char> scratch)
      : index_(index), loop_(loop), owner_(owner), scratch_(scratch) {}
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Begins to connect; opened() follows. `handshake` is the request head, which outlives the handshake.
  void connect(const SocketAddress& address, const std::string& handshake);

  std::size_t index() const { return index_; }
  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t next_id() { return ++last_id_; }

  // Sends a text message at the next flush().
  void send(std::string_view text);
  void flush();

  void expect(const Pending& pending) { pending_.push_back(pending); }
  std::size_t pending() const { return pending_.size(); }
  // Takes the request with this id out. Throws RunError when there is none.
  Pending answered(std::uint64_t id);

  void ready(std::uint32_t events) override;

 private:
  enum class State : std::uint8_t { idle, connecting, handshake, open };

  void connected();
  void read();
  std::string_view read_head(std::string_view bytes);
  void message(Opcode op, std::string_view payload, std::int64_t now);
  void append_frame(Opcode op, std::string_view payload);
  void want_writing(bool want);
  [[noreturn]] void fail(const std::string& what) const;

  std::size_t index_;
  Loop& loop_;
  ClientOwner& owner_;
  std::span<char> scratch_;
  const std::string* handshake_ = nullptr;
  FrameReader reader_;
  std::string out_;
  std::string head_;  // of the answer to the handshake
  std::vector<Pending> pending_;
  std::uint64_t last_id_ = 0;
  std::uint64_t bytes_in_ = 0;
  int fd_ = -1;
  State state_ = State::idle;
  bool listed_ = false;   // the owner knows that there is something to flush
  bool writing_ = false;  // waits until the socket takes more
};

}  // namespace resflow::bench
