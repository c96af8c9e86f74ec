// Captures of a pipeline in memory are played again. If nothing has changed, the result is equal. A change is reported
// with as few differences as possible.
#include "tests/tools/replay_fixture.hpp"

#include "tools/replay/report.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;
using replay::Outcome;
using replay::PlayOptions;

namespace {

constexpr std::size_t kAll = 1'000;

PlayOptions showing_all() {
  PlayOptions options;
  options.differences = kAll;
  return options;
}

std::string shown(const Outcome& o) {
  std::string text = to_text(o);
  for (std::size_t i = 0; i < std::min<std::size_t>(o.differences.size(), 6); ++i) {
    text += to_text(o.differences[i], o.registry);
  }
  return text;
}

void check_equal(const Outcome& o) {
  INFO(shown(o));
  CHECK(o.different == 0);
  CHECK(o.differences.empty());
  CHECK(o.equal > 0);
  CHECK(o.cut_off == "");
  CHECK(o.tally.dropped == 0);
}

// Returns the numbers of the lines that begin with the text. The first line has number 1.
std::vector<std::size_t> lines_with(const std::vector<std::string>& lines, std::string_view beginning) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with(beginning)) found.push_back(i + 1);
  }
  return found;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

constexpr std::uint64_t kLaneZero = (std::uint64_t{1} << 56) - 1;  // the highest request id of lane 0

// Returns the id of a line, which is its second member.
std::uint64_t id_in(const std::string& line) {
  return std::stoull(line.substr(line.find(R"(,"id":)") + 6));
}

// Adds one to the ids of lane 0's requests from `from` on, and to the ids in their replies.
std::vector<std::string> with_later_numbers(std::vector<std::string> lines, std::uint64_t from) {
  for (std::string& line : lines) {
    if (!line.starts_with(R"({"out":"request","id":)") && !line.starts_with(R"({"in":"reply","id":)")) continue;
    const std::uint64_t id = id_in(line);
    if (id < from || id > kLaneZero) continue;
    line = replaced(unsealed(line), ":" + std::to_string(id) + ',', ":" + std::to_string(id + 1) + ',');
  }
  return lines;
}

}  // namespace

TEST_CASE("Replay: random traffic comes out the same", "[replay]") {
  const std::size_t lanes = GENERATE(1U, 3U);
  const bool restless = GENERATE(false, true);
  const bool redact = GENERATE(false, true);
  const Folder folder;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    CAPTURE(lanes, restless, redact, seed);
    const std::string file = folder.file(std::to_string(seed) + ".jsonl");
    record_random(file, {lanes, restless, redact, {}}, 300, seed);
    const Outcome o = play({file}, showing_all());
    check_equal(o);
    CHECK(o.tally.inputs > 300);
    const std::string text = read(file);
    CHECK((text.find("secret") == std::string::npos) == redact);
    CHECK((text.find(R"("inside":true)") != std::string::npos) == restless);
    CHECK((text.find(R"({"out":"refused")") != std::string::npos) == restless);
  }
}

TEST_CASE("Replay: what is played can be recorded, and is the same", "[replay]") {
  const std::size_t lanes = GENERATE(1U, 3U);
  const Folder folder;
  record_random(folder.file("a.jsonl"), {lanes, true, false, {}});
  PlayOptions options = showing_all();
  options.export_file = folder.file("b.jsonl");
  check_equal(play({folder.file("a.jsonl")}, options));
  check_equal(play({folder.file("b.jsonl")}, showing_all()));
  if (lanes == 1) CHECK(read(folder.file("a.jsonl")) == read(folder.file("b.jsonl")));
  CHECK_THROWS_WITH(play({folder.file("a.jsonl")}, options), Contains("the file exists already"));
}

