// NatsClient and the identity of both sides: TLS, certificates, credentials.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "io/nats/nats_client.hpp"
#include "tests/io/certificates.hpp"
#include "tests/io/nats_fixture.hpp"
#include "tests/io/relay.hpp"

using namespace resflow;
using namespace resflow::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::vector<std::string> tls_options(const CertificateFiles& files) {
  return {"--tls", "--tlscert", files.cert, "--tlskey", files.key};
}

NatsOptions trusting(const std::string& url, const std::string& ca) {
  NatsOptions options = Gateway::options(url);
  options.root_cas = {ca};
  return options;
}

// A server that does not exist. With a wrong file, the client fails before it connects.
NatsOptions anywhere() {
  return Gateway::options("nats://127.0.0.1:1");
}

}  // namespace

TEST_CASE("nats security: TLS, with the authorities that are named", "[nats_security]") {
  const Authority authority;
  const Authority other("other");
  const NatsServer server(tls_options(authority.issue("server")));
  Service service(server.url(), authority.cert());
  NatsOptions options = trusting(server.url(), authority.cert());
  SECTION("one") {}
  SECTION("several") {
    options.root_cas = {other.cert(), authority.cert()};
  }
  SECTION("and a URL that asks for TLS") {
    options.url = "tls://" + server.address();
  }
  SECTION("and the name of the host") {
    options.url = "tls://localhost:" + server.address().substr(server.address().find(':') + 1);
  }
  Gateway gateway(options);
  const std::string large(gateway.client.max_payload(), 'x');
  gateway.request(0, 1, "echo.a", "small");
  gateway.request(1, in_lane<ServiceRequestId>(1, 2), "echo.b", large);
  REQUIRE(gateway.loop.until([&] { return !gateway.sinks[1].replies().empty(); }));
  CHECK(gateway.sinks[0].replies()[0].payload == "small");
  CHECK(gateway.sinks[1].replies()[0].payload == large);
  CHECK(gateway.losses().empty());
}

TEST_CASE("nats security: a server that cannot be trusted is refused", "[nats_security]") {
  const Authority authority;
  const Authority other("other");
  const NatsServer server(tls_options(authority.issue("server", "DNS:elsewhere")));
  NatsOptions options = trusting("tls://" + server.address(), authority.cert());
  SECTION("its certificate is for another host") {}
  SECTION("its authority is not named") {
    options.root_cas = {other.cert()};
  }
  SECTION("no authority is named") {
    options.root_cas.clear();
  }
  SECTION("nor TLS, which it demands") {
    options = Gateway::options(server.url());
  }
  const std::string error = connect_error(options);
  CHECK_THAT(error, StartsWith("cannot connect to NATS at ") && Contains(server.address()) && Contains("SSL") &&
                        (Contains("certificate") || Contains("mismatch")));
}

TEST_CASE("nats security: nothing goes in plain text where TLS is asked for", "[nats_security]") {
  const Authority authority;
  const NatsServer plain;
  NatsOptions options = Gateway::options("tls://" + plain.address());
  SECTION("by its URL") {}
  SECTION("by a certificate") {
    options = trusting(plain.url(), authority.cert());
  }
  SECTION("by the URL of another server") {
    options.url = plain.url() + ",tls://127.0.0.1:1";
  }
  CHECK_THAT(connect_error(options),
             Contains(plain.address() + ": Secure Connection not available", Catch::CaseSensitive::No));
}

TEST_CASE("nats security: the client shows its certificate", "[nats_security]") {
  const Authority authority;
  std::vector<std::string> args = tls_options(authority.issue("server"));
  args.insert(args.end(), {"--tlsverify", "--tlscacert", authority.cert()});
  const NatsServer server(args);
  NatsOptions options = trusting(server.url(), authority.cert());
  CHECK_THAT(connect_error(options), Contains("cannot connect to NATS at " + server.url()));
  const CertificateFiles client = authority.issue("client");
  options.cert = client.cert;
  options.key = client.key;
  Gateway gateway(options);
  CHECK(gateway.settle());
}

TEST_CASE("nats security: what is wrong with a file is told before anybody is connected to", "[nats_security]") {
  const Authority authority;
  const CertificateFiles client = authority.issue("client");
  const CertificateFiles other = authority.issue("other");
  const std::string missing = authority.folder().path("missing.pem");
  const std::string garbage = authority.folder().write("garbage.pem", "no certificate\n");
  NatsOptions options = anywhere();
  std::string expected;
  SECTION("a root certificate is missing") {
    options.root_cas = {authority.cert(), missing};
    expected = "NATS root CA file " + missing + ": No such file or directory";
  }
  SECTION("a root certificate is none") {
    options.root_cas = {garbage};
    expected = "NATS root CA file " + garbage + ": ";
  }
  SECTION("a certificate without a key") {
    options.cert = client.cert;
    expected = "missing NATS client key file";
  }
  SECTION("a key without a certificate") {
    options.key = client.key;
    expected = "missing NATS client certificate file";
  }
  SECTION("the certificate is missing") {
    options.cert = missing;
    options.key = client.key;
    expected = "NATS client certificate " + missing + ": No such file or directory";
  }
  SECTION("the key is that of another") {
    options.cert = client.cert;
    options.key = other.key;
    expected =
        "NATS client certificate " + other.key + ": the private key is not that of the certificate in " + client.cert;
  }
  SECTION("the credentials are missing") {
    options.creds = missing;
    expected = "NATS credentials file " + missing + ": No such file or directory";
  }
  SECTION("the credentials are a folder") {
    options.creds = "/";
    expected = "NATS credentials file /: Is a directory";
  }
  SECTION("the credentials are none") {
    options.creds = garbage;
    expected = "NATS credentials file " + garbage + ": there must be a user's JWT and seed in it";
  }
  SECTION("the credentials lack the seed") {
    options.creds = authority.folder().write("half.creds", "-----BEGIN NATS USER JWT-----\neyJ0eXAiOiJKV1QifQ.e30.x\n");
    expected = "there must be a user's JWT and seed in it";
  }
  const std::string error = connect_error(options);
  CHECK_THAT(error, Contains(expected) && !Contains("cannot connect"));
}

