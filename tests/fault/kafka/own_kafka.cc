// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "own_kafka.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace offsetstore::testing {
namespace {

/// What the script prints; throws where it fails.
std::string RunScript(const std::string& order, const std::string& folder) {
  const std::string command = OFFSETSTORE_KAFKA_SCRIPT " " + order + " '" + folder + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen " + command);
  std::string output;
  std::array<char, 256> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
  if (::pclose(pipe) != 0) throw std::runtime_error(command + " failed");
  return output;
}

std::string ValueOf(const std::string& name, const std::string& exports) {
  const std::string start = "export " + name + "=";
  const std::size_t at = exports.find(start);
  if (at == std::string::npos) throw std::runtime_error("the script did not print " + name);
  const std::size_t first = at + start.size();
  return exports.substr(first, exports.find('\n', first) - first);
}

}  // namespace

OwnKafka::OwnKafka() {
  Start();
}

OwnKafka::~OwnKafka() {
  if (!Stop()) std::fputs("the test's own broker could not be stopped\n", stderr);
}

void OwnKafka::Start() {
  const std::string exports = RunScript("start", folder_.path().string());
  brokers_ = ValueOf("OFFSETSTORE_TEST_KAFKA", exports);
  pid_ = std::stoi(ValueOf("OFFSETSTORE_TEST_KAFKA_PID", exports));
}

bool OwnKafka::Stop() noexcept {
  const std::string command = OFFSETSTORE_KAFKA_SCRIPT " stop '" + folder_.path().string() + "'";
  return std::system(command.c_str()) == 0;
}

void OwnKafka::Restart() {
  if (!Stop()) throw std::runtime_error("the broker does not stop");
  Start();
}

void OwnKafka::Freeze() const {
  if (::kill(pid_, SIGSTOP) != 0) throw std::runtime_error("SIGSTOP");
}

void OwnKafka::Thaw() const {
  if (::kill(pid_, SIGCONT) != 0) throw std::runtime_error("SIGCONT");
}

}  // namespace offsetstore::testing
