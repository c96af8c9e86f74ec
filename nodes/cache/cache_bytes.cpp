#include "nodes/cache/cache_bytes.hpp"

namespace resflow {

namespace {

constexpr std::size_t kAllocation = kAllocationBytes;
constexpr std::size_t kTreeNode = 32 + kAllocation;
constexpr std::size_t kTableEntry = 32;            // bytes per entry of a hash table, with its share of the empty slots
constexpr std::size_t kServiceSubscription = 512;  // estimated bytes that the NATS client keeps for a subscription

std::size_t bytes_of_all(const Properties& properties) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : properties) bytes += resflow::bytes_of(name, value);
  return bytes;
}

std::size_t bytes_of_event(const ServiceEvent& event) {
  std::size_t bytes = sizeof(ServiceEvent) + bytes_of_text(event.name);
  if (const auto* change = std::get_if<ChangeEvent>(&event.body)) return bytes + bytes_of_all(change->values);
  if (const auto* add = std::get_if<AddEvent>(&event.body)) return bytes + resflow::bytes_of(add->value);
  if (const auto* custom = std::get_if<CustomEvent>(&event.body)) return bytes + bytes_of_text(custom->data);
  if (const auto* query = std::get_if<QueryEventSubject>(&event.body)) return bytes + bytes_of_text(query->subject);
  return bytes;
}

std::size_t bytes_of_answer(const OrderedReply& m) {
  const std::size_t bytes = bytes_of_text(m.name) + kAllocation;
  if (const auto* call = std::get_if<Boxed<CallReply>>(&m.message)) {
    return bytes + sizeof(CallReply) + bytes_of_text((*call)->result.result);
  }
  return bytes + sizeof(AccessReply) + bytes_of_text(std::get<Boxed<AccessReply>>(m.message)->access.call);
}

}  // namespace

std::size_t bytes_of(const Resource& resource) {
  std::size_t bytes = sizeof(Resource) + kAllocation + bytes_of_all(resource.properties);
  for (const Value& value : resource.values) bytes += bytes_of(value);
  return bytes;
}

std::size_t bytes_of(const Snapshot& s) {
  std::size_t bytes = sizeof(Snapshot) + kAllocation + bytes_of_text(s.text);
  if (s.legacy_text) bytes += sizeof(std::string) + bytes_of_text(*s.legacy_text);
  if (s.references.empty()) return bytes;
  return bytes + s.text.size() + s.references.size() * (sizeof(RidPtr) + sizeof(Rid) + kAllocation);
}

std::size_t bytes_of(const CachedResource& r) {
  std::size_t bytes = sizeof(CachedResource) + kAllocation + kTableEntry;
  if (r.query_part) bytes += sizeof(CachedResource::Query) + kTreeNode + bytes_of_text(r.query_part->text);
  if (r.state) bytes += r.state_bytes;
  if (r.snapshot) bytes += bytes_of(*r.snapshot);
  if (r.comparison) bytes += r.comparison->bytes;
  return bytes;
}

std::size_t bytes_of(const CachedName& name) {
  return sizeof(CachedName) + kAllocation + 2 * kTableEntry + kServiceSubscription + bytes_of_text(name.name);
}

std::size_t bytes_of_link(std::size_t query_size) {
  return sizeof(QueryLinks::value_type) + sizeof(QueryLinks::iterator) + kTreeNode + query_size;
}

std::size_t bytes_of(const CacheIn& message) {
  struct Visitor {
    std::size_t operator()(const Subscribe& m) const { return bytes_of_rid(m.target); }
    std::size_t operator()(const Withdraw& m) const { return bytes_of_rid(m.target); }
    std::size_t operator()(const Boxed<ServiceEvent>& m) const { return bytes_of_event(*m); }
    std::size_t operator()(const Boxed<GetAnswer>& m) const {
      return sizeof(GetAnswer) + resflow::bytes_of(m->result.value.resource) + bytes_of_text(m->result.value.query);
    }
    std::size_t operator()(const OrderedReply& m) const { return bytes_of_answer(m); }
    std::size_t operator()(const NameReset&) const { return 0; }
    // The queue of waiting messages never contains the following messages, so their size does not matter.
    std::size_t operator()(const Unsubscribe&) const { return 0; }
    std::size_t operator()(const Boxed<QueryAnswer>&) const { return 0; }
    std::size_t operator()(const DiffResult&) const { return 0; }
    std::size_t operator()(const SystemReset&) const { return 0; }
    std::size_t operator()(const SubscriptionRefused&) const { return 0; }
    std::size_t operator()(const Continue&) const { return 0; }
    std::size_t operator()(const Tick&) const { return 0; }
  };
  return sizeof(CachedName::Deferred) + std::visit(Visitor{}, message);
}

}  // namespace resflow
