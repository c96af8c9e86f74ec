// Session tickets, tested with OpenSSL's own client. A session resumes on every server that shares the keys. It resumes
// after one change of the keys, but not after two.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>

#include "io/tls/server_tls.hpp"
#include "tests/io/certificates.hpp"
#include "tests/io/tls_client.hpp"
#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;

namespace {

using Session = OpensslPtr<SSL_SESSION, SSL_SESSION_free>;

// Two servers, as on two lanes, that share a clock and a set of keys.
struct Lanes {
  Lanes()
      : made(authority.issue("server")), tls(made.cert, made.key, [this] { return now(); }), trust(authority.cert()) {}

  std::chrono::steady_clock::time_point now() const {
    return std::chrono::steady_clock::time_point{} + std::chrono::seconds(seconds.load());
  }
  void pass(double periods) {
    seconds += static_cast<std::int64_t>(periods * std::chrono::seconds(TicketKeys::kPeriod).count());
  }
  WebServerOptions options() {
    WebServerOptions over_tls = loopback();
    over_tls.tls = &tls;
    return over_tls;
  }

  Authority authority;
  CertificateFiles made;
  std::atomic<std::int64_t> seconds{1'000};
  ServerTls tls;
  Trust trust;
  TestServer one{options()};
  TestServer other{options()};
};

// Reads a message before it takes the session, because TLS 1.3 sends tickets after the handshake.
Session session_of(TlsClient& client) {
  client.open();
  client.send(Client::text("a ticket comes before this"));
  REQUIRE(client.read_text() == "a ticket comes before this");
  return Session(SSL_get1_session(client.ssl()));
}

// Returns whether the session can be resumed. Uses a copy, because OpenSSL does not resume a session whose connection
// has ended without a close_notify.
bool resumes(Lanes& lanes, TestServer& server, const Session& session) {
  const Session copy(SSL_SESSION_dup(session.get()));
  TlsClient client(server.port, lanes.trust, 0, copy.get());
  session_of(client);
  return SSL_session_reused(client.ssl()) != 0;
}

}  // namespace

TEST_CASE("TLS tickets: keys are shared by lanes, and change", "[tls]") {
  Lanes lanes;
  SSL_CTX_set_max_proto_version(lanes.trust.get(), GENERATE(TLS1_2_VERSION, TLS1_3_VERSION));
  TlsClient client(lanes.one.port, lanes.trust);
  const Session session = session_of(client);
  REQUIRE(SSL_session_reused(client.ssl()) == 0);

  SECTION("a session resumes on each lane") {
    CHECK(resumes(lanes, lanes.one, session));
    CHECK(resumes(lanes, lanes.other, session));
  }
  SECTION("and across one change of the keys, when it gets a ticket of the new one") {
    lanes.pass(1.5);
    TlsClient later(lanes.other.port, lanes.trust, 0, session.get());
    const Session renewed = session_of(later);
    CHECK(SSL_session_reused(later.ssl()) != 0);
    lanes.pass(1);
    CHECK(resumes(lanes, lanes.one, renewed));
  }
  SECTION("not across two") {
    lanes.pass(1);
    TlsClient other(lanes.one.port, lanes.trust);
    lanes.pass(1);
    CHECK_FALSE(resumes(lanes, lanes.one, session));
    CHECK_FALSE(resumes(lanes, lanes.other, session));
  }
  SECTION("nor when nobody came meanwhile") {
    lanes.pass(2);
    CHECK_FALSE(resumes(lanes, lanes.one, session));
  }
}

TEST_CASE("TLS tickets: a ticket of other keys is not resumed", "[tls]") {
  Lanes lanes;
  Lanes others;
  TlsClient client(lanes.one.port, lanes.trust);
  const Session session = session_of(client);
  CHECK_FALSE(resumes(others, others.one, session));
}
