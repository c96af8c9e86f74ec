// All clients of a run: connected and greeted a few at a time, asked for things, and flushed together. The answers and
// events of all of them go to one listener.
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
  // `pending` is the request that is answered. A failed answer has been counted.
  virtual void answer(std::size_t client, const Pending& pending, const Answer& answer, std::int64_t now) = 0;
};

class Crowd final : private ClientOwner {
 public:
  // Raises the limit of open files; throws RunError when it cannot be high enough.
  Crowd(Loop& loop, const WebSocketUrl& url, const SocketAddress& address, std::size_t count);

  std::size_t size() const { return clients_.size(); }
  void listen(Listener* listener) { listener_ = listener; }

  // Connects some more, so that never too many are on their way; false when all are connected and greeted.
  bool connect_some();
  std::size_t ready() const { return greeted_; }

  // Sends a request at the next flush(). `method` is that of the protocol: "subscribe.some.model".
  void request(std::size_t client, RequestKind kind, std::string_view method, std::int64_t due,
               std::string_view params = {});
  void flush();

  std::size_t unanswered() const { return unanswered_; }
  std::uint64_t frames() const { return frames_; }
  std::uint64_t bytes_in() const;
  // Answers that were errors, and the text of the first one.
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
  std::vector<Client*> due_;
  std::string message_;  // scratch
  std::size_t begun_ = 0;
  std::size_t greeted_ = 0;
  std::size_t unanswered_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t errors_ = 0;
  std::string first_error_;
};

}  // namespace resflow::bench
