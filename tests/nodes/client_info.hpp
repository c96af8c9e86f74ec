// Builds the description of a client for tests. Most of its fields are empty.
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
