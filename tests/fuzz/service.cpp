// Fuzzes the replies and events of services. What decode has understood must be the same after it is written and read
// again.
#include <string>

#include "nodes/protocol/service_protocol.hpp"
#include "nodes/protocol/snapshot.hpp"
#include "nodes/protocol/utf8.hpp"
#include "tests/fuzz/cuts.hpp"

using namespace resflow;

namespace {

bool equal(const Resource& a, const Resource& b) {
  return a.is_model == b.is_model && a.properties == b.properties && a.values == b.values;
}

// Checks that the snapshot of a resource, which clients get and the cache reads again, is valid and gives the same
// resource when it is read.
void check_resource(const Resource& resource) {
  const Snapshot snapshot = make_snapshot(resource);
  fuzz::demand(valid_utf8(snapshot.text) && !check_json(snapshot.text));
  fuzz::demand(equal(decode_resource(snapshot.text, resource.is_model), resource));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Input input(data, size);
  switch (input.variant % 12) {
    case 0: {
      const auto get = decode_get_reply(input.text);
      if (!get.error) check_resource(get.value.resource);
      break;
    }
    case 1:
      decode_access_reply(input.text);
      break;
    case 2: {
      const auto call = decode_call_reply(input.text);
      if (!call.error && !call.value.resource) fuzz::demand(!check_json(call.value.result));
      break;
    }
    case 3: {
      const auto query = decode_query_reply(input.text);
      if (!query.error && query.value.resource) check_resource(*query.value.resource);
      break;
    }
    case 4:
      decode_change_event(input.text);
      break;
    case 5:
      decode_add_event(input.text);
      break;
    case 6:
      decode_remove_event(input.text);
      break;
    case 7:
      decode_query_event(input.text);
      break;
    case 8:
      decode_token_event(input.text);
      break;
    case 9:
      decode_system_reset(input.text);
      break;
    case 10:
      decode_token_reset(input.text);
      break;
    default:
      decode_legacy_new_result(input.text);
      check_json(input.text);
  }
  return 0;
}
