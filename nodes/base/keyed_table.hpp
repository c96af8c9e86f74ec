// Objects by a key that each of them carries. They stand in a list. A table that stays small costs a pointer an object
// and is searched from end to end, and a client or a resource name mostly has a handful. Above kSmall objects there is
// an index beside the list: a hash table of positions, 5 bytes each. (A hash table with one entry takes half a
// kilobyte.) Below half of that the index goes.
//
// Order: an object is added at the end, and where one is taken out the last one takes its place. That follows from what
// was added and removed alone, never from hashes or addresses, so messages that are sent in this order are the same
// whenever the input is.
//
// KeyOf gives, as static functions, key(const T&), hash(key) and equal(key, key). The key of an object that is in the
// table must not change its hash. Pure; objects stay where they are.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace resflow {

template <typename T, typename KeyOf>
class KeyedTable {
 public:
  static constexpr std::size_t kSmall = 16;

  KeyedTable() = default;
  KeyedTable(const KeyedTable&) = delete;
  KeyedTable& operator=(const KeyedTable&) = delete;

  bool empty() const { return objects_.empty(); }
  std::size_t size() const { return objects_.size(); }

  // The object of that key, or null.
  template <typename Key>
  T* find(const Key& key) const {
    const std::size_t at = position(key);
    return at == objects_.size() ? nullptr : objects_[at].get();
  }

  // There must be none of its key.
  T& add(std::unique_ptr<T> object) {
    objects_.push_back(std::move(object));
    if (index_) {
      index_->insert(Position{last()});
    } else if (objects_.size() > kSmall) {
      make_index(2 * kSmall);
    }
    return *objects_.back();
  }

  // Takes the object out; null when there is none. The key may be that of the object itself.
  template <typename Key>
  std::unique_ptr<T> remove(const Key& key) {
    if (!index_) {
      const std::size_t at = position(key);
      return at == objects_.size() ? nullptr : take(static_cast<std::uint32_t>(at));
    }
    const auto entry = index_->find(key);
    return entry == index_->end() ? nullptr : take(entry);
  }

  // Takes out the object at the end; null when there is none. So a table is taken apart piece by piece.
  std::unique_ptr<T> take_last() {
    if (empty()) return nullptr;
    return index_ ? take(index_->find(Position{last()})) : take(last());
  }

  void clear() {
    index_ = nullptr;
    objects_ = Objects();
  }

  // Calls f(object) for each; f may neither add nor remove.
  template <typename F>
  void for_each(F&& f) const {
    for (const auto& object : objects_) f(*object);
  }

 private:
  using Objects = std::vector<std::unique_ptr<T>>;

  // A type of its own, so that a position is never taken for a key.
  struct Position {
    std::uint32_t at;
  };
  struct Hash {
    using is_transparent = void;
    const Objects* objects;
    std::size_t operator()(Position p) const { return KeyOf::hash(KeyOf::key(*(*objects)[p.at])); }
    template <typename Key>
    std::size_t operator()(const Key& key) const {
      return KeyOf::hash(key);
    }
  };
  struct Equal {
    using is_transparent = void;
    const Objects* objects;
    bool operator()(Position a, Position b) const { return a.at == b.at; }
    template <typename Key>
    bool operator()(const Key& key, Position p) const {
      return KeyOf::equal(KeyOf::key(*(*objects)[p.at]), key);
    }
    template <typename Key>
    bool operator()(Position p, const Key& key) const {
      return KeyOf::equal(KeyOf::key(*(*objects)[p.at]), key);
    }
  };
  using Index = boost::unordered_flat_set<Position, Hash, Equal>;

  std::uint32_t last() const { return static_cast<std::uint32_t>(objects_.size() - 1); }

  // objects_.size() when there is none.
  template <typename Key>
  std::size_t position(const Key& key) const {
    if (index_) {
      const auto it = index_->find(key);
      return it == index_->end() ? objects_.size() : it->at;
    }
    std::size_t at = 0;
    while (at != objects_.size() && !KeyOf::equal(KeyOf::key(*objects_[at]), key)) ++at;
    return at;
  }

  std::unique_ptr<T> take(std::uint32_t at) {
    std::unique_ptr<T> object = std::move(objects_[at]);
    if (at != last()) objects_[at] = std::move(objects_.back());
    objects_.pop_back();
    return object;
  }

  std::unique_ptr<T> take(typename Index::const_iterator entry) {
    const std::uint32_t at = entry->at;
    index_->erase(entry);
    // The hash of an entry does not change with the position in it: it is that of the object.
    if (at != last()) const_cast<Position&>(*index_->find(Position{last()})).at = at;
    std::unique_ptr<T> object = take(at);
    if (objects_.size() < kSmall / 2) drop_index();
    return object;
  }

  void make_index(std::size_t expected) {
    index_ = std::make_unique<Index>(expected, Hash{&objects_}, Equal{&objects_});
    for (std::uint32_t at = 0; at < objects_.size(); ++at) index_->insert(Position{at});
  }

  void drop_index() {
    index_ = nullptr;
    objects_.shrink_to_fit();
  }

  Objects objects_;
  std::unique_ptr<Index> index_;  // null while there are few
};

}  // namespace resflow
