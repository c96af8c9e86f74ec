#include "io/capture/lane_capture.hpp"

namespace resflow {

void LaneCapture::start(std::shared_ptr<RunningCapture> capture) {
  stop();
  capture_ = std::move(capture);
  lines_ = CaptureLines(lane_);
}

void LaneCapture::stop() {
  if (!capture_) return;
  capture_->file.append(lines_.batch());
  capture_ = nullptr;
}

template <typename Message>
void LaneCapture::record(const Message& message) {
  if (!capture_) return;
  const bool inside = inside_ && !taken_;
  if (!capture_->redactor) {
    lines_.entered(message, inside);
  } else {
    lines_.entered(capture_->redactor->entered(message), inside);
  }
}

void LaneCapture::entered(const WriteIn& message) {
  if (capture_) lines_.entered(message, inside_);
}

void LaneCapture::entered(const ServiceNotice& notice) {
  if (capture_) lines_.entered(notice, inside_ && !taken_);
}

LaneCapture::Micros LaneCapture::time() const {
  if (clock_) return clock_();
  const auto time = std::chrono::steady_clock::now() - capture_->began;
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

void LaneCapture::turn(Millis now) {
  if (!capture_) return;
  inside_ = true;
  lines_.turn(now, time());
}

// Records how many items (each one or more messages) the lane has taken out of its mailbox, and who sent them. Sets
// taken_, so that entered(), which the lane calls next, knows that the messages come from the mailbox. Each ClientPort
// and ServicePort function of this class sets taken_ to false: a message that enters during its call is an answer, and
// does not come from the mailbox.
void LaneCapture::took(const MailRuns& runs) {
  if (!capture_) return;
  taken_ = true;
  lines_.took(runs);
}

void LaneCapture::turned() {
  inside_ = false;
  taken_ = false;
  if (!capture_) return;
  const bool goes_on = capture_->file.append(lines_.batch());
  lines_.text().clear();
  if (!goes_on) capture_ = nullptr;
}

bool LaneCapture::send(ConnId conn, std::span<const Frame> frames) {
  taken_ = false;
  const bool took = clients_.send(conn, frames);
  if (!capture_) return took;
  if (!took) {
    lines_.refused(conn);
  } else if (!frames.empty()) {
    lines_.sent(conn, frames);
  }
  return took;
}

void LaneCapture::close(ConnId conn, const CloseReason& reason) {
  taken_ = false;
  clients_.close(conn, reason);
  if (capture_) lines_.closed(conn, reason);
}

void LaneCapture::accept(ConnId conn, const Headers& headers) {
  taken_ = false;
  clients_.accept(conn, headers);
  if (capture_) lines_.accepted(conn, capture_->redactor ? capture_->redactor->headers(headers) : headers);
}

void LaneCapture::respond(ConnId conn, const WebResponse& response) {
  taken_ = false;
  clients_.respond(conn, response);
  if (!capture_) return;
  if (!capture_->redactor) return lines_.responded(conn, response);
  lines_.responded(conn, WebResponse{response.status, capture_->redactor->headers(response.headers), response.body});
}

void LaneCapture::pause(ConnId conn) {
  taken_ = false;
  clients_.pause(conn);
  if (capture_) lines_.paused(conn);
}

void LaneCapture::resume(ConnId conn) {
  taken_ = false;
  clients_.resume(conn);
  if (capture_) lines_.resumed(conn);
}

void LaneCapture::request(ServiceRequestId id, std::string_view subject, std::string_view payload) {
  taken_ = false;
  services_.request(id, subject, payload);
  if (!capture_) return;
  if (!capture_->redactor) return lines_.requested(id, subject, payload);
  lines_.requested(id, subject, capture_->redactor->request(subject, payload));
}

bool LaneCapture::subscribe(SubscriptionHandle handle, std::string_view subject) {
  taken_ = false;
  const bool accepted = services_.subscribe(handle, subject);
  if (capture_) lines_.subscribed(handle, subject);
  return accepted;
}

void LaneCapture::unsubscribe(SubscriptionHandle handle) {
  taken_ = false;
  services_.unsubscribe(handle);
  if (capture_) lines_.unsubscribed(handle);
}

}  // namespace resflow
