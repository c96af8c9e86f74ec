// Holdings: RES-Client protocol, "Subscriptions". The counts are compared with a simple model that computes everything
// again each time.
#include "nodes/session/holdings.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

// The rules of the protocol, computed only from the direct subscriptions and the references.
class Naive {
 public:
  explicit Naive(std::size_t size) : direct_(size), references_(size) {}

  std::vector<std::size_t> direct_;
  std::vector<std::multiset<std::size_t>> references_;
  std::set<std::size_t> held_;

  std::set<std::size_t> reachable() const {
    std::set<std::size_t> seen;
    std::vector<std::size_t> walk;
    for (const std::size_t i : held_) {
      if (direct_[i] > 0) walk.push_back(i);
    }
    while (!walk.empty()) {
      const std::size_t i = walk.back();
      walk.pop_back();
      if (!seen.insert(i).second) continue;
      walk.insert(walk.end(), references_[i].begin(), references_[i].end());
    }
    return seen;
  }

  // Removes the items that can no longer be reached, and returns them.
  std::set<std::size_t> collect() {
    const std::set<std::size_t> keep = reachable();
    std::set<std::size_t> gone;
    std::set_difference(held_.begin(), held_.end(), keep.begin(), keep.end(), std::inserter(gone, gone.end()));
    for (const std::size_t i : gone) references_[i].clear();
    held_ = keep;
    return gone;
  }

  std::size_t indirect(std::size_t to) const {
    std::size_t count = 0;
    for (const std::size_t from : held_) count += references_[from].count(to);
    return count;
  }
};

class Bench {
 public:
  Bench(std::size_t size, std::uint32_t seed) : random_(seed), naive_(size), items_(size) {
    for (std::size_t i = 0; i < size; ++i) names_[&items_[i]] = i;
  }

  void step() {
    switch (random_.below(8)) {
      case 0:
      case 1:
        return subscribe();
      case 2:
      case 3:
      case 4:
        return refer();
      case 5:
        return unrefer();
      case 6:
        return replace();
      default:
        return unsubscribe();
    }
  }

  // The client subscribes to an item directly. If it does not hold the item yet, it gets it.
  void subscribe() {
    const std::size_t i = random_.below(items_.size());
    items_[i].held = true;
    naive_.held_.insert(i);
    holdings_.subscribe(items_[i]);
    ++naive_.direct_[i];
  }

  // A held item gets a new reference. The client gets the other item if it does not hold it yet.
  void refer() {
    if (naive_.held_.empty()) return;
    refer(any_held(), random_.below(items_.size()));
  }

  void refer(std::size_t from, std::size_t to) {
    items_[to].held = true;
    naive_.held_.insert(to);
    holdings_.refer(items_[from], items_[to]);
    naive_.references_[from].insert(to);
  }

  void unrefer() {
    if (naive_.held_.empty()) return;
    const std::size_t from = any_held();
    std::multiset<std::size_t>& references = naive_.references_[from];
    const std::size_t to = references.empty() || random_.one_in(10)
                               ? random_.below(items_.size())
                               : *std::next(references.begin(), static_cast<long>(random_.below(references.size())));
    holdings_.unrefer(items_[from], items_[to]);
    if (const auto it = references.find(to); it != references.end()) references.erase(it);
  }

  // The client gets a new state of an item, with other references.
  void replace() {
    if (naive_.held_.empty()) return;
    const std::size_t from = any_held();
    holdings_.unrefer_all(items_[from]);
    naive_.references_[from].clear();
    for (std::size_t n = random_.below(3); n > 0; --n) refer(from, random_.below(items_.size()));
  }

  void unsubscribe() {
    const std::size_t i = random_.below(items_.size());
    const std::size_t count = 1 + random_.below(3);
    holdings_.unsubscribe(items_[i], static_cast<std::uint32_t>(count));
    naive_.direct_[i] -= std::min(count, naive_.direct_[i]);
  }

