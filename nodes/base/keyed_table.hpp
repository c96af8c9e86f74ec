// A table of objects, each of which contains its own key. The table owns the objects and keeps them in a list. It is
// made for tables that mostly stay small, such as the subscriptions of one client. Up to kSmall objects, it costs one
// pointer per object, and find() searches the whole list. (A hash table with a single entry would take half a
// kilobyte.)
//
// With more objects, the table adds an index: a hash table that contains, for each object, its position in the list and
// its hash (9 bytes per object). Because the index stores the hashes, it seldom has to read the objects, which are
// mostly not in the processor's cache. The index is removed when fewer than kSmall / 2 objects are left.
//
// Order: a new object goes to the end of the list. When an object is removed, the last object takes its place. So the
// order depends only on which objects were added and removed, and when, never on hashes or memory addresses. If the
// gateway processes the same input again, messages that are sent in this order come in the same order again.
//
// KeyOf provides the static functions key(const T&), hash(key) and equal(key, key). While an object is in the table,
// its key must not change, and pointers to it stay valid. No I/O and no shared state.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "nodes/base/check.hpp"

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

  // Returns the object with this key, or null.
  template <typename Key>
  T* find(const Key& key) const {
    const std::size_t at = position(key);
    return at == objects_.size() ? nullptr : objects_[at].get();
  }

  // Adds an object. The table must not contain another object with the same key.
  T& add(std::unique_ptr<T> object) {
    RESFLOW_DEBUG_CHECK(find(KeyOf::key(*object)) == nullptr);
    objects_.push_back(std::move(object));
    if (index_) {
      index_->insert(Position{last(), hash_of(KeyOf::key(*objects_.back()))});
    } else if (objects_.size() > kSmall) {
      make_index(2 * kSmall);
    }
    return *objects_.back();
  }

  // Removes the object with this key and returns it, or null if there is none. `key` may refer to the key inside the
  // object.
  template <typename Key>
  std::unique_ptr<T> remove(const Key& key) {
    if (!index_) {
      const std::size_t at = position(key);
      return at == objects_.size() ? nullptr : take(static_cast<std::uint32_t>(at));
    }
    const auto entry = index_->find(Wanted<Key>{key, hash_of(key)});
    return entry == index_->end() ? nullptr : take(entry);
  }

  // Removes the last object and returns it, or null if the table is empty. Repeated calls empty a large table step by
  // step.
  std::unique_ptr<T> take_last() {
    if (empty()) return nullptr;
    return index_ ? take(entry_of_last()) : take(last());
  }

  void clear() {
    index_ = nullptr;
    objects_ = Objects();
  }

  // Calls f(object) for each object, in order. `f` must not add or remove objects.
  template <typename F>
  void for_each(F&& f) const {
    for (const auto& object : objects_) f(*object);
  }

 private:
  using Objects = std::vector<std::unique_ptr<T>>;

  // An entry of the index: a position in objects_, and the hash of the object there.
  struct Position {
    std::uint32_t at;
    std::uint32_t hash;
  };
  // A key to look for in the index, and the hash of that key.
  template <typename Key>
  struct Wanted {
    const Key& key;
    std::uint32_t hash;
  };
  struct Hash {
    using is_transparent = void;
    template <typename Entry>
    std::size_t operator()(const Entry& entry) const {
      return entry.hash;
    }
  };
  struct Equal {
    using is_transparent = void;
    const Objects* objects;
    bool operator()(const Position& a, const Position& b) const { return a.at == b.at; }
    template <typename Key>
    bool operator()(const Wanted<Key>& wanted, const Position& p) const {
      return wanted.hash == p.hash && KeyOf::equal(KeyOf::key(*(*objects)[p.at]), wanted.key);
    }
    template <typename Key>
    bool operator()(const Position& p, const Wanted<Key>& wanted) const {
      return (*this)(wanted, p);
    }
  };
  using Index = boost::unordered_flat_set<Position, Hash, Equal>;

  template <typename Key>
  static std::uint32_t hash_of(const Key& key) {
    return static_cast<std::uint32_t>(KeyOf::hash(key));
  }

  std::uint32_t last() const { return static_cast<std::uint32_t>(objects_.size() - 1); }

  // Returns the position of the object with this key, or objects_.size() if there is none.
  template <typename Key>
  std::size_t position(const Key& key) const {
    if (index_) {
      const auto it = index_->find(Wanted<Key>{key, hash_of(key)});
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
    // take(at) moves the last object to position `at`. So the index entry of this object gets this position. The entry
    // may be changed in place, because its hash stays the same.
    if (at != last()) const_cast<Position&>(*entry_of_last()).at = at;
    std::unique_ptr<T> object = take(at);
    if (objects_.size() < kSmall / 2) drop_index();
    return object;
  }

  typename Index::const_iterator entry_of_last() const {
    return index_->find(Position{last(), hash_of(KeyOf::key(*objects_.back()))});
  }

  void make_index(std::size_t expected) {
    index_ = std::make_unique<Index>(expected, Hash(), Equal{&objects_});
    for (std::uint32_t at = 0; at < objects_.size(); ++at) {
      index_->insert(Position{at, hash_of(KeyOf::key(*objects_[at]))});
    }
  }

  void drop_index() {
    index_ = nullptr;
    objects_.shrink_to_fit();
  }

  Objects objects_;
  std::unique_ptr<Index> index_;  // null: the table is small, so find() searches the whole list
};

}  // namespace resflow
