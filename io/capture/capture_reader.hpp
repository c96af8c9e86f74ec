// Reads a capture (a recording of the gateway's traffic) for resflow-replay. A capture is one file, or several files
// called parts, which must be given in order. The reader checks the checksums, the fields of each line, and that no
// part in the middle is missing. All functions: on one thread.
//
// If a crash or a full disk has cut the capture off, the reader returns the records up to the last complete batch of
// lines. Then cut_off() says where the capture ends. If the first parts are missing, header().partial is true, since
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
  // Opens the first file and reads its header. Throws CaptureError if that fails.
  explicit CaptureReader(std::vector<std::string> files);

  const CaptureHeader& header() const { return header_; }

  // Returns the next record; nullopt at the end of the capture. The record's text is valid until the next call. A
  // caller that needs it for longer keeps the pointer that buffer() returns. Throws CaptureError if a line is damaged.
  std::optional<CaptureRecord> next();
  // Like next(), but stores the record in `record`, which must be a new object. Returns false at the end of the
  // capture.
  bool next(CaptureRecord& record);
  const std::shared_ptr<CaptureSource::Buffer>& buffer() const { return source_->buffer(); }

  // Returns where and why the capture ends too early; empty if the capture is complete. Valid after next() has reached
  // the end.
  const std::string& cut_off() const { return cut_off_; }

  // Returns which fraction of all files has been read, from 0 to 1.
  double progress() const;

 private:
  void open_part();
  // Stores the next line that holds a record in `line`, and skips batch lines. Returns false if the file ends.
  bool next_line(std::string_view& line);
  // Checks that the next lines have the size and the checksum that `batch` says. Returns false if the capture is cut
  // off within these lines. Throws CaptureError if they are damaged.
  bool begin_batch(const CaptureBatch& batch);
  // Returns the line; if the line has a checksum at its end, returns it without the checksum. Throws CaptureError if
  // the checksum is wrong.
  std::string_view checked(std::string_view line) const;
  // Called for the last line of a part. `continued`: this line says that another part follows. If the caller of the
  // reader has given the file of that part, opens the file and reads its first record into `next`. Otherwise returns
  // false, since the capture ends here.
  bool end_of_part(bool continued, CaptureRecord& next);
  // Ends the reading, since the capture is cut off after the current line. `where` describes the place for cut_off().
  void ended_early(const char* where);

  std::vector<std::string> files_;
  std::size_t part_ = 0;  // number of files opened so far
  CaptureHeader header_;
  std::string first_header_;  // header_members() of the first file; all parts must have the same
  std::unique_ptr<CaptureSource> source_;
  std::size_t batch_left_ = 0;     // bytes of the current batch that next_line() has not returned yet
  bool in_batch_ = false;          // the line that was read last belongs to a batch
  std::size_t all_bytes_ = 0;      // size of all files together
  std::size_t earlier_bytes_ = 0;  // size of all files before the current one
  std::string cut_off_;
  bool ended_ = false;
};

}  // namespace resflow
