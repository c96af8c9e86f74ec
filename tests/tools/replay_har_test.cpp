// Captures made from the HAR files of a browser.
#include "tests/io/capture_fixture.hpp"
#include "tools/replay/har.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;
using replay::import_har;

namespace {

std::string har_of(const std::string& messages, const std::string& url = "ws://localhost:8080/ws?x") {
  return R"({"log":{"version":"1.2","entries":[{"request":{"method":"GET","url":"http://a/"}},{"request":{"url":")" +
         url + R"("},"_webSocketMessages":[)" + messages + "]}]}}";
}

std::string message(const char* type, const char* time, const char* data, int opcode = 1) {
  return std::string(R"({"type":")") + type + R"(","time":)" + time + R"(,"opcode":)" + std::to_string(opcode) +
         R"(,"data":")" + data + "\"}";
}

std::string complaint_of(const std::string& har) {
  const Folder folder;
  write_bytes(folder.file("a.har"), har);
  try {
    import_har(folder.file("a.har"), folder.file("b.jsonl"));
  } catch (const CaptureError& e) {
    CHECK_FALSE(std::filesystem::exists(folder.file("b.jsonl")));
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("Replay HAR: the messages of a browser become a capture", "[replay]") {
  const Folder folder;
  write_bytes(folder.file("a.har"), har_of(message("send", "1700000000.5", R"({\"id\":1})") + ',' +
                                           message("receive", "1700000000.75", R"({\"id\":1,\"result\":null})") + ',' +
                                           message("send", "1700000001", "binary", 2) + ',' +
                                           message("send", "1700000002", R"({\"id\":2})")));
  for (const char* name : {"b.jsonl", "b.zst"}) {
    CHECK(import_har(folder.file("a.har"), folder.file(name)) == 3);
    CaptureReader reader({folder.file(name)});
    CHECK(reader.header().partial);
    std::vector<CaptureRecord> records;
    while (auto r = reader.next()) records.push_back(std::move(*r));
    CHECK(reader.cut_off() == "");
    REQUIRE(records.size() == 8);
    const auto& opened = std::get<Connected>(*records[0].get<ParseIn>());
    CHECK(opened.info->host() == "localhost:8080");
    CHECK(opened.info->uri() == "/ws?x");
    CHECK(std::get<ClientText>(*records[2].get<ParseIn>()).text == R"({"id":1})");
    CHECK(parse_sent(records[5]).frames == Strings{R"({"id":1,"result":null})"});
    CHECK(parse_sent(records[5]).to == std::vector<ConnId>{opened.conn});
    CHECK(records[4].get<CaptureTurn>()->us == 250'000);
    CHECK(records[7].get<CaptureTurn>()->us == 1'500'000);
  }
}

TEST_CASE("Replay HAR: addresses", "[replay]") {
  for (const auto& [url, host, uri] : {std::tuple{"wss://a.b", "a.b", "/"}, std::tuple{"ws://[::1]:1/", "[::1]:1", "/"},
                                       std::tuple{"x/y", "x", "/y"}, std::tuple{"", "", "/"}}) {
    const Folder folder;
    write_bytes(folder.file("a.har"), har_of(message("send", "1", ""), url));
    import_har(folder.file("a.har"), folder.file("b"));
    CaptureReader reader({folder.file("b")});
    const auto record = reader.next();
    const auto& opened = std::get<Connected>(*record->get<ParseIn>());
    CHECK(opened.info->host() == host);
    CHECK(opened.info->uri() == uri);
  }
}

TEST_CASE("Replay HAR: what is none", "[replay]") {
  const Folder folder;
  CHECK_THROWS_WITH(import_har(folder.file("none"), folder.file("b")), Contains("none: "));
  CHECK_THROWS_WITH(import_har(folder.path().string(), folder.file("b")), Contains(folder.path().string()));
  CHECK_THAT(complaint_of(""), Contains("this is no HAR file"));
  CHECK_THAT(complaint_of("x"), Contains("this is no HAR file"));
  CHECK_THAT(complaint_of("[]"), Contains("this is no HAR file"));
  CHECK_THAT(complaint_of("{}"), Contains("this is no HAR file"));
  CHECK_THAT(complaint_of(R"({"log":1})"), Contains("this is no HAR file"));
  CHECK_THAT(complaint_of(R"({"log":{"entries":[1]}})"), Contains("this is no HAR file"));
  CHECK_THAT(complaint_of(R"({"log":{"entries":[]}})"), Contains("no WebSocket messages"));
  CHECK_THAT(complaint_of(har_of("")), Contains("no WebSocket messages"));
  CHECK_THAT(complaint_of(har_of("1")), Contains("this is no HAR file"));
  CHECK_THAT(complaint_of(har_of(R"({"type":"send"})")), Contains("this is no HAR file"));
  for (const char* time : {"-1", "1e300", "\"1\"", "null"}) {
    CHECK_THAT(complaint_of(har_of(message("send", time, "x"))), Contains("this is no HAR file"));
  }
  const std::string good = har_of(message("send", "1", "x"));
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(complaint_of(good.substr(0, size)).empty());
}

TEST_CASE("Replay HAR: no other file is overwritten", "[replay]") {
  const Folder folder;
  write_bytes(folder.file("a.har"), har_of(message("send", "1", "x")));
  write_bytes(folder.file("b"), "mine");
  CHECK_THROWS_WITH(import_har(folder.file("a.har"), folder.file("b")), Contains("the file exists already"));
  CHECK(read(folder.file("b")) == "mine");
}
