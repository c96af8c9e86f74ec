// Certificates for tests, made by the openssl program. They are in a temporary folder that is deleted with its owner.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace resflow::test {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "resflow-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder");
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }

  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

struct CertificateFiles {
  std::string cert;
  std::string key;
};

// A certificate authority and the certificates that it has signed.
class Authority {
 public:
  // `key` is the type of all keys: "ec" or "rsa".
  explicit Authority(const std::string& name = "authority", const std::string& key = "ec") : name_(name), key_(key) {
    openssl("req -x509 -subj /CN=" + name + " -addext basicConstraints=critical,CA:TRUE", files(name));
  }

  // An intermediate authority that is signed by another authority.
  Authority(const std::string& name, const Authority& above) : name_(name), key_("ec") {
    openssl(above.signing() + " -subj /CN=" + name + " -addext basicConstraints=critical,CA:TRUE", files(name));
  }

  std::string cert() const { return files(name_).cert; }

  // Issues a certificate for a server or a client. Without other `names` it is valid for localhost and the loopback
  // addresses.
  CertificateFiles issue(const std::string& name,
                         const std::string& names = "DNS:localhost,IP:127.0.0.1,IP:::1") const {
    openssl(signing() + " -subj /CN=" + name + " -addext basicConstraints=CA:FALSE -addext subjectAltName=" + names,
            files(name));
    return files(name);
  }

  const Folder& folder() const { return folder_; }

 private:
  CertificateFiles files(const std::string& name) const {
    return {folder_.path(name + ".pem"), folder_.path(name + ".key")};
  }

  std::string signing() const { return "req -x509 -CA " + files(name_).cert + " -CAkey " + files(name_).key; }

  void openssl(const std::string& command, const CertificateFiles& out) const {
    const std::string kind = key_ == "ec" ? " -newkey ec -pkeyopt ec_paramgen_curve:P-256" : " -newkey rsa:2048";
    const std::string line = "openssl " + command + kind + " -nodes -days 30 -keyout " + out.key + " -out " + out.cert +
                             " 2>" + folder_.path("openssl.log");
    if (std::system(line.c_str()) != 0) throw std::runtime_error("openssl failed: " + line);
  }

  Folder folder_;
  std::string name_;
  std::string key_;
};

}  // namespace resflow::test
