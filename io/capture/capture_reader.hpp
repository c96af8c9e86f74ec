// Reads a capture (a recording of the gateway's traffic) for resflow-replay. A capture is one file, or several files
// called parts, which the caller must list in order. The reader checks the checksums and the fields of each line, and
// throws if a part in the middle is missing. If the first parts are missing, the reader reads the others, and
// header().partial is true. All functions: on one thread.
//
// A crash or a full disk may have cut the capture off. Then the reader returns the records of all complete batches of
// lines, and cut_off() says where the capture ends.
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

  // Returns the next record; nullopt at the end of the capture. The text of the record is valid until the next call of
  // next(). A caller that needs the text for longer keeps the pointer that buffer() returns. Throws CaptureError if a
  // line is damaged.
  std::optional<CaptureRecord> next();
  // Like the other next(), but stores the record in `record`. Each call needs a new CaptureRecord, since next() does
  // not reset all of its fields. Returns false at the end of the capture.
  bool next(CaptureRecord& record);
  const std::shared_ptr<CaptureSource::Buffer>& buffer() const { return source_->buffer(); }

  // Returns a message with the place where the capture is cut off, and the reason; empty if the capture is complete.
  // Valid after next() has reached the end.
  const std::string& cut_off() const { return cut_off_; }

  // Returns which fraction of all files has been read, from 0 to 1.
  double progress() const;

 private:
  void open_part();
  // Reads the next line and stores it in `line`. Skips batch lines, which hold only the checksum of the lines behind
  // them. Returns false if the capture is cut off here.
  bool next_line(std::string_view& line);
  // Called after a batch line was read. Checks that the lines behind it have the size and the checksum in `batch`,
  // without consuming these lines. Returns false if the file ends before that size. Throws CaptureError if the lines
  // are damaged.
  bool begin_batch(const CaptureBatch& batch);
  // Checks the checksum at the end of a line, and returns the line with the checksum removed. If the line has no
  // checksum, returns the whole line. Throws CaptureError if the checksum is wrong.
  std::string_view checked(std::string_view line) const;
  // Called at the last line of a part (a file of the capture). `continued`: this line says that another part follows.
  // If the next part was given to this reader, opens it, reads its first record into `next`, and returns true.
  // Otherwise the capture ends here: returns false.
  bool end_of_part(bool continued, CaptureRecord& next);
  // Ends the reading, because the capture is cut off. Stores a text for cut_off(): the file, the number of the line,
  // and `where`, such as ": the capture is cut off in this line".
  void ended_early(const char* where);

  std::vector<std::string> files_;
  std::size_t part_ = 0;  // number of files opened so far
  CaptureHeader header_;
  std::string first_header_;  // the header of the first file, as text; all parts must have the same header
  std::unique_ptr<CaptureSource> source_;
  std::size_t batch_left_ = 0;     // bytes of the current batch of lines that next_line() has not returned yet
  bool in_batch_ = false;          // true: the last line read stands in a batch, whose checksum covers it
  std::size_t all_bytes_ = 0;      // size of all files together
  std::size_t earlier_bytes_ = 0;  // size of all files before the current one
  std::string cut_off_;
  bool ended_ = false;
};

}  // namespace resflow
