// Which clients may see the admin page.
#include "io/operator/admin_access.hpp"

#include <catch2/catch.hpp>

using namespace resflow;

namespace {

struct Asked {
  std::string peer = "127.0.0.1:50000";
  std::string host = "127.0.0.1:8090";
  std::string origin = {};
  std::string method = "GET";
  AdminAccess access = AdminAccess::look;
  std::vector<std::string> marks = {};  // values of X-Resflow-Admin
};

// Returns the status of the refusal, or 0 if the page may be seen.
unsigned status(const Asked& asked, const std::vector<std::string>& allow = {}) {
  ClientFields fields;
  fields.remote_addr = asked.peer;
  fields.host = asked.host;
  fields.uri = "/graph";
  if (!asked.origin.empty()) fields.headers.emplace_back("Origin", asked.origin);
  for (const std::string& mark : asked.marks) fields.headers.emplace_back("X-Resflow-Admin", mark);
  WebRequest request;
  request.info = std::make_shared<const ClientInfo>(fields);
  request.method = asked.method;
  const auto refused = refuse_admin(request, asked.access, allow);
  return refused ? refused->status : 0;
}

}  // namespace

TEST_CASE("Admin access: this machine may see it") {
  CHECK(status({}) == 0);
  CHECK(status({"127.1.2.3:5"}) == 0);
  CHECK(status({"[::1]:5", "[::1]:8090"}) == 0);
  CHECK(status({"127.0.0.1:5", "LocalHost:8090"}) == 0);
  CHECK(status({"127.0.0.1:5", "localhost"}) == 0);
}

TEST_CASE("Admin access: others may when they are named") {
  const std::vector<std::string> allow{"10.0.0.7", "fd00::7"};
  CHECK(status({"10.0.0.7:5", "10.0.0.1:8090"}) == 403);
  CHECK(status({"10.0.0.7:5", "10.0.0.1:8090"}, allow) == 0);
  CHECK(status({"[fd00::7]:5", "[fd00::1]:8090"}, allow) == 0);
  CHECK(status({"10.0.0.77:5", "10.0.0.1:8090"}, allow) == 403);
  CHECK(status({"192.0.2.1:5", "10.0.0.1:8090"}, {"*"}) == 0);
  CHECK(status({"", "10.0.0.1:8090"}) == 403);
  CHECK(status({"128.0.0.1:5"}) == 403);
}

TEST_CASE("Admin access: it is the same address however it is written") {
  CHECK(status({"[::ffff:127.0.0.1]:5", "[::ffff:7f00:1]:8090"}) == 0);
  CHECK(status({"[0:0:0:0:0:0:0:1]:5", "[0:0:0:0:0:0:0:1]:8090"}) == 0);
  for (const char* allowed : {"fd00::7", "FD00:0::0:7", "[fd00::7]", "fd00:0:0:0:0:0:0:7"}) {
    CHECK(status({"[fd00::7]:5", "[fd00::1]:8090"}, {"10.0.0.1", allowed}) == 0);
    CHECK(status({"[fd00::8]:5", "[fd00::1]:8090"}, {"10.0.0.1", allowed}) == 403);
  }
  CHECK(status({"10.0.0.7:5"}, {"::ffff:10.0.0.7"}) == 0);
  CHECK(status({"[::ffff:10.0.0.7]:5"}, {"10.0.0.7"}) == 0);
  CHECK(status({"127evil:5"}) == 403);
}

TEST_CASE("Admin access: a name that somebody has made stand for this machine is refused") {
  const auto host = GENERATE("evil.example:8090", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                             "", "[", "[]", "[evil.example]", "127.0.0.1evil", "metrics");
  CHECK(status({"127.0.0.1:5", host}) == 403);
}

TEST_CASE("Admin access: pages of other origins are refused") {
  CHECK(status({"127.0.0.1:5", "127.0.0.1:8090", "http://127.0.0.1:8090"}) == 0);
  CHECK(status({"127.0.0.1:5", "127.0.0.1:8090", "https://127.0.0.1:8090"}) == 0);
  CHECK(status({"127.0.0.1:5", "127.0.0.1:8090", "http://127.0.0.1:9999"}) == 403);
  CHECK(status({"127.0.0.1:5", "127.0.0.1:8090", "http://evil.example"}) == 403);
  CHECK(status({"127.0.0.1:5", "127.0.0.1:8090", "null"}) == 403);
}

TEST_CASE("Admin access: it only shows") {
  CHECK(status({"127.0.0.1:5", "127.0.0.1:8090", "", "HEAD"}) == 0);
  const auto method = GENERATE("POST", "PUT", "DELETE", "OPTIONS", "get");
  CHECK(status({"127.0.0.1:5", "127.0.0.1:8090", "", method}) == 405);
}

TEST_CASE("Admin access: only the page itself may act") {
  const Asked page{"127.0.0.1:5", "127.0.0.1:8090", "http://127.0.0.1:8090", "POST", AdminAccess::act, {"1"}};
  CHECK(status(page) == 0);
  const auto other = [&](auto&& change) {
    Asked asked = page;
    change(asked);
    return status(asked);
  };
  CHECK(other([](Asked& a) { a.host = "localhost:8090", a.origin = "http://localhost:8090"; }) == 0);
  CHECK(other([](Asked& a) { a.peer = "192.0.2.1:5"; }) == 403);
  CHECK(other([](Asked& a) { a.host = "evil.example:8090", a.origin = "http://evil.example:8090"; }) == 403);
  CHECK(other([](Asked& a) { a.origin = ""; }) == 403);
  CHECK(other([](Asked& a) { a.origin = "null"; }) == 403);
  CHECK(other([](Asked& a) { a.origin = "http://127.0.0.1:8080"; }) == 403);
  CHECK(other([](Asked& a) { a.origin = "http://localhost:8090"; }) == 403);
  CHECK(other([](Asked& a) { a.marks = {}; }) == 403);
  CHECK(other([](Asked& a) { a.marks = {"0"}; }) == 403);
  CHECK(other([](Asked& a) { a.marks = {"1", "1"}; }) == 403);
  const auto method = GENERATE("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post");
  CHECK(other([&](Asked& a) { a.method = method; }) == 405);
}

TEST_CASE("Admin access: where nothing can be done, nothing is posted") {
  CHECK(status({"127.0.0.1:5", "127.0.0.1:8090", "http://127.0.0.1:8090", "POST", AdminAccess::look, {"1"}}) == 405);
}
