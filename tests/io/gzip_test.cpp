// Content coding gzip: which requests accept it, and that zlib can read the output.
#include "io/gzip.hpp"

#include <zlib.h>

#include <catch2/catch.hpp>

using namespace resflow;

namespace {

std::string unpacked(const std::string& packed, std::size_t size) {
  std::string out(size + 1, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("gzip: who accepts it") {
  for (const char* header : {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.5", "br;q=1.0 , gzip ; q=0.001,*;q=0"}) {
    INFO(header);
    CHECK(accepts_gzip(header));
  }
  for (const char* header :
       {"", "identity", "*", "xgzip", "gzip2", "gzip;q=0", "gzip; Q=0.000", ",;,", "deflate;gzip"}) {
    INFO(header);
    CHECK_FALSE(accepts_gzip(header));
  }
}

TEST_CASE("gzip: what is packed comes out again") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1'000'000}}) {
    std::string text(size, 'x');
    for (std::size_t i = 0; i < size; i += 7) text[i] = static_cast<char>(i * i);
    CHECK(unpacked(gzip(text), size) == text);
  }
  CHECK(gzip(std::string(100'000, 'x')).size() < 1'000);
}
