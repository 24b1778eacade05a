// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "fleet.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "kafka_client.h"
#include "offsetstore/types.h"

namespace offsetstore::testing {
namespace {

/// "%03d %010lld\n"
constexpr std::uintmax_t kLine = 15;

}  // namespace

Fleet::Fleet(std::string brokers, int partitions, int records_each)
    : brokers_(std::move(brokers)),
      topic_("torture-" + Nonce::Random().Hex()),
      partitions_(partitions) {
  std::vector<TopicPartition> all;
  for (int i = 0; i < partitions; ++i) all.push_back({topic_, i});
  EnsureTopics(brokers_, all);
  ProduceMore(records_each);
}

Fleet::~Fleet() {
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (children_[i] != 0) Kill(static_cast<int>(i));
  }
}

std::uint64_t Fleet::records() const noexcept {
  return static_cast<std::uint64_t>(partitions_) * static_cast<std::uint64_t>(records_each_);
}

void Fleet::ProduceMore(int records_each) {
  for (int i = 0; i < partitions_; ++i) Produce(brokers_, {topic_, i}, records_each);
  records_each_ += records_each;
}

int Fleet::Start(const std::map<std::string, std::string>& properties) {
  const int child = static_cast<int>(children_.size());
  const std::string file =
      (dir_.path() / ("child-" + std::to_string(child) + ".properties")).string();
  std::ofstream out(file);
  out << "bootstrap.servers=" << brokers_ << "\ngroup.id=" << topic_ << '\n';
  for (const auto& [key, value] : properties) out << key << '=' << value << '\n';
  out.close();
  const std::string results = (dir_.path() / "results").string();
  const std::string events = EventsPath(child).string();
  // Blocked from its first instruction on: a SIGTERM that comes before the child waits for it
  // would end it.
  sigset_t before;
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &before);
  const pid_t pid = ::fork();
  if (pid != 0) pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid == 0) {
    ::execl(TORTURE_CHILD, TORTURE_CHILD, file.c_str(), results.c_str(), events.c_str(), nullptr);
    ::_exit(127);
  }
  if (pid < 0) throw std::runtime_error("fork");
  children_.push_back(pid);
  return child;
}

void Fleet::Signal(int child, int signal) {
  const pid_t pid = children_[static_cast<std::size_t>(child)];
  if (pid != 0) ::kill(pid, signal);
}

int Fleet::Wait(int child) {
  pid_t& pid = children_[static_cast<std::size_t>(child)];
  if (pid == 0) return 0;
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) throw std::runtime_error("waitpid");
  pid = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void Fleet::Kill(int child) {
  Signal(child, SIGKILL);
  Wait(child);
}

bool Fleet::Running(int child) {
  pid_t& pid = children_[static_cast<std::size_t>(child)];
  int status = 0;
  if (pid != 0 && ::waitpid(pid, &status, WNOHANG) == pid) pid = 0;
  return pid != 0;
}

bool Fleet::Stopped(int child) const {
  const pid_t pid = children_[static_cast<std::size_t>(child)];
  siginfo_t info{};
  // The state stays to be asked for again.
  const int found = ::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED | WNOHANG | WNOWAIT);
  return found == 0 && info.si_pid == pid;
}

std::uint64_t Fleet::Processed() const {
  std::error_code absent;
  const auto size = std::filesystem::file_size(dir_.path() / "results", absent);
  return absent ? 0 : size / kLine;
}

Tally Fleet::Count() const {
  std::vector<std::vector<std::uint32_t>> seen(
      static_cast<std::size_t>(partitions_),
      std::vector<std::uint32_t>(static_cast<std::size_t>(records_each_)));
  Tally tally;
  std::ifstream results(dir_.path() / "results");
  std::size_t partition = 0;
  std::size_t offset = 0;
  while (results >> partition >> offset) {
    if (partition >= seen.size() || offset >= seen[partition].size()) {
      ++tally.unexpected;
    } else if (seen[partition][offset]++ == 0) {
      ++tally.distinct;
    } else {
      ++tally.repeated;
    }
  }
  return tally;
}

std::vector<std::string> Fleet::Events(int child, std::size_t from) const {
  std::vector<std::string> lines;
  std::ifstream in(EventsPath(child));
  std::string line;
  while (std::getline(in, line)) lines.push_back(line);
  lines.erase(lines.begin(),
              lines.begin() + static_cast<std::ptrdiff_t>(std::min(from, lines.size())));
  return lines;
}

std::filesystem::path Fleet::EventsPath(int child) const {
  return dir_.path() / ("events-" + std::to_string(child));
}

}  // namespace offsetstore::testing
