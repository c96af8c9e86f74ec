// The resources of all services of a world, in the state that their services have: models, collections, and a list that
// is seen through queries. It also says who may read what. One owner: the world.
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

// Names of resources: s0.m.1 is a model, s0.c.1 a collection, s0.q a collection with queries, all of service 0.
class Truth {
 public:
  // Without `refers`, no resource has a reference.
  Truth(std::uint64_t seed, std::size_t services, std::size_t resources, bool refers);

  std::size_t services() const { return lists_.size(); }
  static std::size_t service_of(std::string_view name) { return static_cast<std::size_t>(name[1] - '0'); }

  // Return random names. Names are those of models, collections and (only any_rid) queries and things that never exist.
  std::string any_model(Dice& dice) const;
  std::string any_collection(Dice& dice) const;
  std::string any_rid(Dice& dice) const;
  // Returns a random value for a resource; a reference leads to any service.
  Json any_value(Dice& dice) const;

  // Returns the resource: an object or an array. Returns null if there is none.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  void remove(const std::string& name) { resources_.erase(name); }
  void create(const std::string& name, Dice& dice);

  // The list of a service, which its queries show parts of.
  boost::json::array& list(std::size_t service) { return lists_[service]; }
  // Returns the query in its normal form. The order of its parameters and missing ones make no difference.
  static std::string normalize(std::string_view query);
  // Returns the part of a list that a normalized query shows.
  static boost::json::array part(const boost::json::array& list, std::string_view normalized);

  // Returns what a client has that holds this resource, or nullopt if there is none. `legacy` means a client before
  // RES protocol 1.2.1.
  std::optional<Json> seen(const std::string& rid, bool legacy) const;

  // A token has a level, and a resource can be read from some level on.
  unsigned level_needed(const std::string& name) const;
  void set_level_needed(const std::string& name, unsigned level) { levels_[name] = level; }

 private:
  std::size_t resources_count_;
  bool refers_;
  std::map<std::string, Json, std::less<>> resources_;
  std::vector<boost::json::array> lists_;
  std::map<std::string, unsigned> levels_;
};

// Returns the rid that the value refers to, or an empty text if it is no reference, or only a soft one.
std::string_view reference(const Json& value);

}  // namespace resflow::simulation
