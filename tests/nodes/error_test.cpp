// RES-Client protocol, "Error object" and "Pre-defined errors".
#include "nodes/protocol/error.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "nodes/protocol/json.hpp"

using namespace resflow;

namespace {

std::string text_of(const ResError& error) {
  std::string out = "x";
  append_error(out, error);
  return out.substr(1);
}

}  // namespace

TEST_CASE("Errors: the predefined ones", "[error]") {
  const std::vector<std::pair<ErrorPtr, std::string>> all{
      {errors::not_found, R"({"code":"system.notFound","message":"Not found"})"},
      {errors::invalid_params, R"({"code":"system.invalidParams","message":"Invalid parameters"})"},
      {errors::internal, R"({"code":"system.internalError","message":"Internal error"})"},
      {errors::access_denied, R"({"code":"system.accessDenied","message":"Access denied"})"},
      {errors::timeout, R"({"code":"system.timeout","message":"Request timeout"})"},
      {errors::no_subscription, R"({"code":"system.noSubscription","message":"No subscription"})"},
      {errors::invalid_request, R"({"code":"system.invalidRequest","message":"Invalid request"})"},
      {errors::unsupported_protocol, R"({"code":"system.unsupportedProtocol","message":"Unsupported protocol"})"},
      {errors::subject_too_long, R"({"code":"system.subjectTooLong","message":"Subject too long"})"},
      {errors::deleted, R"({"code":"system.deleted","message":"Deleted"})"},
      {errors::subscription_limit_exceeded,
       R"({"code":"system.subscriptionLimitExceeded","message":"Subscription limit exceeded"})"},
      {errors::missing_result,
       R"({"code":"system.internalError","message":"Internal error: response missing result"})"},
      {errors::invalid_response,
       R"({"code":"system.internalError","message":"Internal error: invalid service response"})"},
  };
  for (const auto& [error, text] : all) CHECK(text_of(*error) == text);
}

TEST_CASE("Errors: data passes as it came", "[error]") {
  CHECK(text_of(ResError{"a.b", "c", R"({ "x":1.0 })"}) == R"({"code":"a.b","message":"c","data":{ "x":1.0 }})");
  CHECK(text_of(ResError{"", "", ""}) == R"({"code":"","message":""})");
}

TEST_CASE("Errors: texts are escaped", "[error]") {
  const std::string text = text_of(ResError{"a\"b", "line\nbreak \\", ""});
  CHECK(json::valid(text));
  CHECK(text == R"({"code":"a\"b","message":"line\nbreak \\"})");
}

TEST_CASE("Errors: made", "[error]") {
  CHECK(internal_error("what")->code == "system.internalError");
  CHECK(internal_error("what")->message == "Internal error: what");
  CHECK(make_error("a", "b")->code == "a");
  CHECK(make_error("a", "b")->message == "b");
  CHECK(make_error("a", "b")->data.empty());
}
