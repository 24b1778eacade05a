// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "offsetstore/process.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <vector>

namespace offsetstore {
namespace {

std::optional<std::string> ReadSmallFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(fd, buffer.data(), buffer.size());
  ::close(fd);
  if (size <= 0) return std::nullopt;
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// What we need of `/proc/PID/stat`.
struct Stat {
  std::string pid;
  char state = '?';
  std::string threads;
  std::string start_time;
};

std::optional<Stat> ParseStat(std::string_view text) {
  // The second field, the command's name in brackets, may itself hold brackets and blanks.
  const std::size_t open = text.find(" (");
  const std::size_t close = text.rfind(") ");
  if (open == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
  const auto fields = Split(text.substr(close + 2), ' ');  // From field 3, the state, on.
  constexpr std::size_t kThreads = 20 - 3;
  constexpr std::size_t kStartTime = 22 - 3;
  if (fields.size() <= kStartTime || fields[0].size() != 1) return std::nullopt;
  return Stat{std::string(text.substr(0, open)),
              fields[0][0],
              std::string(fields[kThreads]),
              std::string(fields[kStartTime])};
}

std::optional<Stat> ReadStat(const std::string& process) {
  const auto text = ReadSmallFile("/proc/" + process + "/stat");
  return text ? ParseStat(*text) : std::nullopt;
}

std::optional<std::string> BootId() {
  auto id = ReadSmallFile("/proc/sys/kernel/random/boot_id");
  if (id && id->ends_with('\n')) id->pop_back();
  return id;
}

// The number in `pid:[4026531836]`.
std::optional<std::string> PidNamespace() {
  std::array<char, 64> link{};
  const ssize_t size = ::readlink("/proc/self/ns/pid", link.data(), link.size());
  if (size <= 0) return std::nullopt;
  const std::string_view text(link.data(), static_cast<std::size_t>(size));
  const std::size_t open = text.find('[');
  const std::size_t close = text.find(']');
  if (open == std::string_view::npos || close == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(open + 1, close - open - 1));
}

// A process that `/proc` does not show may be hidden from us (`hidepid`): ask the kernel too.
ProcessState StateOfUnseen(std::string_view pid_text) {
  pid_t pid = 0;
  const char* end = pid_text.data() + pid_text.size();
  if (std::from_chars(pid_text.data(), end, pid).ptr != end || pid <= 0) {
    return ProcessState::kUnknown;
  }
  if (::kill(pid, 0) != 0 && errno == ESRCH) return ProcessState::kGone;
  return ProcessState::kUnknown;
}

bool IsDead(const Stat& stat) {
  if (stat.state == 'X') return true;
  // A main thread that ended alone is shown as a zombie while the other threads go on.
  return stat.state == 'Z' && (stat.threads == "0" || stat.threads == "1");
}

}  // namespace

std::string ProcessIdentity() {
  const auto boot = BootId();
  const auto pid_namespace = PidNamespace();
  const auto stat = ReadStat("self");
  if (!boot || !pid_namespace || !stat) return {};
  // A /proc mounted by another pid namespace numbers processes in its own way.
  if (stat->pid != std::to_string(::getpid())) return {};
  return *boot + '/' + *pid_namespace + '/' + stat->pid + '/' + stat->start_time;
}

ProcessState StateOf(std::string_view identity) {
  const std::string own = ProcessIdentity();
  const auto theirs = Split(identity, '/');
  const auto ours = Split(own, '/');
  if (ours.size() != 4 || theirs.size() != 4) return ProcessState::kUnknown;
  if (ours[0] != theirs[0] || ours[1] != theirs[1]) return ProcessState::kUnknown;
  const std::string_view pid = theirs[2];
  if (pid.empty() || pid.find_first_not_of("0123456789") != std::string_view::npos) {
    return ProcessState::kUnknown;
  }
  const auto stat = ReadStat(std::string(pid));
  if (!stat) return StateOfUnseen(pid);
  if (stat->start_time != theirs[3]) return ProcessState::kGone;
  return IsDead(*stat) ? ProcessState::kGone : ProcessState::kRunning;
}

}  // namespace offsetstore
