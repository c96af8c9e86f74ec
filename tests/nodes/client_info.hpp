// Clients for tests of which little is known.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "nodes/protocol/client_info.hpp"

namespace resflow::testing {

inline ClientInfoPtr client_info(std::string cid, std::string uri = {}) {
  ClientFields fields;
  fields.cid = std::move(cid);
  fields.uri = std::move(uri);
  return std::make_shared<const ClientInfo>(fields);
}

}  // namespace resflow::testing
