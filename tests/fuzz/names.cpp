// Fuzzes names and short texts that outsiders choose: resource ids, patterns, header fields, origins, NATS URLs.
#include <stdexcept>
#include <string>

#include "io/nats/nats_url.hpp"
#include "nodes/protocol/header_fields.hpp"
#include "nodes/protocol/json.hpp"
#include "nodes/protocol/origins.hpp"
#include "nodes/protocol/pattern.hpp"
#include "nodes/protocol/rid.hpp"
#include "nodes/protocol/utf8.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace resflow;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  const std::string_view text = input.text;
  if (const RidPtr rid = read_rid(text)) {
    fuzz::demand(rid->text() == text && text.starts_with(rid->name()));
    const RidPtr expanded = expand_cid(rid, "0123456789abcdef0123456789abcdef");
    fuzz::demand(expanded->cid_tags() == 0 && expanded->text().find("{cid}") == std::string_view::npos);
    fuzz::demand(valid_subject(rid->name()));
  }
  const std::string valid = valid_utf8(text) ? std::string(text) : to_valid_utf8(text);
  fuzz::demand(valid_utf8(valid));
  const std::string quoted = json::quote(valid);
  fuzz::demand(json::valid(quoted) && json::decode_string(quoted) == valid);
  if (!json::valid(text)) json::syntax_error(text);
  if (valid_pattern(text)) matches(text, text);
  origin_allowed({"https://a.example", "null"}, text);
  canonical_header_name(text);
  valid_header(text, text);
  try {
    parse_nats_urls(text);
  } catch (const std::runtime_error&) {
  }
  return 0;
}
