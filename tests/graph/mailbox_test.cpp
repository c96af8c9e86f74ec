// The mailbox of a lane: the order of its messages, its bound, and what happens to messages that were never taken.
#include "graph/mailbox.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace resflow;

namespace {

// Returns a message that carries the number of its sender and its position among the messages of that sender.
LaneItem numbered(std::uint32_t sender, std::uint32_t place) {
  return item_of(ParseIn(Disconnected{ConnId{place, sender, 0}}));
}

// Returns the sender and the position of each message in the batch.
std::vector<ConnId> numbers(const LaneBatch& batch) {
  std::vector<ConnId> all;
  for (const LaneItem& item : batch) {
    for (const ParseIn& message : std::get<std::vector<ParseIn>>(item))
      all.push_back(std::get<Disconnected>(message).conn);
  }
  return all;
}

LaneBatch full_batch() {
  LaneBatch batch;
  for (std::uint32_t i = 0; i < Mailbox::kBound; ++i) batch.push_back(numbered(0, i));
  return batch;
}

LaneBatch batch_of(std::uint32_t sender, std::uint32_t first, std::uint32_t count) {
  LaneBatch batch;
  for (std::uint32_t i = 0; i < count; ++i) batch.push_back(numbered(sender, first + i));
  return batch;
}

void take(Mailbox& mailbox, LaneBatch& batch) {
  MailRuns runs;
  mailbox.take(batch, runs);
}

void take_and_discard(Mailbox& mailbox) {
  LaneBatch batch;
  take(mailbox, batch);
}

// A thread that sends one message from outside and waits while the mailbox is full.
class Sender {
 public:
  explicit Sender(Mailbox& mailbox)
      : thread_([this, &mailbox] {
          started_ = true;
          mailbox.post_waiting(numbered(1, 0));
          sent_ = true;
        }) {
    while (!started_) std::this_thread::yield();
  }
  ~Sender() { join(); }

  bool sent() const { return sent_; }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<bool> started_ = false;
  std::atomic<bool> sent_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE("mailbox: only the post to an empty mailbox asks for a wake-up") {
  Mailbox mailbox;
  LaneBatch batch;
  batch.push_back(numbered(0, 0));
  CHECK(mailbox.post(batch, 1));
  CHECK(batch.empty());
  batch.push_back(numbered(0, 1));
  CHECK_FALSE(mailbox.post(batch, 1));
  CHECK_FALSE(mailbox.post_waiting(numbered(0, 2)));
  take_and_discard(mailbox);
  CHECK(mailbox.post_waiting(numbered(0, 3)));
}

TEST_CASE("mailbox: what is taken comes in the order of the posts") {
  Mailbox mailbox;
  LaneBatch batch;
  batch.push_back(numbered(0, 0));
  batch.push_back(numbered(0, 1));
  mailbox.post(batch, 1);
  mailbox.post_waiting(numbered(0, 2));
  batch.push_back(numbered(0, 3));
  batch.push_back(numbered(0, 4));
  mailbox.post(batch, 1);
  take(mailbox, batch);
  const std::vector<ConnId> taken = numbers(batch);
  REQUIRE(taken.size() == 5);
  for (std::uint32_t i = 0; i < 5; ++i) CHECK(taken[i].slot == i);
}

TEST_CASE("mailbox: messages for the same node that follow each other are one item") {
  LaneBatch batch;
  append(batch, ParseIn(Disconnected{}));
  append(batch, ParseIn(Disconnected{}));
  append(batch, AskIn(Tick{1}));
  append(batch, ParseIn(Disconnected{}));
  REQUIRE(batch.size() == 3);
  CHECK(std::get<std::vector<ParseIn>>(batch[0]).size() == 2);
  CHECK(std::get<std::vector<AskIn>>(batch[1]).size() == 1);
  CHECK(std::get<std::vector<ParseIn>>(batch[2]).size() == 1);
}

TEST_CASE("mailbox: many messages for one node are in items of bounded size, in order") {
  LaneBatch batch;
  const auto count = static_cast<std::uint32_t>(2 * kItemSize + 10);
  for (std::uint32_t i = 0; i < count; ++i) append(batch, ParseIn(Disconnected{ConnId{i, 0, 0}}));
  REQUIRE(batch.size() == 3);
  const std::vector<ConnId> all = numbers(batch);
  REQUIRE(all.size() == count);
  for (std::uint32_t i = 0; i < count; ++i) CHECK(all[i].slot == i);
}

TEST_CASE("mailbox: each of many senders keeps its order") {
  constexpr std::uint32_t senders = 4;
  constexpr std::uint32_t each = 20'000;
  Mailbox mailbox;
  std::vector<std::thread> threads;
  for (std::uint32_t sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&mailbox, sender] {
      LaneBatch batch;
      for (std::uint32_t i = 0; i < each; ++i) {
        if (sender % 2 == 0) {
          mailbox.post_waiting(numbered(sender, i));
          continue;
        }
        batch.push_back(numbered(sender, i));
        if (i % 7 == 0 || i + 1 == each) mailbox.post(batch, 1);
      }
    });
  }
  std::map<std::uint32_t, std::uint32_t> next;
  std::size_t out_of_order = 0;
  LaneBatch batch;
  for (std::uint32_t taken = 0; taken < senders * each;) {
    take(mailbox, batch);
    for (const ConnId number : numbers(batch)) {
      if (next[number.generation]++ != number.slot) ++out_of_order;
      ++taken;
    }
    batch.clear();
    std::this_thread::yield();
  }
  for (std::thread& t : threads) t.join();
  CHECK(out_of_order == 0);
  for (std::uint32_t sender = 0; sender < senders; ++sender) CHECK(next[sender] == each);
}

