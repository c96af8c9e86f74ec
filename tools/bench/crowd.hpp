// All WebSocket clients of a benchmark run. A Crowd connects them, a limited number at a time, and sends their
// requests. It passes the answers and events that they get to one listener. Used on the event loop's thread only.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tools/bench/address.hpp"
#include "tools/bench/client.hpp"
#include "tools/bench/loop.hpp"
#include "tools/bench/message.hpp"

namespace resflow::bench {

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void event(std::size_t client, std::string_view text, std::int64_t now) = 0;
  // Called for each answer from the gateway, except to version requests. `pending` is the answered request. An answer
  // that is an error was already counted in Crowd::errors().
  virtual void answer(std::size_t client, const Pending& pending, const Answer& answer, std::int64_t now) = 0;
};

class Crowd final : private ClientOwner {
 public:
  // Makes `count` clients, which are not connected yet. Raises the process's limit of open files if it is too low for
  // them. Throws RunError if the system does not allow that.
  Crowd(Loop& loop, const WebSocketUrl& url, const SocketAddress& address, std::size_t count);

  std::size_t size() const { return clients_.size(); }
  void listen(Listener* listener) { listener_ = listener; }

  // Begins new connections, as long as fewer than kConnecting (crowd.cpp) are being opened at the same time. Call this
  // in each turn of the event loop until it returns false: then all clients are connected, and have got the answer to
  // their version request.
  bool connect_some();
  std::size_t ready() const { return greeted_; }

  // Queues a request of one client; the next flush() sends it. `method` is spelled as in the protocol, such as
  // "subscribe.some.model". `due` is when the request should be sent, and its latency counts from then.
  void request(std::size_t client, RequestKind kind, std::string_view method, std::int64_t due,
               std::string_view params = {});
  void flush();

  std::size_t unanswered() const { return unanswered_; }
  std::uint64_t frames() const { return frames_; }
  std::uint64_t bytes_in() const;
  // errors(): how many answers were errors. first_error(): the first error, as JSON; empty if there was none.
  std::uint64_t errors() const { return errors_; }
  const std::string& first_error() const { return first_error_; }

 private:
  void opened(Client& client) override;
  void text(Client& client, std::string_view text, std::int64_t now) override;
  void has_output(Client& client) override { due_.push_back(&client); }
  void answered(Client& client, const Answer& answer, std::int64_t now);

  SocketAddress address_;
  std::string handshake_;
  std::vector<char> scratch_;
  std::deque<Client> clients_;
  Listener* listener_ = nullptr;
  // Clients that have messages to flush.
  std::vector<Client*> due_;
  std::string message_;  // text of the latest request; a member so that its memory is used again
  std::size_t begun_ = 0;
  std::size_t greeted_ = 0;
  std::size_t unanswered_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t errors_ = 0;
  std::string first_error_;
};

}  // namespace resflow::bench
