// Prevents nats.c, the NATS client library, from blocking the thread of the event loop. When nats.c reads TLS and finds
// only the beginning of a record, it waits for the remaining bytes, however long that takes (natsSock_Read in version
// 3.4). All other work of the event loop would wait, too. So nats.c may read TLS only when a whole record has come. It
// may read plain text at any time. The NATS client (io/nats) uses this class. Loop thread only.
#pragma once

namespace resflow {

class TlsRecordGate {
 public:
  // `fd`: a connected socket that the caller is about to poll. If TLS was read from the socket before, the last record
  // must have been read completely.
  explicit TlsRecordGate(int fd) : fd_(fd) {}

  // Returns true if nats.c may read now: a whole TLS record has come, the connection is not encrypted, or the stream
  // has ended. The NATS client calls this when the socket is readable. After open() has returned false, the kernel
  // reports the socket as readable again only when the whole TLS record has come, or when nothing more will come.
  bool open();

 private:
  enum class Kind : unsigned char { unknown, plain, tls };

  int fd_;
  int awaited_ = 1;  // how many bytes must have come before the kernel reports the socket as readable
  Kind kind_ = Kind::unknown;
};

}  // namespace resflow
