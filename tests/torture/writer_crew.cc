// SPDX-FileCopyrightText: The offsetstore authors
// SPDX-License-Identifier: Apache-2.0
#include "writer_crew.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "eventually.h"
#include "offsetstore/types.h"

namespace offsetstore::testing {

WriterCrew::WriterCrew(std::string uri, std::size_t processes, int partitions, unsigned seed)
    : uri_(std::move(uri)),
      group_("crew-" + Nonce::Random().Hex()),
      partitions_(partitions),
      random_(seed) {
  for (std::size_t i = 0; i < processes; ++i) processes_.push_back(Start());
}

WriterCrew::~WriterCrew() {
  for (const Process& process : processes_) {
    if (process.pid == 0) continue;
    ::kill(process.pid, SIGKILL);
    ::waitpid(process.pid, nullptr, 0);
  }
}

std::filesystem::path WriterCrew::FileOf(int number) const {
  return dir_.path() / ("history-" + std::to_string(number));
}

WriterCrew::Process WriterCrew::Start() {
  const int number = ++started_;
  const std::array<std::string, 7> words = {TORTURE_WRITER,
                                            uri_,
                                            group_,
                                            std::to_string(partitions_),
                                            std::to_string(number),
                                            std::to_string(random_()),
                                            FileOf(number).string()};
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::execl(words[0].c_str(),
            words[0].c_str(),
            words[1].c_str(),
            words[2].c_str(),
            words[3].c_str(),
            words[4].c_str(),
            words[5].c_str(),
            words[6].c_str(),
            nullptr);
    ::_exit(127);
  }
  if (pid < 0) throw std::runtime_error("fork");
  return {.pid = pid, .number = number};
}

void WriterCrew::KillOne() {
  Process& victim = processes_[random_() % processes_.size()];
  ::kill(victim.pid, SIGKILL);
  ::waitpid(victim.pid, nullptr, 0);
  ++kills_;
  victim = Start();
}

std::size_t WriterCrew::Applied(Process& process) const {
  std::ifstream in(FileOf(process.number));
  in.seekg(process.read);
  // A line without an end is still being written.
  for (std::string line; std::getline(in, line) && !in.eof();) {
    process.read = in.tellg();
    if (line.starts_with("end ") && line.find(" applied ") != std::string::npos) ++process.applied;
  }
  return process.applied;
}

bool WriterCrew::AllGoOn(std::size_t more, std::chrono::milliseconds limit) {
  std::vector<std::size_t> goals;
  for (Process& process : processes_) goals.push_back(Applied(process) + more);
  std::size_t at = 0;
  return Eventually(
      [&] {
        while (at < goals.size() && Applied(processes_[at]) >= goals[at]) ++at;
        return at == goals.size();
      },
      limit);
}

bool WriterCrew::Finish() {
  // One that was only just started could not yet be ended in good order.
  bool well = AllGoOn(1, std::chrono::seconds(60));
  for (const Process& process : processes_) ::kill(process.pid, SIGTERM);
  for (Process& process : processes_) {
    int status = 0;
    well = ::waitpid(process.pid, &status, 0) == process.pid && status == 0 && well;
    process.pid = 0;
  }
  return well;
}

std::vector<Operation> WriterCrew::History() const {
  std::vector<Operation> all;
  for (int number = 1; number <= started_; ++number) {
    // One that was killed at once wrote nothing.
    if (!std::filesystem::exists(FileOf(number))) continue;
    const auto some = ReadHistory(FileOf(number));
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace offsetstore::testing