TEST_CASE("mailbox: a sender from outside waits while it is full, and goes on when it is taken") {
  Mailbox mailbox;
  LaneBatch batch = full_batch();
  mailbox.post(batch, 1);
  Sender first(mailbox);
  Sender second(mailbox);
  CHECK_FALSE(first.sent());
  CHECK_FALSE(second.sent());
  take(mailbox, batch);
  CHECK(numbers(batch).size() == Mailbox::kBound);
  batch.clear();
  first.join();
  second.join();
  take(mailbox, batch);
  CHECK(numbers(batch).size() == 2);
}

TEST_CASE("mailbox: a lane posts to a full mailbox all the same") {
  Mailbox mailbox;
  LaneBatch batch = full_batch();
  mailbox.post(batch, 1);
  batch.push_back(numbered(0, 0));
  CHECK_FALSE(mailbox.post(batch, 1));
  Sender outside(mailbox);
  CHECK_FALSE(outside.sent());
  take(mailbox, batch);
  CHECK(numbers(batch).size() == Mailbox::kBound + 1);
  outside.join();
}

TEST_CASE("mailbox: a waiting sender is let go when it is closed, and later ones do not wait") {
  Mailbox mailbox;
  LaneBatch batch = full_batch();
  mailbox.post(batch, 1);
  Sender waiting(mailbox);
  CHECK_FALSE(waiting.sent());
  mailbox.close();
  waiting.join();
  Sender later(mailbox);
  later.join();
  CHECK(later.sent());
}

TEST_CASE("mailbox: what nobody took ends with it") {
  std::weak_ptr<const ClientInfo> posted;
  std::weak_ptr<const ClientInfo> taken;
  {
    Mailbox mailbox;
    auto first = std::make_shared<const ClientInfo>();
    auto second = std::make_shared<const ClientInfo>();
    taken = first;
    posted = second;
    mailbox.post_waiting(item_of(ParseIn(Connected{{}, std::move(first)})));
    LaneBatch batch;
    take(mailbox, batch);
    mailbox.post_waiting(item_of(ParseIn(Connected{{}, std::move(second)})));
    CHECK_FALSE(taken.expired());
    batch.clear();
    CHECK(taken.expired());
    CHECK_FALSE(posted.expired());
  }
  CHECK(posted.expired());
}

TEST_CASE("mailbox: what waits is counted by the node that it is for") {
  Mailbox mailbox;
  mailbox.post_waiting(numbered(0, 0));
  mailbox.post_waiting(numbered(0, 1));
  mailbox.post_waiting(item_of(AskIn(Tick{1})));
  Waiting waiting{};
  mailbox.count(waiting);
  CHECK(waiting == Waiting{2, 0, 0, 0, 1, 0, 0, 0});
  LaneBatch batch;
  take(mailbox, batch);
  mailbox.count(waiting);
  CHECK(waiting == Waiting{2, 0, 0, 0, 1, 0, 0, 0});
  count(batch, waiting);
  CHECK(waiting == Waiting{4, 0, 0, 0, 2, 0, 0, 0});
}

TEST_CASE("what is taken from a mailbox comes with its senders", "[mailbox]") {
  Mailbox mailbox;
  LaneBatch first = batch_of(1, 0, 2);
  LaneBatch second = batch_of(2, 0, 1);
  mailbox.post(first, 1);
  mailbox.post_waiting(numbered(7, 0));
  mailbox.post_waiting(numbered(7, 1));
  mailbox.post(second, 2);
  LaneBatch batch;
  MailRuns runs;
  mailbox.take(batch, runs);
  CHECK(runs == MailRuns{{1, 2}, {MailRun::kOutside, 2}, {2, 1}});
}

TEST_CASE("certain messages can be taken from a mailbox, each sender's in order", "[mailbox]") {
  Mailbox mailbox;
  LaneBatch first = batch_of(1, 0, 3);
  LaneBatch second = batch_of(2, 0, 1);
  mailbox.post(first, 1);
  mailbox.post(second, 2);
  LaneBatch batch;
  REQUIRE(mailbox.take_exactly({{2, 1}, {1, 2}}, batch));
  CHECK(numbers(batch) == std::vector<ConnId>{{0, 2, 0}, {0, 1, 0}, {1, 1, 0}});
  batch.clear();
  REQUIRE(mailbox.take_exactly({{1, 1}}, batch));
  CHECK(numbers(batch) == std::vector<ConnId>{{2, 1, 0}});
}

TEST_CASE("who wants certain messages waits for them, unless their sender ends", "[mailbox]") {
  Mailbox mailbox;
  std::thread sender([&] {
    for (std::uint32_t i = 0; i < 3; ++i) {
      LaneBatch batch = batch_of(1, i, 1);
      mailbox.post(batch, 1);
    }
    mailbox.end_of(1);
  });
  LaneBatch batch;
  CHECK(mailbox.take_exactly({{1, 3}}, batch));
  CHECK(batch.size() == 3);
  batch.clear();
  CHECK_FALSE(mailbox.take_exactly({{1, 1}}, batch));
  CHECK(batch.empty());
  sender.join();
}
