// One WebSocket client of the load tool, on a non-blocking socket. It collects outgoing messages until flush() sends
// them, and passes each message that arrives to its owner. If the gateway ends the connection, ready() throws RunError.
// Used on the loop's thread only.
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

enum class RequestKind : std::uint8_t { version, subscribe, unsubscribe, get, call };
inline constexpr std::size_t kRequestKinds = 5;

// A request that the gateway has not answered yet.
struct Pending {
  std::uint64_t id = 0;
  std::int64_t due = 0;  // when the request was due, in nanoseconds of now_ns(); the latency counts from here
  RequestKind kind = RequestKind::version;
};

// Returns the head of the HTTP request that opens a WebSocket at this URL.
std::string handshake_of(const WebSocketUrl& url);

class Client;

class ClientOwner {
 public:
  // The client calls this when its WebSocket handshake has succeeded.
  virtual void opened(Client& client) = 0;
  // The client calls this for each text message that has arrived. `now` is when the client read the message's bytes.
  virtual void text(Client& client, std::string_view text, std::int64_t now) = 0;
  // The client calls this when it has bytes to send, at most once before each flush().
  virtual void has_output(Client& client) = 0;

 protected:
  ~ClientOwner() = default;
};

class Client final : public Pollable {
 public:
  // All clients of a loop share `scratch`, the buffer for reading. This works because a client has processed everything
  // that it has read before the next client reads.
  Client(std::size_t index, Loop& loop, ClientOwner& owner, std::span<char> scratch)
      : index_(index), loop_(loop), owner_(owner), scratch_(scratch) {}
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Begins to connect. The client calls opened() of its owner when the WebSocket is open. `handshake` is the head of
  // the HTTP request; it must stay in memory until opened() is called.
  void connect(const SocketAddress& address, const std::string& handshake);

  std::size_t index() const { return index_; }
  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t next_id() { return ++last_id_; }

  // Queues a text message; the next flush() sends it.
  void send(std::string_view text);
  // Writes as many of the queued bytes as the socket accepts. ready() writes the others when the socket accepts more.
  void flush();

  // Notes that a request waits for its answer.
  void expect(const Pending& pending) { pending_.push_back(pending); }
  std::size_t pending() const { return pending_.size(); }
  // Removes the request with this id from those that wait for an answer, and returns it. Throws RunError if no request
  // with this id waits.
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
  std::string head_;  // the head of the handshake's response, as far as it has arrived
  std::vector<Pending> pending_;
  std::uint64_t last_id_ = 0;
  std::uint64_t bytes_in_ = 0;
  int fd_ = -1;
  State state_ = State::idle;
  bool listed_ = false;   // true: has_output() has told the owner to flush this client; flush() sets it to false
  bool writing_ = false;  // true: the socket is full, and the client waits until the socket takes more
};

}  // namespace resflow::bench
