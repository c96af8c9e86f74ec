// RES protocol, "Resource IDs"; RES-Client protocol, "Connection ID tag".
#include "nodes/protocol/rid.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <unordered_set>

using namespace resflow;

TEST_CASE("Resource ids: the examples of the protocol", "[rid]") {
  for (const char* text : {"example.users", "example.user.42", "example.user.42.roles", "messageService.message.1"}) {
    INFO(text);
    CHECK(valid_rid(text, false));
    CHECK(valid_rid(text, true));
  }
  for (const char* text : {"chat.messages?start=0&limit=25", "example.users?q=Jane"}) {
    INFO(text);
    CHECK(valid_rid(text, true));
    CHECK_FALSE(valid_rid(text, false));
  }
}

TEST_CASE("Resource ids: what is none", "[rid]") {
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a.*", "a.>", "*", ">", "a*b", "a>b", "a b", "a\tb", "a\r\nb",
                           "?q=1", "a.?q=1", "caf\xC3\xA9", "a\x7f", "a\x01"}) {
    INFO(text);
    CHECK_FALSE(valid_rid(text, true));
    CHECK_FALSE(valid_rid(text, false));
  }
  CHECK_FALSE(valid_rid(std::string_view("a\0b", 3), true));
}

TEST_CASE("Resource ids: every character of a name", "[rid]") {
  for (int c = 0; c < 256; ++c) {
    const std::string text = std::string("a") + static_cast<char>(c) + "b";
    const bool fits = c >= 33 && c <= 126 && c != '*' && c != '>' && c != '?';
    if (valid_rid(text, false) != fits) FAIL("character " << c);
    if (valid_rid_part(text) != (fits && c != '.')) FAIL("character " << c << " in a part");
  }
  CHECK_FALSE(valid_rid_part(""));
}

TEST_CASE("Resource ids: the query is free", "[rid]") {
  CHECK(valid_rid("a?x=*&y=>&z= ?", true));
  CHECK(valid_rid("a?\xC3\xA9", true));
  CHECK(valid_rid("a?", true));
}

TEST_CASE("Resource ids: name and query", "[rid]") {
  const Rid plain("example.user.42");
  CHECK(plain.name() == "example.user.42");
  CHECK(plain.query().empty());
  const Rid query("chat.messages?start=0?x");
  CHECK(query.name() == "chat.messages");
  CHECK(query.query() == "start=0?x");
  CHECK(query.text() == "chat.messages?start=0?x");
  CHECK(Rid("a?").query().empty());
  CHECK(Rid("a?").name() == "a");
}

TEST_CASE("Resource ids: found by text or pointer alike", "[rid]") {
  const RidPtr a = make_rid("example.user");
  const RidPtr b = make_rid("example.user");
  const RidPtr c = make_rid("example.users");
  CHECK(RidHash()(a) == RidHash()(b));
  CHECK(RidHash()(a) == RidHash()(std::string_view("example.user")));
  CHECK(RidEqual()(a, b));
  CHECK_FALSE(RidEqual()(a, c));
  CHECK(RidEqual()(a, "example.user"));
  CHECK(RidEqual()("example.users", c));
  const std::unordered_set<RidPtr, RidHash, RidEqual> set{a, b, c};
  CHECK(set.size() == 2);
}

TEST_CASE("Resource ids: each connection id tag is replaced", "[rid]") {
  const auto expand = [](const char* text) { return expand_cid(make_rid(text), "c1d")->text(); };
  CHECK(expand("authService.user.{cid}") == "authService.user.c1d");
  CHECK(expand("{cid}.{cid}?q={cid}") == "c1d.c1d?q=c1d");
  CHECK(expand("a.{cid}x{cid}") == "a.c1dxc1d");
  CHECK(expand("a.{CID}.{cid") == "a.{CID}.{cid");
  // A connection id that contains the tag itself is not expanded again.
  CHECK(expand_cid(make_rid("a.{cid}"), "{cid}")->text() == "a.{cid}");
  CHECK(expand_cid(make_rid("a.{cid}"), "{cid}")->cid_tags() == 0);
  const RidPtr without = make_rid("a.b");
  CHECK(expand_cid(without, "c1d") == without);
  // Name and query are separated at the same place as before.
  for (const char* text :
       {"{cid}", "{cid}?{cid}", "a.{cid}?q", "{cid}.b?{cid}&{cid}", "a?x={cid}", "{cid}?", "a{cid}?"}) {
    INFO(text);
    const RidPtr expanded = expand_cid(make_rid(text), "0123456789");
    CHECK(expanded->name() == Rid(expanded->text()).name());
    CHECK(expanded->query() == Rid(expanded->text()).query());
    CHECK(expanded->hash() == Rid(expanded->text()).hash());
    CHECK(expanded->text().find("{cid}") == std::string::npos);
  }
}