TEST_CASE("nats security: credentials of a URL, with whatever characters", "[nats_security]") {
  const NatsServer server({"--user", "ann", "--pass", "sec\"ret%@\\"});
  Gateway gateway("nats://ann:sec%22ret%25@%5C@" + server.address());
  CHECK(gateway.settle());
  CHECK_THAT(
      connect_error("nats://ann:secret@" + server.address()),
      Contains("cannot connect to NATS at " + server.url()) && Contains("Authorization", Catch::CaseSensitive::No));
}

TEST_CASE("nats security: a token in a URL", "[nats_security]") {
  const NatsServer server({"--auth", "secret"});
  Gateway gateway("nats://secret@" + server.address());
  CHECK(gateway.settle());
  CHECK_THAT(connect_error("nats://not-it@" + server.address()), Contains("Authorization", Catch::CaseSensitive::No));
}

TEST_CASE("nats security: each of several servers has its own credentials", "[nats_security]") {
  const NatsServer first({"--user", "ann", "--pass", "secret"});
  const NatsServer second({"--auth", "secret-token"});
  Stranger gone;
  gone.close();
  const std::string good = "nats://secret-token@" + second.address();
  Gateway gateway("nats://" + gone.address() + ",nats://bob:secret@" + first.address() + ',' + good);
  CHECK(gateway.settle());
  const std::string error = connect_error("nats://bob:secret@" + first.address() + ",nats://secret@" + gone.address());
  CHECK_THAT(error, Contains(first.url() + ": Authorization", Catch::CaseSensitive::No));
  CHECK_THAT(error, Contains("nats://" + gone.address() + ": No server", Catch::CaseSensitive::No));
  CHECK_THAT(error, !Contains("secret"));
}

TEST_CASE("nats security: half a TLS record does not hold up the loop", "[nats_security]") {
  const Authority authority;
  const NatsServer server(tls_options(authority.issue("server")));
  Service service(server.url(), authority.cert());
  Relay relay(server.port());
  Gateway gateway(trusting("nats://127.0.0.1:" + std::to_string(relay.port), authority.cert()));
  gateway.ports[0]->subscribe(1, "event.a.*");
  REQUIRE(gateway.settle());
  const std::size_t passed = GENERATE(1U, 4U, 5U, 6U, 1000U, 40000U);
  relay.keep_back_after(passed);
  const std::string payload(100'000, 'x');
  service.publish("event.a.x", payload);
  service.flush();
  REQUIRE(gateway.loop.until([&] { return relay.keeps_back(); }));
  for (int i = 0; i < 1000; ++i) uv_run(&gateway.loop.loop, UV_RUN_NOWAIT);
  CHECK_FALSE(relay.gave_up());
  SECTION("and is read when the rest has come") {
    relay.let_go();
    REQUIRE(gateway.loop.until([&] { return !gateway.sinks[0].messages().empty(); }));
    CHECK(gateway.sinks[0].messages()[0].payload == payload);
    CHECK(gateway.settle());
  }
  SECTION("and is a loss when the rest does not come any more") {
    relay.hang_up();
    REQUIRE(gateway.loop.until([&] { return !gateway.losses().empty(); }));
    CHECK_THAT(gateway.losses()[0], Contains("lost NATS connection"));
  }
}

TEST_CASE("nats security: a server that takes nothing over TLS is given up", "[nats_security]") {
  const Authority authority;
  const NatsServer server(tls_options(authority.issue("server")));
  Relay relay(server.port());
  NatsOptions options = trusting("nats://127.0.0.1:" + std::to_string(relay.port), authority.cert());
  options.write_timeout_ms = 100;
  Gateway gateway(options);
  REQUIRE(gateway.settle());
  relay.ignore_client();
  const std::string payload(gateway.client.max_payload(), 'x');
  for (std::uint64_t id = 1; id < 100; ++id) gateway.request(0, ServiceRequestId::from(id), "echo.a", payload);
  REQUIRE(gateway.loop.until([&] { return !gateway.losses().empty(); }));
  REQUIRE(gateway.losses().size() == 1);
  CHECK_THAT(gateway.losses()[0], Contains("lost NATS connection: Timeout"));
}
