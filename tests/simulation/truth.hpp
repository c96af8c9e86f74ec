// The truth that clients are compared with: the resources of all services of a world, as the services have them. These
// are models, collections, and for each service a list that clients see through queries. It also knows who may read
// which resource. Owned by the World.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/dice.hpp"

namespace resflow::simulation {

using Json = boost::json::value;

// The property of a model with the number of its latest event, in worlds where these are counted.
inline constexpr const char* kEventNumber = "number";

// The names of resources: for example, service 0 has the model s0.m.1, the collection s0.c.1, and the query collection
// s0.q.
class Truth {
 public:
  // Without `refers`, no resource has a reference.
  Truth(std::uint64_t seed, std::size_t services, std::size_t resources, bool refers);

  std::size_t services() const { return lists_.size(); }
  static std::size_t service_of(std::string_view name) { return static_cast<std::size_t>(name[1] - '0'); }

  // Return a random name. any_rid() may also return the rid of a query, or a name that never exists.
  std::string any_model(Dice& dice) const;
  std::string any_collection(Dice& dice) const;
  std::string any_rid(Dice& dice) const;
  // Returns a random value for a resource. If the value is a reference, it may refer to a resource of any service.
  Json any_value(Dice& dice) const;

  // Returns the state of a resource: an object (a model) or an array (a collection). Returns null if the resource does
  // not exist.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  void remove(const std::string& name) { resources_.erase(name); }
  void create(const std::string& name, Dice& dice);

  // Returns the list of a service. The queries of the service show parts of this list.
  boost::json::array& list(std::size_t service) { return lists_[service]; }
  // Returns the query in its normal form. Queries that differ only in the order of parameters, or that leave out a
  // default value, have the same normal form.
  static std::string normalize(std::string_view query);
  // Returns the part of a list that a normalized query shows.
  static boost::json::array part(const boost::json::array& list, std::string_view normalized);

  // Returns the state of the resource as a client sees it, or nullopt if the resource does not exist. `legacy` means a
  // client that speaks a RES protocol before 1.2.1.
  std::optional<Json> seen(const std::string& rid, bool legacy) const;

  // level_needed(): returns the level that a token must have at least to allow reading the resource; without a token, a
  // client has level 0. set_level_needed(): sets that level.
  unsigned level_needed(const std::string& name) const;
  void set_level_needed(const std::string& name, unsigned level) { levels_[name] = level; }

 private:
  std::size_t resources_count_;
  bool refers_;
  std::map<std::string, Json, std::less<>> resources_;
  std::vector<boost::json::array> lists_;
  std::map<std::string, unsigned> levels_;
};

// Returns the rid that the value refers to. Returns an empty text if the value is not a reference or is a soft
// reference.
std::string_view reference(const Json& value);

}  // namespace resflow::simulation