TEST_CASE("Resource ids: names and queries have their bounds", "[rid]") {
  const std::string name(kMaxNameSize, 'a');
  const std::string query(kMaxQuerySize, 'q');
  CHECK(rid_fault(name) == RidFault::none);
  CHECK(rid_fault(name + '?' + query) == RidFault::none);
  CHECK(rid_fault(name + 'a') == RidFault::too_long);
  CHECK(rid_fault(name + "a?q") == RidFault::too_long);
  CHECK(rid_fault("a?" + query + 'q') == RidFault::too_long);
  CHECK(rid_fault(std::string(1'000'000, 'a')) == RidFault::too_long);
  // If a rid is also invalid, that is reported first.
  CHECK(rid_fault(name + "a.*") == RidFault::invalid);
  CHECK(rid_fault(name + "a.") == RidFault::invalid);
  CHECK(rid_fault("a?" + query + 'q', false) == RidFault::invalid);
  CHECK_FALSE(valid_rid(name + 'a', true));
  CHECK(valid_rid(name, false));
}

TEST_CASE("Resource ids: a tag counts as much as the longest connection id", "[rid]") {
  const std::string cid(kMaxCidSize, 'c');
  const std::string tag = "{cid}";
  std::string tags;
  for (std::size_t i = 0; i < kMaxNameSize / kMaxCidSize; ++i) tags += tag;
  CHECK(rid_fault(tags) == RidFault::none);
  CHECK(rid_fault(tags + 'a') == RidFault::too_long);
  CHECK(rid_fault(tag + tags) == RidFault::too_long);
  CHECK(expand_cid(make_rid(tags), cid)->text().size() == kMaxNameSize);
  std::string query;
  for (std::size_t i = 0; i < kMaxQuerySize / kMaxCidSize; ++i) query += tag;
  CHECK(rid_fault("a?" + query) == RidFault::none);
  CHECK(rid_fault("a?" + query + 'x') == RidFault::too_long);
  CHECK(expand_cid(make_rid(tags + '?' + query), cid)->text().size() == kMaxNameSize + 1 + kMaxQuerySize);
}

TEST_CASE("Resource ids: there is none of another text", "[rid]") {
  for (const std::string& text : {std::string("a..b"), std::string(), std::string("a b"), std::string(2'000, 'a')}) {
    INFO(text);
    CHECK(read_rid(text) == nullptr);
    CHECK_THROWS_AS(make_rid(text), std::invalid_argument);
    CHECK_THROWS_AS(Rid(text), std::invalid_argument);
  }
  CHECK(read_rid("a.b?q")->text() == "a.b?q");
  CHECK(read_rid("a.b?q")->name() == "a.b");
}

TEST_CASE("Subjects: nothing gets into the messaging protocol by a subject", "[rid]") {
  for (const char* text : {"a", "get.example.user", "_INBOX.abc.1", "call.a.b", "caf\xC3\xA9.x", "a?b", "$SYS.x"}) {
    INFO(text);
    CHECK(valid_subject(text));
  }
  for (const char* text : {"", ".", "a.", ".a", "a..b", "a.*", "*", ">", "a.>", "a b", "a\tb", "a\r\nPUB b 1\r\nx",
                           "a\nb", "a\x01", "a\x7f", " a", "a "}) {
    INFO(text);
    CHECK_FALSE(valid_subject(text));
  }
  CHECK_FALSE(valid_subject(std::string_view("a\0b", 3)));
  for (int c = 0; c <= 32; ++c) CHECK_FALSE(valid_subject(std::string("a") + static_cast<char>(c)));
}
