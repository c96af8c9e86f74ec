// The negotiation of compression. Section numbers refer to RFC 7692.
#include "io/web/deflate_offer.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace resflow;

namespace {

const std::string kAnswer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer(const std::vector<std::string>& values) {
  HttpRequestHead head;
  head.headers.emplace_back("Host", "h");
  for (const std::string& value : values) head.headers.emplace_back("Sec-Websocket-Extensions", value);
  return accept_deflate(head).value_or("none");
}

}  // namespace

TEST_CASE("deflate offer: what clients offer is accepted", "[deflate_offer]") {
  for (const std::string offer : {
           "permessage-deflate",
           "permessage-deflate; client_max_window_bits",  // the offer of Chromium, Firefox and Node.js
           "permessage-deflate;client_max_window_bits=15",
           "permessage-deflate; client_max_window_bits=8",  // a smaller window than 15 can be read, too
           "permessage-deflate; server_no_context_takeover",
           "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
           " \tpermessage-deflate ;\tclient_max_window_bits = \"10\" ",
       }) {
    CAPTURE(offer);
    CHECK(answer({offer}) == kAnswer);
  }
}

TEST_CASE("deflate offer: the window of the server's messages is confirmed", "[deflate_offer]") {
  CHECK(answer({"permessage-deflate; server_max_window_bits=15"}) == kAnswer + "; server_max_window_bits=15");
  CHECK(answer({"permessage-deflate; server_max_window_bits=\"15\""}) == kAnswer + "; server_max_window_bits=15");
}

TEST_CASE("deflate offer: what cannot be kept, or is not understood, is declined (7.1, 5.1)", "[deflate_offer]") {
  for (const std::string offer : {
           "permessage-deflate; server_max_window_bits=14",
           "permessage-deflate; server_max_window_bits=8",
           "permessage-deflate; server_max_window_bits",
           "permessage-deflate; server_max_window_bits=16",
           "permessage-deflate; server_max_window_bits=015",
           "permessage-deflate; client_max_window_bits=7",
           "permessage-deflate; client_max_window_bits=16",
           "permessage-deflate; client_max_window_bits=08",
           "permessage-deflate; client_max_window_bits=1x",
           "permessage-deflate; client_max_window_bits=-10",
           "permessage-deflate; server_no_context_takeover=1",
           "permessage-deflate; client_no_context_takeover=true",
           "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
           "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
           "permessage-deflate; unknown",
           "permessage-deflate; mem_level=5",
           "x-webkit-deflate-frame",
           "permessage-bzip2",
           "permessage-deflate2",
           "",
       }) {
    CAPTURE(offer);
    CHECK(answer({offer}) == "none");
  }
  CHECK(answer({}) == "none");
}

TEST_CASE("deflate offer: the first that can be kept is", "[deflate_offer]") {
  const std::string small = "permessage-deflate; server_max_window_bits=10";
  CHECK(answer({small + ", permessage-deflate"}) == kAnswer);
  CHECK(answer({small + ",permessage-deflate; server_max_window_bits=15, permessage-deflate"}) ==
        kAnswer + "; server_max_window_bits=15");
  CHECK(answer({"foo; bar=\"baz\", permessage-deflate; client_max_window_bits"}) == kAnswer);
  CHECK(answer({small, "permessage-deflate"}) == kAnswer);
  CHECK(answer({"foo", "bar, permessage-deflate"}) == kAnswer);
}

TEST_CASE("deflate offer: of what is malformed nothing is accepted", "[deflate_offer]") {
  for (const std::string offer : {
           ",permessage-deflate",
           "; permessage-deflate",
           "permessage-deflate;",
           "permessage-deflate; =15",
           "permessage-deflate; client_max_window_bits=",
           "permessage-deflate; client_max_window_bits=\"10",
           "permessage-deflate; client_max_window_bits=10\"",
           "permessage-deflate; client_max_window_bits=\"\"",
           "permessage-deflate; client_max_window_bits=\"1\\0\"",
           "permessage-deflate; client_max_window_bits=10 15",
           "permessage-deflate client_max_window_bits",
           "foo; x=\", permessage-deflate",
           "\"permessage-deflate\"",
       }) {
    CAPTURE(offer);
    CHECK(answer({offer}) == "none");
  }
  CHECK(answer({"permessage-deflate, ;"}) == kAnswer);
}
