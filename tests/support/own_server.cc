// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "own_server.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "eventually.h"

namespace offsetstore::testing {
namespace {

/// What the script prints; throws where it fails.
std::string RunScript(const std::string& name, const std::string& order, const TempDir& folder) {
  const std::string command =
      OFFSETSTORE_SERVICES "/" + name + ".sh " + order + " '" + folder.path().string() + "'";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("popen " + command);
  std::string output;
  std::array<char, 256> part{};
  while (std::fgets(part.data(), part.size(), pipe) != nullptr) output += part.data();
  if (::pclose(pipe) != 0) throw std::runtime_error(command + " failed");
  return output;
}

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

void Signal(pid_t pid, int signal) {
  if (::kill(pid, signal) != 0) throw std::runtime_error("signal " + std::to_string(signal));
}

/// Whether `stat` of a process or thread shows it in `state`.
bool IsIn(char state, const std::filesystem::path& stat) {
  std::ifstream file(stat);
  std::string line;
  std::getline(file, line);
  const std::size_t end = line.rfind(')');
  return end != std::string::npos && line.compare(end, 3, std::string(") ") + state) == 0;
}

/// Waits until every thread stands: one that runs on would still answer a request.
void Suspend(pid_t pid) {
  Signal(pid, SIGSTOP);
  const auto stands = [pid] {
    for (const auto& thread :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
      if (!IsIn('T', thread.path() / "stat")) return false;
    }
    return true;
  };
  if (!Eventually(stands)) throw std::runtime_error("the process does not stop");
}

/// A zombie that its parent has not reaped yet is gone: it holds no port and no file.
bool IsGone(pid_t pid) {
  if (::kill(pid, 0) != 0) return errno == ESRCH;
  return IsIn('Z', "/proc/" + std::to_string(pid) + "/stat");
}

}  // namespace

OwnServer::OwnServer(std::string name) : name_(std::move(name)), upper_name_(Upper(name_)) {
  Start();
}

OwnServer::~OwnServer() {
  try {
    Stop();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "a test's own server could not be stopped: %s\n", error.what());
  }
}

std::string OwnServer::Value(const std::string& variable) const {
  const std::string start = "export " + variable + "=";
  const std::size_t at = exports_.find(start);
  if (at == std::string::npos) throw std::runtime_error("the script did not print " + variable);
  const std::size_t first = at + start.size();
  return exports_.substr(first, exports_.find('\n', first) - first);
}

void OwnServer::Start() {
  exports_ = RunScript(name_, "start", folder_);
  pid_ = std::stoi(Value("OFFSETSTORE_TEST_" + upper_name_ + "_PID"));
}

void OwnServer::Stop() {
  RunScript(name_, "stop", folder_);
}

void OwnServer::Kill() {
  Signal(pid_, SIGKILL);
  if (!Eventually([this] { return IsGone(pid_); })) {
    throw std::runtime_error("the killed server does not go away");
  }
}

void OwnServer::Freeze() const {
  Suspend(pid_);
}

void OwnServer::Thaw() const {
  Signal(pid_, SIGCONT);
}

Frozen::Frozen(pid_t pid) : pid_(pid) {
  Suspend(pid_);
}

Frozen::~Frozen() {
  // Fails only where the process is gone, and then there is nothing to thaw.
  static_cast<void>(::kill(pid_, SIGCONT));
}

}  // namespace offsetstore::testing
