#include "io/capture/capture_reader.hpp"

#include <algorithm>
#include <filesystem>

#include "io/capture/capture_batch.hpp"
#include "io/capture/capture_lines.hpp"

namespace resflow {

CaptureReader::CaptureReader(std::vector<std::string> files) : files_(std::move(files)) {
  for (const std::string& file : files_) {
    std::error_code none;
    const auto size = std::filesystem::file_size(file, none);
    if (!none) all_bytes_ += static_cast<std::size_t>(size);
  }
  open_part();
}

void CaptureReader::open_part() {
  if (source_) earlier_bytes_ += source_->size();
  source_ = std::make_unique<CaptureSource>(files_.at(part_++));
  batch_left_ = 0;
  std::string_view line;
  if (!source_->next(line)) throw CaptureError(source_->path() + ": the file is empty, and no capture");
  const std::string_view text = checked(line);
  CaptureHeader header;
  try {
    header = parse_header(text);
  } catch (const std::runtime_error& e) {
    throw CaptureError(source_->path(), 1, e.what());
  }
  const std::string members = header_members(header);
  if (part_ == 1) {
    first_header_ = members;
    header_ = std::move(header);
    header_.partial = header_.partial || header_.part > 1;
  } else if (header.part != header_.part + part_ - 1) {
    throw CaptureError(source_->path() + " is part " + std::to_string(header.part) + " of a capture, where part " +
                       std::to_string(header_.part + part_ - 1) + " is expected: name all parts, in order");
  } else if (members != first_header_) {
    throw CaptureError(source_->path() + " is a part of another capture than " + files_.front());
  }
}

std::string_view CaptureReader::checked(std::string_view line) const {
  const auto body = unseal_line(line);
  if (!body) throw CaptureError(source_->path(), source_->line_number(), "the line is damaged: its checksum is wrong");
  return body->size() < line.size() ? source_->shorten(body->size()) : line;
}

bool CaptureReader::next_line(std::string_view& line) {
  if (!source_->next(line)) return ended_early(": the capture is cut off after this line"), false;
  if (!source_->is_whole()) return ended_early(": the capture is cut off in this line"), false;
  in_batch_ = batch_left_ > 0;
  if (in_batch_) {
    batch_left_ -= line.size() + 1;
    return true;
  }
  if (const auto batch = parse_batch_line(line)) return begin_batch(*batch) && next_line(line);
  line = checked(line);
  return true;
}

bool CaptureReader::begin_batch(const CaptureBatch& batch) {
  const std::size_t line = source_->line_number();
  const auto lines = source_->ahead(batch.bytes);
  if (!lines) return ended_early(": the capture is cut off in the lines behind this one"), false;
  if (!is_sound(batch, *lines)) {
    const auto count = static_cast<std::size_t>(std::count(lines->begin(), lines->end(), '\n'));
    throw CaptureError(source_->path(), line,
                       "a line from this one to " + std::to_string(line + std::max(count, std::size_t{1})) +
                           " is damaged: their checksum is wrong");
  }
  batch_left_ = batch.bytes;
  return true;
}

std::optional<CaptureRecord> CaptureReader::next() {
  std::optional<CaptureRecord> record(std::in_place);
  if (!next(*record)) record = std::nullopt;
  return record;
}

bool CaptureReader::next(CaptureRecord& record) {
  std::string_view line;
  if (ended_ || !next_line(line)) return false;
  try {
    parse_record(line, in_batch_, record);
  } catch (const std::runtime_error& e) {
    throw CaptureError(source_->path(), source_->line_number(), e.what());
  }
  record.line = source_->line_number();
  if (const auto* end = record.get<CaptureEnd>()) return end_of_part(end->continued, record);
  return true;
}

bool CaptureReader::end_of_part(bool continued, CaptureRecord& next_record) {
  std::string_view line;
  if (source_->next(line)) {
    throw CaptureError(source_->path(), source_->line_number(), "there is more behind the end of the capture");
  }
  if (continued && part_ < files_.size()) {
    open_part();
    return next(next_record);
  }
  ended_ = true;
  if (continued) cut_off_ = source_->path() + ": the capture goes on in another part, which is not here";
  if (part_ < files_.size()) throw CaptureError(files_[part_] + ": the capture has ended before this part");
  return false;
}

void CaptureReader::ended_early(const char* where) {
  ended_ = true;
  cut_off_ = source_->path() + ':' + std::to_string(source_->line_number()) + where;
}

double CaptureReader::progress() const {
  const std::size_t here = std::min(source_->bytes_read(), source_->size());
  return all_bytes_ == 0 ? 1 : static_cast<double>(earlier_bytes_ + here) / static_cast<double>(all_bytes_);
}

}  // namespace resflow
