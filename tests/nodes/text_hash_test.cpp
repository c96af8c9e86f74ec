#include "nodes/base/text_hash.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace resflow;

TEST_CASE("Text hash: equal texts have equal hashes, and others mostly do not", "[text_hash]") {
  CHECK(hash_text("a.b") == hash_text(std::string("a.b")));
  std::set<std::uint64_t> hashes;
  for (int i = 0; i < 10'000; ++i) hashes.insert(hash_text("name." + std::to_string(i)));
  CHECK(hashes.size() == 10'000);
  CHECK(TextHash()("a.b") == hash_text("a.b"));
}

TEST_CASE("Text hash: it depends on the seed, and the stable one does not", "[text_hash]") {
  const std::uint64_t usual = hash_text("a.b");
  const std::uint64_t stable = stable_hash("a.b");
  struct Restore {
    ~Restore() { seed_text_hash(kUsualTextSeed); }
  } restore;
  seed_text_hash(1);
  CHECK(hash_text("a.b") != usual);
  CHECK(stable_hash("a.b") == stable);
  seed_text_hash(kUsualTextSeed);
  CHECK(hash_text("a.b") == usual);
}

// A name's lane in a capture follows from this hash, so it must never change.
TEST_CASE("Text hash: the stable one is the same for ever", "[text_hash]") {
  CHECK(stable_hash("") == 0x553e93901e462a6eU);
  CHECK(stable_hash("library.books") == 0x5e1ed23af17598fbU);
}