TEST_CASE("Replay: a recorded line that was another is one difference, with its number", "[replay]") {
  const std::size_t lanes = GENERATE(1U, 3U);
  const Folder folder;
  const std::string file = folder.file("a.jsonl");
  record_random(file, {lanes, true, false, {}});
  const std::vector<std::string> lines = file_lines(file);
  const auto check_one = [&](std::size_t number, std::string_view what, std::string_view with) {
    CAPTURE(lanes, number, lines[number - 1]);
    std::vector<std::string> tampered = lines;
    std::string& line = tampered[number - 1];
    line = replaced(unsealed(line), what, with);
    write_lines(folder.file("b.jsonl"), tampered);
    const Outcome o = play({folder.file("b.jsonl")}, showing_all());
    INFO(shown(o));
    REQUIRE(o.different == 1);
    CHECK(o.differences[0].line == number);
    CHECK(o.differences[0].recorded == line);
    CHECK(o.differences[0].got == unsealed(lines[number - 1]));
    CHECK_THAT(to_text(o.differences[0], o.registry),
               Contains("line " + std::to_string(number)) && Contains("follows from: ") && Contains("by way of: "));
  };
  const auto sends = lines_with(lines, R"({"out":"send")");
  REQUIRE(sends.size() > 20);
  for (std::size_t i = 0; i < sends.size(); i += sends.size() / 12)
    check_one(sends[i], "\"frames\":[", "\"frames\":[null,");
  const auto requests = lines_with(lines, R"({"out":"request")");
  REQUIRE(requests.size() > 20);
  for (std::size_t i = 0; i < requests.size(); i += requests.size() / 12) check_one(requests[i], "test", "tost");
}

TEST_CASE("Replay: recorded sends that make no sense are differences", "[replay]") {
  const Folder folder;
  record_random(folder.file("a.jsonl"), {});
  std::vector<std::string> lines = file_lines(folder.file("a.jsonl"));
  const auto sends = lines_with(lines, R"({"out":"send")");
  for (const std::size_t number : sends) {
    lines[number - 1] = replaced(lines[number - 1], "\"to\":[", "\"to\":[5,");
  }
  write_lines(folder.file("b.jsonl"), lines);
  CHECK(play({folder.file("b.jsonl")}, showing_all()).different == sends.size());

  // The same fault, in a batch with a valid checksum.
  std::string text;
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    const bool is_send = lines[i].starts_with(R"({"out":"send")");
    text += (is_send ? replaced(lines[i], "[5,", "[}") : lines[i]) + '\n';
  }
  std::string batch(kBatchLineSize, ' ');
  put_batch_line(batch.data(), text);
  write_bytes(folder.file("c.jsonl"), lines.front() + '\n' + batch + text + lines.back() + '\n');
  CHECK(play({folder.file("c.jsonl")}, showing_all()).different == sends.size());
}

TEST_CASE("Replay: another option of the pipeline is seen", "[replay]") {
  const Folder folder;
  record_random(folder.file("a.jsonl"), {});
  std::vector<std::string> lines = file_lines(folder.file("a.jsonl"));
  lines[0] = replaced(unsealed(lines[0]), "\"subscriptions\":250000", "\"subscriptions\":1");
  write_lines(folder.file("b.jsonl"), lines);
  const Outcome o = play({folder.file("b.jsonl")}, showing_all());
  REQUIRE(o.different > 0);
  CHECK(o.differences[0].line > 1);
}

TEST_CASE("Replay: a request that was not recorded is one difference", "[replay]") {
  const std::size_t lanes = GENERATE(1U, 3U);
  const Folder folder;
  record_random(folder.file("a.jsonl"), {lanes, false, false, {}});
  const std::vector<std::string> lines = file_lines(folder.file("a.jsonl"));
  const auto requests = lines_with(lines, R"({"out":"request")");
  for (std::size_t i = 0; i < requests.size(); i += requests.size() / 10) {
    std::vector<std::string> fewer = lines;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(requests[i] - 1));
    write_lines(folder.file("b.jsonl"), fewer);
    const Outcome o = play({folder.file("b.jsonl")}, showing_all());
    INFO(shown(o));
    CAPTURE(lanes, requests[i]);
    REQUIRE(o.different == 1);
    CHECK(o.differences[0].recorded.empty());
    CHECK(o.differences[0].got == unsealed(lines[requests[i] - 1]));
  }
}

