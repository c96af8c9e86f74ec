// RES-Service protocol, "Meta object".
#include "nodes/protocol/meta.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "nodes/protocol/service_protocol.hpp"
#include "tests/nodes/fakes.hpp"

using namespace resflow;

namespace {

MetaPtr make(std::optional<unsigned> status, const Headers& headers = {}) {
  return std::make_shared<const Meta>(Meta{status, headers, {}});
}

// Returns the meta object of a call's reply.
MetaPtr read(const std::string& meta) {
  return decode_call_reply(R"({"result":null,"meta":)" + meta + '}').value.meta;
}

Headers headers_of(const std::string& header) {
  const MetaPtr meta = read(R"({"header":)" + header + '}');
  return meta ? meta->headers : Headers{{"no", "meta"}};
}

}  // namespace

TEST_CASE("Meta: which status decides", "[web]") {
  CHECK_FALSE(has_status(nullptr));
  CHECK_FALSE(has_status(make(std::nullopt)));
  CHECK(has_status(make(404)));
  for (const std::int64_t status : {300, 399, 400, 599}) CHECK(valid_meta_status(status));
  for (const std::int64_t status : {-1, 0, 100, 101, 200, 299, 600, 1000}) CHECK_FALSE(valid_meta_status(status));
}

// "If the header key is "Set-Cookie", the value will be added to any existing values, otherwise it will replace any
// existing value."
TEST_CASE("Meta: headers are replaced, cookies added", "[web]") {
  Headers headers{{"Set-Cookie", "a=1"}, {"X-A", "1"}, {"X-B", "1"}, {"X-A", "2"}};
  merge_headers(headers, {{"X-A", "3"}, {"Set-Cookie", "b=1"}, {"X-A", "4"}, {"X-C", "1"}});
  CHECK(headers ==
        Headers{{"Set-Cookie", "a=1"}, {"X-B", "1"}, {"X-A", "3"}, {"Set-Cookie", "b=1"}, {"X-A", "4"}, {"X-C", "1"}});
}

TEST_CASE("Meta: the later one has the higher priority", "[web]") {
  CHECK(merge(nullptr, nullptr) == nullptr);
  const MetaPtr one = make(404, {{"X-A", "1"}, {"Set-Cookie", "a=1"}});
  CHECK(merge(one, nullptr) == one);
  CHECK(merge(nullptr, one) == one);
  const MetaPtr both = merge(one, make(std::nullopt, {{"X-A", "2"}, {"Set-Cookie", "b=1"}}));
  CHECK(both->status == 404U);
  CHECK(both->headers == Headers{{"Set-Cookie", "a=1"}, {"X-A", "2"}, {"Set-Cookie", "b=1"}});
  CHECK(merge(one, make(500))->status == 500U);
  CHECK(one->headers.size() == 2);  // the arguments of merge() stay unchanged
}

TEST_CASE("Meta: of replies", "[web]") {
  const MetaPtr meta = read(R"({"status":402,"header":{"x-a":["1","2"],"set-cookie":["a=1"]},"other":[]})");
  REQUIRE(meta);
  CHECK(meta->status == 402U);
  CHECK(meta->headers == Headers{{"X-A", "1"}, {"X-A", "2"}, {"Set-Cookie", "a=1"}});
  CHECK(meta->complaint.empty());
  CHECK(read("null") == nullptr);
  REQUIRE(read("{}"));
  CHECK_FALSE(has_status(read("{}")));
  CHECK(headers_of("null").empty());
  CHECK(headers_of(R"({"x-a":[],"x-b":null})").empty());
}

TEST_CASE("Meta: it comes beside errors too, of every kind of reply that has one", "[web]") {
  const std::string members = R"("error":{"code":"a","message":"b"},"meta":{"status":404}})";
  for (const std::string& reply : {"{" + members, R"({"result":{"get":true},)" + members}) {
    const auto access = decode_access_reply(reply);
    CHECK(access.error->code == "a");
    CHECK(access.value.meta->status == 404U);
    const auto call = decode_call_reply(reply);
    CHECK(call.error->code == "a");
    CHECK(call.value.meta->status == 404U);
  }
  CHECK(decode_access_reply(R"({"meta":{"status":404}})").value.meta->status == 404U);
  CHECK(decode_call_reply(R"({"meta":{"status":404}})").value.meta->status == 404U);
  CHECK(decode_call_reply(R"({"resource":{"rid":"a..b"},"meta":{"status":404}})").value.meta->status == 404U);
}

TEST_CASE("Meta: a status without a meaning is left out and complained of", "[web]") {
  for (const char* status : {"0", "100", "200", "299", "600", "-404", "9999999999"}) {
    CAPTURE(status);
    const MetaPtr meta = read(R"({"header":{"x-a":["1"]},"status":)" + std::string(status) + '}');
    REQUIRE(meta);
    CHECK_FALSE(meta->status);
    CHECK(meta->headers.size() == 1);
    CHECK(meta->complaint == "Invalid meta status: " + std::string(status));
  }
  CHECK_FALSE(read(R"({"status":null})")->status);
  CHECK(read(R"({"status":null})")->complaint.empty());
}

TEST_CASE("Meta: headers that cannot be sent are left out and complained of", "[web]") {
  for (const char* header :
       {R"({"X A":["1"],"X-B":["2"]})", R"({"":["1"],"X-B":["2"]})", R"({"X\r\nY":["1"],"X-B":["2"]})",
        R"({"X-A":["1\r\nSet-Cookie: evil"],"X-B":["2"]})", R"({"X-A":["\u0000"],"X-B":["2"]})",
        R"({"X-A":["a\nb"],"X-B":["2"]})", R"({"X:":["1"],"X-B":["2"]})", R"({"é":["1"],"X-B":["2"]})"}) {
    CAPTURE(header);
    CHECK(headers_of(header) == Headers{{"X-B", "2"}});
    CHECK(read(R"({"header":)" + std::string(header) + '}')->complaint.starts_with("Invalid meta header: "));
  }
}

TEST_CASE("Meta: headers that are not a service's to set are left out", "[web]") {
  for (const char* name :
       {"Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Sec-WebSocket-Accept",
        "Access-Control-Allow-Credentials", "Access-Control-Allow-Origin", "Content-Type", "Content-Length",
        "transfer-encoding", "TRAILER", "Connection", "Keep-Alive", "Upgrade", "Date"}) {
    CAPTURE(name);
    const MetaPtr meta = read(R"({"header":{")" + std::string(name) + R"(":["x"],"X-A":["1"]}})");
    CHECK(meta->headers == Headers{{"X-A", "1"}});
    CHECK(meta->complaint.empty());
  }
}

TEST_CASE("Meta: what is no meta makes the reply invalid", "[web]") {
  const auto words = [](const std::string& meta) {
    return testing::message_of(decode_call_reply(R"({"result":null,"meta":)" + meta + '}').error);
  };
  CHECK(words("[]").starts_with("Internal error: json: cannot unmarshal array"));
  CHECK(words(R"({"status":"404"})").starts_with("Internal error: json: cannot unmarshal string"));
  CHECK(words(R"({"status":4.5})").starts_with("Internal error: json: cannot unmarshal number"));
  CHECK(words(R"({"header":[]})").starts_with("Internal error: json: cannot unmarshal array"));
  CHECK(words(R"({"header":{"X-A":"1"}})").starts_with("Internal error: json: cannot unmarshal string"));
  CHECK(words(R"({"header":{"X-A":[1]}})").starts_with("Internal error: json: cannot unmarshal number"));
}
