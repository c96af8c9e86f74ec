// Makes snapshots: writes the state of a resource as text, once for all clients that get it.
#include "nodes/protocol/snapshot.hpp"

namespace resflow {

namespace {

std::string text_of(const Resource& resource, bool legacy, std::size_t size) {
  std::string out;
  out.reserve(size);
  if (resource.is_model) {
    append_properties(out, resource.properties, legacy);
  } else {
    append_values(out, resource.values, legacy);
  }
  return out;
}

}  // namespace

Snapshot make_snapshot(const Resource& resource) {
  Snapshot s;
  s.is_model = resource.is_model;
  s.size = static_cast<std::uint32_t>(resource.size());
  bool legacy_differs = false;
  std::size_t size = 2;  // estimated size of s.text in bytes; s.text is longer if names need escapes
  std::size_t references = 0;
  const auto measure = [&](const Value& v) {
    if (v.is_reference()) ++references;
    legacy_differs = legacy_differs || differs_for_legacy(v);
    size += v.text.size() + 1;
  };
  for (const auto& [name, value] : resource.properties) {
    measure(value);
    size += name.size() + 3;
  }
  for (const Value& value : resource.values) measure(value);
  s.references.reserve(references);
  const auto note = [&](const Value& v) {
    if (v.is_reference()) s.references.push_back(v.rid);
  };
  for (const auto& [name, value] : resource.properties) note(value);
  for (const Value& value : resource.values) note(value);
  s.text = text_of(resource, false, size);
  if (legacy_differs) s.legacy_text = std::make_unique<const std::string>(text_of(resource, true, 0));
  return s;
}

}  // namespace resflow
