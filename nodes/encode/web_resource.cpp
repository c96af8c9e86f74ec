// Writes a resource as JSON text for the HTTP API. In place of a reference to another resource, writes that resource.
// The operator chooses between two formats (ApiEncoding): with the URLs of these nested resources, or without.
#include <boost/unordered/unordered_flat_map.hpp>

#include "nodes/base/text_hash.hpp"
#include "nodes/encode/web_response.hpp"
#include "nodes/protocol/value.hpp"
#include "nodes/protocol/web_target.hpp"

namespace resflow {

namespace {

// Writes one resource and, nested in it, the resources that it refers to. Stops at the bounds in web_response.hpp.
class ResourceWriter {
 public:
  ResourceWriter(std::string& out, const ResourceSet& set, const WebOptions& options)
      : out_(out), api_path_(options.api_path), flat_(options.encoding == ApiEncoding::jsonflat) {
    for (const SetEntry& entry : set) entries_.emplace(entry.rid->text(), Entry{&entry, false});
  }

  bool write(const Rid& root) {
    content(root, "");
    return !too_large_;
  }

 private:
  struct Entry {
    const SetEntry* entry;
    bool open;  // true: the resource is being written, so a reference to it is a cycle
  };

  // Writes the resource that a reference leads to. Unless the format is ApiEncoding::jsonflat, wraps it in an object
  // with its URL.
  void reference(const Rid& rid) {
    if (flat_) return content(rid, "");
    open_href(rid.text());
    content(rid, ",");
    out_ += '}';
  }

  // Begins a JSON object with the member "href", the URL of the resource. The caller must close the object.
  void open_href(std::string_view rid) {
    out_ += R"({"href":)";
    json::append_string(out_, resource_href(rid, api_path_));
  }

  // Writes a resource, or an error if it could not be loaded. If `separator` is empty, writes just the JSON value.
  // Otherwise `separator` is ",": the caller has begun a JSON object in out_, and the function appends the value to it
  // as the member "model", "collection" or "error".
  void content(const Rid& rid, std::string_view separator) {
    if (++written_ > kMaxWebReferences || depth_ == kMaxWebNesting || out_.size() > kMaxWebResource) too_large_ = true;
    if (too_large_) return;
    const auto it = entries_.find(rid.text());
    if (it != entries_.end() && it->second.open) return cyclic(rid);
    const bool member = !separator.empty();
    if (it == entries_.end() || !it->second.entry->snapshot) {
      if (member) out_ += R"(,"error":)";
      return append_error(out_, it == entries_.end() ? *errors::not_found : *it->second.entry->error);
    }
    it->second.open = true;
    ++depth_;
    state(*it->second.entry->snapshot, member);
    --depth_;
    it->second.open = false;
  }

  // Called for a reference to a resource that is just being written. To write it again would never end, so the function
  // writes only its URL.
  void cyclic(const Rid& rid) {
    if (!flat_) return;  // reference() has written the URL already
    open_href(rid.text());
    out_ += '}';
  }

  // Writes the state of a model (a JSON object) or a collection (a JSON list). If `member` is true, writes it as the
  // member "model" or "collection" of the open JSON object.
  void state(const Snapshot& snapshot, bool member) {
    json::Cursor in(snapshot.text);
    bool first = true;
    const auto separate = [&] {
      if (!first) out_ += ',';
      first = false;
    };
    if (snapshot.is_model) {
      out_ += member ? R"(,"model":{)" : "{";
      in.members([&](std::string_view key) {
        separate();
        json::append_string(out_, key);
        out_ += ':';
        value(in);
      });
      out_ += '}';
    } else {
      out_ += member ? R"(,"collection":[)" : "[";
      in.elements([&] {
        separate();
        value(in);
      });
      out_ += ']';
    }
  }

  void value(json::Cursor& in) {
    Value v;
    std::string error;
    read_value(in, "", v, error);  // cannot fail: the gateway has written this text itself
    switch (v.kind) {
      case ValueKind::reference:
        reference(*v.rid);
        if (too_large_) in.fail();  // makes the loop in state() end
        return;
      case ValueKind::soft_reference:
        open_href(v.rid->text());
        out_ += '}';
        return;
      case ValueKind::data:
        out_ += data_content(v.text);
        return;
      default:
        out_ += v.text;
    }
  }

  // A RES data value is a JSON object such as {"data":[1,2]}. Returns the JSON text of its member "data".
  static std::string data_content(std::string_view text) {
    json::Cursor in(text);
    std::string content;
    in.members([&](std::string_view key) {
      const bool wanted = key == "data";
      const std::string_view inner = in.value();
      if (wanted) content = inner;
    });
    return content;
  }

  std::string& out_;
  const std::string& api_path_;
  bool flat_;
  bool too_large_ = false;
  std::size_t written_ = 0;  // how many resources and errors have been written
  std::size_t depth_ = 0;    // how many resources enclose the one that is written now
  boost::unordered_flat_map<std::string_view, Entry, TextHash> entries_;
};

}  // namespace

bool append_web_resource(std::string& out, const ResourceSet& set, const Rid& root, const WebOptions& options) {
  return ResourceWriter(out, set, options).write(root);
}

}  // namespace resflow