// All later requests have other ids then. They must be recognized as the same requests.
TEST_CASE("Replay: a recorded request that is not made is one difference", "[replay]") {
  const std::size_t lanes = GENERATE(1U, 3U);
  const Folder folder;
  record_random(folder.file("a.jsonl"), {lanes, false, false, {}});
  const std::vector<std::string> lines = file_lines(folder.file("a.jsonl"));
  const auto requests = lines_with(lines, R"({"out":"request","id":)");
  std::size_t played = 0;
  for (std::size_t i = 0; i < requests.size(); i += requests.size() / 10) {
    const std::uint64_t id = id_in(lines[requests[i] - 1]);
    if (id > kLaneZero) continue;
    std::vector<std::string> more = with_later_numbers(lines, id);
    const auto at = more.begin() + static_cast<std::ptrdiff_t>(requests[i] - 1);
    more.insert(at, replaced(unsealed(lines[requests[i] - 1]), "test", "tost"));
    write_lines(folder.file("b.jsonl"), more);
    const Outcome o = play({folder.file("b.jsonl")}, showing_all());
    INFO(shown(o));
    CAPTURE(lanes, requests[i]);
    REQUIRE(o.different == 1);
    CHECK(o.differences[0].line == requests[i]);
    CHECK(o.differences[0].got.empty());
    CHECK(o.tally.dropped == 0);
    ++played;
  }
  CHECK(played > 2);
}

TEST_CASE("Replay: lanes that wait for what never comes end", "[replay]") {
  const Folder folder;
  record_random(folder.file("a.jsonl"), {3, false, false, {}});
  std::vector<std::string> lines = file_lines(folder.file("a.jsonl"));
  // In the middle of the capture, make one lane take more messages of another lane than there are.
  const auto takes = lines_with(lines, R"({"take":[[)");
  bool found = false;
  for (std::size_t i = takes.size() / 2; i < takes.size() && !found; ++i) {
    std::string& line = lines[takes[i] - 1];
    if (line.starts_with(R"({"take":[["outside")")) continue;
    line = unsealed(line);
    line.insert(line.find(']'), "000000");
    found = true;
  }
  REQUIRE(found);
  write_lines(folder.file("b.jsonl"), lines);
  const Outcome o = play({folder.file("b.jsonl")}, showing_all());
  CHECK(o.different > 0);
}

// Lanes may put more messages into a mailbox than its bound, which holds for services only.
TEST_CASE("Replay: a lane takes more at once than its mailbox has room for", "[replay]") {
  const Folder folder;
  constexpr std::size_t many = Mailbox::kBound + 10;
  std::string text =
      header_line() + R"({"turn":1,"us":1})" + '\n' + R"({"take":[["outside",)" + std::to_string(many) + "]]}\n";
  for (std::size_t i = 0; i < many; ++i)
    text += R"({"in":"message","handle":0,"subject":"system.x","payload":""})"
            "\n";
  write_bytes(folder.file("a.jsonl"), text + end_line());
  const Outcome o = play({folder.file("a.jsonl")});
  CHECK(o.tally.inputs == many);
  CHECK(o.different == 0);
}

TEST_CASE("Replay: a damaged, cut or partial capture", "[replay]") {
  const Folder folder;
  record_random(folder.file("a.jsonl"), {});
  const std::vector<std::string> lines = file_lines(folder.file("a.jsonl"));
  const std::size_t middle = lines.size() / 2;

  std::vector<std::string> damaged = lines;
  damaged[middle][5] ^= 1;
  write_lines(folder.file("b.jsonl"), damaged);
  CHECK_THROWS_WITH(play({folder.file("b.jsonl")}), Contains("b.jsonl:" + std::to_string(middle + 1) + ": "));

  write_lines(folder.file("c.jsonl"), {lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(middle)});
  const Outcome cut = play({folder.file("c.jsonl")}, showing_all());
  CHECK_THAT(cut.cut_off, Contains("c.jsonl:" + std::to_string(middle) + ": the capture is cut off after this line"));
  CHECK(cut.equal > 0);

  std::vector<std::string> partial = lines;
  partial[0] = replaced(unsealed(lines[0]), "\"partial\":false", "\"partial\":true");
  write_lines(folder.file("d.jsonl"), partial);
  CHECK_THROWS_WITH(play({folder.file("d.jsonl")}), Contains("was at work") && Contains("--to"));

  std::vector<std::string> other_lane = lines;
  other_lane[middle] = R"({"in":"writable","conn":"1.1","lane":5})";
  write_lines(folder.file("e.jsonl"), other_lane);
  CHECK_THROWS_WITH(play({folder.file("e.jsonl")}), Contains("is of lane 5"));
}

