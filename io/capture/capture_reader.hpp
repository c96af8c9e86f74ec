// Reads a capture for resflow-replay: one file, or all of its parts in order. Checks the checksums, the fields of each
// line, and that no part is missing. One thread.
//
// A capture that was cut off, by a crash or a full disk, is read up to the last complete batch; then cut_off() says
// where it ends. A capture whose first parts have been removed counts as partial: earlier traffic is missing.
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
  // Opens the first file. Throws CaptureError.
  explicit CaptureReader(std::vector<std::string> files);

  const CaptureHeader& header() const { return header_; }

  // Returns the next record; nullopt at the end. Its text stays valid until the next call, or for as long as the caller
  // keeps buffer(). Throws CaptureError.
  std::optional<CaptureRecord> next();
  // The same, into `record`, which must be a new one. Returns false at the end.
  bool next(CaptureRecord& record);
  const std::shared_ptr<CaptureSource::Buffer>& buffer() const { return source_->buffer(); }

  // Returns why the capture has no proper end; empty if it has one. Known after the last record.
  const std::string& cut_off() const { return cut_off_; }

  // Returns how much of all files has been read, from 0 to 1.
  double progress() const;

 private:
  void open_part();
  // Fetches the next line of a record. Returns false at the end.
  bool next_line(std::string_view& line);
  // Checks the checksum of the lines that follow. Returns false if the capture is cut off within them.
  bool begin_batch(const CaptureBatch& batch);
  // Returns the line without the checksum of its own, if it has one. Throws CaptureError if that checksum is wrong.
  std::string_view checked(std::string_view line) const;
  // Handles the last line of a part: reads the first record of the next part, or returns false at the end of the
  // capture.
  bool end_of_part(bool continued, CaptureRecord& next);
  // Notes that the capture ends here, without a proper end.
  void ended_early(const char* where);

  std::vector<std::string> files_;
  std::size_t part_ = 0;  // number of files opened so far
  CaptureHeader header_;
  std::string first_header_;  // of the first file, without the number of the part
  std::unique_ptr<CaptureSource> source_;
  std::size_t batch_left_ = 0;     // bytes still to be read of a batch whose checksum was right
  bool in_batch_ = false;          // the last line belonged to such a batch
  std::size_t all_bytes_ = 0;      // size of all files
  std::size_t earlier_bytes_ = 0;  // size of the parts before this one
  std::string cut_off_;
  bool ended_ = false;
};

}  // namespace resflow
