// Certificates and keys from files: which can be used, and the error messages for the others.
#include "io/tls/tls_certificate.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "io/file.hpp"
#include "io/tls/server_tls.hpp"
#include "tests/io/certificates.hpp"
#include "tests/io/tls_client.hpp"
#include "tests/io/web_server_fixture.hpp"

using namespace resflow;
using namespace resflow::test;

namespace {

std::string refusal(const std::string& cert, const std::string& key) {
  try {
    TlsCertificate::load(cert, key);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "";
}

void run(const std::string& command) {
  REQUIRE(std::system((command + " 2>/dev/null").c_str()) == 0);
}

}  // namespace

TEST_CASE("TLS certificate: what can be used", "[tls_certificate]") {
  const Authority authority("authority", GENERATE("ec", "rsa"));
  const CertificateFiles files = authority.issue("server");
  CHECK(refusal(files.cert, files.key).empty());
  CHECK_FALSE(TlsCertificate::load(files.cert, files.key)->expired());
  SECTION("both in one file, in whatever order, with text around them") {
    const std::string cert = read_file(files.cert);
    const std::string key = read_file(files.key);
    const std::string one = authority.folder().write("one.pem", "a key\n" + key + "\na certificate\n" + cert + "end\n");
    CHECK(refusal(one, one).empty());
  }
}

TEST_CASE("TLS certificate: what is wrong with a file is told", "[tls_certificate]") {
  const Authority authority;
  const Folder& folder = authority.folder();
  const CertificateFiles files = authority.issue("server");
  const CertificateFiles other = authority.issue("other");
  const std::string garbage = folder.write("garbage.pem", "garbage\n");
  const std::string begun = folder.write("begun.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const std::string missing = folder.path("missing.pem");
  CHECK(refusal(missing, files.key) == missing + ": No such file or directory");
  CHECK(refusal(files.cert, missing) == missing + ": No such file or directory");
  CHECK(refusal("/", files.key) == "/: Is a directory");
  CHECK(refusal("/dev/zero", files.key) == "/dev/zero: the file is too large");
  CHECK(refusal(garbage, files.key) == garbage + ": there is no certificate in PEM format in it");
  CHECK(refusal(files.key, files.key) == files.key + ": there is no certificate in PEM format in it");
  CHECK(refusal(files.cert, garbage) == garbage + ": there is no private key in PEM format in it");
  CHECK(refusal(files.cert, files.cert) == files.cert + ": there is no private key in PEM format in it");
  CHECK(refusal(files.cert, other.key) ==
        other.key + ": the private key is not that of the certificate in " + files.cert);
  CHECK(refusal(begun, files.key).starts_with(begun + ": "));
  const std::string chain = folder.write("chain.pem", read_file(files.cert) + read_file(begun));
  CHECK(refusal(chain, files.key).starts_with(chain + ": "));
  SECTION("an encrypted key, without a question at the terminal") {
    const std::string encrypted = folder.path("encrypted.key");
    run("openssl pkey -aes128 -passout pass:secret -in " + files.key + " -out " + encrypted);
    CHECK(refusal(files.cert, encrypted) ==
          encrypted + ": the private key is encrypted, one without a passphrase is needed");
  }
  SECTION("a key that OpenSSL holds to be too weak") {
    const std::string cert = folder.path("weak.pem");
    const std::string key = folder.path("weak.key");
    run("openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=weak -keyout " + key + " -out " + cert);
    CHECK(refusal(cert, key) == cert + ": ee key too small");
  }
}

TEST_CASE("TLS certificate: one that has expired", "[tls_certificate]") {
  const Folder folder;
  const std::string request = folder.path("old.csr");
  const std::string cert = folder.path("old.pem");
  const std::string key = folder.path("old.key");
  run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=old -keyout " + key + " -out " +
      request);
  run("openssl x509 -req -days -1 -signkey " + key + " -in " + request + " -out " + cert);
  CHECK(TlsCertificate::load(cert, key)->expired());
  CHECK(ServerTls(cert, key).expired());
}

TEST_CASE("TLS certificate: a server's needs both files", "[tls_certificate]") {
  CHECK_THROWS_WITH(ServerTls("", "key.pem"), "missing TLS certificate file");
  CHECK_THROWS_WITH(ServerTls("cert.pem", ""), "missing TLS key file");
  CHECK_THROWS_WITH(ServerTls("missing.pem", "key.pem"), "TLS certificate missing.pem: No such file or directory");
}

TEST_CASE("TLS certificate: those between it and the root are shown", "[tls_certificate]") {
  const Authority root("root");
  const Authority between("between", root);
  const CertificateFiles files = between.issue("server");
  const std::string chain = root.folder().write("chain.pem", read_file(files.cert) + read_file(between.cert()));
  ServerTls tls(chain, files.key);
  WebServerOptions options = loopback();
  options.tls = &tls;
  TestServer server(options);
  TlsClient client(server.port, Trust(root.cert()));
  CHECK(client.server_name() == "server");
}
