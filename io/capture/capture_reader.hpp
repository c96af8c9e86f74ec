// Reads a capture for resflow-replay: one file, or all of its parts in order. Checks the checksums, the fields of each
// line, and that no part is missing. One thread.
//
// If a crash or a full disk has cut the capture off, the reader returns the records up to the last complete batch, and
// then cut_off() says where the capture ends. If the first parts of the capture are missing, header().partial is true:
// earlier traffic is missing.
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

  // Returns the next record; nullopt at the end. The record's text stays valid until the next call, or for as long as
  // the caller keeps the pointer that buffer() returns. Throws CaptureError.
  std::optional<CaptureRecord> next();
  // Like next(), but stores the record in `record`, which must be new. Returns false at the end.
  bool next(CaptureRecord& record);
  const std::shared_ptr<CaptureSource::Buffer>& buffer() const { return source_->buffer(); }

  // Returns where and why the capture ends too early; empty if it has a proper end. Known after the last record.
  const std::string& cut_off() const { return cut_off_; }

  // Returns how much of all files has been read, from 0 to 1.
  double progress() const;

 private:
  void open_part();
  // Fetches the next line that holds a record, and passes over batch lines. Returns false at the end.
  bool next_line(std::string_view& line);
  // Checks that the lines that follow have the size and the checksum of `batch`. Returns false if the capture is cut
  // off within these lines. Throws CaptureError if they are damaged.
  bool begin_batch(const CaptureBatch& batch);
  // Returns the line without the checksum at its end, if it has one. Throws CaptureError if that checksum is wrong.
  std::string_view checked(std::string_view line) const;
  // Handles the last line of a part. `continued`: this line says that another part follows. If so, and if the caller
  // has given the file of that part, stores the first record of that part in `next`. Otherwise the capture ends here:
  // returns false.
  bool end_of_part(bool continued, CaptureRecord& next);
  // Notes that the capture ends here, without a proper end.
  void ended_early(const char* where);

  std::vector<std::string> files_;
  std::size_t part_ = 0;  // number of files opened so far
  CaptureHeader header_;
  std::string first_header_;  // members of the first file's header, without the number of the part
  std::unique_ptr<CaptureSource> source_;
  std::size_t batch_left_ = 0;     // bytes of the present batch that next_line() has not returned yet
  bool in_batch_ = false;          // the line that was read last belongs to a batch
  std::size_t all_bytes_ = 0;      // size of all files
  std::size_t earlier_bytes_ = 0;  // size of the parts before the present part
  std::string cut_off_;
  bool ended_ = false;
};

}  // namespace resflow