  void collect_and_compare() {
    std::vector<std::size_t> gone;
    for (Held* item : holdings_.collect()) {
      gone.push_back(names_.at(item));
      REQUIRE(item->direct == 0);
      REQUIRE(item->references.empty());
    }
    const std::size_t count = gone.size();
    const std::set<std::size_t> gone_set(gone.begin(), gone.end());
    REQUIRE(gone_set.size() == count);
    REQUIRE(gone_set == naive_.collect());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      std::multiset<std::size_t> references;
      for (Held* to : items_[i].references) references.insert(names_.at(to));
      const Held& item = items_[i];
      const bool right = item.held == naive_.held_.contains(i) && item.direct == naive_.direct_[i] &&
                         item.indirect == naive_.indirect(i) && references == naive_.references_[i];
      if (!right) FAIL("item " << i << " is not as it should be");
    }
    // A released item may be destroyed, and a new item may take its place in memory.
    for (const std::size_t i : gone_set) items_[i] = Held{};
    let_go_ += count;
  }

  void end() {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      holdings_.unsubscribe(items_[i], items_[i].direct);
      naive_.direct_[i] = 0;
    }
    collect_and_compare();
    REQUIRE(naive_.held_.empty());
  }

  std::size_t let_go() const { return let_go_; }

 private:
  std::size_t any_held() {
    return *std::next(naive_.held_.begin(), static_cast<long>(random_.below(naive_.held_.size())));
  }

  testing::Random random_;
  Naive naive_;
  std::vector<Held> items_;
  std::map<const Held*, std::size_t> names_;
  Holdings holdings_;
  std::size_t let_go_ = 0;
};

}  // namespace

TEST_CASE("Holdings: random operations", "[holdings]") {
  std::size_t let_go = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Bench bench(2 + seed % 39, seed);
    testing::Random random(seed + 1'000);
    const std::size_t batch = 1 + seed % 4;
    for (int i = 0; i < 150; ++i) {
      for (std::size_t n = 1 + random.below(batch); n > 0; --n) bench.step();
      bench.collect_and_compare();
    }
    bench.end();
    let_go += bench.let_go();
  }
  CHECK(let_go > 10'000);
}

TEST_CASE("Holdings: cyclic references alone hold nothing", "[holdings]") {
  Holdings holdings;
  Held a;
  Held b;
  Held c;
  for (Held* item : {&a, &b, &c}) item->held = true;
  holdings.refer(a, b);
  holdings.refer(b, c);
  holdings.refer(c, a);
  holdings.subscribe(a);
  CHECK(holdings.collect().empty());
  holdings.unsubscribe(a, 1);
  CHECK(holdings.collect().size() == 3);
  CHECK_FALSE((a.held || b.held || c.held));
  CHECK(a.indirect + b.indirect + c.indirect == 0);
}

TEST_CASE("Holdings: a reference to itself holds nothing", "[holdings]") {
  Holdings holdings;
  Held a;
  a.held = true;
  holdings.refer(a, a);
  holdings.refer(a, a);
  holdings.subscribe(a);
  holdings.unsubscribe(a, 1);
  REQUIRE(holdings.collect().size() == 1);
  CHECK(a.indirect == 0);
  CHECK(a.references.empty());
}

TEST_CASE("Holdings: each occurrence of a reference counts", "[holdings]") {
  Holdings holdings;
  Held a;
  Held b;
  a.held = b.held = true;
  holdings.subscribe(a);
  holdings.refer(a, b);
  holdings.refer(a, b);
  holdings.unrefer(a, b);
  CHECK(holdings.collect().empty());
  CHECK(b.indirect == 1);
  holdings.unrefer(a, b);
  REQUIRE(holdings.collect().size() == 1);
  CHECK(holdings.collect().empty());
}

TEST_CASE("Holdings: a cycle is kept by what refers to it, however far", "[holdings]") {
  Holdings holdings;
  std::vector<Held> chain(10);
  for (Held& item : chain) item.held = true;
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) holdings.refer(chain[i], chain[i + 1]);
  holdings.refer(chain[9], chain[5]);
  holdings.subscribe(chain[0]);
  holdings.subscribe(chain[7]);
  holdings.unsubscribe(chain[7], 1);
  CHECK(holdings.collect().empty());
  holdings.unsubscribe(chain[0], 1);
  CHECK(holdings.collect().size() == 10);
}

TEST_CASE("Holdings: more is never taken away than there is", "[holdings]") {
  Holdings holdings;
  Held a;
  Held b;
  a.held = true;
  holdings.subscribe(a);
  holdings.unsubscribe(a, 7);
  CHECK(a.direct == 0);
  holdings.unrefer(a, b);
  CHECK(b.indirect == 0);
  CHECK(holdings.collect().size() == 1);
}
