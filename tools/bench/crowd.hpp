// All clients of a benchmark run. The crowd connects the clients a few at a time, sends their requests, and flushes
// them together. It passes the answers and events of all clients to one listener. Loop thread only.
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
  // `pending` is the request that `answer` answers. If the answer is an error, Crowd has already counted it in
  // errors().
  virtual void answer(std::size_t client, const Pending& pending, const Answer& answer, std::int64_t now) = 0;
};

class Crowd final : private ClientOwner {
 public:
  // Raises the process's limit of open files if needed. Throws RunError if the system does not allow a limit that is
  // high enough.
  Crowd(Loop& loop, const WebSocketUrl& url, const SocketAddress& address, std::size_t count);

  std::size_t size() const { return clients_.size(); }
  void listen(Listener* listener) { listener_ = listener; }

  // Begins to connect further clients, but lets at most kConnecting clients (crowd.cpp) connect at the same time.
  // Returns false once all clients are connected and have got an answer to their version request.
  bool connect_some();
  std::size_t ready() const { return greeted_; }

  // Queues a request, which the next flush() sends. `method` is spelled as in the protocol: "subscribe.some.model". The
  // latency counts from `due`.
  void request(std::size_t client, RequestKind kind, std::string_view method, std::int64_t due,
               std::string_view params = {});
  void flush();

  std::size_t unanswered() const { return unanswered_; }
  std::uint64_t frames() const { return frames_; }
  std::uint64_t bytes_in() const;
  // errors(): how many answers were errors. first_error(): the first of these errors, as JSON.
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
  std::string message_;  // request text, kept to reuse its memory
  std::size_t begun_ = 0;
  std::size_t greeted_ = 0;
  std::size_t unanswered_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t errors_ = 0;
  std::string first_error_;
};

}  // namespace resflow::bench
