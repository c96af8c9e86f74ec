// The first line of a capture contains all options of the pipeline. They must be the same after reading.
#include "tests/io/capture_fixture.hpp"

using namespace resflow;
using namespace resflow::testing;
using Catch::Matchers::Contains;

namespace {

// Every option has a value that is not its default.
CaptureHeader full_header() {
  CaptureHeader h;
  h.by = "somebody \"else\"";
  h.started = "2020-01-02T03:04:05Z";
  h.redacted = true;
  h.partial = true;
  PipelineOptions& o = h.options;
  o.lanes = 7;
  o.admit = AdmitLimits{34, 31, 32, 33, 35, Rate{1.5, 36}, 37, true};
  o.session = SessionLimits{11, 38, 12, 13, 39, true, WorkLimits{40, 41}};
  o.ask = AskLimits{14, 15, 22, 16, 17, 18};
  o.cache = CacheLimits{19, 20, 21, 24, 25, 44};
  o.write = WriteLimits{23, 42, 43};
  o.web.api_path = "/\"x\"/";
  o.web.encoding = ApiEncoding::jsonflat;
  o.web.header_auth = HeaderAuth{make_rid("a.b"), "web"};
  o.web.ws_header_auth = HeaderAuth{make_rid("c.d"), "ws"};
  o.web.put_method = "put";
  o.web.delete_method = "delete";
  o.web.patch_method = "patch";
  o.web.allow_origins = {"http://a", "http://b"};
  return h;
}

std::string line_of(const CaptureHeader& h) {
  return '{' + header_members(h) + R"(,"part":3})";
}

std::string complaint_of(const std::string& line) {
  try {
    parse_header(line);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return {};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("Capture header: everything comes back") {
  const CaptureHeader h = parse_header(line_of(full_header()));
  CHECK(h.version == kCaptureVersion);
  CHECK(h.by == "somebody \"else\"");
  CHECK(h.started == "2020-01-02T03:04:05Z");
  CHECK(h.redacted);
  CHECK(h.partial);
  CHECK(h.part == 3);
  const PipelineOptions& o = h.options;
  CHECK(o.lanes == 7);
  CHECK(o.admit.pending_requests == 31);
  CHECK(o.admit.turn == 32);
  CHECK(o.admit.share == 33);
  CHECK(o.admit.served == 34);
  CHECK(o.admit.waiting_bytes == 35);
  CHECK(o.admit.rate.rate == 1.5);
  CHECK(o.admit.rate.burst == 36);
  CHECK(o.admit.tracked == 37);
  CHECK(o.admit.dry_run);
  CHECK(o.session.pending_requests == 11);
  CHECK(o.session.direct_subscriptions == 38);
  CHECK(o.session.waiting_messages == 39);
  CHECK(o.session.dry_run);
  CHECK(o.session.work.turn == 40);
  CHECK(o.session.work.share == 41);
  CHECK(o.session.subscriptions == 12);
  CHECK(o.session.waiting_events == 13);
  CHECK(o.ask.timeout == 14);
  CHECK(o.ask.control_line == 15);
  CHECK(o.ask.reply_size == 22);
  CHECK(o.ask.payload_size == 16);
  CHECK(o.ask.reset_throttle == 17);
  CHECK(o.ask.reference_throttle == 18);
  CHECK(o.cache.keep_unused == 19);
  CHECK(o.cache.reset_retry == 20);
  CHECK(o.cache.room_wait == 44);
  CHECK(o.cache.deferred == 21);
  CHECK(o.cache.bytes == 24);
  CHECK(o.cache.piece == 25);
  CHECK(o.write.event_bytes == 23);
  CHECK(o.write.answer_bytes == 42);
  CHECK(o.write.all_answer_bytes == 43);
  CHECK(o.web.api_path == "/\"x\"/");
  CHECK(o.web.encoding == ApiEncoding::jsonflat);
  REQUIRE(o.web.header_auth);
  CHECK(o.web.header_auth->rid->text() == "a.b");
  CHECK(o.web.header_auth->method == "web");
  REQUIRE(o.web.ws_header_auth);
  CHECK(o.web.ws_header_auth->rid->text() == "c.d");
  CHECK(o.web.ws_header_auth->method == "ws");
  CHECK(o.web.put_method == "put");
  CHECK(o.web.delete_method == "delete");
  CHECK(o.web.patch_method == "patch");
  CHECK(o.web.allow_origins == Strings{"http://a", "http://b"});
  CHECK(header_members(h) == header_members(full_header()));
}

// If an option is added to one of these structs but not to the header, a capture would be played with another option
// than it was recorded with. If this test fails: add the option to the header and to full_header() above, and correct
// the number.
TEST_CASE("Capture header: no option is forgotten") {
  STATIC_REQUIRE(sizeof(AdmitLimits) == 9 * sizeof(std::size_t));
  STATIC_REQUIRE(sizeof(SessionLimits) == 8 * sizeof(std::size_t));
  STATIC_REQUIRE(sizeof(AskLimits) == sizeof(Millis) + 5 * sizeof(std::size_t));
  STATIC_REQUIRE(sizeof(CacheLimits) == 3 * sizeof(Millis) + 3 * sizeof(std::size_t));
  STATIC_REQUIRE(sizeof(WriteLimits) == 3 * sizeof(std::size_t));
  [[maybe_unused]] const auto& [path, encoding, header, ws_header, put, del, patch, origins] = WebOptions();
  [[maybe_unused]] const auto& [lanes, admit, session, ask, cache, write, web] = PipelineOptions();
}

TEST_CASE("Capture header: one of an earlier version has the options of then") {
  const std::string line = line_of(full_header());
  const std::string old =
      replaced(replaced(line, "\"controlLine\":15,", ""), "\"replySize\":22,", "\"subjectSize\":9,");
  const PipelineOptions o = parse_header(old).options;
  CHECK(o.ask.control_line == AskLimits().control_line);
  CHECK(o.ask.reply_size == AskLimits().reply_size);
  CHECK(o.ask.payload_size == 16);
  CHECK(complaint_of(replaced(line, "\"keepUnused\"", "\"nameSize\":4,\"keepUnused\"")).empty());
  CHECK(parse_header(replaced(line, "\"cache\":{", "\"merge\":{")).options.cache.keep_unused == 19);
}

TEST_CASE("Capture header: what is none, or of another version") {
  const std::string good = line_of(full_header());
  REQUIRE(complaint_of(good).empty());
  CHECK_THAT(complaint_of(replaced(good, R"("resflow-capture":3)", R"("resflow-capture":4)")),
             Contains("version 4") && Contains("newer resflow-replay"));
  CHECK(complaint_of(replaced(good, R"("resflow-capture":3)", R"("resflow-capture":1)")).empty());
  CHECK_THAT(complaint_of("{}"), Contains("this is no capture"));
  CHECK_FALSE(complaint_of(replaced(good, R"("resflow-capture":3)", R"("resflow-capture":0)")).empty());
  CHECK_THAT(complaint_of(replaced(good, "\"by\"", "\"my\"")), Contains("\"by\""));
  CHECK_THAT(complaint_of(replaced(good, "{", R"({"new":1,)")), Contains("unknown field \"new\""));
  CHECK_THAT(complaint_of(replaced(good, "\"session\":{", R"("session":{"new":1,)")),
             Contains("unknown field \"new\""));
  CHECK_THAT(complaint_of(replaced(good, "\"options\":{", R"("options":{"new":1,)")),
             Contains("unknown field \"new\""));
  CHECK_THAT(complaint_of(replaced(good, "\"timeout\"", "\"timeouts\"")), Contains("\"timeouts\""));
  CHECK_FALSE(complaint_of(replaced(good, "\"session\":{", "\"session\":1,\"x\":{")).empty());
  CHECK_FALSE(complaint_of(replaced(good, "\"lanes\":7", "\"lanes\":0")).empty());
  CHECK_FALSE(complaint_of(replaced(good, "\"lanes\":7", "\"lanes\":65")).empty());
  CHECK_FALSE(complaint_of(replaced(good, "\"lanes\":7", "\"lanes\":-1")).empty());
  CHECK_FALSE(complaint_of(replaced(good, "jsonflat", "yaml")).empty());
  CHECK_FALSE(complaint_of(replaced(good, R"("a.b","web")", R"("a.b")")).empty());
  CHECK_FALSE(complaint_of(replaced(good, R"("a.b","web")", R"("a..b","web")")).empty());
  CHECK_FALSE(complaint_of(replaced(good, "\"redacted\":true", "\"redacted\":1")).empty());
  for (const char* text :
       {"", "x", "[]", "1", "null", "\"a\"", "{\"resflow-capture\":\"1\"}", "{\"resflow-capture\":1"}) {
    CAPTURE(text);
    CHECK_FALSE(complaint_of(text).empty());
  }
  for (std::size_t size = 0; size < good.size(); ++size) CHECK_FALSE(complaint_of(good.substr(0, size)).empty());
}
