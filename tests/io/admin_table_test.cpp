// The tables of the admin page: rows are searched, sorted, limited in number, and merged from several lanes.
#include "io/operator/admin_table.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace resflow;
using Catch::Matchers::Contains;

namespace {

AdminQuery query(std::string_view text) {
  std::string error;
  const auto read = read_admin_query(AdminTable::resources, text, error);
  INFO(error);
  REQUIRE(read);
  return *read;
}

AdminRow row(std::string name, std::int64_t size, std::int64_t subscribers = 0) {
  return {std::move(name), std::string("model"), size, subscribers, std::int64_t{0}};
}

// Returns the names in an answer, followed by the total number of rows.
std::string names(AdminRows&& rows) {
  const auto answer = boost::json::parse(std::move(rows).json());
  std::string out;
  for (const auto& r : answer.at("rows").as_array()) out += std::string(r.at(0).as_string()) + ' ';
  return out + "of " + std::to_string(answer.at("total").to_number<int>());
}

AdminRows of(std::string_view text) {
  AdminRows rows(query(text));
  rows.add(row("b.one", 3));
  rows.add(row("C.two", 1));
  rows.add(row("a.three", 2));
  rows.add(row("a.four", 2));
  return rows;
}

}  // namespace

TEST_CASE("Admin table: sorted by a column, and then by the first") {
  CHECK(names(of("sort=name")) == "C.two a.four a.three b.one of 4");
  CHECK(names(of("sort=name&order=desc")) == "b.one a.three a.four C.two of 4");
  CHECK(names(of("sort=size")) == "C.two a.four a.three b.one of 4");
  CHECK(names(of("sort=size&order=desc")) == "b.one a.four a.three C.two of 4");
}

TEST_CASE("Admin table: cut into pages, with the number of all") {
  CHECK(names(of("sort=name&limit=2")) == "C.two a.four of 4");
  CHECK(names(of("sort=name&limit=2&offset=2")) == "a.three b.one of 4");
  CHECK(names(of("sort=name&limit=2&offset=3")) == "b.one of 4");
  CHECK(names(of("sort=name&offset=10000")) == "of 4");
}

TEST_CASE("Admin table: searched in any case") {
  CHECK(names(of("search=c.T&sort=name")) == "C.two of 1");
  CHECK(names(of("search=a%2E&sort=name&limit=1")) == "a.four of 2");
  CHECK(names(of("search=MODEL")) == "C.two a.four a.three b.one of 4");
  CHECK(names(of("search=nothing+here")) == "of 0");
  CHECK(names(of("search=3")) == "of 0");
}

TEST_CASE("Admin table: the rows of several lanes are one table") {
  AdminRows all = of("sort=size&order=desc&limit=2");
  AdminRows other(query("sort=size&order=desc&limit=2"));
  other.add(row("z", 7));
  other.cut_short();
  all.merge(std::move(other));
  const std::string text = std::move(all).json();
  CHECK_THAT(text, Contains(R"("complete":false)") && Contains(R"("total":5)") && Contains(R"("offset":0)"));
  CHECK_THAT(text, Contains(R"("rows":[["z","model",7,0,0],["b.one","model",3,0,0]])"));
  CHECK_THAT(text, Contains(R"("columns":["name","kind","size","subscribers","lane"])"));
}

TEST_CASE("Admin table: of very many rows no more are kept than are asked for, and they are the first") {
  AdminRows rows(query("sort=size&limit=3&offset=2"));
  for (int i = 0; i < 50'000; ++i) rows.add(row("n" + std::to_string(i), (i * 7'919) % 50'021));
  const auto answer = boost::json::parse(std::move(rows).json());
  CHECK(answer.at("total") == 50'000);
  REQUIRE(answer.at("rows").as_array().size() == 3);
  CHECK(answer.at("rows").at(0).at(2).to_number<int>() >= 2);
  CHECK(answer.at("rows").at(2).at(2).to_number<int>() <= 30);
}

TEST_CASE("Admin table: a query that cannot be understood is refused") {
  const auto text = GENERATE("sort=price", "order=up", "offset=-1", "offset=10001", "limit=0", "limit=201", "limit=x",
                             "other=1", "search=%4", "search=%zz");
  std::string error;
  CHECK(!read_admin_query(AdminTable::resources, text, error));
  CHECK_THAT(error, Contains("cannot be understood"));
}

TEST_CASE("Admin table: the columns of a table are its own") {
  std::string error;
  CHECK(read_admin_query(AdminTable::connections, "sort=bytesOut", error));
  CHECK(!read_admin_query(AdminTable::connections, "sort=subscribers", error));
  CHECK(!read_admin_query(AdminTable::connections, "search=" + std::string(5'000, 'a'), error));
}