TEST_CASE("Replay: a part of the time, whatever is behind it", "[replay]") {
  const Folder folder;
  record_random(folder.file("a.jsonl"), {});
  const Outcome all = play({folder.file("a.jsonl")});
  std::vector<std::string> lines = file_lines(folder.file("a.jsonl"));
  lines.back() = "damaged";
  write_lines(folder.file("b.jsonl"), lines);
  PlayOptions options;
  options.span.to = static_cast<std::int64_t>(all.recorded_seconds * 1e6 / 2);
  for (int i = 0; i < 20; ++i) {
    const Outcome half = play({folder.file("b.jsonl")}, options);
    check_equal(half);
    CHECK(half.equal < all.equal);
  }
  options.span = {};
  options.span.from = static_cast<std::int64_t>(all.recorded_seconds * 1e6 / 2);
  const Outcome rest = play({folder.file("a.jsonl")}, options);
  check_equal(rest);
  CHECK(rest.equal < all.equal);
  CHECK(rest.tally.turns == all.tally.turns);
}

TEST_CASE("Replay: chosen connections and resources", "[replay]") {
  const Folder folder;
  record_random(folder.file("a.jsonl"), {1, false, false, {}});
  const Outcome all = play({folder.file("a.jsonl")});
  for (const bool by_cid : {false, true}) {
    PlayOptions options = showing_all();
    options.conns = {by_cid ? "cid0x1x1" : "1.1"};
    const Outcome o = play({folder.file("a.jsonl")}, options);
    check_equal(o);
    CHECK(o.equal < all.equal);
    options.export_file = folder.file(by_cid ? "cid.jsonl" : "number.jsonl");
    CHECK(play({folder.file("a.jsonl")}, options).different == 0);
    const Outcome again = play({options.export_file}, showing_all());
    check_equal(again);
    CHECK_THAT(read(options.export_file), Contains("\"1.1\"") && !Contains("\"2.1\"") && Contains("\"out\":\"send\""));
  }
  PlayOptions options = showing_all();
  options.rids = {"test.m.3"};
  check_equal(play({folder.file("a.jsonl")}, options));
  options.export_file = folder.file("rid.jsonl");
  CHECK(play({folder.file("a.jsonl")}, options).different == 0);
  check_equal(play({options.export_file}, showing_all()));
  CHECK_THAT(read(options.export_file), !Contains("subscribe.test.list"));

  options.conns = {"77.1"};
  options.export_file = "";
  CHECK_THROWS_WITH(play({folder.file("a.jsonl")}, options), Contains("nothing of 77.1"));
  options.export_file = folder.file("none.jsonl");
  CHECK_THROWS_WITH(play({folder.file("a.jsonl")}, options), Contains("nothing of 77.1"));
  CHECK_FALSE(std::filesystem::exists(options.export_file));
}

TEST_CASE("Replay: a part of a capture of several lanes cannot be exported", "[replay]") {
  const Folder folder;
  record_random(folder.file("a.jsonl"), {3, false, false, {}}, 50);
  PlayOptions options;
  options.conns = {"0.1"};
  check_equal(play({folder.file("a.jsonl")}, options));
  options.export_file = folder.file("b.jsonl");
  CHECK_THROWS_WITH(play({folder.file("a.jsonl")}, options), Contains("several lanes"));
}
