// Reads a capture: one file, or the parts of one in order. Checks what can be checked: the checksums, the fields of
// each line, and that no part is missing. One thread.
//
// A capture that was cut off, by a crash or a full disk, is read up to the last whole batch of lines; then cut_off()
// says where it ends. One whose first parts have been removed is partial: what was before is not in it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/capture/capture_batch.hpp"
#include "io/capture/capture_error.hpp"
#include "io/capture/capture_header.hpp"
#include "io/capture/capture_record.hpp"
#include "io/capture/capture_source.hpp"

namespace resflow {

class CaptureReader {
 public:
  // Throws CaptureError.
  explicit CaptureReader(std::vector<std::string> files);

  const CaptureHeader& header() const { return header_; }

  // The next record; nullopt at the end. Its text is in place until the next call, or as long as the buffer is kept.
  // Throws CaptureError.
  std::optional<CaptureRecord> next();
  // The same, in place; false at the end.
  bool next(CaptureRecord& record);
  const std::shared_ptr<CaptureSource::Buffer>& buffer() const { return source_->buffer(); }

  // Why the capture has no proper end; empty when it has one. After the last record.
  const std::string& cut_off() const { return cut_off_; }

  // Of all files: 0 to 1.
  double progress() const;

 private:
  void open_part();
  // The next line; false at the end.
  bool next_line(std::string_view& line);
  bool begin_batch(const CaptureBatch& batch);
  // The line of JSON without a checksum of its own, which must be right.
  std::string_view checked(std::string_view line) const;
  bool end_of_part(bool continued, CaptureRecord& next);
  void ended_early(const char* where);

  std::vector<std::string> files_;
  std::size_t part_ = 0;  // the number of the file after this one
  CaptureHeader header_;
  std::string first_header_;  // without the number of the part
  std::unique_ptr<CaptureSource> source_;
  std::size_t batch_left_ = 0;  // bytes of lines whose checksum was right
  bool in_batch_ = false;       // the line that came last was one of them
  std::size_t all_bytes_ = 0;
  std::size_t earlier_bytes_ = 0;  // of parts before this one
  std::string cut_off_;
  bool ended_ = false;
};

}  // namespace resflow
