// Objects by a key that each of them carries. A table that stays small costs a pointer an object: it is searched from
// end to end, and a client or a resource name mostly has a handful. Above kSmall objects it is a hash table, and below
// half of that a list again. (An empty boost::unordered_flat_map with one entry of 24 bytes takes half a kilobyte.)
//
// Order: a list keeps its objects in the order in which they were added, a hash table has them in an order of its own.
// Both follow from what was added and removed alone, never from addresses, so messages that are sent in this order are
// the same whenever the input is.
//
// KeyOf gives, as static functions, key(const T&), hash(key) and equal(key, key). The key of an object that is in the
// table must not change its hash. Pure; objects stay where they are.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace resflow {

template <typename T, typename KeyOf>
class KeyedTable {
 public:
  static constexpr std::size_t kSmall = 16;

  bool empty() const { return size() == 0; }
  std::size_t size() const { return large_ ? large_->size() : small_.size(); }

  // The object of that key, or null.
  template <typename Key>
  T* find(const Key& key) const {
    if (!large_) {
      const auto it = find_small(key);
      return it == small_.end() ? nullptr : it->get();
    }
    const auto it = large_->find(key);
    return it == large_->end() ? nullptr : it->get();
  }

  // There must be none of its key.
  T& add(std::unique_ptr<T> object) {
    T& added = *object;
    if (large_) {
      large_->insert(std::move(object));
    } else {
      small_.push_back(std::move(object));
      if (small_.size() > kSmall) become_large();
    }
    return added;
  }

  // So many more may be about to be added.
  void expect(std::size_t more) {
    if (!large_ && size() + more > kSmall) become_large();
    if (large_) large_->reserve(size() + more);
  }

  // Takes the object out; null when there is none. The key may be that of the object itself.
  template <typename Key>
  std::unique_ptr<T> remove(const Key& key) {
    return large_ ? remove_large(key) : remove_small(key);
  }

  // Takes out any one; there must be one.
  std::unique_ptr<T> take_last() {
    if (large_) return remove(KeyOf::key(**large_->begin()));
    std::unique_ptr<T> object = std::move(small_.back());
    small_.pop_back();
    return object;
  }

  void clear() {
    small_ = std::vector<Pointer>();
    large_ = nullptr;
  }

  // Calls f(object) for each; f may neither add nor remove.
  template <typename F>
  void for_each(F&& f) const {
    for (const auto& object : small_) f(*object);
    if (!large_) return;
    for (const auto& object : *large_) f(*object);
  }

 private:
  using Pointer = std::unique_ptr<T>;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Pointer& p) const { return KeyOf::hash(KeyOf::key(*p)); }
    template <typename Key>
    std::size_t operator()(const Key& key) const {
      return KeyOf::hash(key);
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Pointer& a, const Pointer& b) const { return KeyOf::equal(KeyOf::key(*a), KeyOf::key(*b)); }
    template <typename Key>
    bool operator()(const Key& key, const Pointer& p) const {
      return KeyOf::equal(KeyOf::key(*p), key);
    }
    template <typename Key>
    bool operator()(const Pointer& p, const Key& key) const {
      return KeyOf::equal(KeyOf::key(*p), key);
    }
  };
  using Large = boost::unordered_flat_set<Pointer, Hash, Equal>;

  template <typename Key>
  auto find_small(const Key& key) const {
    auto it = small_.begin();
    while (it != small_.end() && !KeyOf::equal(KeyOf::key(**it), key)) ++it;
    return it;
  }

  template <typename Key>
  Pointer remove_small(const Key& key) {
    const auto found = find_small(key);
    if (found == small_.end()) return nullptr;
    const auto it = small_.begin() + (found - small_.begin());
    Pointer object = std::move(*it);
    small_.erase(it);
    return object;
  }

  template <typename Key>
  Pointer remove_large(const Key& key) {
    const auto it = large_->find(key);
    if (it == large_->end()) return nullptr;
    Pointer object = std::move(const_cast<Pointer&>(*it));
    large_->erase(it);
    if (large_->size() < kSmall / 2) become_small();
    return object;
  }

  void become_large() {
    large_ = std::make_unique<Large>(2 * kSmall);
    for (Pointer& object : small_) large_->insert(std::move(object));
    small_ = std::vector<Pointer>();
  }

  void become_small() {
    small_.reserve(kSmall);
    for (const Pointer& object : *large_) small_.push_back(std::move(const_cast<Pointer&>(object)));
    large_ = nullptr;
  }

  std::vector<Pointer> small_;    // empty while there is a hash table
  std::unique_ptr<Large> large_;  // null while there are few
};

}  // namespace resflow
