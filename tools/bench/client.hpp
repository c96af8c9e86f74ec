// One WebSocket client of the load tool, on a non-blocking socket. It collects outgoing messages until flush() sends
// them, and passes each message that it receives to a ClientOwner (the object that uses the client). If the gateway
// ends the connection, ready() throws RunError. Used on the event loop's thread only.
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
  std::int64_t due = 0;  // when the request should be sent, in nanoseconds of now_ns(); its latency counts from then
  RequestKind kind = RequestKind::version;
};

// Returns the HTTP request (request line and headers) that opens a WebSocket connection to this URL.
std::string handshake_of(const WebSocketUrl& url);

class Client;

class ClientOwner {
 public:
  // The client calls this when its WebSocket handshake has succeeded.
  virtual void opened(Client& client) = 0;
  // The client calls this for each text message that has arrived. `now` is when the client read the message's bytes.
  virtual void text(Client& client, std::string_view text, std::int64_t now) = 0;
  // The client calls this when it has messages to send, so that the owner calls flush() later. Called once before each
  // flush().
  virtual void has_output(Client& client) = 0;

 protected:
  ~ClientOwner() = default;
};

class Client final : public Pollable {
 public:
  // `scratch` is the buffer for reading from the socket. All clients share it: one client has processed all that it has
  // read before the next one reads.
  Client(std::size_t index, Loop& loop, ClientOwner& owner, std::span<char> scratch)
      : index_(index), loop_(loop), owner_(owner), scratch_(scratch) {}
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Begins to connect. When the WebSocket connection is open, the client calls its owner's opened(). `handshake` is the
  // HTTP request to send (handshake_of); it must stay in memory until then.
  void connect(const SocketAddress& address, const std::string& handshake);

  std::size_t index() const { return index_; }
  std::uint64_t bytes_in() const { return bytes_in_; }
  std::uint64_t next_id() { return ++last_id_; }

  // Queues a text message; the next flush() sends it.
  void send(std::string_view text);
  // Writes the queued messages to the socket. If the socket does not accept all bytes now, ready() writes the rest
  // later.
  void flush();

  // Notes that a request waits for its answer.
  void expect(const Pending& pending) { pending_.push_back(pending); }
  std::size_t pending() const { return pending_.size(); }
  // Called when the request with this id was answered: removes it from the requests that wait for an answer, and
  // returns it. Throws RunError if no request with this id waits.
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
  std::string head_;  // status line and headers of the gateway's response, as far as they have arrived
  std::vector<Pending> pending_;
  std::uint64_t last_id_ = 0;
  std::uint64_t bytes_in_ = 0;
  int fd_ = -1;
  State state_ = State::idle;
  bool listed_ = false;   // true: has_output() was called, and flush() was not called since
  bool writing_ = false;  // true: the socket is full, and the client waits until the socket takes more
};

}  // namespace resflow::bench
