// Keeps nats.c from blocking the loop thread. When nats.c reads TLS and finds only the beginning of a record, it waits
// for the rest, however long that takes (natsSock_Read in version 3.4). On an event loop everything else would wait,
// too. So nats.c may read only when a whole record has come. Plain text may be read at any time. The NATS client
// (io/nats) uses it. Loop thread only.
#pragma once

namespace resflow {

class TlsRecordGate {
 public:
  // `fd`: a connected socket that is about to be polled. No record may be partly read.
  explicit TlsRecordGate(int fd) : fd_(fd) {}

  // Must be called when the socket is readable. Returns true if nats.c may read now. After false, the socket becomes
  // readable again only when the record is complete, or when nothing more will come.
  bool open();

 private:
  enum class Kind : unsigned char { unknown, plain, tls };

  int fd_;
  int awaited_ = 1;  // how many bytes must be there before the socket becomes readable
  Kind kind_ = Kind::unknown;
};

}  // namespace resflow
