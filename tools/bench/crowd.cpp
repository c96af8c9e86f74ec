#include "tools/bench/crowd.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "nodes/protocol/json.hpp"

namespace resflow::bench {

namespace {

// At most this many clients connect at the same time. More might not fit into the gateway's listen queue, which holds
// the connections that the gateway has not accepted yet.
constexpr std::size_t kConnecting = 128;
constexpr std::size_t kScratch = 256 * 1024;  // at most this many bytes are read from a socket at a time
constexpr std::size_t kFilesForOtherThings = 64;

void raise_file_limit(std::size_t clients) {
  const std::size_t wanted = clients + kFilesForOtherThings;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  const rlimit raised{std::max<rlim_t>(wanted, limit.rlim_cur), std::max<rlim_t>(wanted, limit.rlim_max)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  const rlimit possible{limit.rlim_max, limit.rlim_max};
  if (limit.rlim_max >= wanted && setrlimit(RLIMIT_NOFILE, &possible) == 0) return;
  throw RunError("this system allows the process " + std::to_string(limit.rlim_max) + " open files; too few for " +
                 std::to_string(clients) + " clients");
}

}  // namespace

Crowd::Crowd(Loop& loop, const WebSocketUrl& url, const SocketAddress& address, std::size_t count)
    : address_(address), handshake_(handshake_of(url)), scratch_(kScratch) {
  raise_file_limit(count);
  for (std::size_t i = 0; i < count; ++i) {
    clients_.emplace_back(i, loop, static_cast<ClientOwner&>(*this), std::span<char>(scratch_));
  }
}

bool Crowd::connect_some() {
  for (; begun_ < clients_.size() && begun_ - greeted_ < kConnecting; ++begun_) {
    clients_[begun_].connect(address_, handshake_);
  }
  return greeted_ < clients_.size();
}

void Crowd::opened(Client& client) {
  request(client.index(), RequestKind::version, "version", 0, R"({"protocol":"1.2.3"})");
}

void Crowd::request(std::size_t index, RequestKind kind, std::string_view method, std::int64_t due,
                    std::string_view params) {
  Client& client = clients_[index];
  const std::uint64_t id = client.next_id();
  message_ = "{\"id\":";
  message_.append(std::to_string(id)).append(",\"method\":");
  json::append_string(message_, method);
  if (!params.empty()) message_.append(",\"params\":").append(params);
  message_ += '}';
  client.expect({id, due, kind});
  ++unanswered_;
  client.send(message_);
}

void Crowd::flush() {
  for (Client* client : std::exchange(due_, {})) client->flush();
}

std::uint64_t Crowd::bytes_in() const {
  std::uint64_t bytes = 0;
  for (const Client& client : clients_) bytes += client.bytes_in();
  return bytes;
}

void Crowd::text(Client& client, std::string_view text, std::int64_t now) {
  ++frames_;
  if (is_event(text)) {
    if (listener_ != nullptr) listener_->event(client.index(), text, now);
    return;
  }
  const auto answer = read_answer(text);
  if (!answer) {
    throw RunError("client " + std::to_string(client.index()) +
                   ": the gateway sent what is no message: " + std::string(text.substr(0, 200)));
  }
  answered(client, *answer, now);
}

void Crowd::answered(Client& client, const Answer& answer, std::int64_t now) {
  const Pending pending = client.answered(answer.id);
  --unanswered_;
  if (answer.failed) {
    if (errors_++ == 0) first_error_ = answer.error;
  }
  if (pending.kind == RequestKind::version) {
    ++greeted_;
  } else if (listener_ != nullptr) {
    listener_->answer(client.index(), pending, answer, now);
  }
}

}  // namespace resflow::bench
