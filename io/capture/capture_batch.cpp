#include "io/capture/capture_batch.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <charconv>
#include <cstring>

namespace resflow {

namespace {

constexpr std::string_view kBegin = R"({"batch":)";
constexpr std::size_t kSizeDigits = 10;  // digits of the batch's size; a shorter number has spaces on its left
constexpr std::string_view kMiddle = R"(,"sum":")";
constexpr std::size_t kSumDigits = 16;
constexpr std::string_view kEnd = "\"}\n";
static_assert(kBegin.size() + kSizeDigits + kMiddle.size() + kSumDigits + kEnd.size() == kBatchLineSize);

char* put(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

void put_line(char* to, const CaptureBatch& batch) {
  to = put(to, kBegin);
  char digits[20];
  const auto size = static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, batch.bytes).ptr - digits);
  std::memset(to, ' ', kSizeDigits);
  to += kSizeDigits;
  std::memcpy(to - size, digits, size);
  to = put(to, kMiddle);
  for (std::size_t i = 0; i < kSumDigits; ++i) {
    *to++ = "0123456789abcdef"[batch.sum >> (4 * (kSumDigits - 1 - i)) & 15];
  }
  put(to, kEnd);
}

}  // namespace

void put_batch_line(char* to, std::string_view lines) {
  put_line(to, CaptureBatch{lines.size(), XXH3_64bits(lines.data(), lines.size())});
}

std::optional<CaptureBatch> parse_batch_line(std::string_view line) {
  if (line.size() + 1 != kBatchLineSize || !line.starts_with(kBegin)) return std::nullopt;
  CaptureBatch batch;
  const char* const end = line.data() + kBegin.size() + kSizeDigits;
  const char* number = end - kSizeDigits;
  while (number != end && *number == ' ') ++number;
  std::from_chars(number, end, batch.bytes);
  const char* const sum = end + kMiddle.size();
  std::from_chars(sum, sum + kSumDigits, batch.sum, 16);
  // Writes `batch` as a line again, and compares the result with `line`. So a `line` with any wrong byte is rejected.
  char same[kBatchLineSize];
  put_line(same, batch);
  if (line != std::string_view(same, line.size())) return std::nullopt;
  return batch;
}

bool is_sound(const CaptureBatch& batch, std::string_view lines) {
  return batch.bytes == lines.size() && batch.sum == XXH3_64bits(lines.data(), lines.size()) && lines.ends_with('\n');
}

}  // namespace resflow
