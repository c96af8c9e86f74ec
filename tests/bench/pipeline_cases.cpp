// Benchmarks of the whole flow graph of one lane, with all its nodes and with quiet ends: what a message costs inside
// the gateway.
#include <memory>

#include "graph/lane.hpp"
#include "graph/wiring.hpp"
#include "tests/bench/cases.hpp"
#include "tests/bench/quiet_ends.hpp"
#include "tests/nodes/client_info.hpp"

namespace resflow::bench {

namespace {

constexpr std::size_t kLeaves = 100;
constexpr std::size_t kFirstBook = 0;

class QuietLane {
 public:
  explicit QuietLane(std::uint32_t clients = 1) : lane_(LaneOptions{}, clients_, services_, log_, [] {}) {
    lane_.meet({&lane_});
    for (std::uint32_t slot = 0; slot < clients; ++slot) {
      put(Connected{ConnId{slot, 1, 0}, testing::client_info("cid" + std::to_string(slot))});
    }
    settle();
  }

  void send(std::uint32_t slot, const std::string& method) {
    put(ClientText{ConnId{slot, 1, 0}, R"({"id":1,"method":")" + method + "\"}"});
  }

  // Publishes a change event on a book. `book` counts the resources in the order in which they were subscribed to.
  void publish(std::size_t book, const std::string& payload) {
    const auto& [handle, pattern] = services_.subscriptions.at(book);
    std::string subject = pattern;
    subject.replace(subject.size() - 1, 1, "change");
    lane_.post(ServiceMessage{handle, std::move(subject), payload});
  }

  // Takes turns until nothing is left to do. The service answers every request.
  void settle() {
    lane_.run([this] {
      do {
        while (lane_.turn(1)) {
        }
      } while (answer());
    });
  }

 private:
  void put(ParseIn message) {
    lane_.run([&] { lane_.put(std::move(message)); });
  }

  bool answer() {
    const auto requests = std::exchange(services_.requests, {});
    for (const auto& [id, subject] : requests) lane_.post(ServiceReply{id, reply_to(subject), false, {}});
    return !requests.empty();
  }

  std::string reply_to(const std::string& subject) const {
    if (subject.starts_with("access.")) return R"({"result":{"get":true,"call":"*"}})";
    if (subject.starts_with("call.")) return R"({"result":{"ok":true}})";
    if (subject == "get.library.books") return R"({"result":{"collection":)" + books_ + "}}";
    return R"({"result":{"model":)" + book_ + "}}";
  }

  std::string book_ = model_text(5);
  std::string books_ = references_text("library.book.", kLeaves);
  QuietClients clients_;
  QuietServices services_;
  QuietLog log_;
  Lane lane_;
};

std::shared_ptr<QuietLane> with_subscribers(std::uint32_t clients) {
  auto lane = std::make_shared<QuietLane>(clients);
  for (std::uint32_t slot = 0; slot < clients; ++slot) lane->send(slot, "subscribe.library.book.1");
  lane->settle();
  return lane;
}

// Publishes a batch of events on one book, as they come under load. With batch 1 it is a single event.
Step events(std::uint32_t clients, int batch) {
  return [lane = with_subscribers(clients), batch, n = 0]() mutable {
    for (int i = 0; i < batch; ++i) {
      lane->publish(kFirstBook, R"({"values":{"property0":)" + std::to_string(++n) + "}}");
    }
    lane->settle();
  };
}

// Publishes one event on each of many books. Each book has one client.
Step spread_events(std::uint32_t clients) {
  auto lane = std::make_shared<QuietLane>(clients);
  for (std::uint32_t slot = 0; slot < clients; ++slot) {
    lane->send(slot, "subscribe.library.book." + std::to_string(slot));
  }
  lane->settle();
  return [=, n = 0]() mutable {
    ++n;
    for (std::uint32_t slot = 0; slot < clients; ++slot) {
      lane->publish(slot, R"({"values":{"property0":)" + std::to_string(n) + "}}");
    }
    lane->settle();
  };
}

Step calls(int batch) {
  return [lane = with_subscribers(1), batch] {
    for (int i = 0; i < batch; ++i) lane->send(0, "call.library.book.1.set");
    lane->settle();
  };
}

// A client subscribes to a collection with all its books, and unsubscribes. Another client holds the same resources all
// the time, so that the cache has them.
Step subscribe_tree() {
  auto lane = std::make_shared<QuietLane>(2);
  lane->send(0, "subscribe.library.books");
  lane->settle();
  return [lane] {
    lane->send(1, "subscribe.library.books");
    lane->settle();
    lane->send(1, "unsubscribe.library.books");
    lane->settle();
  };
}

}  // namespace

std::vector<Case> pipeline_cases() {
  return {
      {"pipeline/event_1_client", 500, [] { return events(1, 1); }},
      {"pipeline/event_1000_clients", 20, [] { return events(1'000, 1); }},
      {"pipeline/50_events_100_clients", 10, [] { return events(100, 50); }},
      {"pipeline/50_events_50_books", 20, [] { return spread_events(50); }},
      {"pipeline/call", 500, [] { return calls(1); }},
      {"pipeline/50_calls", 20, [] { return calls(50); }},
      {"pipeline/subscribe_tree_100", 10, subscribe_tree},
  };
}

}  // namespace resflow::bench
